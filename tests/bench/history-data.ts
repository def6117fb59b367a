import type { Database } from '@ioc/server/platform/database/database';
import type { StoragePolicy } from '@ioc/server/platform/database/storage-policy';

// What the history bench asks: a register, a year of outages, and readings that lie as they would in production. Rows are
// inserted in the order of time over all stations, so that each of a station's readings lies on a page of its own, and
// always a whole day of them: where time or rows are short there are fewer stations, not fewer hours.

const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** The province's base stations, and all its devices. */
export const STATIONS = 3_700;
export const DEVICES = 4_000;
const INTERVAL_MS = 10_000;
const READINGS_A_DAY = DAY / INTERVAL_MS;
const YEAR_DAYS = 365;
/** Rows of at least so many stations stand on one page: fewer would lie closer together than in production. */
const FEWEST_STATIONS = 100;
/** On TimescaleDB: stations with a year of readings, most of it in the columnstore. */
const LONG_STATIONS = 5;

export interface DataOptions {
  /** At most so many readings. */
  readonly rows: number;
  /** For generating them, about. */
  readonly minutes: number;
}

export interface MadeReadings {
  readonly rows: number;
  /** The first so many stations have a whole day, and more. */
  readonly stations: number;
  /** How far back they reach; ms. */
  readonly spanMs: number;
  /** The first so many reach back a year: as readings, or without TimescaleDB as roll-ups. */
  readonly yearStations: number;
}

export async function makeRegister(database: Database, now: number): Promise<void> {
  await database.execute(`insert into organisation (id, name, kind) values ('VNPT', 'VNPT', 'operator')`);
  await database.execute(
    `insert into gateway (id, name, organisation_id) select 'GW-' || n, 'GW-' || n, 'VNPT' from generate_series(1, 4) n`,
  );
  await database.execute(
    `insert into device (id, device_class, name, commune_code, organisation_id, gateway_id, lat, lon, reporting_interval_ms, registered_at)
     select case when n <= $1 then 'BTS-' else 'LINK-' end || n, case when n <= $1 then 'bts' else 'link' end, 'device ' || n,
            (21000 + n % 96)::text, 'VNPT', case when n <= $1 then 'GW-' || n % 4 + 1 end, 15, 108, $2::integer, to_timestamp($3::float8 / 1000)
     from generate_series(1, $4::integer) n order by n`,
    [STATIONS, INTERVAL_MS, now - 400 * DAY, DEVICES],
  );
}

/** A year: four outages of a device and month, six blind spans of a gateway and month; connectivity changes to match. */
export async function makeOutages(database: Database, now: number): Promise<void> {
  await database.execute(
    `insert into outage (device_id, began_at, ended_at, basis, detected_at)
     select d.id, at, at + interval '40 minutes' * random(), 'said', at
     from device d cross join generate_series(1, 48) as nth
     cross join lateral (select to_timestamp(($1::float8 - 365.0 * 86400000 * (nth - random() * 0.9) / 48) / 1000) as at) t`,
    [now],
  );
  await database.execute(
    `insert into blind_span (gateway_id, began_at, ended_at, reason)
     select g.id, at, at + interval '20 minutes' * random(), 'gatewaySilent'
     from gateway g cross join generate_series(1, 72) as nth
     cross join lateral (select to_timestamp(($1::float8 - 365.0 * 86400000 * (nth - random() * 0.9) / 72) / 1000) as at) t`,
    [now],
  );
  await database.execute(
    `insert into connectivity_change (device_no, at, connectivity, last_known, was_connectivity, was_known)
     select d.no, e.at, e.state, e.state, e.was, e.was
     from outage o join device d on d.id = o.device_id
     cross join lateral (values (o.began_at, 'down', 'up'), (o.ended_at, 'up', 'down')) as e (at, state, was)
     on conflict do nothing`,
  );
}

const INSERT_READINGS = `
  insert into bts_reading
  select d, at, at + interval '1 second', null, null, true, 54 + sin(extract(epoch from at) / 9000 + d)::real, 20 + d % 7, 100,
         30 + 5 * sin(extract(epoch from at) / 13000 + d)::real, false, 40 + 30 * sin(extract(epoch from at) / 14000)::real,
         (d * 7 + extract(epoch from at)::bigint / 60) % 200, 12.5, 1.3
  from generate_series(to_timestamp($1::float8 / 1000), to_timestamp($2::float8 / 1000) - interval '1 millisecond', interval '10 seconds') at
  cross join generate_series($3::integer, $4::integer) d
  order by at
  on conflict do nothing`;

