/**
 * Splits `total` whole things by weight (largest remainder), giving everyone at least `minimum(i)` and at most `cap(i)`.
 * Deterministic: equal remainders go to the lower index. The sum is exact whenever minima and caps allow it.
 */
export function apportion(
  total: number,
  weights: readonly number[],
  minimum: (index: number) => number,
  cap: (index: number) => number = () => Number.POSITIVE_INFINITY,
): number[] {
  const shares = weights.map((_, i) => Math.min(minimum(i), cap(i)));
  let rest = total - shares.reduce((sum, share) => sum + share, 0);
  while (rest > 0) {
    const open = weights.map((_, i) => i).filter((i) => (shares[i] ?? 0) < cap(i) && (weights[i] ?? 0) > 0);
    const weight = open.reduce((sum, i) => sum + (weights[i] ?? 0), 0);
    if (open.length === 0) break;
    const ideal = open.map((i) => ({
      i,
      exact: Math.min((rest * (weights[i] ?? 0)) / weight, cap(i) - (shares[i] ?? 0)),
    }));
    let given = 0;
    for (const { i, exact } of ideal) {
      shares[i] = (shares[i] ?? 0) + Math.floor(exact);
      given += Math.floor(exact);
    }
    rest -= given;
    if (given > 0) continue;
    for (const { i } of ideal.sort((a, b) => b.exact - a.exact || a.i - b.i).slice(0, rest)) {
      shares[i] = (shares[i] ?? 0) + 1;
      rest--;
    }
  }
  return shares;
}
