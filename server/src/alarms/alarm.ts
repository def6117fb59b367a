import type {
  AlarmResourceKind,
  AlarmType,
  LocalizedText,
  OperatorState,
  ProbableCause,
  Severity,
  Suppression,
} from '@ioc/contract';

/** Put aside by a person until a moment; epoch ms. */
export interface Shelved {
  readonly by: { readonly personId: string; readonly name: string };
  readonly atMs: number;
  readonly untilMs: number;
  readonly reason: string;
}

/** What a rule must know of its alarm after a restart, and what others read of it (`outageId`, `basis`, `reason`, …). */
export type AlarmDetail = Readonly<Record<string, string | number | boolean | null>>;

/** What tells one alarm from another while it stands: RFC 8632's key. */
export interface AlarmKey {
  readonly resource: { readonly kind: AlarmResourceKind; readonly id: string };
  readonly type: AlarmType;
  /** Tells alarms of one type on one resource apart; mostly empty. */
  readonly qualifier: string;
}

/** What the state of a resource wants of its alarm. */
export interface WantedAlarm extends AlarmKey {
  readonly resource: { readonly kind: AlarmResourceKind; readonly id: string; readonly name: string };
  /** Null unless the resource is a device. */
  readonly deviceId: string | null;
  readonly communeCode: string | null;
  readonly owner: string | null;
  readonly severity: Severity;
  readonly probableCause: ProbableCause;
  readonly text: LocalizedText;
  readonly action: LocalizedText;
  /** A forecast of ours, or by a level that is not confirmed. */
  readonly estimated: boolean;
  /** When the state itself began; epoch ms. */
  readonly beganAtMs: number;
  readonly ruleId: string | null;
  readonly detail: AlarmDetail;
}

/** One occurrence of an undesired state (RFC 8632). Immutable: a change makes a new one. Times are epoch ms. */
export interface AlarmRecord extends WantedAlarm {
  readonly id: number;
  readonly version: number;
  /** After the rule's delay. */
  readonly raisedAtMs: number;
  readonly changedAtMs: number;
  readonly clearedAtMs: number | null;
  readonly operatorState: OperatorState;
  readonly suppression: Suppression | null;
  readonly shelved: Shelved | null;
  readonly incidentId: number | null;
}

/** What a judgement makes of the alarms. An alarm that is raised and cleared in one go is in both lists. */
export interface AlarmOutcome {
  readonly raised: readonly AlarmRecord[];
  readonly changed: readonly { readonly before: AlarmRecord; readonly after: AlarmRecord }[];
  readonly cleared: readonly AlarmRecord[];
  /** Devices whose alarms or alarm level differ afterwards. */
  readonly touchedDevices: ReadonlySet<string>;
}

/** Which incident an alarm belongs to; `symptom`: it hangs on a failed parent and tells nobody of its own. */
export interface AlarmAttachment {
  readonly alarmId: number;
  readonly incidentId: number | null;
  readonly symptom: boolean;
}

export function alarmKey({ resource, type, qualifier }: AlarmKey): string {
  return `${resource.kind} ${resource.id} ${type} ${qualifier}`;
}

/** Whether anybody is told of it: it is neither suppressed nor put aside. */
export function isNotable(alarm: AlarmRecord): boolean {
  return alarm.suppression === null && alarm.shelved === null;
}
