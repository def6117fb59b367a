import type {
  CauseCode,
  DeviceClassId,
  Impact,
  Incident,
  IncidentKind,
  IncidentState,
  LocalizedText,
  OrganisationRequest,
  OutageBasis,
  Severity,
} from '@ioc/contract';
import type { IncidentRecord } from './incident-record.js';

/** An incident as the database gives it. Moments are epoch ms. */
export interface IncidentRow {
  readonly id: number;
  readonly version: number;
  readonly work_version: number;
  readonly state: IncidentState;
  readonly kind: IncidentKind;
  readonly anchor: string;
  readonly title: LocalizedText;
  readonly severity: Severity;
  readonly impact: Impact;
  readonly place_kind: Incident['place']['kind'];
  readonly place_id: string;
  readonly place_name: string;
  readonly device_id: string | null;
  readonly device_name: string | null;
  readonly device_class: DeviceClassId | null;
  readonly commune_code: string | null;
  readonly commune_codes: readonly string[];
  readonly owner_id: string | null;
  readonly basis: OutageBasis | null;
  readonly reason: string | null;
  readonly alarms: number;
  readonly symptoms: number;
  readonly devices: number;
  readonly devices_down: number;
  readonly cause_code: CauseCode | null;
  readonly cause_evidence: LocalizedText | null;
  readonly cause_named_by: string | null;
  readonly cause_named_by_name: string | null;
  readonly proposals: number;
  readonly began_ms: number;
  readonly detected_ms: number;
  readonly ended_ms: number | null;
  readonly acknowledged_by: string | null;
  readonly acknowledged_by_name: string | null;
  readonly acknowledged_ms: number | null;
  readonly acknowledged_until_ms: number | null;
  readonly note: string | null;
  readonly expected_ms: number | null;
  readonly request: OrganisationRequest | null;
  readonly resolution: string | null;
  readonly resolved_ms: number | null;
  readonly closed_ms: number | null;
  readonly judge_again_ms: number | null;
  readonly reopenings: number;
  readonly merged_into: number | null;
  readonly made_by_hand: boolean;
}

export function recordOf(row: IncidentRow): IncidentRecord {
  const person = (id: string | null, name: string | null) => (id === null ? null : { personId: id, name: name ?? id });
  return {
    id: row.id,
    version: row.version,
    workVersion: row.work_version,
    state: row.state,
    kind: row.kind,
    anchor: row.anchor,
    title: row.title,
    severity: row.severity,
    impact: row.impact,
    place: { kind: row.place_kind, id: row.place_id, name: row.place_name },
    deviceId: row.device_id,
    deviceName: row.device_name,
    deviceClass: row.device_class,
    communeCode: row.commune_code,
    communeCodes: row.commune_codes,
    owner: row.owner_id,
    basis: row.basis,
    reason: row.reason,
    counts: { alarms: row.alarms, symptoms: row.symptoms, devices: row.devices, devicesDown: row.devices_down },
    cause:
      row.cause_code === null
        ? null
        : {
            code: row.cause_code,
            evidence: row.cause_evidence,
            namedBy: person(row.cause_named_by, row.cause_named_by_name),
          },
    proposals: row.proposals,
    beganAtMs: row.began_ms,
    detectedAtMs: row.detected_ms,
    endedAtMs: row.ended_ms,
    holder: person(row.acknowledged_by, row.acknowledged_by_name),
    acknowledgedAtMs: row.acknowledged_ms,
    acknowledgedUntilMs: row.acknowledged_until_ms,
    note: row.note,
    expectedAtMs: row.expected_ms,
    request: row.request,
    resolution: row.resolution,
    resolvedAtMs: row.resolved_ms,
    closedAtMs: row.closed_ms,
    judgeAgainAtMs: row.judge_again_ms,
    reopenings: row.reopenings,
    mergedInto: row.merged_into,
    madeByHand: row.made_by_hand,
  };
}

/** What the database keeps of a record, as one JSON object; moments stay epoch ms. */
export function rowOf(record: IncidentRecord): Readonly<Record<string, unknown>> {
  const { cause, place, counts, holder } = record;
  return {
    id: record.id,
    version: record.version,
    work_version: record.workVersion,
    state: record.state,
    kind: record.kind,
    anchor: record.anchor,
    title: record.title,
    severity: record.severity,
    impact: record.impact,
    place_kind: place.kind,
    place_id: place.id,
    place_name: place.name,
    device_id: record.deviceId,
    device_name: record.deviceName,
    device_class: record.deviceClass,
    commune_code: record.communeCode,
    commune_codes: record.communeCodes,
    owner_id: record.owner,
    basis: record.basis,
    reason: record.reason,
    alarms: counts.alarms,
    symptoms: counts.symptoms,
    devices: counts.devices,
    devices_down: counts.devicesDown,
    cause_code: cause?.code ?? null,
    cause_evidence: cause?.evidence ?? null,
    cause_named_by: cause?.namedBy?.personId ?? null,
    began_ms: record.beganAtMs,
    detected_ms: record.detectedAtMs,
    ended_ms: record.endedAtMs,
    acknowledged_by: holder?.personId ?? null,
    acknowledged_ms: record.acknowledgedAtMs,
    acknowledged_until_ms: record.acknowledgedUntilMs,
    note: record.note,
    expected_ms: record.expectedAtMs,
    request: record.request,
    resolution: record.resolution,
    resolved_ms: record.resolvedAtMs,
    closed_ms: record.closedAtMs,
    judge_again_ms: record.judgeAgainAtMs,
    reopenings: record.reopenings,
    merged_into: record.mergedInto,
    made_by_hand: record.madeByHand,
  };
}
