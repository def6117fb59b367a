import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import type { DevicesService, RegisterFiles } from '../devices/devices.service.js';
import { unwritable } from '../platform/embedded/data-folder.js';
import { StartError } from '../platform/start-error.js';
import { writeDemoFleet } from './simulators.js';

const ACTOR = 'demo';

/**
 * Fills an empty register with the demo fleet, by the import that an administrator uses. A register with anything in it is
 * left as it is.
 */
export async function fillEmptyRegister(devices: DevicesService, dataDir: string, logger: Logger): Promise<void> {
  if (devices.register().devices.size > 0) return;
  logger.info('Registering the demo fleet (the first time only)');
  const folder = path.join(dataDir, 'fleet');
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw unwritable(folder, error);
  });
  await writeDemoFleet(folder, logger);
  const outcome = await devices.importCsv(await readFleet(folder), { dryRun: false, actor: ACTOR });
  if (!outcome.ok) {
    const first = outcome.issues[0];
    const where = first === undefined ? '' : `, the first in ${first.file} line ${first.line}: ${first.reason.en}`;
    throw new StartError(
      `The demo fleet has ${outcome.total} bad rows${where}; set IOC_SIMULATE=0 to start without it.`,
    );
  }
  logger.info({ devices: outcome.counts.devices, sites: outcome.counts.sites }, 'The demo fleet is registered');
}

async function readFleet(folder: string): Promise<RegisterFiles> {
  const file = (name: string) => readFile(path.join(folder, `${name}.csv`), 'utf8');
  const [organisations, feeds, hubs, gateways, sites, devices] = await Promise.all([
    file('organisations'),
    file('feeds'),
    file('hubs'),
    file('gateways'),
    file('sites'),
    file('devices'),
  ]);
  return { organisations, feeds, hubs, gateways, sites, devices };
}
