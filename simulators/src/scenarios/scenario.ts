import type { Fleet } from '../fleet/fleet.js';
import type { Conditions } from '../world/conditions.js';

export interface ScenarioInput {
  readonly fleet: Fleet;
  readonly seed: number;
  /** When the scenario's story began: the start of the run less its lead. */
  readonly beganAtMs: number;
  /** What the scenario strikes, when it lets itself be aimed: a hub, a feed, a gateway. */
  readonly target: string | null;
}

export interface Scenario {
  readonly name: string;
  /** One sentence for `scenarios`. */
  readonly summary: string;
  /** How long the story has been going on when a run starts, unless told otherwise. */
  readonly leadMs: number;
  readonly conditions: (input: ScenarioInput) => Conditions;
  /** Sends what no device should send, beside the good traffic. */
  readonly badInput?: true;
}
