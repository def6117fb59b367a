import { Database } from '@ioc/server/platform/database/database';
import { migrate } from '@ioc/server/platform/database/migrate';
import {
  applyStoragePolicy,
  readStoragePolicy,
  type StorageProfile,
  type StorageSettings,
} from '@ioc/server/platform/database/storage-policy';
import { StartError } from '@ioc/server/platform/start-error';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, hasTimescale, type FreshDatabase } from '../harness/database.js';
import { eventually } from '../harness/eventually.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** 22 November 2026, 12:00 in Asia/Ho_Chi_Minh. */
const NOON = Date.parse('2026-11-22T05:00:00Z');

const SETTINGS: StorageSettings = {
  maxBackfillMs: 7 * DAY,
  rollup5minRetentionMs: 2 * 365 * DAY,
  rollup1hRetentionMs: 10 * 365 * DAY,
};

let fresh: FreshDatabase;
let database: Database;

function open(on: 'main' | 'timescale') {
  beforeEach(async () => {
    fresh = await freshDatabase(on);
    database = new Database({
      url: fresh.url,
      maxConnections: 2,
      statementTimeoutMs: 60_000,
      onError: () => undefined,
    });
  });
  afterEach(async () => {
    await database.close();
    await fresh.drop();
  });
}

/** One reading of a link every `everyMs` in [fromMs, toMs): rtt counts up from 0, the line is up at every second one. */
async function insertLinkReadings(deviceNo: number, fromMs: number, toMs: number, everyMs: number): Promise<number> {
  return database.execute(
    `insert into link_reading (device_no, at, received_at, rtt_ms, link_up)
     select $1, to_timestamp(ms / 1000.0), to_timestamp(ms / 1000.0), (ms - $2::bigint) / $4::bigint, (ms - $2::bigint) / $4::bigint % 2 = 0
     from generate_series($2::bigint, $3::bigint - 1, $4::bigint) as ms
     on conflict do nothing`,
    [deviceNo, fromMs, toMs, everyMs],
  );
}

interface Bucket {
  readonly at_ms: number;
  readonly readings: number;
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly average: number | null;
  readonly last: number | null;
  readonly count: number;
  readonly suspect: number;
  readonly share_up: number | null;
}

function buckets(
  width: '5min' | '1h' | '1d',
  deviceNo: number,
  fromMs: number,
  toMs: number,
): Promise<readonly Bucket[]> {
  return database.query<Bucket>(
    `select (extract(epoch from bucket_at) * 1000)::float8 as at_ms, readings, rtt_ms_min as minimum, rtt_ms_max as maximum,
            rtt_ms_avg as average, rtt_ms_last as last, rtt_ms_count as count, rtt_ms_suspect as suspect, link_up_avg as share_up
     from link_reading_${width}(array[$1::integer], to_timestamp($2::float8 / 1000), to_timestamp($3::float8 / 1000))
     order by bucket_at`,
    [deviceNo, fromMs, toMs],
  );
}

/** What the console's background work does by `nowMs`, two devices at a time; returns how many pieces it stored. */
async function rollUp(nowMs: number): Promise<number> {
  for (let pieces = 0; ; pieces += 1) {
    expect(pieces).toBeLessThan(5_000);
    const stored = await database.query(
      `select * from roll_up_readings(to_timestamp($1::float8 / 1000), interval '15 minutes', 2)`,
      [nowMs],
    );
    if (stored.length === 0) return pieces;
  }
}

async function count(table: string): Promise<number> {
  const [row] = await database.query<{ n: number }>(`select count(*) as n from ${table}`);
  return row?.n ?? -1;
}

const profiles: readonly { readonly profile: StorageProfile; readonly on: 'main' | 'timescale' }[] = [
  { profile: 'plain', on: 'main' },
  ...(hasTimescale() ? [{ profile: 'timescale', on: 'timescale' } as const] : []),
];

