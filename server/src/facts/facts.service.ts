import { Inject, Injectable } from '@nestjs/common';
import { COMMUNES, type Clock, type FactBody, type FactKind, type FactSubject } from '@ioc/contract';
import type { Logger } from 'pino';
import { AuditService } from '../access/audit.service.js';
import { DevicesService } from '../devices/devices.service.js';
import { Database } from '../platform/database/database.js';
import { EventBus } from '../platform/events/events.js';
import { CLOCK, LOGGER } from '../platform/platform.module.js';
import { checkFact, countsAt, subjectKey, type FactIssue, type FactRecord } from './fact.js';
import { FactsRepository } from './facts.repository.js';

/** Facts of one subject that count at once; more say nothing that a person could read. */
const MAX_CURRENT_OF_SUBJECT = 30;
const MAX_LISTED = 500;
const COMMUNE_NAMES: ReadonlyMap<string, string> = new Map(COMMUNES.map(({ code, name }) => [code, name]));

export interface FactAuthor {
  readonly personId: string;
  readonly name: string;
}

export type RecordFactOutcome =
  | { readonly ok: true; readonly fact: FactRecord }
  | { readonly ok: false; readonly reason: 'bad-request'; readonly issues: readonly FactIssue[] }
  | { readonly ok: false; readonly reason: 'too-many' | 'request-of-another' };

export type WithdrawFactOutcome =
  { readonly ok: true; readonly fact: FactRecord } | { readonly ok: false; readonly reason: 'not-found' };

interface FactsEvents {
  readonly 'facts:changed': FactRecord;
}

/** What people know and no sensor says. What counts now is in memory; every fact ever recorded is a row. */
@Injectable()
export class FactsService {
  readonly #events: EventBus<FactsEvents>;
  /** Newest first, by subject; those that expired leave when something is recorded. */
  #bySubject: ReadonlyMap<string, readonly FactRecord[]> = new Map();

  constructor(
    private readonly database: Database,
    private readonly repository: FactsRepository,
    private readonly devices: DevicesService,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#events = new EventBus(logger);
  }

  /** Loads what counts now. */
  async start(): Promise<void> {
    this.#take(await this.repository.loadCurrent(this.database, this.clock.now()));
  }

