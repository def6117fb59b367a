import type { Changes } from './flap.js';

/*
 * Flapping in step: several devices that flap at the same moments have one cause, such as a node that restarts again and again.
 * Two devices are in step when three quarters of the changes of each fall together with changes of the other, at least three of
 * them: a device that merely flaps as well meets another one now and then, but not nearly every time. All of it is judgement.
 */

/** So many devices that changed together within so long. */
export interface StepRule {
  readonly devices: number;
  /** How far apart changes may lie that count as one, ms. */
  readonly withinMs: number;
}

export const LEAST_TOGETHER = 3;
export const LEAST_SHARE = 0.75;
/** Of more devices that flap at once only so many are compared: the first by id. */
export const MOST_COMPARED = 200;

/**
 * The devices that flap in step with others, `rule.devices` of them or more: each such device with its partners. `flapping`: the
 * changes of every device that flaps, oldest first (epoch ms), of the span that counts. The order of devices does not matter.
 */
export function inStep(flapping: ReadonlyMap<string, Changes>, rule: StepRule): ReadonlySet<string> {
  const ids = [...flapping.keys()].sort().slice(0, MOST_COMPARED);
  const partners = new Map<string, string[]>(ids.map((id) => [id, []]));
  for (const [index, id] of ids.entries()) {
    for (const other of ids.slice(index + 1)) {
      if (!areInStep(flapping.get(id) ?? [], flapping.get(other) ?? [], rule.withinMs)) continue;
      partners.get(id)?.push(other);
      partners.get(other)?.push(id);
    }
  }
  const found = new Set<string>();
  for (const [id, others] of partners) {
    if (others.length + 1 < rule.devices) continue;
    found.add(id);
    for (const other of others) found.add(other);
  }
  return found;
}

/** Whether two devices change together again and again. */
export function areInStep(a: Changes, b: Changes, withinMs: number): boolean {
  const most = Math.max(a.length, b.length);
  if (Math.min(a.length, b.length) < LEAST_TOGETHER) return false;
  const together = changesTogether(a, b, withinMs);
  return together >= LEAST_TOGETHER && together >= LEAST_SHARE * most;
}

/** How many changes of the one fall together with a change of the other, each with one at most; both oldest first. */
function changesTogether(a: Changes, b: Changes, withinMs: number): number {
  let together = 0;
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const apartMs = (a[i] ?? 0) - (b[j] ?? 0);
    if (Math.abs(apartMs) <= withinMs) {
      together += 1;
      i += 1;
      j += 1;
    } else if (apartMs < 0) i += 1;
    else j += 1;
  }
  return together;
}
