import {
  COMMUNE_BY_CODE,
  type CauseCode,
  type DeviceClassId,
  type Impact,
  type Incident,
  type IncidentKind,
  type IncidentState,
  type LocalizedText,
  type OrganisationRequest,
  type OutageBasis,
  type Severity,
} from '@ioc/contract';

export interface PersonRef {
  readonly personId: string;
  readonly name: string;
}

/** What the system says of an incident, made anew from its alarms with every change. */
export interface IncidentPortrait {
  readonly kind: IncidentKind;
  readonly anchor: string;
  readonly title: LocalizedText;
  readonly severity: Severity;
  readonly impact: Impact;
  readonly place: Incident['place'];
  readonly deviceId: string | null;
  readonly deviceName: string | null;
  readonly deviceClass: DeviceClassId | null;
  /** Where most of it is. */
  readonly communeCode: string | null;
  readonly communeCodes: readonly string[];
  readonly owner: string | null;
  readonly basis: OutageBasis | null;
  readonly reason: string | null;
  readonly counts: Incident['counts'];
}

export interface IncidentCause {
  readonly code: CauseCode;
  readonly evidence: LocalizedText | null;
  /** Null: proposed by the system. */
  readonly namedBy: PersonRef | null;
}

/** An incident as it is kept. Immutable: a change makes a new one. Moments are epoch ms. */
export interface IncidentRecord extends IncidentPortrait {
  readonly id: number;
  /** Grows with every change. */
  readonly version: number;
  /** The version at the last change by a person, or of state or grouping. */
  readonly workVersion: number;
  readonly state: IncidentState;
  readonly cause: IncidentCause | null;
  readonly proposals: number;
  readonly beganAtMs: number;
  readonly detectedAtMs: number;
  readonly endedAtMs: number | null;
  readonly holder: PersonRef | null;
  readonly acknowledgedAtMs: number | null;
  readonly acknowledgedUntilMs: number | null;
  readonly note: string | null;
  readonly expectedAtMs: number | null;
  readonly request: OrganisationRequest | null;
  readonly resolution: string | null;
  readonly resolvedAtMs: number | null;
  readonly closedAtMs: number | null;
  /** When what hangs on its returned parent, and did not return, is judged again. */
  readonly judgeAgainAtMs: number | null;
  readonly reopenings: number;
  readonly mergedInto: number | null;
  /** A person made it by splitting or merging. */
  readonly madeByHand: boolean;
}

/** Nothing regroups by itself under it: a person has it, named its cause, or made it. */
export function isProtected({ holder, cause, madeByHand }: IncidentRecord): boolean {
  return holder !== null || madeByHand || (cause !== null && cause.namedBy !== null);
}

/** It is being worked on, or waits for somebody: neither resolved nor closed. */
export function isOpen({ state }: Pick<IncidentRecord, 'state'>): boolean {
  return state === 'open' || state === 'acknowledged' || state === 'inProgress';
}

const instant = (ms: number): string => new Date(ms).toISOString();
const instantOrNull = (ms: number | null): string | null => (ms === null ? null : instant(ms));

/** An incident as the wire carries it. */
export function toIncident(record: IncidentRecord): Incident {
  const { communeCode, cause } = record;
  return {
    id: String(record.id),
    version: record.version,
    state: record.state,
    kind: record.kind,
    title: record.title,
    severity: record.severity,
    impact: record.impact,
    place: record.place,
    deviceId: record.deviceId,
    deviceName: record.deviceName,
    deviceClass: record.deviceClass,
    communeCode,
    communeName: communeCode === null ? null : (COMMUNE_BY_CODE.get(communeCode)?.name ?? communeCode),
    communeCodes: [...record.communeCodes],
    owner: record.owner,
    basis: record.basis,
    reason: record.reason,
    counts: record.counts,
    cause: cause === null ? null : { code: cause.code, evidence: cause.evidence, namedBy: cause.namedBy },
    proposals: record.proposals,
    beganAt: instant(record.beganAtMs),
    detectedAt: instant(record.detectedAtMs),
    endedAt: instantOrNull(record.endedAtMs),
    acknowledgedBy: record.holder,
    acknowledgedAt: instantOrNull(record.acknowledgedAtMs),
    acknowledgedUntil: instantOrNull(record.acknowledgedUntilMs),
    note: record.note,
    expectedAt: instantOrNull(record.expectedAtMs),
    request: record.request,
    resolution: record.resolution,
    reopenings: record.reopenings,
    mergedInto: record.mergedInto === null ? null : String(record.mergedInto),
  };
}
