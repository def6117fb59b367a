/**
 * The hubs that lie on a cycle of upstreams, each with the others a hub would wait for itself through. Iterative: a chain of
 * hubs may be as long as the file.
 */
export function hubsOnCycles(upstreamsOf: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  // Whoever has no upstream left is no part of a cycle upwards; the same downwards. What remains after peeling both ends
  // lies on a cycle or between two.
  const remaining = new Map(
    [...upstreamsOf].map(([id, upstreams]) => [id, new Set(upstreams.filter((up) => upstreamsOf.has(up)))]),
  );
  const downstreams = new Map<string, Set<string>>([...remaining.keys()].map((id) => [id, new Set()]));
  for (const [id, upstreams] of remaining) for (const upstream of upstreams) downstreams.get(upstream)?.add(id);
  peel(remaining, downstreams);
  peel(downstreams, remaining);
  return new Set(remaining.keys());
}

/** Removes, again and again, whoever has nobody ahead. */
function peel(ahead: Map<string, Set<string>>, behind: Map<string, Set<string>>): void {
  const free = [...ahead].filter(([, others]) => others.size === 0).map(([id]) => id);
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    for (const follower of behind.get(id) ?? []) {
      const others = ahead.get(follower);
      others?.delete(id);
      if (others?.size === 0) free.push(follower);
    }
    ahead.delete(id);
    behind.delete(id);
  }
}
