import { ENDPOINTS, type BodyOf, type MaintenanceWindow } from '@ioc/contract';
import { call } from '../../live/api.js';

export type WindowBody = BodyOf<typeof ENDPOINTS.createMaintenanceWindow>;

export function fetchWindows(past: boolean, signal: AbortSignal) {
  return call(ENDPOINTS.listMaintenanceWindows, { query: past ? { past: 'true' } : {}, signal });
}

export function createWindow(body: WindowBody) {
  return call(ENDPOINTS.createMaintenanceWindow, { body });
}

export function endWindow({ id, version }: MaintenanceWindow) {
  return call(ENDPOINTS.endMaintenanceWindow, { params: { id }, ifMatch: version });
}
