/** What a run has done so far. */
export interface Tally {
  sessions: number;
  messages: number;
  readingsTried: number;
  readingsAcknowledged: number;
  refusedSent: number;
}

export function newTally(): Tally {
  return { sessions: 0, messages: 0, readingsTried: 0, readingsAcknowledged: 0, refusedSent: 0 };
}
