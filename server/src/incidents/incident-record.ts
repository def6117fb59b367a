import {
  COMMUNE_BY_CODE,
  type DeviceClassId,
  type Impact,
  type Incident,
  type IncidentState,
  type OutageBasis,
  type Severity,
} from '@ioc/contract';

/** An incident as it is kept, with the names of its device and holder. Moments are epoch ms. */
export interface IncidentRow {
  readonly id: number;
  readonly version: number;
  readonly state: IncidentState;
  readonly severity: Severity;
  readonly impact: Impact;
  readonly outage_id: number;
  readonly device_id: string;
  readonly commune_code: string;
  readonly basis: OutageBasis;
  readonly reason: string | null;
  readonly began_ms: number;
  readonly detected_ms: number;
  readonly ended_ms: number | null;
  readonly acknowledged_by: string | null;
  readonly acknowledged_by_name: string | null;
  readonly acknowledged_ms: number | null;
  readonly note: string | null;
  readonly device_name: string;
  readonly device_class: DeviceClassId;
  readonly owner: string;
}

const instant = (ms: number): string => new Date(ms).toISOString();

/** An incident as the wire carries it. */
export function toIncident(row: IncidentRow): Incident {
  return {
    id: String(row.id),
    version: row.version,
    state: row.state,
    severity: row.severity,
    impact: row.impact,
    kind: 'single',
    title: { vi: `${row.device_name} mất kết nối`, en: `${row.device_name} down` },
    place: { kind: 'device', id: row.device_id, name: row.device_name },
    communeCodes: [row.commune_code],
    counts: { alarms: 1, symptoms: 0, devices: 1, devicesDown: row.ended_ms === null ? 1 : 0 },
    cause: null,
    proposals: 0,
    acknowledgedUntil: null,
    expectedAt: null,
    request: null,
    resolution: null,
    reopenings: 0,
    mergedInto: null,
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