describe.each(profiles)('on $profile storage', ({ profile, on }) => {
  open(on);

  test('the policy says which profile is active, and how long what is kept', async () => {
    const policy = await applyStoragePolicy(fresh.url, SETTINGS, NOON);
    expect(policy.profile).toBe(profile);
    expect(policy.rawRetentionMs).toBe((profile === 'timescale' ? 90 : 3) * DAY);
    expect(policy.extensionVersion).toEqual(profile === 'timescale' ? expect.stringMatching(/^2\.\d+/) : null);
    expect(await readStoragePolicy(database)).toEqual(policy);
  });

  test('applying it again changes nothing, and two servers that start at once do not clash', async () => {
    await migrate(fresh.url);
    await Promise.all([applyStoragePolicy(fresh.url, SETTINGS, NOON), applyStoragePolicy(fresh.url, SETTINGS, NOON)]);
    const before = await relations();
    await applyStoragePolicy(fresh.url, SETTINGS, NOON);
    expect(await relations()).toEqual(before);
  });

  test('readings that a table held before the policy are still there after it', async () => {
    await insertLinkReadings(1, NOON - 2 * DAY, NOON, HOUR);
    await applyStoragePolicy(fresh.url, SETTINGS, NOON);
    expect(await count('link_reading')).toBe(48);
    // The key still holds: the same readings again are the same readings.
    expect(await insertLinkReadings(1, NOON - 2 * DAY, NOON, HOUR)).toBe(0);
  });

  test('roll-ups of 5 minutes and 1 hour give smallest, largest, average, last and count', async () => {
    await applyStoragePolicy(fresh.url, SETTINGS, NOON);
    const from = NOON - 2 * HOUR;
    await insertLinkReadings(1, from, NOON, MINUTE);
    await insertLinkReadings(2, from, NOON, MINUTE);
    const five = await buckets('5min', 1, from, NOON);
    expect(five).toHaveLength(24);
    expect(five[0]).toEqual({
      at_ms: from,
      readings: 5,
      minimum: 0,
      maximum: 4,
      average: 2,
      last: 4,
      count: 5,
      suspect: 0,
      share_up: 0.6,
    });
    const hours = await buckets('1h', 1, from, NOON);
    expect(hours.map(({ minimum, maximum, average, last, count: n }) => [minimum, maximum, average, last, n])).toEqual([
      [0, 59, 29.5, 59, 60],
      [60, 119, 89.5, 119, 60],
    ]);
  });

  test('a day of a roll-up is a day in Asia/Ho_Chi_Minh', async () => {
    await applyStoragePolicy(fresh.url, SETTINGS, NOON);
    const midnight = Date.parse('2026-11-21T17:00:00Z');
    await insertLinkReadings(1, midnight - 2 * HOUR, midnight + HOUR, HOUR);
    const days = await buckets('1d', 1, midnight - DAY, midnight + DAY);
    expect(days.map(({ at_ms, readings }) => [at_ms, readings])).toEqual([
      [midnight - DAY, 2],
      [midnight, 1],
    ]);
  });

  test('a bucket that the span only touches comes whole', async () => {
    await applyStoragePolicy(fresh.url, SETTINGS, NOON);
    await insertLinkReadings(1, NOON - HOUR, NOON, MINUTE);
    const touched = await buckets('5min', 1, NOON - 57 * MINUTE, NOON - 54 * MINUTE);
    expect(touched.map(({ at_ms, readings }) => [at_ms, readings])).toEqual([
      [NOON - HOUR, 5],
      [NOON - 55 * MINUTE, 5],
    ]);
  });

  test('suspect values are left out of smallest, largest and average, and counted', async () => {
    await applyStoragePolicy(fresh.url, SETTINGS, NOON);
    await insertLinkReadings(1, NOON, NOON + 2 * MINUTE, MINUTE);
    await database.execute(
      `insert into link_reading (device_no, at, received_at, suspect, rtt_ms, link_up)
       values (1, to_timestamp($1::float8 / 1000), now(), array['rttMs'], 9999, true)`,
      [NOON + 2 * MINUTE],
    );
    for (const width of ['5min', '1h', '1d'] as const) {
      const [bucket] = await buckets(width, 1, NOON, NOON + 5 * MINUTE);
      expect(bucket).toMatchObject({
        minimum: 0,
        maximum: 1,
        average: 0.5,
        count: 2,
        suspect: 1,
        last: 9999,
        readings: 3,
      });
      expect(bucket?.share_up).toBeCloseTo(2 / 3);
    }
  });

  test('a new class’s table is found by itself', async () => {
    await database.execute(
      `create table camera_reading (device_no integer not null, at timestamptz not null, received_at timestamptz not null,
         seq bigint, suspect text[], frames_per_s real, recording boolean, primary key (device_no, at))`,
    );
    await applyStoragePolicy(fresh.url, SETTINGS, NOON);
    await database.execute(
      `insert into camera_reading values (1, to_timestamp($1::float8 / 1000), now(), null, array['framesPerS'], 25, true)`,
      [NOON],
    );
    const rows = await database.query(
      `select frames_per_s_count, frames_per_s_suspect, frames_per_s_last, recording_avg
       from camera_reading_1h(array[1], to_timestamp($1::float8 / 1000), to_timestamp($1::float8 / 1000 + 1))`,
      [NOON],
    );
    expect(rows).toEqual([{ frames_per_s_count: 0, frames_per_s_suspect: 1, frames_per_s_last: 25, recording_avg: 1 }]);
  });

  test('a metric that is added later is rolled up beside the others', async () => {
    await applyStoragePolicy(fresh.url, SETTINGS, NOON);
    await insertLinkReadings(1, NOON, NOON + 5 * MINUTE, MINUTE);
    await database.execute('alter table link_reading add column optical_power_dbm real');
    await applyStoragePolicy(fresh.url, SETTINGS, NOON);
    await database.execute(
      `update link_reading set optical_power_dbm = -20 where at >= to_timestamp($1::float8 / 1000)`,
      [NOON + 3 * MINUTE],
    );
    const rows = await database.query(
      `select rtt_ms_avg, optical_power_dbm_avg, optical_power_dbm_count
       from link_reading_5min(array[1], to_timestamp($1::float8 / 1000), to_timestamp($1::float8 / 1000 + 1))`,
      [NOON],
    );
    expect(rows).toEqual([{ rtt_ms_avg: 2, optical_power_dbm_avg: -20, optical_power_dbm_count: 2 }]);
  });

  test('a policy that fails half-way says so, leaves everything as it was, and is whole at the next start', async () => {
    await insertLinkReadings(1, NOON - HOUR, NOON, MINUTE);
    // In the way of what the policy makes for the last of the classes.
    const obstacle = profile === 'timescale' ? 'vcs_reading_rollup_1h_1' : 'vcs_reading_20261122';
    await database.execute(`create table ${obstacle} (x integer)`);
    const before = await relations();
    const failure = await applyStoragePolicy(fresh.url, SETTINGS, NOON).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StartError);
    expect(String(failure)).toContain('storage policy could not be applied');
    expect(String(failure)).toContain(obstacle);
    expect(await relations()).toEqual(before);
    expect(await readStoragePolicy(database)).toBeNull();

    await database.execute(`drop table ${obstacle}`);
    await applyStoragePolicy(fresh.url, SETTINGS, NOON);
    expect(await count('link_reading')).toBe(60);
    expect(await buckets('1h', 1, NOON - HOUR, NOON)).toHaveLength(1);
  });

  async function relations(): Promise<unknown> {
    return database.query(
      `select relname, relkind::text, relispartition from pg_class where relnamespace = 'public'::regnamespace order by 1`,
    );
  }
});

