export * from './fleet/fleet.js';
export { generateFleet, MAX_PROVINCES } from './fleet/generate.js';
export { ATTRIBUTE_COLUMNS, fleetCsv, writeFleetCsv, type FleetTable } from './fleet/csv.js';
export { BEHAVIOURS, type Behaviour, type Presence } from './behaviours/index.js';
export { SCENARIOS, type Scenario } from './scenarios/index.js';
export { World } from './world/world.js';
export { startRun, type Run, type RunOptions } from './run.js';
export { openLedger, type Ledger, type LedgerReading } from './ledger/ledger.js';
export { describe as describeVerdict, holds, readLedgers, verify, type Verdict } from './ledger/verify.js';
