import { NestFactory } from '@nestjs/core';
import { scaledClock, type Availability, type Connectivity, type StateCounts } from '@ioc/contract';
import { HistoryModule } from '@ioc/server/history/history.module';
import { HISTORY_STATEMENTS } from '@ioc/server/history/history.repository';
import { HistoryService } from '@ioc/server/history/history.service';
import { Database } from '@ioc/server/platform/database/database';
import { CLOCK } from '@ioc/server/platform/platform.module';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type FreshDatabase } from '../harness/database.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** 22 November 2026, 12:00 in Asia/Ho_Chi_Minh. */
const NOON = Date.parse('2026-11-22T05:00:00Z');
const iso = (ms: number) => new Date(ms).toISOString();

let fresh: FreshDatabase;
let database: Database;
let history: HistoryService;

beforeEach(async () => {
  fresh = await freshDatabase();
  database = new Database({ url: fresh.url, maxConnections: 2, statementTimeoutMs: 60_000, onError: () => undefined });
  await database.execute(
    `insert into organisation (id, name, kind) values ('VNPT', 'VNPT', 'operator'), ('VIETTEL', 'Viettel', 'operator')`,
  );
  await database.execute(
    `insert into gateway (id, name, organisation_id) values ('GW-VNPT', 'VNPT', 'VNPT'), ('GW-VIETTEL', 'Viettel', 'VIETTEL')`,
  );
  await register('BTS-A', 'bts', '21025', 'VNPT', 'GW-VNPT');
  await register('BTS-B', 'bts', '21025', 'VIETTEL', 'GW-VIETTEL');
  await register('LINK-A', 'link', '21028', 'VNPT', null);
  const clock = scaledClock(NOON, 1, () => NOON);
  const app = await NestFactory.createApplicationContext(
    {
      module: class {},
      imports: [
        {
          module: class {},
          global: true,
          providers: [
            { provide: Database, useValue: database },
            { provide: CLOCK, useValue: clock },
          ],
          exports: [Database, CLOCK],
        },
        HistoryModule,
      ],
    },
    { logger: false },
  );
  history = app.get(HistoryService);
});
afterEach(async () => {
  await database.close();
  await fresh.drop();
});

async function register(id: string, deviceClass: string, commune: string, owner: string, gateway: string | null) {
  await database.execute(
    `insert into device (id, device_class, name, commune_code, organisation_id, gateway_id, lat, lon, reporting_interval_ms, registered_at)
     values ($1, $2, $1, $3, $4, $5, 15.1, 108.8, 10000, to_timestamp($6::float8 / 1000))`,
    [id, deviceClass, commune, owner, gateway, NOON - 400 * DAY],
  );
}

/** As the console writes it: the present state, one row a device. */
async function becomes(
  id: string,
  connectivity: Connectivity,
  sinceMs: number,
  lastKnown: Connectivity = connectivity,
) {
  await database.execute(
    `insert into device_state (device_id, connectivity, last_known, since) values ($1, $2, $3, to_timestamp($4::float8 / 1000))
     on conflict (device_id) do update set connectivity = excluded.connectivity, last_known = excluded.last_known, since = excluded.since`,
    [id, connectivity, lastKnown, sinceMs],
  );
}

async function outage(id: string, beganMs: number, endedMs: number | null) {
  await database.execute(
    `insert into outage (device_id, began_at, ended_at, basis, detected_at)
     values ($1, to_timestamp($2::float8 / 1000), to_timestamp($3::float8 / 1000), 'said', to_timestamp($2::float8 / 1000))`,
    [id, beganMs, endedMs],
  );
}

async function blindSpan(gateway: string | null, beganMs: number, endedMs: number | null) {
  await database.execute(
    `insert into blind_span (gateway_id, began_at, ended_at, reason)
     values ($1, to_timestamp($2::float8 / 1000), to_timestamp($3::float8 / 1000), 'gatewaySilent')`,
    [gateway, beganMs, endedMs],
  );
}

async function stateThen(id: string, atMs: number): Promise<string> {
  const then = (await history.statesThen(atMs)).devices[id];
  return then === undefined ? 'absent' : `${then.connectivity}/${then.lastKnown}`;
}

test('every statement can be prepared', async () => {
  for (const [index, statement] of HISTORY_STATEMENTS.entries()) {
    await database.transaction(async (tx) => {
      await tx.execute(`prepare history_statement_${index} as ${statement}`);
      await tx.execute(`deallocate history_statement_${index}`);
    });
  }
});

