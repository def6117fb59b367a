import type { Judgement } from '../connectivity/judgement.js';
import type { Reading } from '../readings/reading.js';

/** What the intake tells others: always after the commit, and after the acknowledgements have gone. */
export interface IntakeAnnouncements {
  readonly committed: Committed;
}

export interface Committed {
  /** In order of arrival; empty when only time has passed. */
  readonly readings: readonly Reading[];
  /** How many of them were new. */
  readonly written: number;
  readonly judgement: Judgement;
  /** Incidents that changed. */
  readonly incidentIds: readonly string[];
  /** The moment of the judgement, epoch ms. */
  readonly atMs: number;
}
