import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@ioc/contract';
import type { Logger } from 'pino';
import type { Judgement } from '../connectivity/judgement.js';
import type { Observation } from '../connectivity/observation.js';
import type { Visibility } from '../connectivity/visibility.js';
import type { Tx } from '../platform/database/database.js';
import type { IncomingMessage } from '../platform/mqtt/message-source.js';
import type { Committed } from './announcements.js';
import { IntakeBatch } from './batch.js';
import { isDataFailure } from './commit-failure.js';
import { ConsequenceFailure, depthWithout, Standstill, type Depth, type StandstillState } from './consequences.js';
import { PendingRanges } from './pending-ranges.js';

/** What one transaction carries: a batch, a part of one, or the passing of time (then neither). */
export interface Portion {
  readonly taken: readonly Observation[];
  /** Whose rejections and quarantine go with it. */
  readonly refusals: IntakeBatch | null;
  /** Which consequences are drawn in it. */
  readonly depth: Depth;
}

export interface CommitterParts {
  /** Runs `work` in one transaction. */
  readonly transaction: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  /** What a portion makes of the state. Changes nothing. */
  readonly judge: (taken: readonly Observation[], nowMs: number) => Judgement;
  readonly judgeTime: (nowMs: number) => Judgement;
  /** Whether the passing of time alone changes what alarms or incidents are, so that it is written though nothing was judged. */
  readonly due: (nowMs: number) => boolean;
  /** Writes a portion and what `judge` makes of it; returns what to announce. */
  readonly write: (tx: Tx, portion: Portion, judge: () => Judgement) => Promise<Committed>;
  readonly acknowledge: (messages: readonly IncomingMessage[]) => void;
  /** After the commit and the acknowledgements. */
  readonly committed: (committed: Committed) => void;
  /** The database refuses this one and took others: it is to be rejected, in a portion of its own. */
  readonly refuse: (batch: IntakeBatch, index: number, error: unknown) => void;
  /** An observation (null: the passing of time) was committed without a consequence that fails with it. */
  readonly leftOut: (observation: Observation | null, failure: ConsequenceFailure) => void;
  /** Consequences that stood still are tried again: what they missed is to be judged from what is current. */
  readonly catchUp: () => void;
  /** Whether the database answers. */
  readonly database: (answers: boolean) => void;
  readonly visibility: () => Visibility;
  readonly clock: Clock;
  readonly monotonicMs: () => number;
  readonly logger: Logger;
}

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

/**
 * The one place that commits. Serialised: a batch, or the passing of time, one after the other. A batch is all that has
 * arrived while the commit before it ran, so an idle intake commits at once and a busy one in large batches.
 */
export class Committer {
  readonly #parts: CommitterParts;
  #open = new IntakeBatch();
  /** What is being committed. */
  #present: IntakeBatch | null = null;
  /** What a connection that is gone has delivered; committed before what comes after it. */
  #left: IntakeBatch | null = null;
  #openSinceMs: number | null = null;
  #commitSinceMs: number | null = null;
  #timeIsDue = false;
  readonly #standstill = new Standstill();
  #running: Promise<void> | null = null;
  #stopping = false;

  constructor(parts: CommitterParts) {
    this.#parts = parts;
  }

  /** Where the pipeline puts what it understands; call `wake` after it. */
  get open(): IntakeBatch {
    return this.#open;
  }

  wake(): void {
    if (!this.#open.empty) this.#openSinceMs ??= this.#parts.monotonicMs();
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      if (this.#hasWork()) this.wake();
    });
  }

  /** A second has passed: judged as soon as the present commit is done. */
  time(): void {
    this.#timeIsDue = true;
    this.wake();
  }

