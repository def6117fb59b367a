import { Injectable } from '@nestjs/common';
import type { Role } from '@ioc/contract';
import type { Tx } from '../platform/database/database.js';

export interface PersonRow {
  readonly id: string;
  readonly login: string;
  readonly name: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly createdAt: Date;
  readonly lastSignInAt: Date | null;
}

export interface NewPerson {
  readonly id: string;
  readonly login: string;
  readonly name: string;
  readonly role: Role;
  readonly passwordHash: string;
  readonly mustChangePassword: boolean;
  readonly demo: boolean;
  readonly createdAt: Date;
}

/** Null leaves a field as it is. */
export interface PersonChange {
  readonly name: string | null;
  readonly role: Role | null;
  readonly disabled: boolean | null;
  readonly passwordHash: string | null;
}

export interface DisplayTokenRow {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly lastSeenAt: Date | null;
}

const PERSON_COLUMNS = `id, login, name, role, disabled, created_at as "createdAt", last_sign_in_at as "lastSignInAt"`;
const SELECT_PEOPLE = `select ${PERSON_COLUMNS} from person order by login`;
const SELECT_PERSON = `select ${PERSON_COLUMNS} from person where id = $1`;
const COUNT_PEOPLE = `select count(*) as count from person`;
const COUNT_OWN_PEOPLE = `select count(*) as count from person where not demo`;
const INSERT_PERSON = `
  insert into person (id, login, name, role, password_hash, must_change_password, demo, created_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8)
  on conflict (login) do nothing
  returning ${PERSON_COLUMNS}`;
const UPDATE_PERSON = `
  update person set name = coalesce($2, name), role = coalesce($3, role), disabled = coalesce($4, disabled),
    password_hash = coalesce($5, password_hash), must_change_password = must_change_password or $5::text is not null
  where id = $1
  returning ${PERSON_COLUMNS}`;
// Locks them in one order, so that two who disable each other at once cannot both succeed.
const LOCK_ADMINISTRATORS = `
  select id from person where role = 'administrator' and not disabled order by id for update`;
const SELECT_DEMO_ACCOUNTS = `
  select id, login, role, password_hash as "passwordHash", disabled from person where demo order by login`;
const ENABLE_DEMO_ACCOUNT = `
  update person set disabled = false, name = $2, role = $3, password_hash = $4, must_change_password = false where id = $1 and demo`;
const DISABLE_DEMO_ACCOUNTS = `update person set disabled = true where demo and not disabled`;
const DELETE_DEMO_SESSIONS = `
  delete from session using person where person.id = session.person_id and person.demo
  returning session.token_hash as "tokenHash"`;
// Somebody who was let in once has seen the one-time password.
const RESET_UNUSED_FIRST_PASSWORD = `
  update person set password_hash = $2
  where login = $1 and role = 'administrator' and must_change_password and last_sign_in_at is null and not demo and not disabled
    and not exists (select from person other where not other.demo and other.login <> $1)
  returning id`;
const TOKEN_COLUMNS = `id, name, created_at as "createdAt", created_by as "createdBy", last_seen_at as "lastSeenAt"`;
const SELECT_DISPLAY_TOKENS = `select ${TOKEN_COLUMNS} from display_token where revoked_at is null order by created_at, id`;
const COUNT_DISPLAY_TOKENS = `select count(*) as count from display_token where revoked_at is null`;
const INSERT_DISPLAY_TOKEN = `
  insert into display_token (id, name, token_hash, created_at, created_by) values ($1, $2, $3, $4, $5) returning ${TOKEN_COLUMNS}`;
const REVOKE_DISPLAY_TOKEN = `
  update display_token set revoked_at = $2 where id = $1 and revoked_at is null returning ${TOKEN_COLUMNS}`;

/** SQL of people and display tokens. */
@Injectable()
export class PeopleRepository {
  list(tx: Tx): Promise<readonly PersonRow[]> {
    return tx.query<PersonRow & Record<string, unknown>>(SELECT_PEOPLE);
  }

  async find(tx: Tx, id: string): Promise<PersonRow | null> {
    return first(await tx.query<PersonRow & Record<string, unknown>>(SELECT_PERSON, [id]));
  }

