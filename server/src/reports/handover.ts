import type { Handover } from '@ioc/contract';

/*
 * prepared: nobody has signed, it says what is so now, remarks may be written → fixed: whoever hands over has signed and
 * nothing of it changes any more → done: whoever takes over, another person, has signed.
 */

export type HandoverContent = Pick<Handover, 'situation' | 'shelved' | 'windows' | 'silentSensors'>;

export interface HandoverSignature {
  readonly personId: string;
  readonly name: string;
  readonly atMs: number;
}

export interface HandoverRecord {
  readonly id: number;
  readonly version: number;
  readonly remarks: string;
  /** Null until the first signature: then it says what is so now. */
  readonly content: HandoverContent | null;
  readonly from: HandoverSignature | null;
  readonly to: HandoverSignature | null;
}

export type HandoverRefusal =
  | { readonly reason: 'version-changed'; readonly version: number }
  | { readonly reason: 'fixed' | 'not-handed-over' | 'same-person'; readonly by: HandoverSignature | null };

/** Null when remarks may be written. */
export function checkRemark(record: HandoverRecord, version: number | null): HandoverRefusal | null {
  if (record.from !== null) return { reason: 'fixed', by: record.from };
  return checkVersion(record, version);
}

/** Null when this person may sign so. Who was first is told before that something changed. */
export function checkSign(
  record: HandoverRecord,
  as: 'from' | 'to',
  personId: string,
  version: number | null,
): HandoverRefusal | null {
  if (as === 'from' && record.from !== null) return { reason: 'fixed', by: record.from };
  if (as === 'to') {
    if (record.to !== null) return { reason: 'fixed', by: record.to };
    if (record.from === null) return { reason: 'not-handed-over', by: null };
    if (record.from.personId === personId) return { reason: 'same-person', by: record.from };
  }
  return checkVersion(record, version);
}

function checkVersion({ version: current }: HandoverRecord, version: number | null): HandoverRefusal | null {
  return version === current ? null : { reason: 'version-changed', version: current };
}

/** As the wire carries it; `now` is what it says while nobody has signed. */
export function toHandover(record: HandoverRecord, now: HandoverContent): Handover {
  const { id, version, remarks, content, from, to } = record;
  const { situation, shelved, windows, silentSensors } = content ?? now;
  return {
    id: String(id),
    version,
    situation,
    shelved,
    windows,
    silentSensors,
    remarks,
    from: from === null ? null : { personId: from.personId, name: from.name },
    fromSignedAt: from === null ? null : new Date(from.atMs).toISOString(),
    to: to === null ? null : { personId: to.personId, name: to.name },
    toSignedAt: to === null ? null : new Date(to.atMs).toISOString(),
  };
}