describe('a TimescaleDB that is not the pinned one', () => {
  open('main');

  test.each([
    ['2.22.0', 'older'],
    ['2.29.0', 'newer'],
    ['3.0.0', 'of another major version'],
  ])('is refused with one sentence: %s, %s', async (version) => {
    // As the catalogue says it on a server that has it.
    await database.execute(
      `insert into pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
       values (99999, 'timescaledb', 10, 'public'::regnamespace, false, $1)`,
      [version],
    );
    const failure = await applyStoragePolicy(fresh.url, SETTINGS, NOON).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StartError);
    expect(String(failure)).toBe(
      `StartError: TimescaleDB ${version} is not supported: this console needs 2.23.0 or newer, and older than 2.29 (2.28.3 is the version it is tested on).`,
    );
    expect(await readStoragePolicy(database)).toBeNull();
  });
});

describe('daily partitions', () => {
  open('main');

  async function partitions(table: string): Promise<readonly string[]> {
    const rows = await database.query<{ relname: string }>(
      `select relname from pg_inherits join pg_class on oid = inhrelid where inhparent = $1::regclass order by relname`,
      [table],
    );
    return rows.map(({ relname }) => relname.replace(`${table}_`, ''));
  }

  async function keepStorage(nowMs: number) {
    await rollUp(nowMs);
    await database.query(`select * from keep_reading_storage(to_timestamp($1::float8 / 1000))`, [nowMs]);
  }

  test('there is one for every day from the oldest reading that is kept to three days ahead, and no default', async () => {
    await applyStoragePolicy(fresh.url, SETTINGS, NOON);
    expect(await partitions('flood_reading')).toEqual([
      '20261119',
      '20261120',
      '20261121',
      '20261122',
      '20261123',
      '20261124',
      '20261125',
    ]);
  });

  test('upkeep makes the next day’s and drops those that are older than raw retention', async () => {
    await applyStoragePolicy(fresh.url, SETTINGS, NOON);
    await insertLinkReadings(1, NOON - 3 * DAY, NOON + 2 * DAY, HOUR);
    await keepStorage(NOON + 2 * DAY);
    expect(await partitions('link_reading')).toEqual([
      '20261121',
      '20261122',
      '20261123',
      '20261124',
      '20261125',
      '20261126',
      '20261127',
    ]);
    expect(await partitions('vcs_reading')).toEqual(await partitions('link_reading'));
  });

  test('a clock that jumps a year ahead deletes no reading', async () => {
    await applyStoragePolicy(fresh.url, SETTINGS, NOON);
    await insertLinkReadings(1, NOON - DAY, NOON, HOUR);
    await keepStorage(NOON + 365 * DAY);
    expect(await count('link_reading')).toBe(24);
    await keepStorage(NOON + HOUR);
    expect(await count('link_reading')).toBe(24);
  });

  test('a longer raw retention is in force after the next start', async () => {
    await applyStoragePolicy(fresh.url, SETTINGS, NOON);
    await applyStoragePolicy(fresh.url, { ...SETTINGS, rawRetentionMs: 30 * DAY }, NOON);
    await insertLinkReadings(1, NOON - 3 * DAY, NOON, HOUR);
    await keepStorage(NOON + 20 * DAY);
    expect(await count('link_reading')).toBe(72);
  });

  test('a query for one day of one device reads that day’s partition alone', async () => {
    await applyStoragePolicy(fresh.url, SETTINGS, NOON);
    const plan = await database.query<{ 'QUERY PLAN': string }>(
      `explain select rtt_ms_avg from link_reading_5min(array[$1::integer], to_timestamp($2::float8 / 1000), to_timestamp($3::float8 / 1000))`,
      [1, NOON, NOON + HOUR],
    );
    const scanned = plan.map((row) => row['QUERY PLAN']).filter((line) => /Scan.*link_reading_\d{8}/.test(line));
    expect(scanned.length).toBeGreaterThan(0);
    expect(scanned.every((line) => line.includes('link_reading_20261122'))).toBe(true);
  });
});

