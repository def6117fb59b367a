import { Inject, Injectable } from '@nestjs/common';
import type { Clock, SessionInfo } from '@ioc/contract';
import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { Database, type Tx } from '../platform/database/database.js';
import { EventBus } from '../platform/events/events.js';
import type { Authenticator, SessionRequest } from '../platform/http/session-request.js';
import { CLOCK, CONFIG, LOGGER } from '../platform/platform.module.js';
import { AccessRepository, type CredentialRow, type SessionRow } from './access.repository.js';
import { FirstAccountsService, type StartNotice } from './first-accounts.service.js';
import { AuditService } from './audit.service.js';
import { AttemptThrottle, type AttemptKey, type AttemptPolicy } from './attempt-throttle.js';
import { hashPassword, verifyPassword } from './password-hash.js';
import { hashToken, makePassword, makeToken } from './secret.js';
import { readSessionToken, sessionCookie, type SessionCookie } from './session-cookie.js';
import { DEMO_SESSION, displaySession, personSession, type Session, type SessionEnded } from './session.js';

export type { StartNotice } from './first-accounts.service.js';

// People and guessing are of the real world: a clock that runs fast must not sign people out sooner, so these are
// multiplied by its speed.
const PERSON_SESSION_MS = 12 * 3_600_000;
const TOUCH_INTERVAL_MS = 60_000;
const SWEEP_INTERVAL_MS = 60_000;
const SESSIONS_PER_OWNER = 20;
const REMEMBERED_SESSIONS = 1_000;

const MINUTE_MS = 60_000;
/** One login from one address. */
const PAIR_POLICY: AttemptPolicy = {
  free: 5,
  firstWaitMs: 30_000,
  longestWaitMs: 15 * MINUTE_MS,
  forgetAfterMs: 15 * MINUTE_MS,
};
/** One login from anywhere: the waits stay short, because anybody can make them happen to anybody. */
const LOGIN_POLICY: AttemptPolicy = {
  free: 20,
  firstWaitMs: 1_000,
  longestWaitMs: MINUTE_MS,
  forgetAfterMs: 15 * MINUTE_MS,
};
/** One address, whatever the login: an office may share it. */
const ADDRESS_POLICY: AttemptPolicy = {
  free: 40,
  firstWaitMs: 1_000,
  longestWaitMs: MINUTE_MS,
  forgetAfterMs: 15 * MINUTE_MS,
};
const THROTTLED_KEYS = 10_000;

export interface OpenedSession {
  readonly ok: true;
  readonly session: Session;
  /** The cookie's value. */
  readonly token: string;
}
export type SignInOutcome =
  | OpenedSession
  | { readonly ok: false; readonly code: 'wrong-credentials' }
  | { readonly ok: false; readonly code: 'too-many-attempts'; readonly retryAfterMs: number };
export type PasswordChangeOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: 'wrong-credentials' | 'forbidden' }
  | { readonly ok: false; readonly code: 'unchanged' }
  | { readonly ok: false; readonly code: 'too-many-attempts'; readonly retryAfterMs: number };

interface AccessEvents {
  readonly 'session:ended': SessionEnded;
}

