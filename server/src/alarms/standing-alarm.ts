import type { Severity } from '@ioc/contract';

/** The kinds of alarm that are raised so far. */
export type AlarmType = 'riverLevel' | 'clockOffset';

/** A current alarm (RFC 8632): an undesired state of a device. Times are epoch ms. */
export interface Alarm {
  readonly deviceId: string;
  readonly type: AlarmType;
  /** Tells alarms of one type on one device apart; mostly empty. */
  readonly qualifier: string;
  readonly severity: Severity;
  readonly text: string;
  readonly raisedAtMs: number;
  readonly changedAtMs: number;
  /** What its rule must know after a restart. */
  readonly detail: Readonly<Record<string, number>>;
}

export type AlarmEdge =
  | { readonly kind: 'raised' | 'changed'; readonly alarm: Alarm }
  | { readonly kind: 'cleared'; readonly alarm: Alarm; readonly clearedAtMs: number };

export function alarmKey({ deviceId, type, qualifier }: Pick<Alarm, 'deviceId' | 'type' | 'qualifier'>): string {
  return `${deviceId} ${type} ${qualifier}`;
}

/** What a rule wants of an alarm now, against what stands; null when nothing changes. */
export function edgeTo(
  standing: Alarm | null,
  wanted: Pick<Alarm, 'deviceId' | 'type' | 'qualifier' | 'severity' | 'text' | 'detail'>,
  atMs: number,
): AlarmEdge | null {
  if (standing === null) return { kind: 'raised', alarm: { ...wanted, raisedAtMs: atMs, changedAtMs: atMs } };
  const same = standing.severity === wanted.severity && standing.text === wanted.text;
  const sameDetail = JSON.stringify(standing.detail) === JSON.stringify(wanted.detail);
  if (same && sameDetail) return null;
  return { kind: 'changed', alarm: { ...wanted, raisedAtMs: standing.raisedAtMs, changedAtMs: atMs } };
}
