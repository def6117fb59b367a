/** Somebody, by the key of what they look with. */
export interface Looker {
  readonly personId: string;
  readonly name: string;
}

/**
 * Who looks at which incident now. A connection looks at one at most, so it holds no more than there are connections; who
 * looks with two is named once.
 */
export class Looking {
  readonly #byConnection = new Map<string, { readonly incidentId: string; readonly who: Looker }>();

  /** @returns whether anything differs */
  look(connection: string, who: Looker, incidentId: string | null): boolean {
    const before = this.#byConnection.get(connection)?.incidentId ?? null;
    if (before === incidentId) return false;
    if (incidentId === null) this.#byConnection.delete(connection);
    else this.#byConnection.set(connection, { incidentId, who });
    return true;
  }

  /** The connection is gone. @returns whether it looked at anything */
  leave(connection: string): boolean {
    return this.#byConnection.delete(connection);
  }

  /** Names by incident, in order of the alphabet. */
  names(): Record<string, string[]> {
    const people = new Map<string, Map<string, string>>();
    for (const { incidentId, who } of this.#byConnection.values()) {
      const there = people.get(incidentId);
      if (there === undefined) people.set(incidentId, new Map([[who.personId, who.name]]));
      else there.set(who.personId, who.name);
    }
    return Object.fromEntries(
      [...people].map(([id, names]) => [id, [...names.values()].sort((a, b) => a.localeCompare(b))]),
    );
  }
}
