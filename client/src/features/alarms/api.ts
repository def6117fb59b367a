import { ENDPOINTS, type Alarm, type QueryOf } from '@ioc/contract';
import { call } from '../../live/api.js';

export type AlarmQuery = QueryOf<typeof ENDPOINTS.listAlarms>;

export function fetchAlarms(query: AlarmQuery, signal: AbortSignal) {
  return call(ENDPOINTS.listAlarms, { query, signal });
}

export function fetchLoad(signal: AbortSignal) {
  return call(ENDPOINTS.getAlarmLoad, { signal });
}

/** Puts an alarm aside until a moment (RFC 3339), with a reason. */
export function shelveAlarm({ id, version }: Alarm, until: string, reason: string) {
  return call(ENDPOINTS.shelveAlarm, { params: { id }, ifMatch: version, body: { until, reason } });
}

export function unshelveAlarm({ id, version }: Alarm) {
  return call(ENDPOINTS.unshelveAlarm, { params: { id }, ifMatch: version });
}
