import { isDataFailure, sqlStateClass } from './commit-failure.js';

/** What a judgement leads to beside connectivity, in the order in which it is drawn: alarms with their incidents, messages. */
export type Consequence = 'alarms' | 'messages';

/** Which consequences a transaction draws: all of them, alarms and incidents of which nobody is told, or none. */
export type Depth = 'all' | 'untold' | 'none';

/** SQLSTATE: syntax error or access rule violation. In a statement of ours it is a fault of ours, and trying again is in vain. */
const STATEMENT_CLASS = '42';

/**
 * A fault in how a consequence is drawn. It is ours, not that of the readings: they are committed all the same, and are
 * never rejected for it.
 */
export class ConsequenceFailure extends Error {
  override readonly name = 'ConsequenceFailure';

  constructor(
    readonly consequence: Consequence,
    override readonly cause: unknown,
  ) {
    super(`${consequence}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

/** Draws one consequence. What fails in it for a reason that comes back every time is thrown as `ConsequenceFailure`. */
export async function draw<T>(consequence: Consequence, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isDataFailure(error) || sqlStateClass(error) === STATEMENT_CLASS) {
      throw new ConsequenceFailure(consequence, error);
    }
    throw error;
  }
}

/** How far one can go without what failed, when `tried` was as far as it was tried. */
export function depthWithout(consequence: Consequence, tried: Depth): Depth {
  return consequence === 'messages' && tried === 'all' ? 'untold' : 'none';
}

/** What stands still: a consequence that fails whatever arrives. */
export interface StandstillState {
  readonly consequence: Consequence;
  /** Our clock, epoch ms. */
  readonly sinceMs: number;
}

const TRY_AGAIN_AFTER_MS = 10_000;

/**
 * Whether consequences fail whatever arrives. While they do, batches are committed without them, so that telemetry goes on
 * at its own speed, and every 10 s of real time they are tried again, with nothing but the passing of time.
 */
export class Standstill {
  #state: StandstillState | null = null;
  #depth: Depth = 'all';
  #tryAgainAtMs = 0;

  /** Null: all consequences are drawn. */
  get state(): StandstillState | null {
    return this.#state;
  }

  /** How far a batch is followed now. */
  get depth(): Depth {
    return this.#depth;
  }

  /** Whether it is time to try all of them again; monotonic ms. */
  isTryDue(monotonicMs: number): boolean {
    return this.#state !== null && monotonicMs >= this.#tryAgainAtMs;
  }

  /** They failed though nothing but time has passed, or still do. */
  onFailed(failure: ConsequenceFailure, tried: Depth, nowMs: number, monotonicMs: number): void {
    this.#state = { consequence: failure.consequence, sinceMs: this.#state?.sinceMs ?? nowMs };
    this.#depth = depthWithout(failure.consequence, tried);
    this.#tryAgainAtMs = monotonicMs + TRY_AGAIN_AFTER_MS;
  }

  /** All of them were drawn. */
  onDrawn(): void {
    this.#state = null;
    this.#depth = 'all';
  }
}
