import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { EventBus } from '../platform/events/events.js';
import type { Authenticator, SessionRequest } from '../platform/http/session-request.js';
import { LOGGER } from '../platform/platform.module.js';
import { DEMO_SESSION, type Session, type SessionEnded } from './session.js';

/** What to print when the console has started. */
export type StartNotice =
  | {
      readonly kind: 'demo';
      readonly password: string;
      readonly accounts: readonly { login: string; role: string }[];
      readonly lines: readonly string[];
    }
  | {
      readonly kind: 'first-start';
      readonly login: string;
      readonly password: string;
      readonly lines: readonly string[];
    }
  | { readonly kind: 'none'; readonly lines: readonly string[] };

interface AccessEvents {
  readonly 'session:ended': SessionEnded;
}

/** Who is asking: sessions of people and walls. */
@Injectable()
export class AccessService implements Authenticator {
  readonly #events: EventBus<AccessEvents>;
  #demo = false;

  constructor(@Inject(LOGGER) logger: Logger) {
    this.#events = new EventBus(logger);
  }

  /** `demo`: both embedded parts run. Makes or disables the demo accounts, and the first administrator. */
  async start({ demo }: { readonly demo: boolean }): Promise<StartNotice> {
    this.#demo = demo;
    return { kind: 'none', lines: [] };
  }

  async stop(): Promise<void> {}

  /** Who asks, by the cookie; null when nobody. Get the request from `sessionRequestOf(incomingMessage)`. */
  async authenticate(request: SessionRequest): Promise<Session | null> {
    return this.#demo && request.direct === true ? DEMO_SESSION : null;
  }

  /** Calls `listener` when a session ends; compare `key` with the session that `authenticate` gave. */
  onSessionEnded(owner: string, listener: (ended: SessionEnded) => void): () => void {
    return this.#events.on('session:ended', owner, listener);
  }
}
