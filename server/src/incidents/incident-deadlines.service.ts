import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config/config.js';
import type { Tx } from '../platform/database/database.js';
import { CONFIG } from '../platform/platform.module.js';
import { unworked, type FinishedIncident } from './finished-incident.js';
import type { IncidentBook } from './incident-book.js';
import { isOpen, type IncidentRecord } from './incident-record.js';
import { IncidentRegroupingsRepository } from './incident-regroupings.repository.js';
import { systemChangesOf } from './incident-trail.js';
import { IncidentsRepository } from './incidents.repository.js';

/** How long requests that were carried out are known again; ms. */
const REQUESTS_KEPT_MS = 14 * 86_400_000;
const FORGET_EVERY_MS = 3_600_000;

/** What the passing of time alone makes of incidents, in the committer's transaction. */
@Injectable()
export class IncidentDeadlinesService {
  #forgetAtMs = 0;

  constructor(
    private readonly repository: IncidentsRepository,
    private readonly regroupings: IncidentRegroupingsRepository,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Whether one of them is due by now. */
  isDue(book: IncidentBook, nowMs: number): boolean {
    for (const { record } of book.grouped()) if (this.#deadlineOf(record) <= nowMs) return true;
    return false;
  }

  /**
   * Acknowledgements that ran out, and incidents that can no longer be reopened.
   * @param done ids of those that this transaction wrote already
   */
  async expire(
    tx: Tx,
    book: IncidentBook,
    done: ReadonlySet<number>,
    nowMs: number,
  ): Promise<readonly FinishedIncident[]> {
    const due = [...book.grouped()].filter(
      ({ record }) => !done.has(record.id) && this.#workDeadlineOf(record) <= nowMs,
    );
    if (due.length === 0) return [];
    const locked = await this.repository.locked(
      tx,
      due.map(({ record }) => record.id),
    );
    const expired = locked.flatMap((record) => {
      // A person may have been quicker.
      if (this.#workDeadlineOf(record) > nowMs) return [];
      const version = record.version + 1;
      const members = book.membersOf(record.id);
      if (record.state === 'resolved') {
        return unworked(
          { ...record, version, workVersion: version, state: 'closed', closedAtMs: nowMs },
          members,
          null,
          'closed',
        );
      }
      const fields = {
        state: 'open',
        holder: null,
        acknowledgedAtMs: null,
        acknowledgedUntilMs: null,
        note: null,
      } as const;
      const text = {
        vi: `${record.holder?.name ?? ''} chưa bắt đầu xử lý`,
        en: `${record.holder?.name ?? ''} had not begun`,
      };
      const after = { ...record, ...fields, version, workVersion: version };
      return unworked(after, members, 'reopened', 'acknowledgementExpired', text);
    });
    await this.repository.update(
      tx,
      expired.map(({ record }) => record),
    );
    await this.repository.note(tx, expired.flatMap(systemChangesOf), nowMs);
    return expired;
  }

  /** Requests that nobody will send again. */
  async forgetRequests(tx: Tx, nowMs: number): Promise<void> {
    if (nowMs < this.#forgetAtMs) return;
    await this.regroupings.forgetRequests(tx, nowMs - REQUESTS_KEPT_MS);
    this.#forgetAtMs = nowMs + FORGET_EVERY_MS;
  }

  #deadlineOf(record: IncidentRecord): number {
    return Math.min(this.#workDeadlineOf(record), isOpen(record) ? (record.judgeAgainAtMs ?? Infinity) : Infinity);
  }

  #workDeadlineOf(record: IncidentRecord): number {
    if (record.state === 'resolved') return (record.resolvedAtMs ?? 0) + this.config.incidentReopenMs;
    return record.state === 'acknowledged' ? (record.acknowledgedUntilMs ?? Infinity) : Infinity;
  }
}
