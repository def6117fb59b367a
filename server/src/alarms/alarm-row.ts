import type { AlarmResourceKind, AlarmType, OperatorState, ProbableCause, Severity, Suppression } from '@ioc/contract';
import type { AlarmDetail, AlarmRecord, Shelved } from './alarm.js';

/** An alarm as it stands in its table. Times are epoch ms. */
export interface AlarmRow {
  readonly id: number;
  readonly version: number;
  readonly resource_kind: AlarmResourceKind;
  readonly resource_id: string;
  readonly resource_name: string;
  readonly device_id: string | null;
  readonly commune_code: string | null;
  readonly owner_id: string | null;
  readonly alarm_type: AlarmType;
  readonly qualifier: string;
  readonly severity: Severity;
  readonly probable_cause: ProbableCause;
  readonly text_vi: string;
  readonly text_en: string;
  readonly action_vi: string;
  readonly action_en: string;
  readonly estimated: boolean;
  readonly began_ms: number;
  readonly raised_ms: number;
  readonly changed_ms: number;
  readonly cleared_ms: number | null;
  readonly operator_state: OperatorState;
  readonly suppression: Suppression | null;
  readonly shelved_by: string | null;
  readonly shelved_by_name: string | null;
  readonly shelved_ms: number | null;
  readonly shelved_until_ms: number | null;
  readonly shelved_reason: string | null;
  readonly incident_id: number | null;
  readonly rule_id: string | null;
  readonly detail: AlarmDetail;
}

export function alarmOf(row: AlarmRow): AlarmRecord {
  return {
    id: row.id,
    version: row.version,
    resource: { kind: row.resource_kind, id: row.resource_id, name: row.resource_name },
    deviceId: row.device_id,
    communeCode: row.commune_code,
    owner: row.owner_id,
    type: row.alarm_type,
    qualifier: row.qualifier,
    severity: row.severity,
    probableCause: row.probable_cause,
    text: { vi: row.text_vi, en: row.text_en },
    action: { vi: row.action_vi, en: row.action_en },
    estimated: row.estimated,
    beganAtMs: row.began_ms,
    raisedAtMs: row.raised_ms,
    changedAtMs: row.changed_ms,
    clearedAtMs: row.cleared_ms,
    operatorState: row.operator_state,
    suppression: row.suppression,
    shelved: shelvedOf(row),
    incidentId: row.incident_id,
    ruleId: row.rule_id,
    detail: row.detail,
  };
}

export function rowOf(alarm: AlarmRecord): AlarmRow {
  const { shelved } = alarm;
  return {
    id: alarm.id,
    version: alarm.version,
    resource_kind: alarm.resource.kind,
    resource_id: alarm.resource.id,
    resource_name: alarm.resource.name,
    device_id: alarm.deviceId,
    commune_code: alarm.communeCode,
    owner_id: alarm.owner,
    alarm_type: alarm.type,
    qualifier: alarm.qualifier,
    severity: alarm.severity,
    probable_cause: alarm.probableCause,
    text_vi: alarm.text.vi,
    text_en: alarm.text.en,
    action_vi: alarm.action.vi,
    action_en: alarm.action.en,
    estimated: alarm.estimated,
    began_ms: alarm.beganAtMs,
    raised_ms: alarm.raisedAtMs,
    changed_ms: alarm.changedAtMs,
    cleared_ms: alarm.clearedAtMs,
    operator_state: alarm.operatorState,
    suppression: alarm.suppression,
    shelved_by: shelved?.by.personId ?? null,
    shelved_by_name: shelved?.by.name ?? null,
    shelved_ms: shelved?.atMs ?? null,
    shelved_until_ms: shelved?.untilMs ?? null,
    shelved_reason: shelved?.reason ?? null,
    incident_id: alarm.incidentId,
    rule_id: alarm.ruleId,
    detail: alarm.detail,
  };
}

function shelvedOf(row: AlarmRow): Shelved | null {
  if (row.operator_state !== 'shelved' || row.shelved_until_ms === null) return null;
  return {
    by: { personId: row.shelved_by ?? '', name: row.shelved_by_name ?? '' },
    atMs: row.shelved_ms ?? row.changed_ms,
    untilMs: row.shelved_until_ms,
    reason: row.shelved_reason ?? '',
  };
}
