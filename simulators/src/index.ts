export * from './fleet/fleet.js';
export { generateFleet, MAX_PROVINCES } from './fleet/generate.js';
export { ATTRIBUTE_COLUMNS, fleetCsv, writeFleetCsv, type FleetTable } from './fleet/csv.js';