  /** What counts now of a subject, newest first. */
  current(subject: FactSubject): readonly FactRecord[] {
    const nowMs = this.clock.now();
    return (this.#bySubject.get(subjectKey(subject)) ?? NO_FACTS).filter((fact) => countsAt(fact, nowMs));
  }

  /** What counts now of a kind, whatever it is about, newest first. */
  ofKind(kind: FactKind): readonly FactRecord[] {
    return this.allCurrent().filter((fact) => fact.kind === kind);
  }

  /** All that counts now, newest first. */
  allCurrent(): readonly FactRecord[] {
    const nowMs = this.clock.now();
    return [...this.#bySubject.values()]
      .flat()
      .filter((fact) => countsAt(fact, nowMs))
      .sort((a, b) => b.id - a.id);
  }

  /** What counted at a moment in the past, as far as it was recorded by then. */
  countingThen(atMs: number): Promise<readonly FactRecord[]> {
    return this.repository.countingThen(this.database, atMs);
  }

  /** Newest first, at most 500; with `past` also what is over. */
  async list(filter: {
    readonly kind: FactSubject['kind'] | null;
    readonly id: string | null;
    readonly past: boolean;
  }): Promise<readonly FactRecord[]> {
    const { kind, id, past } = filter;
    if (past) return this.repository.list(this.database, kind, id, MAX_LISTED);
    return this.allCurrent()
      .filter(({ subject }) => (kind === null || subject.kind === kind) && (id === null || subject.id === id))
      .slice(0, MAX_LISTED);
  }

  /**
   * Called after a fact was recorded or withdrawn, with the fact as it is then. That one expires is not told: whoever counts
   * with facts asks when it counts. Returns what takes the listener away.
   */
  onChanged(owner: string, listener: (fact: FactRecord) => void): () => void {
    return this.#events.on('facts:changed', owner, listener);
  }

  /** Records a fact; the same request twice is one fact. */
  async record(body: FactBody, author: FactAuthor): Promise<RecordFactOutcome> {
    const nowMs = this.clock.now();
    const requestId = body.requestId ?? null;
    const outcome = await this.database.transaction(async (tx): Promise<RecordFactOutcome & { again?: boolean }> => {
      if (requestId !== null) {
        const before = await this.repository.byRequest(tx, requestId);
        if (before !== null) return answerAgain(before, author);
      }
      const checked = checkFact(body, this.devices.register(), (code) => COMMUNE_NAMES.get(code), nowMs);
      if (!checked.ok) return { ok: false, reason: 'bad-request', issues: checked.issues };
      const { fact } = checked;
      if ((await this.repository.lockedCount(tx, fact.subject, nowMs)) >= MAX_CURRENT_OF_SUBJECT) {
        return { ok: false, reason: 'too-many' };
      }
      const by = { personId: author.personId, recordedAtMs: nowMs, requestId };
      const id = await this.repository.insert(tx, fact, by);
      if (id === null) {
        const before = requestId === null ? null : await this.repository.byRequest(tx, requestId);
        if (before === null) throw new Error('a fact was neither inserted nor there');
        return answerAgain(before, author);
      }
      await this.#audit('fact:recorded', author, id, { kind: fact.kind, subject: subjectKey(fact.subject) }, tx);
      return { ok: true, fact: { ...fact, id, author, recordedAtMs: nowMs, withdrawnAtMs: null, withdrawnBy: null } };
    });
    if (outcome.ok && outcome.again !== true) this.#accept(outcome.fact);
    return outcome;
  }

  /** Withdraws a fact; one that was withdrawn before stays as it was. */
  async withdraw(id: string, by: FactAuthor): Promise<WithdrawFactOutcome> {
    const nowMs = this.clock.now();
    const outcome = await this.database.transaction(async (tx) => {
      const changed = await this.repository.withdraw(tx, id, nowMs, by.personId);
      const fact = await this.repository.byId(tx, id);
      if (changed) await this.#audit('fact:withdrawn', by, id, {}, tx);
      return { changed, fact };
    });
    if (outcome.fact === null) return { ok: false, reason: 'not-found' };
    if (outcome.changed) this.#accept(outcome.fact);
    return { ok: true, fact: outcome.fact };
  }

  #audit(
    action: 'fact:recorded' | 'fact:withdrawn',
    { name, personId }: FactAuthor,
    id: string | number,
    detail: Readonly<Record<string, string>>,
    tx: Parameters<AuditService['record']>[1],
  ): Promise<void> {
    return this.audit.record({ actor: `${name} (${personId})`, action, subject: String(id), detail }, tx);
  }

  #accept(fact: FactRecord): void {
    const others = [...this.#bySubject.values()].flat().filter(({ id }) => id !== fact.id);
    this.#take([fact, ...others]);
    this.#events.emit('facts:changed', fact);
  }

  #take(facts: readonly FactRecord[]): void {
    const nowMs = this.clock.now();
    const bySubject = new Map<string, FactRecord[]>();
    for (const fact of [...facts].sort((a, b) => b.id - a.id)) {
      if (fact.withdrawnAtMs !== null || fact.expiresAtMs <= nowMs) continue;
      const key = subjectKey(fact.subject);
      const known = bySubject.get(key);
      if (known === undefined) bySubject.set(key, [fact]);
      else known.push(fact);
    }
    this.#bySubject = bySubject;
  }
}

const NO_FACTS: readonly FactRecord[] = [];

function answerAgain(fact: FactRecord, author: FactAuthor): RecordFactOutcome & { again?: boolean } {
  return fact.author.personId === author.personId
    ? { ok: true, fact, again: true }
    : { ok: false, reason: 'request-of-another' };
}
