import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { errorCode, StartError } from '../start-error.js';

const WAIT_MS = 60_000;
const RETRY_MS = 1_000;
/** PostgreSQL's answers that waiting does not change: wrong password, no such database, no such user's right. */
const FINAL = new Set(['28P01', '28000', '3D000', '42501']);
const OLDEST_MAJOR = 15;
const NEWEST_MAJOR = 18;

/**
 * Waits until the external database takes connections: after a power failure the machines come back in any order.
 *
 * @throws StartError when it refuses us, is of an unknown version, or stays away.
 */
export async function awaitDatabase(url: string, logger: Logger, signal?: AbortSignal): Promise<void> {
  const where = new URL(url).host;
  const deadline = performance.now() + WAIT_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      requireVersion(await serverVersion(url));
      return;
    } catch (error) {
      if (error instanceof StartError) throw error;
      const code = errorCode(error);
      const reason = error instanceof Error && error.message !== '' ? error.message : String(code);
      if (code !== null && FINAL.has(code)) {
        throw new StartError(`The database at ${where} refuses us (${reason}): correct IOC_DATABASE_URL.`, {
          cause: error,
        });
      }
      if (performance.now() > deadline) {
        throw new StartError(
          `The database at ${where} cannot be reached (${reason}): start it, or correct IOC_DATABASE_URL.`,
          {
            cause: error,
          },
        );
      }
      if (attempt === 1) logger.info(`Waiting for the database at ${where} (${reason})`);
      await delay(RETRY_MS, undefined, { signal });
    }
  }
}

async function serverVersion(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  // Without a listener a server that goes away ends the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version_num: string }>('show server_version_num');
    return Math.floor(Number(rows[0]?.server_version_num) / 10_000);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function requireVersion(major: number): void {
  if (major >= OLDEST_MAJOR && major <= NEWEST_MAJOR) return;
  throw new StartError(
    `The database is PostgreSQL ${major}; the console works with ${OLDEST_MAJOR} to ${NEWEST_MAJOR}: correct IOC_DATABASE_URL.`,
  );
}
