import type { RejectReason } from '@ioc/contract';

/** Why a message, or one reading of a batch, was passed over without being at fault in itself. */
export type DropReason =
  /** Not registered: listed in the quarantine. */
  | 'unknown-device'
  /** A last will of an older session than the present one. */
  | 'session-old'
  /** A retained status was taken away. */
  | 'status-cleared';

export interface Ok<T> {
  readonly kind: 'ok';
  readonly value: T;
}

export interface Drop {
  readonly kind: 'drop';
  readonly reason: DropReason;
}

export interface Reject {
  readonly kind: 'reject';
  readonly reason: RejectReason;
  /** What exactly, such as the path of the bad field. */
  readonly detail: string | null;
}

/** What a step of the pipeline makes of its input. Steps never throw for bad input. */
export type Outcome<T> = Ok<T> | Drop | Reject;

export function ok<T>(value: T): Ok<T> {
  return { kind: 'ok', value };
}

export function drop(reason: DropReason): Drop {
  return { kind: 'drop', reason };
}

export function reject(reason: RejectReason, detail: string | null = null): Reject {
  return { kind: 'reject', reason, detail };
}
