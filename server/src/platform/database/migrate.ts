import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import { StartError } from '../start-error.js';

/** The same distance from src/platform/database and from dist/platform/database. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../../migrations', import.meta.url));

const CONNECT_TIMEOUT_MS = 10_000;

export interface MigrationOutcome {
  /** Names of the migrations that ran now, in order; empty when the database was up to date. */
  readonly applied: readonly string[];
}

/**
 * Brings a database to this version: runs what it lacks of migrations/*.sql, all in one transaction, so that a migration
 * that fails leaves the database as it was. Two servers that start at once wait for each other.
 *
 * @throws StartError when a migration fails, or when the database was migrated by a newer version than this.
 */
export async function migrate(databaseUrl: string): Promise<MigrationOutcome> {
  const warnings: string[] = [];
  const quiet = () => undefined;
  const keep = (message: string) => void warnings.push(message);
  try {
    const applied = await runner({
      databaseUrl: {
        connectionString: databaseUrl,
        connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
        application_name: 'ioc-migrate',
      },
      dir: MIGRATIONS_FOLDER,
      ignorePattern: String.raw`(?!\d{4}_\w+\.sql$).*`,
      migrationsTable: 'migration',
      direction: 'up',
      singleTransaction: true,
      advisoryLockMode: 'wait',
      logger: { debug: quiet, info: quiet, warn: keep, error: keep },
    });
    return { applied: applied.map(({ name }) => name) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (/preceding already run migration|not run migration/i.test(reason)) {
      throw new StartError(`The database was migrated by another version of the console than this one: ${reason}.`, {
        cause: error,
      });
    }
    throw new StartError(`The database could not be migrated: ${[reason, ...warnings].join(' · ').slice(0, 1_000)}`, {
      cause: error,
    });
  }
}

/** Names of the migrations that this version knows, in order. */
export async function knownMigrations(): Promise<readonly string[]> {
  const files = await readdir(MIGRATIONS_FOLDER);
  return files
    .filter((file) => /^\d{4}_\w+\.sql$/.test(file))
    .map((file) => file.replace(/\.sql$/, ''))
    .sort();
}