describe('the state at a moment in the past', () => {
  test('is what the device became last before it, and stale before it was ever heard', async () => {
    await becomes('BTS-A', 'up', NOON - 10 * HOUR);
    await becomes('BTS-A', 'down', NOON - 5 * HOUR);
    await becomes('BTS-A', 'blind', NOON - 4 * HOUR, 'down');
    await becomes('BTS-A', 'up', NOON - 3 * HOUR);
    const moments = [11, 10, 7, 5, 4.5, 4, 3.5, 3, 0].map((hours) => NOON - hours * HOUR);
    expect(await Promise.all(moments.map((at) => stateThen('BTS-A', at)))).toEqual([
      'stale/stale',
      'up/up',
      'up/up',
      'down/down',
      'down/down',
      'blind/down',
      'blind/down',
      'up/up',
      'up/up',
    ]);
    expect((await history.statesThen(NOON)).devices['BTS-A']?.sinceMs).toBe(NOON - 3 * HOUR);
    expect((await history.statesThen(NOON)).devices['LINK-A']).toEqual({
      connectivity: 'stale',
      lastKnown: 'stale',
      sinceMs: null,
    });
  });

  test('follows what was judged later of an earlier time', async () => {
    await becomes('BTS-A', 'up', NOON - 10 * HOUR);
    await becomes('BTS-A', 'stale', NOON - 2 * HOUR);
    // It turns out that it went down before.
    await becomes('BTS-A', 'down', NOON - 3 * HOUR);
    expect(await stateThen('BTS-A', NOON - 2.5 * HOUR)).toBe('down/down');
    expect(await stateThen('BTS-A', NOON - HOUR)).toBe('down/down');
    expect(await stateThen('BTS-A', NOON - 4 * HOUR)).toBe('up/up');
  });

  test('is kept only when connectivity changes', async () => {
    await becomes('BTS-A', 'up', NOON - 2 * HOUR);
    await becomes('BTS-A', 'up', NOON - HOUR);
    await database.execute(`update device_state set session = 5`);
    const rows = await database.query(`select 1 from connectivity_change`);
    expect(rows).toHaveLength(1);
  });

  test('is blind for every device while our own intake saw nothing', async () => {
    await becomes('BTS-A', 'up', NOON - 2 * HOUR);
    await blindSpan(null, NOON - HOUR, NOON - HOUR / 2);
    expect(await stateThen('BTS-A', NOON - HOUR + 1)).toBe('blind/up');
    expect((await history.statesThen(NOON - HOUR + 1)).blind).toBe(true);
    expect(await stateThen('BTS-A', NOON - HOUR / 2)).toBe('up/up');
  });
});

describe('counts over time', () => {
  async function counts(query: Partial<Parameters<HistoryService['stateCounts']>[0]>): Promise<StateCounts> {
    const outcome = await history.stateCounts({
      from: iso(NOON - 4 * HOUR),
      to: iso(NOON),
      by: 'none',
      points: 5,
      ...query,
    });
    if (!outcome.ok) throw new Error(outcome.reason);
    return outcome.answer;
  }

  beforeEach(async () => {
    await becomes('BTS-A', 'up', NOON - DAY);
    await becomes('BTS-B', 'up', NOON - DAY);
    await becomes('LINK-A', 'up', NOON - 2.5 * HOUR);
    await becomes('BTS-A', 'down', NOON - 3 * HOUR);
    await becomes('BTS-B', 'blind', NOON - 90 * MINUTE, 'up');
    await becomes('BTS-A', 'up', NOON - HOUR);
  });

  test('are those of each moment, and up, down and stale are all devices', async () => {
    expect(await counts({})).toEqual({
      atMs: [4, 3, 2, 1, 0].map((hours) => NOON - hours * HOUR),
      groups: [
        { key: 'all', up: [2, 1, 2, 3, 3], down: [0, 1, 1, 0, 0], stale: [1, 1, 0, 0, 0], blind: [0, 0, 0, 1, 1] },
      ],
    });
  });

  test('can be had by class, commune and organisation, and of some devices only', async () => {
    expect((await counts({ by: 'class' })).groups.map(({ key, up }) => [key, up])).toEqual([
      ['bts', [2, 1, 1, 2, 2]],
      ['link', [0, 0, 1, 1, 1]],
    ]);
    expect((await counts({ by: 'commune' })).groups.map(({ key }) => key)).toEqual(['21025', '21028']);
    expect((await counts({ by: 'owner', deviceClass: 'bts' })).groups.map(({ key, down }) => [key, down])).toEqual([
      ['VIETTEL', [0, 0, 0, 0, 0]],
      ['VNPT', [0, 1, 1, 0, 0]],
    ]);
    expect((await counts({ commune: '21028' })).groups.map(({ stale }) => stale)).toEqual([[1, 1, 0, 0, 0]]);
  });

  test('agree with the state of every device at each of their moments', async () => {
    const { atMs, groups } = await counts({ points: 17 });
    for (const [index, at] of atMs.entries()) {
      const then = Object.values((await history.statesThen(at)).devices);
      const found = (known: string) => then.filter(({ lastKnown }) => lastKnown === known).length;
      expect([groups[0]?.up[index], groups[0]?.down[index], groups[0]?.stale[index]]).toEqual([
        found('up'),
        found('down'),
        found('stale'),
      ]);
    }
  });

  test('of a span that ends before it begins are refused', async () => {
    expect(await history.stateCounts({ from: iso(NOON), to: iso(NOON - 1), by: 'none', points: 5 })).toEqual({
      ok: false,
      reason: 'bad-span',
    });
  });
});