  count(tx: Tx): Promise<number> {
    return countOf(tx, COUNT_PEOPLE);
  }

  /** Without demo accounts. */
  countOwn(tx: Tx): Promise<number> {
    return countOf(tx, COUNT_OWN_PEOPLE);
  }

  /** Null when the login is taken. */
  async insert(tx: Tx, person: NewPerson): Promise<PersonRow | null> {
    const { id, login, name, role, passwordHash, mustChangePassword, demo, createdAt } = person;
    return first(
      await tx.query<PersonRow & Record<string, unknown>>(INSERT_PERSON, [
        id,
        login,
        name,
        role,
        passwordHash,
        mustChangePassword,
        demo,
        createdAt,
      ]),
    );
  }

  async update(tx: Tx, id: string, change: PersonChange): Promise<PersonRow | null> {
    return first(
      await tx.query<PersonRow & Record<string, unknown>>(UPDATE_PERSON, [
        id,
        change.name,
        change.role,
        change.disabled,
        change.passwordHash,
      ]),
    );
  }

  /** Ids of those who can administer, locked until the transaction ends. */
  async lockAdministrators(tx: Tx): Promise<readonly string[]> {
    return (await tx.query<{ id: string }>(LOCK_ADMINISTRATORS)).map(({ id }) => id);
  }

  demoAccounts(
    tx: Tx,
  ): Promise<readonly { id: string; login: string; role: Role; passwordHash: string; disabled: boolean }[]> {
    return tx.query<{ id: string; login: string; role: Role; passwordHash: string; disabled: boolean }>(
      SELECT_DEMO_ACCOUNTS,
    );
  }

  async enableDemoAccount(tx: Tx, id: string, name: string, role: Role, passwordHash: string): Promise<void> {
    await tx.execute(ENABLE_DEMO_ACCOUNT, [id, name, role, passwordHash]);
  }

  /** Answers the token hashes of the sessions that ended with them. */
  async disableDemoAccounts(tx: Tx): Promise<readonly Buffer[]> {
    await tx.execute(DISABLE_DEMO_ACCOUNTS);
    return (await tx.query<{ tokenHash: Buffer }>(DELETE_DEMO_SESSIONS)).map(({ tokenHash }) => tokenHash);
  }

  /** Whether there was a first administrator, alone, who has never signed in. */
  async resetUnusedFirstPassword(tx: Tx, login: string, passwordHash: string): Promise<boolean> {
    return (await tx.query(RESET_UNUSED_FIRST_PASSWORD, [login, passwordHash])).length > 0;
  }

  listDisplayTokens(tx: Tx): Promise<readonly DisplayTokenRow[]> {
    return tx.query<DisplayTokenRow & Record<string, unknown>>(SELECT_DISPLAY_TOKENS);
  }

  countDisplayTokens(tx: Tx): Promise<number> {
    return countOf(tx, COUNT_DISPLAY_TOKENS);
  }

  async insertDisplayToken(
    tx: Tx,
    token: {
      readonly id: string;
      readonly name: string;
      readonly tokenHash: Buffer;
      readonly createdAt: Date;
      readonly createdBy: string;
    },
  ): Promise<DisplayTokenRow> {
    const row = first(
      await tx.query<DisplayTokenRow & Record<string, unknown>>(INSERT_DISPLAY_TOKEN, [
        token.id,
        token.name,
        token.tokenHash,
        token.createdAt,
        token.createdBy,
      ]),
    );
    if (row === null) throw new Error('an insert returned no row');
    return row;
  }

  async revokeDisplayToken(tx: Tx, id: string, now: Date): Promise<DisplayTokenRow | null> {
    return first(await tx.query<DisplayTokenRow & Record<string, unknown>>(REVOKE_DISPLAY_TOKEN, [id, now]));
  }
}

function first<T>(rows: readonly T[]): T | null {
  return rows[0] ?? null;
}

async function countOf(tx: Tx, statement: string): Promise<number> {
  const [row] = await tx.query<{ count: number }>(statement);
  return row?.count ?? 0;
}