  /**
   * The connection is gone. What it delivered is committed all the same, though nobody can be told: a broker that was killed
   * may have lost it, and one that sends it again does no harm. While the database is away that is kept of one connection
   * and no more; the broker sends again what the later ones delivered.
   */
  onConnectionLost(): void {
    const keepsEarlier = this.#left !== null || this.#present?.orphaned === true;
    if (!keepsEarlier && !this.#open.empty) this.#left = this.#open;
    if (this.#present !== null) this.#present.orphaned = true;
    this.#open = new IntakeBatch();
    this.#openSinceMs = null;
    if (this.#hasWork()) this.wake();
  }

  /** Commits what has been taken, for at most `withinMs` of real time; then gives up. Nothing is committed afterwards. */
  async drain(withinMs: number): Promise<void> {
    const giveUp = AbortSignal.timeout(withinMs);
    while (this.#hasWork() || this.#running !== null) {
      if (giveUp.aborted) break;
      if (this.#running === null) this.wake();
      await Promise.race([this.#running, delay(50)]);
    }
    this.#stopping = true;
    await this.#running;
  }

  /** The consequences that fail whatever arrives, and since when; null: all are drawn. */
  get standstill(): StandstillState | null {
    return this.#standstill.state;
  }

  /** Real time for which the present commit runs; null when none does. */
  committingForMs(): number | null {
    return this.#commitSinceMs === null ? null : this.#parts.monotonicMs() - this.#commitSinceMs;
  }

  /** Real time for which the oldest message that is not being committed waits. */
  waitingForMs(): number {
    return this.#openSinceMs === null ? 0 : this.#parts.monotonicMs() - this.#openSinceMs;
  }

  #hasWork(): boolean {
    return !this.#stopping && (this.#timeIsDue || this.#left !== null || !this.#open.empty);
  }

  async #run(): Promise<void> {
    // What the socket has delivered in this turn belongs together.
    await nextTurn();
    while (this.#hasWork()) {
      if (this.#timeIsDue) {
        this.#timeIsDue = false;
        await this.#commitTime();
      }
      if ((this.#left !== null || !this.#open.empty) && !this.#stopping) await this.#commitBatch();
    }
  }

  /** Judges the passing of time. Answers whether the database does; the next second tries again. */
  async #commitTime(): Promise<boolean> {
    const { catchUp, monotonicMs } = this.#parts;
    const tries = this.#standstill.isTryDue(monotonicMs());
    if (tries) catchUp();
    const outcome = await this.#attemptTime(tries ? 'all' : this.#standstill.depth);
    // Without what failed, so that connectivity is judged in this second too.
    const final = outcome === 'stands-still' ? await this.#attemptTime(this.#standstill.depth) : outcome;
    return final !== 'outage';
  }

  /** Judges the passing of time, followed as deep as `depth`. What fails in that fails whatever arrives. */
  async #attemptTime(depth: Depth): Promise<'done' | 'outage' | 'stands-still'> {
    const { judgeTime, visibility, due, leftOut, clock, monotonicMs } = this.#parts;
    const stood = this.#standstill.state !== null;
    const outcome = await this.#attempt({ taken: [], refusals: null, depth }, () => judgeTime(clock.now()), {
      // While the database is away an empty judgement asks it whether it is back.
      evenIfEmpty: visibility().reason === 'database' || stood || due(clock.now()),
      acknowledged: [],
    });
    if (outcome === 'outage') return 'outage';
    if (outcome === 'committed') {
      if (depth === 'all') this.#standstill.onDrawn();
      return 'done';
    }
    const { error } = outcome;
    if (!(error instanceof ConsequenceFailure)) return 'done';
    if (!stood) leftOut(null, error);
    this.#standstill.onFailed(error, depth, clock.now(), monotonicMs());
    return 'stands-still';
  }

  /** Tries until the batch is committed, or we are to stop. */
  async #commitBatch(): Promise<void> {
    const { judge, refuse, clock, logger } = this.#parts;
    const batch = this.#nextBatch();
    this.#present = batch;
    const pending = new PendingRanges(batch.taken.length);
    /** How deep the one observation is followed that stands alone because a consequence fails with it. */
    let alone: Depth | null = null;
    let failures = 0;
    while (!this.#stopping) {
      const range = pending.next;
      if (range === null && pending.refused.length === 0) break;
      if (range === null && pending.committedAny) {
        for (const { index, error } of pending.refused) refuse(batch, index, error);
        pending.settleRefused();
        continue;
      }
      if (range === null) {
        // Nothing at all was taken: that may be the database's fault. What arrives meanwhile is tried with it, and shows.
        await this.#pause((failures += 1));
        batch.append(this.#open);
        this.#open = new IntakeBatch();
        this.#openSinceMs = null;
        pending.restart(batch.taken.length);
        continue;
      }
      const taken = batch.taken.slice(range.from, range.to);
      const depth: Depth = alone ?? this.#standstill.depth;
      alone = null;
      const outcome = await this.#attempt({ taken, refusals: batch, depth }, () => judge(taken, clock.now()), {
        evenIfEmpty: true,
        acknowledged: pending.last ? batch.messages : [],
      });
      if (outcome === 'committed') {
        batch.clearRefusals();
        pending.onCommitted();
      } else if (outcome === 'outage') {
        await this.#awaitDatabase((failures += 1));
      } else if (outcome.error instanceof ConsequenceFailure) {
        alone = await this.#withoutConsequence(outcome.error, depth, taken, pending);
      } else {
        if (range.from === range.to) {
          logger.error({ err: outcome.error }, 'rejections could not be written, and are given up');
          batch.clearRefusals();
        }
        pending.onRefused(outcome.error);
      }
    }
    this.#present = null;
  }

