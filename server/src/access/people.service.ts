import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Clock, DisplayToken, ENDPOINTS, ParsedBodyOf, Person } from '@ioc/contract';
import { Database, type Tx } from '../platform/database/database.js';
import { CLOCK } from '../platform/platform.module.js';
import { AccessRepository } from './access.repository.js';
import { AccessService } from './access.service.js';
import { AuditService } from './audit.service.js';
import { hashPassword } from './password-hash.js';
import { PeopleRepository, type DisplayTokenRow, type PersonRow } from './people.repository.js';
import { hashToken, makeToken } from './secret.js';

const MOST_PEOPLE = 2_000;
const MOST_DISPLAY_TOKENS = 500;

export type CreatePersonOutcome =
  { readonly ok: true; readonly person: Person } | { readonly ok: false; readonly reason: 'login-taken' | 'too-many' };
export type ChangePersonOutcome =
  | { readonly ok: true; readonly person: Person }
  | { readonly ok: false; readonly reason: 'not-found' | 'last-administrator' };

/** People and walls, as an administrator manages them. */
@Injectable()
export class PeopleService {
  constructor(
    private readonly database: Database,
    private readonly repository: PeopleRepository,
    private readonly sessions: AccessRepository,
    private readonly access: AccessService,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @param tx the transaction that asks, so that it needs no second connection */
  async list(tx: Tx = this.database): Promise<readonly Person[]> {
    return (await this.repository.list(tx)).map(personOf);
  }

  /** The person must change the given password at the first sign-in: somebody else knows it. */
  async create(body: ParsedBodyOf<typeof ENDPOINTS.createPerson>, actor: string): Promise<CreatePersonOutcome> {
    const passwordHash = await hashPassword(body.password);
    return await this.database.transaction(async (tx): Promise<CreatePersonOutcome> => {
      if ((await this.repository.count(tx)) >= MOST_PEOPLE) return { ok: false, reason: 'too-many' };
      const { login, name, role } = body;
      const row = await this.repository.insert(tx, {
        id: randomUUID(),
        login,
        name,
        role,
        passwordHash,
        mustChangePassword: true,
        demo: false,
        createdAt: new Date(this.clock.now()),
      });
      if (row === null) return { ok: false, reason: 'login-taken' };
      await this.audit.record({ actor, action: 'person:created', subject: row.id, detail: { login, role } }, tx);
      return { ok: true, person: personOf(row) };
    });
  }

  /** Ends their sessions: what a browser was allowed must not outlive the change. The last administrator stays one. */
  async change(
    id: string,
    body: ParsedBodyOf<typeof ENDPOINTS.changePerson>,
    actor: string,
  ): Promise<ChangePersonOutcome> {
    const passwordHash = body.password === undefined ? null : await hashPassword(body.password);
    const outcome = await this.database.transaction(async (tx) => {
      const administrators = await this.repository.lockAdministrators(tx);
      const demoted = body.disabled === true || (body.role !== undefined && body.role !== 'administrator');
      if (demoted && administrators.length === 1 && administrators[0] === id) {
        return { ok: false, reason: 'last-administrator' } as const;
      }
      const row = await this.repository.update(tx, id, {
        name: body.name ?? null,
        role: body.role ?? null,
        disabled: body.disabled ?? null,
        passwordHash,
      });
      if (row === null) return { ok: false, reason: 'not-found' } as const;
      const { password, ...shown } = body;
      const detail = { ...shown, passwordChanged: password !== undefined };
      await this.audit.record({ actor, action: 'person:changed', subject: id, detail }, tx);
      return { ok: true, row, ended: await this.sessions.deleteSessionsOfPerson(tx, id, null) } as const;
    });
    if (!outcome.ok) return outcome;
    this.access.announceEnded(outcome.ended);
    return { ok: true, person: personOf(outcome.row) };
  }

  async listDisplayTokens(): Promise<readonly DisplayToken[]> {
    return (await this.repository.listDisplayTokens(this.database)).map(displayTokenOf);
  }

  /** Null when there are too many. The token itself is told this once. */
  async createDisplayToken(name: string, actor: string): Promise<(DisplayToken & { readonly token: string }) | null> {
    const token = makeToken();
    return await this.database.transaction(async (tx) => {
      if ((await this.repository.countDisplayTokens(tx)) >= MOST_DISPLAY_TOKENS) return null;
      const row = await this.repository.insertDisplayToken(tx, {
        id: randomUUID(),
        name,
        tokenHash: hashToken(token),
        createdAt: new Date(this.clock.now()),
        createdBy: actor,
      });
      await this.audit.record({ actor, action: 'display-token:created', subject: row.id, detail: { name } }, tx);
      return { ...displayTokenOf(row), token };
    });
  }

  /** Its walls close at once. False when there is no such token. */
  async revokeDisplayToken(id: string, actor: string): Promise<boolean> {
    const ended = await this.database.transaction(async (tx) => {
      const row = await this.repository.revokeDisplayToken(tx, id, new Date(this.clock.now()));
      if (row === null) return null;
      await this.audit.record({ actor, action: 'display-token:revoked', subject: id, detail: { name: row.name } }, tx);
      return await this.sessions.deleteSessionsOfDisplayToken(tx, id);
    });
    if (ended === null) return false;
    this.access.announceEnded(ended);
    return true;
  }
}

function personOf(row: PersonRow): Person {
  return {
    id: row.id,
    login: row.login,
    name: row.name,
    role: row.role,
    disabled: row.disabled,
    createdAt: row.createdAt.toISOString(),
    lastSignInAt: row.lastSignInAt?.toISOString() ?? null,
  };
}

function displayTokenOf(row: DisplayTokenRow): DisplayToken {
  return {
    id: row.id,
    name: row.name,
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
    lastSeenAt: row.lastSeenAt?.toISOString() ?? null,
  };
}