/** Generates until rows or minutes are used up, but in any case a whole day of at least 100 stations. */
export async function makeReadings(
  database: Database,
  policy: StoragePolicy,
  now: number,
  { rows: wanted, minutes }: DataOptions,
): Promise<MadeReadings> {
  const began = performance.now();
  const deadline = began + minutes * MINUTE;
  const reachMs = policy.profile === 'timescale' ? YEAR_DAYS * DAY : policy.rawRetentionMs;
  if (policy.profile === 'plain') await ensureDays(database, now - reachMs, now);
  let rows = 0;
  const insert = async (fromMs: number, toMs: number, first: number, last: number) => {
    rows += await database.execute(INSERT_READINGS, [fromMs, toMs, first, last]);
  };

  // The newest hour of all stations says how fast it goes here.
  const hourBegan = performance.now();
  await insert(now - HOUR, now, 1, STATIONS);
  const rowsAMinute = (rows / (performance.now() - hourBegan)) * MINUTE;
  const longStations =
    policy.profile === 'timescale'
      ? Math.max(
          1,
          Math.min(
            LONG_STATIONS,
            Math.floor((0.3 * Math.min(wanted, rowsAMinute * minutes)) / (YEAR_DAYS * READINGS_A_DAY)),
          ),
        )
      : 0;
  const rowsLeft = Math.min(wanted, 0.9 * rowsAMinute * minutes) - rows - longStations * YEAR_DAYS * READINGS_A_DAY;
  const stations = Math.min(STATIONS, Math.max(FEWEST_STATIONS, Math.floor(rowsLeft / READINGS_A_DAY)));
  say(`${Math.round(rowsAMinute / 60).toLocaleString('en')} readings/s here: a whole day of ${stations} stations`);

  let spanMs = HOUR;
  const more = () => spanMs < reachMs && rows < wanted && performance.now() < deadline;
  while (spanMs < DAY || (longStations === 0 && more())) {
    await insert(now - spanMs - HOUR, now - spanMs, 1, stations);
    spanMs += HOUR;
    if (spanMs % (6 * HOUR) === 0)
      say(`  ${millions(rows)} rows after ${((performance.now() - began) / MINUTE).toFixed(1)} min`);
  }
  if (longStations > 0) {
    for (let toMs = now - spanMs; toMs > now - reachMs; toMs -= 5 * DAY) {
      await insert(Math.max(toMs - 5 * DAY, now - reachMs), toMs, 1, longStations);
    }
  } else {
    await timed('roll-ups of a year (1 day) and of 31 days (1 h), as they were stored before the readings went', () =>
      makeOlderRollups(database, now - spanMs),
    );
  }
  say(
    `${millions(rows)} rows generated at ${Math.round(rows / ((performance.now() - began) / 1000)).toLocaleString('en')} rows/s`,
  );
  return { rows, stations, spanMs, yearStations: longStations === 0 ? STATIONS : longStations };
}

async function ensureDays(database: Database, fromMs: number, toMs: number): Promise<void> {
  await database.query(
    `select ensure_reading_partitions('bts_reading', array(
       select generate_series(to_timestamp($1::float8 / 1000), to_timestamp($2::float8 / 1000), interval '1 day')))`,
    [fromMs, toMs],
  );
}

/** Without TimescaleDB, the roll-ups of all stations before `untilMs`, hour by hour and day by day as the console stores them. */
async function makeOlderRollups(database: Database, untilMs: number): Promise<void> {
  const columns = await database.query<{ name: string }>(
    `select attname as name from pg_attribute where attrelid = 'bts_reading_rollup_1d'::regclass and attnum > 3`,
  );
  const names = columns.map(({ name }) => name).filter((name) => !/_(count|suspect)$/.test(name));
  const values = names.map((name) => (name.endsWith('_sum') ? 'n * (50 + random())' : '50 + random()'));
  const midnight = Math.floor((untilMs + 7 * HOUR) / DAY) * DAY - 7 * HOUR;
  for (const [width, bucketMs, spanDays] of [
    ['1d', DAY, YEAR_DAYS],
    ['1h', HOUR, 31],
  ] as const) {
    const insert = `
      insert into bts_reading_rollup_${width} (device_no, bucket_at, readings, ${names.join(', ')})
      select d, at, n, ${values.join(', ')}
      from generate_series(to_timestamp($1::float8 / 1000), to_timestamp($2::float8 / 1000) - interval '1 second', $3::float8 * interval '1 millisecond') at
      cross join generate_series(1, $4::integer) d cross join (values ($3::float8 / $5::float8)) as of (n)
      order by at, d`;
    for (let day = midnight - spanDays * DAY; day < midnight; day += DAY) {
      await database.query(`select ensure_rollup_partition('bts_reading', $1, to_timestamp($2::float8 / 1000))`, [
        width,
        day,
      ]);
      await database.execute(insert, [day, day + DAY, bucketMs, STATIONS, INTERVAL_MS]);
    }
  }
}

/** What the jobs would have done by now. */
export async function settle(database: Database, policy: StoragePolicy, now: number): Promise<void> {
  if (policy.profile === 'timescale') {
    for (const width of ['5min', '1h', '1d']) {
      await timed(`roll-ups of ${width} made`, () =>
        database.execute(
          `call refresh_continuous_aggregate('bts_reading_rollup_${width}_1', null, to_timestamp(${(now - 10 * MINUTE) / 1000}))`,
        ),
      );
    }
    await timed('older chunks into the columnstore', () =>
      database.query(`select compress_chunk(c) from show_chunks('bts_reading', older_than => interval '7 days') c`),
    );
  }
  await timed('vacuum and analyze', () => database.execute('vacuum analyze'));
}

export async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await work();
  say(`${name}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
  return result;
}

export function millions(rows: number): string {
  return `${(rows / 1e6).toFixed(1)} million`;
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
