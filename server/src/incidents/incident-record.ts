import { COMMUNE_BY_CODE, type Incident } from '@ioc/contract';
import type { IncidentRow } from './incidents.repository.js';

const instant = (ms: number): string => new Date(ms).toISOString();

/** An incident as the wire carries it. */
export function toIncident(row: IncidentRow): Incident {
  return {
    id: String(row.id),
    version: row.version,
    state: row.state,
    severity: row.severity,
    impact: row.impact,
    deviceId: row.device_id,
    deviceName: row.device_name,
    deviceClass: row.device_class,
    communeCode: row.commune_code,
    communeName: COMMUNE_BY_CODE.get(row.commune_code)?.name ?? row.commune_code,
    owner: row.owner,
    basis: row.basis,
    reason: row.reason,
    beganAt: instant(row.began_ms),
    detectedAt: instant(row.detected_ms),
    endedAt: row.ended_ms === null ? null : instant(row.ended_ms),
    acknowledgedBy:
      row.acknowledged_by === null
        ? null
        : { personId: row.acknowledged_by, name: row.acknowledged_by_name ?? row.acknowledged_by },
    acknowledgedAt: row.acknowledged_ms === null ? null : instant(row.acknowledged_ms),
    note: row.note,
  };
}
