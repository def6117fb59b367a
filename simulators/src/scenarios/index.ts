import { calm } from './calm.js';
import { backfill, badInput, clockSkew, fibreCut, flapping, meeting, powerCut } from './faults.js';
import type { Scenario } from './scenario.js';
import { storm } from './storm.js';

/** Every scenario by its name on the command line. */
export const SCENARIOS: ReadonlyMap<string, Scenario> = new Map(
  [calm, storm, fibreCut, powerCut, flapping, meeting, backfill, badInput, clockSkew].map((scenario) => [
    scenario.name,
    scenario,
  ]),
);

export type { Scenario, ScenarioInput } from './scenario.js';