describe('availability', () => {
  async function availability(
    query: Partial<Parameters<HistoryService['availability']>[0]>,
  ): Promise<Availability['rows']> {
    const outcome = await history.availability({
      from: iso(NOON - 10 * HOUR),
      to: iso(NOON),
      by: 'device',
      monthly: '0',
      ...query,
    });
    if (!outcome.ok) throw new Error(outcome.reason);
    return outcome.answer.rows;
  }

  test('is the observed time without outages, cut to the span', async () => {
    await outage('BTS-A', NOON - 12 * HOUR, NOON - 9 * HOUR);
    await outage('BTS-A', NOON - 5 * HOUR, NOON - 4 * HOUR);
    await outage('LINK-A', NOON - 2 * HOUR, null);
    expect(await availability({})).toEqual([
      { key: 'BTS-A', month: null, devices: 1, outages: 2, downS: 2 * 3600, observedS: 10 * 3600, availability: 0.8 },
      { key: 'BTS-B', month: null, devices: 1, outages: 0, downS: 0, observedS: 10 * 3600, availability: 1 },
      { key: 'LINK-A', month: null, devices: 1, outages: 1, downS: 2 * 3600, observedS: 10 * 3600, availability: 0.8 },
    ]);
  });

  test('leaves out what could not be seen: the device’s gateway, or our own intake', async () => {
    await outage('BTS-A', NOON - 6 * HOUR, NOON - 4 * HOUR);
    await outage('BTS-B', NOON - 6 * HOUR, NOON - 4 * HOUR);
    await blindSpan('GW-VNPT', NOON - 5 * HOUR, NOON - 3 * HOUR);
    await blindSpan(null, NOON - 1.5 * HOUR, NOON - HOUR);
    await blindSpan(null, NOON - 4 * HOUR, NOON - 3.5 * HOUR);
    expect((await availability({})).map(({ key, downS, observedS }) => [key, downS / 3600, observedS / 3600])).toEqual([
      ['BTS-A', 1, 7.5],
      ['BTS-B', 2, 9],
      ['LINK-A', 0, 9],
    ]);
  });

  test('counts a device from its registration, and nothing of the future', async () => {
    await database.execute(`update device set registered_at = to_timestamp($1::float8 / 1000) where id = 'BTS-A'`, [
      NOON - 4 * HOUR,
    ]);
    await outage('BTS-A', NOON - HOUR, null);
    const rows = await availability({ to: iso(NOON + 100 * DAY) });
    expect(rows.map(({ key, downS, observedS }) => [key, downS / 3600, observedS / 3600])).toEqual([
      ['BTS-A', 1, 4],
      ['BTS-B', 0, 10],
      ['LINK-A', 0, 10],
    ]);
    await database.execute(`update device set registered_at = to_timestamp($1::float8 / 1000) where id = 'BTS-A'`, [
      NOON + DAY,
    ]);
    expect((await availability({ deviceClass: 'bts' })).map(({ key }) => key)).toEqual(['BTS-B']);
  });

  test('of a span that has not begun is no row', async () => {
    expect(await availability({ from: iso(NOON + HOUR), to: iso(NOON + DAY) })).toEqual([]);
  });

  test('by month is cut at midnight in Asia/Ho_Chi_Minh', async () => {
    const november = Date.parse('2026-10-31T17:00:00Z');
    await outage('LINK-A', november - 3 * HOUR, november + HOUR);
    const rows = await availability({
      from: iso(november - 2 * DAY),
      to: iso(november + DAY),
      by: 'class',
      monthly: '1',
      deviceClass: 'link',
    });
    expect(rows).toEqual([
      {
        key: 'link',
        month: '2026-10-01',
        devices: 1,
        outages: 1,
        downS: 3 * 3600,
        observedS: 48 * 3600,
        availability: 1 - 3 / 48,
      },
      {
        key: 'link',
        month: '2026-11-01',
        devices: 1,
        outages: 1,
        downS: 3600,
        observedS: 24 * 3600,
        availability: 1 - 1 / 24,
      },
    ]);
  });

  test('of a class, a commune and an organisation adds up their devices', async () => {
    await outage('BTS-A', NOON - 2 * HOUR, NOON);
    const keys = async (by: 'class' | 'commune' | 'owner' | 'none') =>
      (await availability({ by })).map(({ key, devices, availability: share }) => [key, devices, share]);
    expect(await keys('class')).toEqual([
      ['bts', 2, 0.9],
      ['link', 1, 1],
    ]);
    expect(await keys('commune')).toEqual([
      ['21025', 2, 0.9],
      ['21028', 1, 1],
    ]);
    expect(await keys('owner')).toEqual([
      ['VIETTEL', 1, 1],
      ['VNPT', 2, 0.9],
    ]);
    expect((await keys('none')).map(([key, devices]) => [key, devices])).toEqual([['all', 3]]);
  });
});
