import { parseArgs } from 'node:util';
import { generateFleet, MAX_PROVINCES } from './fleet/generate.js';
import { writeFleetCsv } from './fleet/csv.js';

const USAGE = `Usage:
  fleet --out DIR [--fleet N]   write the demo fleet as the register's CSV files (N = 1 … ${MAX_PROVINCES} provinces)
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { out: { type: 'string' }, fleet: { type: 'string', default: '1' } },
  });
  if (positionals[0] !== 'fleet' || values.out === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  const fleet = generateFleet(Number(values.fleet));
  await writeFleetCsv(fleet, values.out);
  process.stdout.write(`${fleet.sites.length} sites and ${fleet.devices.length} devices written to ${values.out}\n`);
  return 0;
}

process.exitCode = await main();