  /**
   * A consequence fails with these observations. When it fails with the passing of time alone, it stands still for all.
   * Otherwise the one with which it does is looked for, and committed without it: how deep that one is followed.
   */
  async #withoutConsequence(
    failure: ConsequenceFailure,
    tried: Depth,
    taken: readonly Observation[],
    pending: PendingRanges,
  ): Promise<Depth | null> {
    if (this.#standstill.depth === tried && (await this.#attemptTime(tried)) !== 'done') return null;
    if (taken.length > 1) {
      pending.halve();
      return null;
    }
    this.#parts.leftOut(taken[0] ?? null, failure);
    return depthWithout(failure.consequence, tried);
  }

  #nextBatch(): IntakeBatch {
    const left = this.#left;
    if (left !== null) {
      this.#left = null;
      left.orphaned = true;
      return left;
    }
    const open = this.#open;
    this.#open = new IntakeBatch();
    this.#openSinceMs = null;
    return open;
  }

  /** Judge and write, commit; then the acknowledgements, and what others are told. */
  async #attempt(
    portion: Portion,
    judge: () => Judgement,
    options: { readonly evenIfEmpty: boolean; readonly acknowledged: readonly IncomingMessage[] },
  ): Promise<'committed' | 'outage' | { readonly error: unknown }> {
    const { transaction, write, acknowledge, committed, database, monotonicMs, logger } = this.#parts;
    this.#commitSinceMs = monotonicMs();
    let result: Committed;
    try {
      // Whether time that passes is written at all its judgement says; a batch is written while it is judged.
      const judgement = options.evenIfEmpty ? null : judge();
      result =
        judgement?.empty === true
          ? { readings: [], written: 0, judgement, incidentIds: [], atMs: judgement.nowMs }
          : await transaction((tx) => write(tx, portion, judgement === null ? judge : () => judgement));
    } catch (error) {
      if (isDataFailure(error) || error instanceof ConsequenceFailure) {
        logger.warn({ err: error, items: portion.taken.length }, 'a part of a batch could not be committed as it is');
        return { error };
      }
      logger.warn({ err: error }, 'a commit failed; it is tried again');
      database(false);
      return 'outage';
    } finally {
      this.#commitSinceMs = null;
    }
    database(true);
    acknowledge(options.acknowledged);
    try {
      committed(result);
    } catch (error) {
      logger.error({ err: error }, 'what was committed could not be announced');
    }
    return 'committed';
  }

  /** Waits until the database answers. What we did not see begins in its records before the batch is tried again. */
  async #awaitDatabase(failures: number): Promise<void> {
    for (let more = failures; ; more += 1) {
      await this.#pause(more);
      if (this.#stopping || (await this.#commitTime())) return;
    }
  }

  async #pause(failures: number): Promise<void> {
    await delay(Math.min(FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 10), LONGEST_RETRY_MS));
  }
}
