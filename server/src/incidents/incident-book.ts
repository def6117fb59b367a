import type { Incident } from '@ioc/contract';

/** How long a resolved incident stays on the list; ms. */
export const SHOWN_AFTER_END_MS = 10 * 60_000;

/** What changed on the list of current incidents. */
export interface CurrentChange {
  readonly changed: readonly Incident[];
  /** Ids that left the list. */
  readonly removed: readonly string[];
}

/** The list of current incidents in memory: all that are not resolved, and those resolved a short while ago. */
export class CurrentIncidents {
  readonly #incidents = new Map<string, Incident>();
  readonly #openByDevice = new Map<string, Incident>();
  /** Resolved ones that are still shown, in the order in which they leave: id to the moment of leaving. */
  readonly #leaving = new Map<string, number>();
  #unheldCritical = 0;

  all(): readonly Incident[] {
    return [...this.#incidents.values()];
  }

  openOf(deviceId: string): Incident | undefined {
    return this.#openByDevice.get(deviceId);
  }

  /** How many are not resolved, and how many of those are critical and held by nobody. */
  get counts(): { readonly open: number; readonly unheldCritical: number } {
    return { open: this.#openByDevice.size, unheldCritical: this.#unheldCritical };
  }

  /** Takes newer versions; older ones, overtaken by another transaction, are left out. Returns what was taken. */
  take(incidents: readonly Incident[], nowMs: number): readonly Incident[] {
    const taken = incidents.filter((incident) => (this.#incidents.get(incident.id)?.version ?? 0) < incident.version);
    for (const incident of taken) {
      const before = this.#incidents.get(incident.id);
      this.#unheldCritical +=
        Number(isUnheldCritical(incident)) - Number(before !== undefined && isUnheldCritical(before));
      this.#incidents.set(incident.id, incident);
      if (incident.deviceId === null) continue;
      if (incident.state !== 'resolved') {
        this.#openByDevice.set(incident.deviceId, incident);
        continue;
      }
      if (this.#openByDevice.get(incident.deviceId)?.id === incident.id) this.#openByDevice.delete(incident.deviceId);
      this.#leaving.set(incident.id, nowMs + SHOWN_AFTER_END_MS);
    }
    return taken;
  }

  /** Takes those off that were resolved long enough ago. Costs what leaves. */
  expire(nowMs: number): readonly string[] {
    const gone: string[] = [];
    for (const [id, leavesAtMs] of this.#leaving) {
      if (leavesAtMs > nowMs) break;
      this.#leaving.delete(id);
      this.#incidents.delete(id);
      gone.push(id);
    }
    return gone;
  }
}

function isUnheldCritical({ state, severity }: Incident): boolean {
  return state === 'open' && severity === 'critical';
}
