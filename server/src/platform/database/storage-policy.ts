import { readFile } from 'node:fs/promises';
import { StartError } from '../start-error.js';
import { Database, type Tx } from './database.js';

/** The same distance from src/platform/database and from dist/platform/database. */
const POLICY_FOLDER = new URL('../../../storage-policy/', import.meta.url);

/** `timescale`: hypertables, columnstore, continuous aggregates · `plain`: daily partitions, roll-ups that the console stores. */
export type StorageProfile = 'timescale' | 'plain';

/** The settings that the policy carries out; ms. */
export interface StorageSettings {
  readonly maxBackfillMs: number;
  /** Unset: 90 days on TimescaleDB, 3 days without. */
  readonly rawRetentionMs?: number | undefined;
  /** Unset: 2 years on TimescaleDB, 30 days without. */
  readonly rollup5minRetentionMs?: number | undefined;
  /** Unset: 10 years on TimescaleDB, 1 year without. */
  readonly rollup1hRetentionMs?: number | undefined;
}

/** The policy in force; `/health/ready` shows it. */
export interface StoragePolicy {
  readonly profile: StorageProfile;
  /** Of TimescaleDB; null without it. */
  readonly extensionVersion: string | null;
  readonly maxBackfillMs: number;
  readonly rawRetentionMs: number;
  readonly rollup5minRetentionMs: number;
  readonly rollup1hRetentionMs: number;
}

/** 2.22.0 left gaps in continuous aggregates (timescaledb#8621); 2.29 dropped PostgreSQL 15. */
export const SUPPORTED_TIMESCALE = { from: [2, 23], below: [2, 29] } as const;

const DAY_MS = 86_400_000;
/**
 * Without TimescaleDB nothing is compressed: of 4,000 devices every 10 s a day of raw readings is 4.3 GB, of roll-ups of 5
 * minutes 0.34 GB, of 1 hour 0.03 GB.
 */
const DEFAULT_RETENTION: Readonly<Record<StorageProfile, Retention>> = {
  timescale: { rawMs: 90 * DAY_MS, rollup5minMs: 2 * 365 * DAY_MS, rollup1hMs: 10 * 365 * DAY_MS },
  plain: { rawMs: 3 * DAY_MS, rollup5minMs: 30 * DAY_MS, rollup1hMs: 365 * DAY_MS },
};
const POLICY_FILES: Readonly<Record<StorageProfile, readonly string[]>> = {
  timescale: ['catalogue.sql', 'timescale.sql'],
  plain: ['catalogue.sql', 'plain.sql', 'plain-rollups.sql'],
};
/** Converting a table that already holds readings takes as long as copying them. */
const POLICY_TIMEOUT_MS = 3_600_000;
/** Any number, as long as every server uses the same. */
const POLICY_LOCK = 5_118_017_003;

const LOCK_POLICY = `select pg_advisory_xact_lock($1)`;

const DETECT = `
  select (select extversion from pg_extension where extname = 'timescaledb') as installed_version,
         -- Set by its loader, so only where the server has it preloaded.
         current_setting('timescaledb.max_background_workers', true) is not null as preloaded,
         current_setting('timescaledb.license', true) as license,
         (select default_version from pg_available_extensions where name = 'timescaledb') as available_version,
         exists (select from pg_partitioned_table p join pg_class c on c.oid = p.partrelid
                 where c.relnamespace = 'public'::regnamespace and c.relname like '%\\_reading') as partitioned`;

const CREATE_EXTENSION = `create extension if not exists timescaledb`;

const KEEP_SETTINGS = `
  insert into storage_policy (only_row, profile, extension_version, max_backfill, raw_retention, rollup_5min_retention,
                              rollup_1h_retention, applied_at)
  values (true, $1, $2, make_interval(secs => $3::float8 / 1000), make_interval(secs => $4::float8 / 1000),
          make_interval(secs => $5::float8 / 1000), make_interval(secs => $6::float8 / 1000), to_timestamp($7::float8 / 1000))
  on conflict (only_row) do update set
    profile = excluded.profile, extension_version = excluded.extension_version, max_backfill = excluded.max_backfill,
    raw_retention = excluded.raw_retention, rollup_5min_retention = excluded.rollup_5min_retention,
    rollup_1h_retention = excluded.rollup_1h_retention, applied_at = excluded.applied_at`;

const APPLY = `select apply_storage_policy(to_timestamp($1::float8 / 1000))`;

const READ_POLICY = `
  select profile, extension_version,
         (extract(epoch from max_backfill) * 1000)::float8 as max_backfill_ms,
         (extract(epoch from raw_retention) * 1000)::float8 as raw_retention_ms,
         (extract(epoch from rollup_5min_retention) * 1000)::float8 as rollup_5min_retention_ms,
         (extract(epoch from rollup_1h_retention) * 1000)::float8 as rollup_1h_retention_ms
  from storage_policy`;

interface Retention {
  readonly rawMs: number;
  readonly rollup5minMs: number;
  readonly rollup1hMs: number;
}

interface Detected {
  readonly installed_version: string | null;
  readonly preloaded: boolean;
  readonly license: string | null;
  readonly available_version: string | null;
  readonly partitioned: boolean;
}

