import type { StateCounts } from '@ioc/contract';

/** How many devices of a group had this state; `point` is the index of the first moment at which it counts. */
export interface StateDelta {
  readonly key: string;
  readonly point: number;
  readonly known: 'up' | 'down' | 'stale';
  readonly blind: boolean;
  /** Negative for devices that left the state. */
  readonly devices: number;
}

/** When our own intake saw nothing; `endedAtMs` null: still. */
export interface WholeBlindSpan {
  readonly beganAtMs: number;
  readonly endedAtMs: number | null;
}

/** `points` moments, spread evenly from `fromMs` to `toMs`, both counted. */
export function momentsOf(fromMs: number, toMs: number, points: number): readonly number[] {
  return Array.from({ length: points }, (_, index) => Math.round(fromMs + ((toMs - fromMs) * index) / (points - 1)));
}

/** Adds the changes up to the counts of every moment. While our own intake saw nothing, every device of a group is blind. */
export function countStates(
  atMs: readonly number[],
  deltas: readonly StateDelta[],
  blindSpans: readonly WholeBlindSpan[],
): StateCounts {
  const groups = new Map<string, Record<'up' | 'down' | 'stale' | 'blind', number[]>>();
  for (const { key, point, known, blind, devices } of deltas) {
    let group = groups.get(key);
    if (group === undefined) {
      const zeros = () => atMs.map(() => 0);
      group = { up: zeros(), down: zeros(), stale: zeros(), blind: zeros() };
      groups.set(key, group);
    }
    if (point >= atMs.length) continue;
    group[known][point] = (group[known][point] ?? 0) + devices;
    if (blind) group.blind[point] = (group.blind[point] ?? 0) + devices;
  }
  const unseen = atMs.map((at) =>
    blindSpans.some(({ beganAtMs, endedAtMs }) => at >= beganAtMs && at < (endedAtMs ?? Number.POSITIVE_INFINITY)),
  );
  return {
    atMs: [...atMs],
    groups: [...groups]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, group]) => {
        const [up, down, stale, blind] = [
          running(group.up),
          running(group.down),
          running(group.stale),
          running(group.blind),
        ];
        const total = (index: number) => (up[index] ?? 0) + (down[index] ?? 0) + (stale[index] ?? 0);
        return {
          key,
          up,
          down,
          stale,
          blind: blind.map((count, index) => (unseen[index] === true ? total(index) : count)),
        };
      }),
  };
}

function running(changes: readonly number[]): number[] {
  let sum = 0;
  return changes.map((change) => (sum += change));
}
