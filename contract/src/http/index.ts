import { accessEndpoints } from './access.js';
import { coverageEndpoints } from './coverage.js';
import { historyEndpoints } from './history.js';
import { incidentEndpoints } from './incidents.js';
import { intakeEndpoints } from './intake.js';
import { readingEndpoints } from './readings.js';
import { registerEndpoints } from './register.js';

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
};
export type EndpointName = keyof typeof ENDPOINTS;

export * from './access.js';
export * from './coverage.js';
export * from './endpoint.js';
export * from './history.js';
export * from './incidents.js';
export * from './intake.js';
export * from './problem.js';
export * from './readings.js';
export * from './register.js';
