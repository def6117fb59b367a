import { MAX_AHEAD_MS, type SessionState, type StatusPayload } from '@ioc/contract';
import type { IncomingMessage } from '../platform/mqtt/message-source.js';
import { drop, ok, reject, type Outcome } from './outcome.js';

/** What a session said of itself. */
export interface SessionWord {
  readonly session: number;
  readonly state: SessionState;
  /** As the device names it: of a last will the time of its connect. */
  readonly atMs: number;
  readonly receivedAtMs: number;
  readonly reason: string | null;
  readonly retained: boolean;
}

/**
 * Reads a birth, farewell or last will. Their order is by session: the limits on time do not apply, but a moment that no
 * clock can mean is not taken as one.
 */
export function createReadStatus(
  maxBackfillMs: number,
): (status: StatusPayload, message: IncomingMessage, knownSession: number | null) => Outcome<SessionWord> {
  return (status, { receivedAtMs, retained }, knownSession) => {
    const { session, state, reason } = status;
    if (knownSession !== null && session < knownSession) {
      // The broker sends the last will of the connection that a new one took over: nobody is at fault.
      if (state === 'offline') return drop('session-old');
      return reject('session-old', `${session} < ${knownSession}`);
    }
    const earliestMs = receivedAtMs - maxBackfillMs;
    const believable = status.ts >= earliestMs && status.ts <= receivedAtMs + MAX_AHEAD_MS;
    // A last will of a long session names a connect of long ago: that it is long ago is all that it says.
    const otherwise = state === 'offline' && status.ts < earliestMs ? earliestMs : receivedAtMs;
    const atMs = believable ? status.ts : otherwise;
    return ok({ session, state, atMs, receivedAtMs, reason: reason ?? null, retained });
  };
}
