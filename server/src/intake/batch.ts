import type { RejectReason } from '@ioc/contract';
import type { Observation } from '../connectivity/observation.js';
import type { IncomingMessage } from '../platform/mqtt/message-source.js';
import type { Reject } from './outcome.js';
import type { QuarantineNote } from './quarantine.js';
import type { Letter } from './rejection.js';

/** What came of the messages since the last commit: it is committed whole, and then these messages are acknowledged. */
export class IntakeBatch {
  readonly messages: IncomingMessage[] = [];
  /** In order of arrival, with the message each came in. */
  readonly taken: Observation[] = [];
  readonly takenFrom: IncomingMessage[] = [];
  readonly letters: Letter[] = [];
  readonly rejections = new Map<RejectReason, number>();
  readonly quarantine = new Map<string, QuarantineNote>();
  /** The connection that delivered it is gone: it is committed, and nobody is told. */
  orphaned = false;

  get empty(): boolean {
    return this.messages.length === 0;
  }

  take(taken: Observation, message: IncomingMessage): void {
    this.taken.push(taken);
    this.takenFrom.push(message);
  }

  reject({ reason }: Reject, letter: Letter | null): void {
    this.rejections.set(reason, (this.rejections.get(reason) ?? 0) + 1);
    if (letter !== null) this.letters.push(letter);
  }

  /** Takes over what another batch holds. */
  append(other: IntakeBatch): void {
    this.messages.push(...other.messages);
    this.taken.push(...other.taken);
    this.takenFrom.push(...other.takenFrom);
    this.letters.push(...other.letters);
    for (const [reason, count] of other.rejections) {
      this.rejections.set(reason, (this.rejections.get(reason) ?? 0) + count);
    }
    for (const [id, note] of other.quarantine) if (!this.quarantine.has(id)) this.quarantine.set(id, note);
  }

  /** Rejections and quarantine are written. */
  clearRefusals(): void {
    this.letters.length = 0;
    this.rejections.clear();
    this.quarantine.clear();
  }
}