/** Who is asking: signing in and out, sessions of people and walls. */
@Injectable()
export class AccessService implements Authenticator {
  readonly cookie: SessionCookie;
  readonly #events: EventBus<AccessEvents>;
  readonly #throttle = new AttemptThrottle(THROTTLED_KEYS);
  /** Rows of sessions that were asked for lately, by key; the one asked for longest ago first. */
  readonly #seen = new Map<string, SessionRow>();
  #demo = false;
  /** Checked for a login that nobody has, so that the answer takes as long as for one that somebody has. */
  #nobodysHash = '';
  #sweep: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly repository: AccessRepository,
    private readonly audit: AuditService,
    private readonly firstAccounts: FirstAccountsService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#events = new EventBus(logger);
    this.cookie = sessionCookie(config.publicOrigin);
  }

  /**
   * Makes or disables the demo accounts, and the first administrator; call it after the migrations.
   * @param demo both embedded parts run
   */
  async start({ demo }: { readonly demo: boolean }): Promise<StartNotice> {
    this.#demo = demo;
    this.#nobodysHash = await hashPassword(makePassword());
    const { notice, endedSessions } = await this.firstAccounts.prepare(demo);
    this.announceEnded(endedSessions);
    this.#sweep = setInterval(() => {
      this.#endExpired().catch((error: unknown) =>
        this.logger.warn({ err: error }, 'expired sessions were not removed'),
      );
    }, SWEEP_INTERVAL_MS);
    this.#sweep.unref();
    return notice;
  }

  async stop(): Promise<void> {
    clearInterval(this.#sweep);
    await Promise.resolve();
  }

  /**
   * Who asks; null when nobody. A cookie that is no session counts as none. Get the request from `sessionRequestOf`.
   * Throws when the database does not answer and the session was not seen before.
   */
  async authenticate(request: SessionRequest): Promise<Session | null> {
    const token = readSessionToken(this.cookie, request.cookieHeader);
    const row = token === null ? null : await this.#findSession(token);
    if (row !== null) return sessionOf(row);
    // Behind a proxy on this machine every request looks like this machine's: a public origin says that there is one.
    return this.#demo && request.direct === true && this.config.publicOrigin === undefined ? DEMO_SESSION : null;
  }

  /** Signs a person in. `replacing`: the session that the browser had, which ends. */
  async signIn(login: string, password: string, address: string, replacing: string | null): Promise<SignInOutcome> {
    const keys = attemptKeys(login, address);
    const waitMs = this.#throttle.begin(keys, this.clock.now() / this.clock.speed);
    if (waitMs > 0) return { ok: false, code: 'too-many-attempts', retryAfterMs: waitMs };
    const credential = await this.repository.findCredentialByLogin(this.database, login);
    const verdict = await verifyPassword(credential?.passwordHash ?? this.#nobodysHash, password);
    if (verdict === 'busy') return { ok: false, code: 'too-many-attempts', retryAfterMs: 1_000 };
    if (credential === null || credential.disabled || verdict === 'wrong') {
      await this.audit.record({ actor: address, action: 'session:refused', subject: login });
      return { ok: false, code: 'wrong-credentials' };
    }
    this.#throttle.succeed(keys);
    return await this.#openPersonSession(credential, address, replacing);
  }

  /** Opens a wall with its token; null when there is no such token. */
  async openDisplay(displayToken: string, address: string, replacing: string | null): Promise<OpenedSession | null> {
    const token = makeToken();
    const tokenHash = hashToken(token);
    const now = new Date(this.clock.now());
    const opened = await this.database.transaction(async (tx) => {
      const display = await this.repository.findDisplayToken(tx, hashToken(displayToken));
      if (display === null) return null;
      await this.repository.insertSession(tx, {
        tokenHash,
        personId: null,
        displayTokenId: display.id,
        createdAt: now,
        expiresAt: null,
      });
      const ended = await this.#endReplaced(tx, display.id, replacing);
      await this.audit.record(
        { actor: display.name, action: 'session:display-opened', subject: display.id, detail: { address } },
        tx,
      );
      return { display, ended };
    });
    if (opened === null) return null;
    this.announceEnded(opened.ended);
    return { ok: true, token, session: displaySession(keyOf(tokenHash), opened.display.name) };
  }

  async signOut(session: SessionInfo, token: string | null): Promise<void> {
    if (token === null) return;
    const ended = await this.database.transaction(async (tx) => {
      const hashes = await this.repository.deleteSession(tx, hashToken(token));
      if (hashes.length > 0) {
        await this.audit.record(
          { actor: session.name, action: 'session:signed-out', subject: session.personId ?? session.name },
          tx,
        );
      }
      return hashes;
    });
    this.announceEnded(ended);
  }

  /** Changes the caller's own password and ends their other sessions. */
  async changePassword(
    personId: string,
    current: string,
    next: string,
    token: string | null,
    address: string,
  ): Promise<PasswordChangeOutcome> {
    const credential = await this.repository.findCredentialById(this.database, personId);
    // A demo account's password is the one that is printed at every start.
    if (credential === null || credential.demo) return { ok: false, code: 'forbidden' };
    const keys = attemptKeys(credential.login, address);
    const waitMs = this.#throttle.begin(keys, this.clock.now() / this.clock.speed);
    if (waitMs > 0) return { ok: false, code: 'too-many-attempts', retryAfterMs: waitMs };
    const verdict = await verifyPassword(credential.passwordHash, current);
    if (verdict === 'busy') return { ok: false, code: 'too-many-attempts', retryAfterMs: 1_000 };
    if (verdict === 'wrong') return { ok: false, code: 'wrong-credentials' };
    this.#throttle.succeed(keys);
    if (next === current) return { ok: false, code: 'unchanged' };
    const passwordHash = await hashPassword(next);
    const ended = await this.database.transaction(async (tx) => {
      await this.repository.setOwnPassword(tx, personId, passwordHash);
      await this.audit.record({ actor: credential.login, action: 'person:password-changed', subject: personId }, tx);
      return await this.repository.deleteSessionsOfPerson(tx, personId, token === null ? null : hashToken(token));
    });
    this.announceEnded(ended);
    return { ok: true };
  }

  /** Calls `listener` when a session ends; compare `key` with that of the session from `authenticate`. */
  onSessionEnded(owner: string, listener: (ended: SessionEnded) => void): () => void {
    return this.#events.on('session:ended', owner, listener);
  }

  /** Tells that these sessions were deleted; call it after the commit. */
  announceEnded(tokenHashes: readonly Buffer[]): void {
    for (const tokenHash of tokenHashes) {
      const key = keyOf(tokenHash);
      this.#seen.delete(key);
      this.#events.emit('session:ended', { key });
    }
  }

  async #openPersonSession(person: CredentialRow, address: string, replacing: string | null): Promise<OpenedSession> {
    const token = makeToken();
    const tokenHash = hashToken(token);
    const now = new Date(this.clock.now());
    const expiresAt = this.#personExpiry(now.getTime());
    const ended = await this.database.transaction(async (tx) => {
      await this.repository.insertSession(tx, {
        tokenHash,
        personId: person.id,
        displayTokenId: null,
        createdAt: now,
        expiresAt,
      });
      await this.repository.noteSignIn(tx, person.id, now);
      await this.audit.record(
        { actor: person.login, action: 'session:signed-in', subject: person.id, detail: { address } },
        tx,
      );
      return await this.#endReplaced(tx, person.id, replacing);
    });
    this.announceEnded(ended);
    const { id: personId, name, role, mustChangePassword } = person;
    const session = personSession({
      key: keyOf(tokenHash),
      personId,
      name,
      role,
      mustChangePassword,
      expiresAtMs: expiresAt.getTime(),
    });
    return { ok: true, token, session };
  }

  async #endReplaced(tx: Tx, ownerId: string, replacing: string | null): Promise<readonly Buffer[]> {
    const surplus = await this.repository.deleteSurplusSessions(tx, ownerId, SESSIONS_PER_OWNER);
    return replacing === null
      ? surplus
      : [...surplus, ...(await this.repository.deleteSession(tx, hashToken(replacing)))];
  }

  /**
   * The session of a token. While the database is away, those seen since the start are still known: a wall must be able to
   * come back and say that it is blind. Nobody can be disabled or revoked meanwhile either.
   */
  async #findSession(token: string): Promise<SessionRow | null> {
    const key = keyOf(hashToken(token));
    try {
      const row = await this.#loadSession(token);
      this.#seen.delete(key);
      if (row === null) return null;
      this.#seen.set(key, row);
      for (const oldest of this.#seen.keys()) {
        if (this.#seen.size <= REMEMBERED_SESSIONS) break;
        this.#seen.delete(oldest);
      }
      return row;
    } catch (error) {
      const row = this.#seen.get(key);
      if (row === undefined || (row.expiresAt !== null && row.expiresAt.getTime() <= this.clock.now())) throw error;
      return row;
    }
  }

  /** Finds a living session and, at most once a minute, pushes its end further away. */
  async #loadSession(token: string): Promise<SessionRow | null> {
    const now = new Date(this.clock.now());
    const row = await this.repository.findSession(this.database, hashToken(token), now);
    if (row === null || now.getTime() - row.lastSeenAt.getTime() < TOUCH_INTERVAL_MS * this.clock.speed) return row;
    const expiresAt = row.expiresAt === null ? null : this.#personExpiry(now.getTime());
    await this.repository.touchSession(this.database, row, now, expiresAt);
    return { ...row, expiresAt };
  }

  #personExpiry(nowMs: number): Date {
    return new Date(nowMs + PERSON_SESSION_MS * this.clock.speed);
  }

  async #endExpired(): Promise<void> {
    this.announceEnded(await this.repository.deleteExpiredSessions(this.database, new Date(this.clock.now())));
  }
}

/** Names a session without telling its cookie or the stored hash. */
function keyOf(tokenHash: Buffer): string {
  return tokenHash.toString('hex').slice(0, 24);
}

function sessionOf(row: SessionRow): Session | null {
  const key = keyOf(row.tokenHash);
  if (row.personId !== null && row.personName !== null && row.role !== null && row.expiresAt !== null) {
    return personSession({
      key,
      personId: row.personId,
      name: row.personName,
      role: row.role,
      mustChangePassword: row.mustChangePassword === true,
      expiresAtMs: row.expiresAt.getTime(),
    });
  }
  return row.displayName === null ? null : displaySession(key, row.displayName);
}

function attemptKeys(login: string, address: string): readonly AttemptKey[] {
  return [
    { key: `pair ${login} ${address}`, policy: PAIR_POLICY },
    { key: `login ${login}`, policy: LOGIN_POLICY },
    { key: `address ${address}`, policy: ADDRESS_POLICY },
  ];
}
