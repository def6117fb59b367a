/** A rule that tells when nobody has acknowledged for a while. */
export interface EscalationRule {
  readonly id: string;
  readonly afterMinutes: number;
  /** Since when it is as it is: what nobody held before does not make it tell at once. */
  readonly changedAtMs: number;
}

/** An incident that nobody holds. */
export interface Unheld {
  readonly sinceMs: number;
  readonly toldRuleIds: readonly string[];
}

/** The rules whose time has come for an incident, and that have not told of it yet. */
export function dueRules<R extends EscalationRule>(rules: readonly R[], unheld: Unheld, nowMs: number): readonly R[] {
  return rules.filter(
    ({ id, afterMinutes, changedAtMs }) =>
      !unheld.toldRuleIds.includes(id) && Math.max(unheld.sinceMs, changedAtMs) + afterMinutes * 60_000 <= nowMs,
  );
}
