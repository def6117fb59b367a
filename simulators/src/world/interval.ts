import { between, unit } from '../random.js';

/** A span of time, [sinceMs, untilMs). */
export interface Interval {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** Spans of a thing that touch [fromMs, toMs], uncut, in any order; the same whatever window is asked. */
export type Spans<T> = (thing: T, fromMs: number, toMs: number) => readonly Interval[];

/** Faults that come by chance and are repaired: at most one begins in each slot of time. */
export interface FaultRate {
  /** Tells purposes apart. */
  readonly stream: number;
  readonly slotMs: number;
  /** Chance that one begins in a slot. */
  readonly probability: number;
  readonly shortestMs: number;
  /** Most last near `shortestMs`, few near this. */
  readonly longestMs: number;
}

/** The faults of a key that touch a window: a pure function, computed from the slots that can reach into it. */
export function faults(key: number, rate: FaultRate, fromMs: number, toMs: number): Interval[] {
  const found: Interval[] = [];
  const last = Math.floor(toMs / rate.slotMs);
  for (let slot = Math.floor((fromMs - rate.longestMs) / rate.slotMs); slot <= last; slot++) {
    if (unit(key, rate.stream, slot) >= rate.probability) continue;
    const sinceMs = Math.round((slot + unit(key, rate.stream + 1, slot)) * rate.slotMs);
    const skewed = unit(key, rate.stream + 2, slot) ** 2;
    const untilMs = Math.round(sinceMs + rate.shortestMs + (rate.longestMs - rate.shortestMs) * skewed);
    if (untilMs > fromMs && sinceMs <= toMs) found.push({ sinceMs, untilMs });
  }
  return found;
}

export function touching(spans: readonly Interval[], fromMs: number, toMs: number): readonly Interval[] {
  return spans.filter((span) => span.untilMs > fromMs && span.sinceMs <= toMs);
}

/** The union of spans, in order, without overlaps. */
export function merged(spans: readonly Interval[]): readonly Interval[] {
  if (spans.length < 2) return spans;
  const ordered = [...spans].sort((a, b) => a.sinceMs - b.sinceMs);
  const result: Interval[] = [];
  for (const span of ordered) {
    const before = result.at(-1);
    if (before !== undefined && span.sinceMs <= before.untilMs) {
      result[result.length - 1] = { sinceMs: before.sinceMs, untilMs: Math.max(before.untilMs, span.untilMs) };
    } else {
      result.push(span);
    }
  }
  return result;
}

/** The span that holds a moment, or null; of several the earliest begun. */
export function spanAt(spans: readonly Interval[], atMs: number): Interval | null {
  let found: Interval | null = null;
  for (const span of spans) {
    if (span.sinceMs <= atMs && atMs < span.untilMs && (found === null || span.sinceMs < found.sinceMs)) found = span;
  }
  return found;
}

/** Spans of both sources. */
export function either<T>(one: Spans<T>, other: Spans<T>): Spans<T> {
  return (thing, fromMs, toMs) => {
    const more = other(thing, fromMs, toMs);
    return more.length === 0 ? one(thing, fromMs, toMs) : [...one(thing, fromMs, toMs), ...more];
  };
}

/** A span at a drawn moment of a window, of drawn length. */
export function drawnSpan(
  key: number,
  stream: number,
  window: Interval,
  [shortestMs, longestMs]: readonly [number, number],
): Interval {
  const sinceMs = Math.round(between(window.sinceMs, window.untilMs, key, stream));
  return { sinceMs, untilMs: Math.round(sinceMs + between(shortestMs, longestMs, key, stream + 1)) };
}