describe.runIf(hasTimescale())('TimescaleDB', () => {
  open('timescale');

  async function jobs(): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>> {
    const rows = await database.query<{
      job_id: number;
      proc_name: string;
      hypertable_name: string;
      config: Record<string, unknown>;
    }>(
      `select job_id, proc_name, hypertable_name, config from timescaledb_information.jobs where hypertable_schema = 'public'`,
    );
    return new Map(
      rows.map(({ job_id, proc_name, hypertable_name, config }) => [
        `${proc_name} ${hypertable_name}`,
        { job_id, ...config },
      ]),
    );
  }

  /** The policy without its jobs: what they do is done by hand, when the test wants it. */
  async function applyPaused(settings: StorageSettings, nowMs: number) {
    await applyStoragePolicy(fresh.url, settings, nowMs);
    await database.query(
      `select alter_job(job_id, scheduled => false) from timescaledb_information.jobs where hypertable_schema = 'public'`,
    );
    // One that had begun before is let finish.
    await eventually(async () => {
      const running = await database.query(
        `select 1 from pg_stat_activity where datname = current_database() and backend_type like '%Policy%'`,
      );
      expect(running).toHaveLength(0);
    });
  }

  async function refresh(width: '5min' | '1h' | '1d') {
    // A job that the pause came too late for refuses it.
    await eventually(() =>
      database.execute(`call refresh_continuous_aggregate('link_reading_rollup_${width}_1', null, null)`),
    );
  }

  async function chunks(): Promise<readonly { compressed: boolean }[]> {
    return database.query<{ compressed: boolean }>(
      `select is_compressed as compressed from timescaledb_information.chunks where hypertable_name = 'link_reading' order by range_start`,
    );
  }

  test('every reading table is a hypertable of one-day chunks with a columnstore by device', async () => {
    await applyStoragePolicy(fresh.url, SETTINGS, NOON);
    expect(
      await database.query(
        `select h.hypertable_name, d.time_interval::text, s.segmentby, s.orderby
         from timescaledb_information.hypertables h
         join timescaledb_information.dimensions d using (hypertable_schema, hypertable_name)
         join timescaledb_information.hypertable_columnstore_settings s on s.hypertable = h.hypertable_name::regclass
         where hypertable_schema = 'public' order by 1`,
      ),
    ).toEqual(
      ['bts_reading', 'flood_reading', 'link_reading', 'vcs_reading'].map((hypertable_name) => ({
        hypertable_name,
        time_interval: '1 day',
        segmentby: 'device_no',
        orderby: 'at',
      })),
    );
  });

  test('a changed setting replaces its own jobs and no others', async () => {
    await applyStoragePolicy(fresh.url, SETTINGS, NOON);
    const before = await jobs();
    await applyStoragePolicy(fresh.url, { ...SETTINGS, rawRetentionMs: 60 * DAY }, NOON);
    const after = await jobs();
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
    const changed = [...after]
      .filter(([name, job]) => job['job_id'] !== before.get(name)?.['job_id'])
      .map(([name]) => name);
    expect(changed.sort()).toEqual(
      ['bts', 'flood', 'link', 'vcs'].map((deviceClass) => `policy_retention ${deviceClass}_reading`),
    );
  });

  test('raw readings are never kept for less than late readings may come', async () => {
    const policy = await applyStoragePolicy(fresh.url, { ...SETTINGS, rawRetentionMs: DAY }, NOON);
    expect(policy.rawRetentionMs).toBe(9 * DAY);
  });

  test('late readings enter the columnstore, each once, and show in every roll-up after its refresh', async () => {
    await applyPaused(SETTINGS, NOON);
    const from = NOON - 10 * DAY;
    for (const deviceNo of [1, 2, 3]) await insertLinkReadings(deviceNo, from, from + 4 * HOUR, 2 * MINUTE);
    for (const width of ['5min', '1h', '1d'] as const) await refresh(width);
    await database.query(`select compress_chunk(c) from show_chunks('link_reading') c`);
    expect((await chunks()).every(({ compressed }) => compressed)).toBe(true);

    // Every minute: half of them are there already, in the columnstore.
    expect(await insertLinkReadings(2, from, from + 4 * HOUR, MINUTE)).toBe(120);
    expect(await insertLinkReadings(2, from, from + 4 * HOUR, MINUTE)).toBe(0);
    expect(await count('link_reading')).toBe(3 * 120 + 120);
    for (const width of ['5min', '1h', '1d'] as const) await refresh(width);
    const [raw] = await database.query<{ average: number }>(
      `select avg(rtt_ms) as average from link_reading where device_no = 2`,
    );
    const [day] = await buckets('1d', 2, from, from + 4 * HOUR);
    expect(day).toMatchObject({ readings: 240, count: 240 });
    expect(day?.average).toBeCloseTo(raw?.average ?? Number.NaN, 9);
    const hours = await buckets('1h', 2, from, from + 4 * HOUR);
    expect(hours.map(({ readings }) => readings)).toEqual([60, 60, 60, 60]);
    expect((await buckets('5min', 2, from, from + 4 * HOUR)).map(({ readings }) => readings)).toEqual(
      Array(48).fill(5),
    );
    expect((await buckets('1h', 1, from, from + 4 * HOUR)).map(({ readings }) => readings)).toEqual([30, 30, 30, 30]);
  });

  test('the jobs bring late data into all three levels by themselves', async () => {
    // Jobs go by the clock of the database.
    const now = Math.floor(Date.now() / HOUR) * HOUR;
    await applyPaused(SETTINGS, now);
    const from = now - 6 * DAY;
    await insertLinkReadings(1, from, from + HOUR, 10 * MINUTE);
    for (const width of ['5min', '1h', '1d'] as const) await refresh(width);
    await insertLinkReadings(1, from, from + HOUR, MINUTE);
    const [stale] = await buckets('1d', 1, from, from + 1);
    expect(stale?.readings).toBe(6);
    for (const width of ['5min', '1h', '1d']) {
      const job = (await jobs()).get(`policy_refresh_continuous_aggregate link_reading_rollup_${width}_1`);
      await database.execute(`call run_job($1)`, [job?.['job_id']]);
    }
    await eventually(async () => {
      for (const width of ['5min', '1h', '1d'] as const) {
        const found = await buckets(width, 1, from, from + HOUR);
        expect(found.reduce((sum, { readings }) => sum + readings, 0)).toBe(60);
      }
    });
    const schedule = await database.query<{ minutes: number }>(
      `select distinct extract(epoch from schedule_interval)::float8 / 60 as minutes from timescaledb_information.jobs
       where proc_name = 'policy_refresh_continuous_aggregate'`,
    );
    // Three levels, one after the other, within ten minutes.
    expect(schedule.map(({ minutes }) => minutes * 3)).toEqual([6]);
  });

  test('readings past raw retention go, their roll-ups stay', async () => {
    const now = Math.floor(Date.now() / HOUR) * HOUR;
    await applyPaused(SETTINGS, now);
    const old = now - 100 * DAY;
    await insertLinkReadings(1, old, old + HOUR, MINUTE);
    await insertLinkReadings(1, now - HOUR, now, MINUTE);
    for (const width of ['5min', '1h', '1d'] as const) await refresh(width);
    const job = (await jobs()).get('policy_retention link_reading');
    await database.execute(`call run_job($1)`, [job?.['job_id']]);
    expect(await count('link_reading')).toBe(60);
    // And a refresh by the jobs does not take them away again.
    for (const width of ['5min', '1h', '1d']) {
      const refreshJob = (await jobs()).get(`policy_refresh_continuous_aggregate link_reading_rollup_${width}_1`);
      await database.execute(`call run_job($1)`, [refreshJob?.['job_id']]);
    }
    expect((await buckets('1h', 1, old, old + HOUR)).map(({ readings }) => readings)).toEqual([60]);
  });
});
