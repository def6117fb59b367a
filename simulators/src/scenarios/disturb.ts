import type { Interval, Spans } from '../world/interval.js';
import { touching } from '../world/interval.js';

/** Spans of named things, computed once when the scenario begins: bounded by the fleet. */
export function spansById<T extends { readonly id: string }>(
  spans: ReadonlyMap<string, readonly Interval[]>,
): Spans<T> {
  return (thing, fromMs, toMs) => {
    const own = spans.get(thing.id);
    return own === undefined ? [] : touching(own, fromMs, toMs);
  };
}

/** One span that strikes everything of a set. */
export function strike<T extends { readonly id: string }>(ids: ReadonlySet<string>, span: Interval): Spans<T> {
  const spans = [span];
  return (thing, fromMs, toMs) => (ids.has(thing.id) ? touching(spans, fromMs, toMs) : []);
}
