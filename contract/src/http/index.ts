import { accessEndpoints } from './access.js';
import { alarmRuleEndpoints } from './alarm-rules.js';
import { alarmEndpoints } from './alarms.js';
import { coverageEndpoints } from './coverage.js';
import { factEndpoints } from './facts.js';
import { historyEndpoints } from './history.js';
import { incidentEndpoints } from './incidents.js';
import { intakeEndpoints } from './intake.js';
import { meetingEndpoints } from './meetings.js';
import { maintenanceEndpoints } from './maintenance.js';
import { notificationEndpoints } from './notifications.js';
import { readingEndpoints } from './readings.js';
import { registerEndpoints } from './register.js';
import { reportEndpoints } from './reports.js';

/** Everything below this prefix; `/api/openapi.json` and `/api/docs` describe it. */
export const API_PREFIX = '/api/v1';

export const ENDPOINTS = {
  ...accessEndpoints,
  ...registerEndpoints,
  ...readingEndpoints,
  ...historyEndpoints,
  ...incidentEndpoints,
  ...coverageEndpoints,
  ...intakeEndpoints,
  ...alarmEndpoints,
  ...alarmRuleEndpoints,
  ...maintenanceEndpoints,
  ...meetingEndpoints,
  ...factEndpoints,
  ...notificationEndpoints,
  ...reportEndpoints,
};
export type EndpointName = keyof typeof ENDPOINTS;

export * from './access.js';
export * from './alarm-rules.js';
export * from './alarms.js';
export * from './coverage.js';
export * from './endpoint.js';
export * from './facts.js';
export * from './history.js';
export * from './incidents.js';
export * from './intake.js';
export * from './meetings.js';
export * from './maintenance.js';
export * from './notifications.js';
export * from './problem.js';
export * from './readings.js';
export * from './register.js';
export * from './reports.js';
