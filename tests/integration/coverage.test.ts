import {
  API_PREFIX,
  COMMUNES,
  deviceTopic,
  ENDPOINTS,
  type Clock,
  type CoverageRow,
  type ParsedQueryOf,
  type ResponseOf,
} from '@ioc/contract';
import { fleetCsv, generateFleet } from '@ioc/simulators';
import { parse } from 'csv-parse/sync';
import mqtt from 'mqtt';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { freshDatabase } from '../harness/database.js';
import { eventually } from '../harness/eventually.js';
import { smallFleetCsv } from '../harness/small-fleet.js';

const VCS = `${API_PREFIX}/coverage/vcs`;
const CSV = `${API_PREFIX}/coverage/vcs.csv`;
const DAY_MS = 86_400_000;

type Coverage = ResponseOf<typeof ENDPOINTS.vcsCoverage>;

/** The communes without equipment in the provincial report of 2025. */
const WITHOUT = [
  '21325',
  '21349',
  '21496',
  '21529',
  '21538',
  '23284',
  '23317',
  '23326',
  '23332',
  '23344',
  '23356',
  '23365',
  '23374',
  '23383',
  '23455',
  '23476',
  '23479',
  '23485',
  '23530',
  '23548',
];

/** A clock that runs like the real one and can be moved ahead. */
class MovableClock implements Clock {
  readonly speed = 1;
  #aheadMs = 0;
  now(): number {
    return Date.now() + this.#aheadMs;
  }
  advance(ms: number): void {
    this.#aheadMs += ms;
  }
}

async function coverageOf(ioc: TestConsole): Promise<Coverage> {
  const answer = await ioc.anonymous.get(VCS).expect(200);
  return ENDPOINTS.vcsCoverage.response.parse(answer.body);
}
async function rowOf(ioc: TestConsole, code: string): Promise<CoverageRow | undefined> {
  return (await coverageOf(ioc)).items.find(({ communeCode }) => communeCode === code);
}

describe('with the fleet of the demo', () => {
  let ioc: TestConsole;
  beforeAll(async () => {
    ioc = await startTestConsole({ register: fleetCsv(generateFleet()) });
  });
  afterAll(async () => {
    await ioc.stop();
  });

  test('exactly the 20 communes of the provincial report have no equipment, because the register has none there', async () => {
    const { items, counts } = await coverageOf(ioc);
    expect(items.map(({ communeCode }) => communeCode)).toEqual(COMMUNES.map(({ code }) => code));
    expect(
      items
        .filter(({ state }) => state === 'none')
        .map(({ communeCode }) => communeCode)
        .sort(),
    ).toEqual(WITHOUT);
    expect(counts).toEqual({ working: 0, dead: 76, none: 20 });
    expect(
      items
        .filter(({ state }) => state === 'dead')
        .every(({ reason, endpoints }) => reason === 'neverSeen' && endpoints.length === 1),
    ).toBe(true);
  });

  const download = async (query: ParsedQueryOf<typeof ENDPOINTS.vcsCoverageCsv> | object) => {
    const reviewer = await ioc.signedIn('reviewer');
    return await reviewer.get(CSV).query(query).buffer(true).expect(200);
  };

  test('the list leaves as a CSV file that a Vietnamese Excel opens right', async () => {
    const answer = await download({});
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(answer.headers['content-disposition']).toBe('attachment; filename="vcs-all.csv"');
    expect(answer.text.startsWith('\uFEFFMã xã;')).toBe(true);
    const lines = parse(answer.text, { bom: true, delimiter: ';', record_delimiter: '\r\n' });
    expect(lines).toHaveLength(97);
    expect(lines.find(([code]) => code === '21496')).toEqual(
      expect.arrayContaining(['Xã Ba Động', 'Huyện Ba Tơ', 'Chưa có']),
    );
  });

  test('a part of it, in English, is separated by commas', async () => {
    const answer = await download({ state: 'none', language: 'en' });
    const [header, ...lines] = parse(answer.text, { bom: true });
    expect(header?.[1]).toBe('Commune');
    expect(lines.map(([code]) => code).sort()).toEqual(WITHOUT);
  });

  test('who took it away is in the audit trail, and a wall may not', async () => {
    await download({ state: 'dead' });
    const client = new pg.Client({ connectionString: ioc.databaseUrl });
    await client.connect();
    const { rows } = await client.query<{ actor: string; detail: unknown }>(
      `select actor, detail from audit_entry where action = 'coverage:exported' order by id`,
    );
    await client.end();
    const entry = rows.at(-1);
    expect(entry?.actor).toContain('Lê Thị Rà');
    expect(entry?.detail).toEqual({ state: 'dead', rows: 76 });
    await ioc.anonymous.get(CSV).expect(403);
  });
});

describe('an endpoint', () => {
  test('works once it is heard, is dead once it is down, and is remembered beyond a restart and the life of its readings', async () => {
    const clock = new MovableClock();
    const database = await freshDatabase();
    const first = await startTestConsole({ register: smallFleetCsv(), clock, databaseUrl: database.url });
    const [endpoint] = (await rowOf(first, '21115'))?.endpoints ?? [];
    const id = endpoint?.id ?? '';
    expect(await rowOf(first, '21115')).toMatchObject({
      state: 'dead',
      reason: 'neverSeen',
      endpoints: [{ lastSeenAt: null, lastCallAt: null }],
    });

    const device = await mqtt.connectAsync(first.mqttUrl);
    const say = (kind: 'telemetry' | 'status', payload: object) =>
      device.publishAsync(deviceTopic('21115', 'vcs', id, kind), JSON.stringify({ ts: clock.now(), ...payload }), {
        qos: 1,
      });
    const session = Date.now();
    await say('status', { session, state: 'online' });
    await say('telemetry', { metrics: { registered: true, inCall: true, callKbps: 1_200 } });
    await eventually(async () => expect(await rowOf(first, '21115')).toMatchObject({ state: 'working', reason: null }));
    const seen = (await rowOf(first, '21115'))?.endpoints[0];
    expect(seen?.lastCallAt).toBe(seen?.lastSeenAt);
    expect(Math.abs(Date.parse(seen?.lastSeenAt ?? '') - clock.now())).toBeLessThan(60_000);

    await say('status', { session, state: 'offline', reason: 'power-off' });
    await eventually(async () => expect(await rowOf(first, '21115')).toMatchObject({ state: 'dead', reason: 'down' }));
    await device.endAsync();
    await first.stop();

    // Twenty days on, the readings of then are beyond the longest backfill: nothing loads them.
    clock.advance(20 * DAY_MS);
    const later = await startTestConsole({ clock, databaseUrl: database.url });
    expect(await rowOf(later, '21115')).toMatchObject({ state: 'dead', reason: 'unseen', endpoints: [seen] });
    await later.stop();
    await database.drop();
  });
});
