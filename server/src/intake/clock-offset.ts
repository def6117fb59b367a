/** How far samples may differ and still be the same offset; ms. */
const SAME_OFFSET_MS = 30_000;
const SAMPLES = 5;
/** The arrivals of the samples must span at least this; ms. */
const SPAN_MS = 5 * 60_000;
/** A clock that is off by less is right enough; ms. Default limits: offset > 2 min × 5. */
const RIGHT_WITHIN_MS = 2 * 60_000;
/** So many good samples end it. */
const GOOD_SAMPLES = 3;

/** What is known of one device's clock. `offset` is sample time minus arrival: positive when the clock runs ahead. */
export interface ClockTrack {
  /** The offset while the clock counts as steadily off; else null. */
  steadyMs: number | null;
  anchorMs: number;
  samples: number;
  firstArrivalMs: number;
  good: number;
  /** Of a batch only the newest reading of a device is a sample; it counts when the next batch arrives. */
  waiting: { arrivalMs: number; offsetMs: number } | null;
}

export function newClockTrack(steadyMs: number | null): ClockTrack {
  return {
    steadyMs,
    anchorMs: steadyMs ?? 0,
    samples: 0,
    firstArrivalMs: 0,
    good: 0,
    waiting: null,
  };
}

export interface ClockSample {
  /** Sample time by the device's clock. */
  readonly atMs: number;
  readonly arrivalMs: number;
  /** From a gateway's batch, which may hold several readings of the device, older and newer. */
  readonly inBatch: boolean;
  /** False for what says nothing of the clock: sent again, declared historical, or drained from a backlog. */
  readonly counts: boolean;
}

/**
 * Takes a sample and returns the offset at which this reading is to be taken live by arrival time; null: by its own time.
 * `mayBeSteady` bounds the offsets that can be taken, because the sample time is stored as the device gave it.
 */
export function observeClock(
  track: ClockTrack,
  sample: ClockSample,
  mayBeSteady: (offsetMs: number) => boolean,
): number | null {
  const offsetMs = sample.atMs - sample.arrivalMs;
  if (sample.counts) {
    if (sample.inBatch) holdNewest(track, sample.arrivalMs, offsetMs, mayBeSteady);
    else count(track, sample.arrivalMs, offsetMs, mayBeSteady);
  }
  // Readings of one batch are up to a minute apart: older ones of the same offset belong to it too.
  const spreadMs = sample.inBatch ? 2 * SAME_OFFSET_MS : SAME_OFFSET_MS;
  if (track.steadyMs === null || Math.abs(offsetMs - track.steadyMs) > spreadMs) return null;
  return track.steadyMs;
}

function holdNewest(
  track: ClockTrack,
  arrivalMs: number,
  offsetMs: number,
  mayBeSteady: (offsetMs: number) => boolean,
): void {
  const { waiting } = track;
  if (waiting === null) {
    track.waiting = { arrivalMs, offsetMs };
  } else if (waiting.arrivalMs === arrivalMs) {
    waiting.offsetMs = Math.max(waiting.offsetMs, offsetMs);
  } else {
    count(track, waiting.arrivalMs, waiting.offsetMs, mayBeSteady);
    waiting.arrivalMs = arrivalMs;
    waiting.offsetMs = offsetMs;
  }
}

function count(
  track: ClockTrack,
  arrivalMs: number,
  offsetMs: number,
  mayBeSteady: (offsetMs: number) => boolean,
): void {
  if (Math.abs(offsetMs) <= RIGHT_WITHIN_MS) {
    track.samples = 0;
    track.good += 1;
    if (track.good >= GOOD_SAMPLES) track.steadyMs = null;
    return;
  }
  track.good = 0;
  if (track.samples > 0 && Math.abs(offsetMs - track.anchorMs) <= SAME_OFFSET_MS) {
    track.samples += 1;
  } else {
    track.samples = 1;
    track.anchorMs = offsetMs;
    track.firstArrivalMs = arrivalMs;
  }
  const steadyBefore = track.steadyMs !== null && Math.abs(offsetMs - track.steadyMs) <= SAME_OFFSET_MS;
  const steadyNow = track.samples >= SAMPLES && arrivalMs - track.firstArrivalMs >= SPAN_MS;
  // A clock that drifts is followed: its offset is the newest that belonged to it.
  if ((steadyBefore || steadyNow) && mayBeSteady(offsetMs)) track.steadyMs = offsetMs;
  if (steadyNow) track.anchorMs = offsetMs;
}
