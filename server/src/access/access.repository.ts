import { Injectable } from '@nestjs/common';
import type { Role } from '@ioc/contract';
import type { Tx } from '../platform/database/database.js';

/** A session with its owner: exactly one of `personId` and `displayTokenId` is set. */
export interface SessionRow {
  readonly tokenHash: Buffer;
  readonly expiresAt: Date | null;
  readonly lastSeenAt: Date;
  readonly personId: string | null;
  readonly personName: string | null;
  readonly role: Role | null;
  readonly mustChangePassword: boolean | null;
  readonly displayTokenId: string | null;
  readonly displayName: string | null;
}

export interface CredentialRow {
  readonly id: string;
  readonly login: string;
  readonly name: string;
  readonly role: Role;
  readonly passwordHash: string;
  readonly mustChangePassword: boolean;
  readonly disabled: boolean;
  readonly demo: boolean;
}

export interface NewSession {
  readonly tokenHash: Buffer;
  readonly personId: string | null;
  readonly displayTokenId: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
}

// A disabled person's and a revoked token's sessions are deleted; joining on the state as well closes the moment between.
const SELECT_SESSION = `
  select session.token_hash as "tokenHash", session.expires_at as "expiresAt", session.last_seen_at as "lastSeenAt",
         person.id as "personId", person.name as "personName", person.role, person.must_change_password as "mustChangePassword",
         display_token.id as "displayTokenId", display_token.name as "displayName"
  from session
  left join person on person.id = session.person_id and not person.disabled
  left join display_token on display_token.id = session.display_token_id and display_token.revoked_at is null
  where session.token_hash = $1 and (session.expires_at is null or session.expires_at > $2)
    and coalesce(person.id, display_token.id) is not null`;
const TOUCH_SESSION = `update session set last_seen_at = $2, expires_at = $3 where token_hash = $1`;
const TOUCH_DISPLAY_TOKEN = `update display_token set last_seen_at = $2 where id = $1`;
const INSERT_SESSION = `
  insert into session (token_hash, person_id, display_token_id, created_at, last_seen_at, expires_at)
  values ($1, $2, $3, $4, $4, $5)`;
const DELETE_SESSION = `delete from session where token_hash = $1 returning token_hash as "tokenHash"`;
const DELETE_SESSIONS_OF_PERSON = `
  delete from session where person_id = $1 and token_hash is distinct from $2 returning token_hash as "tokenHash"`;
const DELETE_SESSIONS_OF_TOKEN = `delete from session where display_token_id = $1 returning token_hash as "tokenHash"`;
const DELETE_EXPIRED_SESSIONS = `delete from session where expires_at <= $1 returning token_hash as "tokenHash"`;
// Keeps the newest $2 sessions of an owner.
const DELETE_SURPLUS_SESSIONS = `
  delete from session where token_hash in (
    select token_hash from session where person_id = $1 or display_token_id = $1
    order by last_seen_at desc, token_hash offset $2)
  returning token_hash as "tokenHash"`;
const CREDENTIAL_COLUMNS = `
  id, login, name, role, password_hash as "passwordHash", must_change_password as "mustChangePassword", disabled, demo`;
const SELECT_CREDENTIAL_BY_LOGIN = `select ${CREDENTIAL_COLUMNS} from person where login = $1`;
const SELECT_CREDENTIAL_BY_ID = `select ${CREDENTIAL_COLUMNS} from person where id = $1`;
const UPDATE_LAST_SIGN_IN = `update person set last_sign_in_at = $2 where id = $1`;
const UPDATE_OWN_PASSWORD = `update person set password_hash = $2, must_change_password = false where id = $1`;
const SELECT_DISPLAY_TOKEN = `select id, name from display_token where token_hash = $1 and revoked_at is null`;

interface HashRow extends Record<string, unknown> {
  readonly tokenHash: Buffer;
}

/** SQL of sessions and of what a sign-in reads. */
@Injectable()
export class AccessRepository {
  async findSession(tx: Tx, tokenHash: Buffer, now: Date): Promise<SessionRow | null> {
    const [row] = await tx.query<SessionRow & Record<string, unknown>>(SELECT_SESSION, [tokenHash, now]);
    return row ?? null;
  }

  async touchSession(tx: Tx, session: SessionRow, now: Date, expiresAt: Date | null): Promise<void> {
    await tx.execute(TOUCH_SESSION, [session.tokenHash, now, expiresAt]);
    if (session.displayTokenId !== null) await tx.execute(TOUCH_DISPLAY_TOKEN, [session.displayTokenId, now]);
  }

  async insertSession(tx: Tx, session: NewSession): Promise<void> {
    const { tokenHash, personId, displayTokenId, createdAt, expiresAt } = session;
    await tx.execute(INSERT_SESSION, [tokenHash, personId, displayTokenId, createdAt, expiresAt]);
  }

  async deleteSession(tx: Tx, tokenHash: Buffer): Promise<readonly Buffer[]> {
    return hashes(await tx.query<HashRow>(DELETE_SESSION, [tokenHash]));
  }

  /** All of a person's sessions, but `except`. */
  async deleteSessionsOfPerson(tx: Tx, personId: string, except: Buffer | null): Promise<readonly Buffer[]> {
    return hashes(await tx.query<HashRow>(DELETE_SESSIONS_OF_PERSON, [personId, except]));
  }

  async deleteSessionsOfDisplayToken(tx: Tx, displayTokenId: string): Promise<readonly Buffer[]> {
    return hashes(await tx.query<HashRow>(DELETE_SESSIONS_OF_TOKEN, [displayTokenId]));
  }

  async deleteExpiredSessions(tx: Tx, now: Date): Promise<readonly Buffer[]> {
    return hashes(await tx.query<HashRow>(DELETE_EXPIRED_SESSIONS, [now]));
  }

  async deleteSurplusSessions(tx: Tx, ownerId: string, keep: number): Promise<readonly Buffer[]> {
    return hashes(await tx.query<HashRow>(DELETE_SURPLUS_SESSIONS, [ownerId, keep]));
  }

  async findCredentialByLogin(tx: Tx, login: string): Promise<CredentialRow | null> {
    const [row] = await tx.query<CredentialRow & Record<string, unknown>>(SELECT_CREDENTIAL_BY_LOGIN, [login]);
    return row ?? null;
  }

  async findCredentialById(tx: Tx, id: string): Promise<CredentialRow | null> {
    const [row] = await tx.query<CredentialRow & Record<string, unknown>>(SELECT_CREDENTIAL_BY_ID, [id]);
    return row ?? null;
  }

  async noteSignIn(tx: Tx, personId: string, now: Date): Promise<void> {
    await tx.execute(UPDATE_LAST_SIGN_IN, [personId, now]);
  }

  async setOwnPassword(tx: Tx, personId: string, passwordHash: string): Promise<void> {
    await tx.execute(UPDATE_OWN_PASSWORD, [personId, passwordHash]);
  }

  async findDisplayToken(tx: Tx, tokenHash: Buffer): Promise<{ readonly id: string; readonly name: string } | null> {
    const [row] = await tx.query<{ id: string; name: string }>(SELECT_DISPLAY_TOKEN, [tokenHash]);
    return row ?? null;
  }
}

function hashes(rows: readonly HashRow[]): readonly Buffer[] {
  return rows.map(({ tokenHash }) => tokenHash);
}