/**
 * Makes the reading tables what the policy says, whatever they were: to be called at every start, after the migrations.
 * Finds TimescaleDB by itself (and adds it to the database where the server has it preloaded); a database whose tables are
 * daily partitions already stays on them. All in one transaction: a policy that fails half-way leaves everything as it was,
 * and the next start begins anew. Two servers that start at once wait for each other.
 *
 * @param nowMs The console's clock: partitions are made around it.
 * @throws StartError with one sentence for whoever operates the database.
 */
export async function applyStoragePolicy(
  databaseUrl: string,
  settings: StorageSettings,
  nowMs: number,
): Promise<StoragePolicy> {
  const database = new Database({
    url: databaseUrl,
    maxConnections: 1,
    statementTimeoutMs: POLICY_TIMEOUT_MS,
    onError: () => undefined,
  });
  try {
    await addExtensionWherePreloaded(database);
    return await database.transaction(async (tx) => {
      await tx.query(LOCK_POLICY, [POLICY_LOCK]);
      const detected = await detect(tx);
      const profile = profileOf(detected);
      const retention = retentionOf(profile, settings);
      await tx.execute(KEEP_SETTINGS, [
        profile,
        profile === 'timescale' ? detected.installed_version : null,
        settings.maxBackfillMs,
        retention.rawMs,
        retention.rollup5minMs,
        retention.rollup1hMs,
        nowMs,
      ]);
      for (const file of POLICY_FILES[profile]) await tx.query(await policyFile(file));
      await tx.query(APPLY, [nowMs]);
      const policy = await readStoragePolicy(tx);
      if (policy === null) throw new Error('the storage policy was not kept');
      return policy;
    });
  } catch (error) {
    if (error instanceof StartError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(`The storage policy could not be applied, and nothing of it was: ${reason}.`, {
      cause: error,
    });
  } finally {
    await database.close();
  }
}

/** The policy that the last start applied; null before the first. */
export async function readStoragePolicy(tx: Tx): Promise<StoragePolicy | null> {
  const [row] = await tx.query<{
    profile: StorageProfile;
    extension_version: string | null;
    max_backfill_ms: number;
    raw_retention_ms: number;
    rollup_5min_retention_ms: number;
    rollup_1h_retention_ms: number;
  }>(READ_POLICY);
  if (row === undefined) return null;
  return {
    profile: row.profile,
    extensionVersion: row.extension_version,
    maxBackfillMs: row.max_backfill_ms,
    rawRetentionMs: row.raw_retention_ms,
    rollup5minRetentionMs: row.rollup_5min_retention_ms,
    rollup1hRetentionMs: row.rollup_1h_retention_ms,
  };
}

async function detect(tx: Tx): Promise<Detected> {
  const [detected] = await tx.query<Detected>(DETECT);
  if (detected === undefined) throw new Error('the database answered nothing');
  return detected;
}

/** Apart from the policy's transaction: the extension must be there when that begins. */
async function addExtensionWherePreloaded(database: Database): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query(LOCK_POLICY, [POLICY_LOCK]);
    const { installed_version, preloaded, available_version, partitioned } = await detect(tx);
    if (installed_version !== null || !preloaded || available_version === null || partitioned) return;
    refuseUnsupported(available_version);
    try {
      await tx.execute(CREATE_EXTENSION);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new StartError(
        `TimescaleDB ${available_version} is on this PostgreSQL server but not in this database, and could not be added (${reason}): run "create extension timescaledb" in it as a superuser.`,
        { cause: error },
      );
    }
  });
}

function profileOf({ installed_version, license, partitioned }: Detected): StorageProfile {
  if (installed_version === null || partitioned) return 'plain';
  refuseUnsupported(installed_version);
  if (license !== null && license !== 'timescale') {
    throw new StartError(
      `TimescaleDB runs with timescaledb.license = ${license}, which has neither columnstore nor continuous aggregates: set it to "timescale", or use a database without the extension.`,
    );
  }
  return 'timescale';
}

function refuseUnsupported(version: string): void {
  const { from, below } = SUPPORTED_TIMESCALE;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isBefore = (limit: readonly [number, number]) => major < limit[0] || (major === limit[0] && minor < limit[1]);
  if (!isBefore(from) && isBefore(below)) return;
  throw new StartError(
    `TimescaleDB ${version} is not supported: this console needs ${from.join('.')}.0 or newer, and older than ${below.join('.')} (2.28.3 is the version it is tested on).`,
  );
}

/**
 * A late reading makes the roll-ups of its time be computed again: on TimescaleDB from the raw readings, which must still be
 * there as long as late readings may come, or the roll-up would be left with the late reading alone; without it the coarser
 * ones from the finer ones.
 */
function retentionOf(profile: StorageProfile, settings: StorageSettings): Retention {
  const { rawMs, rollup5minMs, rollup1hMs } = DEFAULT_RETENTION[profile];
  const leastMs = settings.maxBackfillMs + 2 * DAY_MS;
  const wanted = {
    rawMs: settings.rawRetentionMs ?? rawMs,
    rollup5minMs: settings.rollup5minRetentionMs ?? rollup5minMs,
    rollup1hMs: settings.rollup1hRetentionMs ?? rollup1hMs,
  };
  return profile === 'timescale'
    ? { ...wanted, rawMs: Math.max(wanted.rawMs, leastMs) }
    : {
        ...wanted,
        rollup5minMs: Math.max(wanted.rollup5minMs, leastMs),
        rollup1hMs: Math.max(wanted.rollup1hMs, leastMs),
      };
}

function policyFile(name: string): Promise<string> {
  return readFile(new URL(name, POLICY_FOLDER), 'utf8');
}
