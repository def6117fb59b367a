import { ENDPOINTS } from '@ioc/contract';
import { call } from '../../live/api.js';

/** Register, topology and state of one device. */
export function fetchDevice(id: string, signal: AbortSignal) {
  return call(ENDPOINTS.getDevice, { params: { id }, signal });
}

/** All metrics of a device over a span; the server picks a resolution of at most 2,000 points. */
export function fetchHistory(id: string, fromMs: number, toMs: number, signal: AbortSignal) {
  return call(ENDPOINTS.deviceReadings, {
    params: { id },
    query: { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() },
    signal,
  });
}

/** Outages of a device, newest first. */
export function fetchOutages(id: string, limit: number, cursor: string | undefined, signal: AbortSignal) {
  return call(ENDPOINTS.deviceOutages, { params: { id }, query: { limit, cursor }, signal });
}
