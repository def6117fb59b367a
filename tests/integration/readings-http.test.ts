import { availability, metricHistory, readingHistory, stateCounts, statesThen } from '@ioc/contract';
import { DevicesService } from '@ioc/server/devices/devices.service';
import { Database } from '@ioc/server/platform/database/database';
import { ReadingsService } from '@ioc/server/readings/readings.service';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { smallFleetCsv } from '../harness/small-fleet.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LINK = 'LINK-21025';
const OTHER_LINK = 'LINK-21115';
const iso = (ms: number) => new Date(ms).toISOString();

let system: TestConsole;
let viewer: Awaited<ReturnType<TestConsole['signedIn']>>;
/** A whole minute a while ago. */
let then: number;

beforeAll(async () => {
  system = await startTestConsole({ register: smallFleetCsv() });
  viewer = await system.signedIn('viewer');
  then = Math.floor(Date.now() / HOUR) * HOUR - 2 * HOUR;
  const app = system.running.app;
  const register = app.get(DevicesService).register();
  const readings = [LINK, OTHER_LINK].flatMap((id) => {
    const device = register.devices.get(id);
    if (device === undefined) throw new Error(`${id} is not registered`);
    return Array.from({ length: 10 }, (_, index) => ({
      device,
      atMs: then + index * 5_000,
      receivedAtMs: then + index * 5_000,
      effectiveAtMs: then + index * 5_000,
      seq: index,
      live: true,
      clockOffsetMs: null,
      metrics: { rttMs: 10 + index, linkUp: true },
      suspect: index === 9 ? ['rttMs'] : [],
    }));
  });
  await app.get(Database).transaction((tx) => app.get(ReadingsService).write(tx, readings));
});
afterAll(() => system.stop());

const chart = (query: Record<string, string>, id = LINK) => viewer.get(`/api/v1/devices/${id}/readings`).query(query);

describe('history over HTTP', () => {
  test('gives a device’s metrics as the contract says', async () => {
    const answer = await chart({ from: iso(then), to: iso(then + MINUTE), metrics: 'rttMs' }).expect(200);
    const history = readingHistory.parse(answer.body);
    expect(history.resolution).toBe('raw');
    expect(history.series).toEqual([
      {
        metric: 'rttMs',
        average: [10, 11, 12, 13, 14, 15, 16, 17, 18, 19],
        minimum: null,
        maximum: null,
        suspect: [9],
      },
    ]);
    const coarse = readingHistory.parse(
      (await chart({ from: iso(then), to: iso(then + HOUR), resolution: '1h' }).expect(200)).body,
    );
    const rtt = coarse.series.find(({ metric }) => metric === 'rttMs');
    expect(rtt).toEqual({ metric: 'rttMs', average: [14], minimum: [10], maximum: [18], suspect: [0] });
  });

  test('gives one metric of many devices', async () => {
    const answer = await viewer
      .get('/api/v1/readings/link/rttMs')
      .query({ devices: `${OTHER_LINK},${LINK}`, from: iso(then), to: iso(then + MINUTE) })
      .expect(200);
    const history = metricHistory.parse(answer.body);
    expect(history.devices.map(({ deviceId, atMs }) => [deviceId, atMs.length])).toEqual([
      [OTHER_LINK, 10],
      [LINK, 10],
    ]);
  });

  test('gives states, counts and availability', async () => {
    const span = { from: iso(then), to: iso(then + HOUR) };
    const states = statesThen.parse(
      (
        await viewer
          .get('/api/v1/history/states')
          .query({ at: iso(then) })
          .expect(200)
      ).body,
    );
    const total = Object.keys(states.devices).length;
    expect(states.devices[LINK]).toBeDefined();
    const counts = stateCounts.parse(
      (
        await viewer
          .get('/api/v1/history/counts')
          .query({ ...span, by: 'none' })
          .expect(200)
      ).body,
    );
    expect(counts.atMs).toHaveLength(145);
    const [all] = counts.groups;
    expect((all?.up[0] ?? 0) + (all?.down[0] ?? 0) + (all?.stale[0] ?? 0)).toBe(total);
    const until = { from: iso(then), to: iso(Date.now() + HOUR), by: 'device', deviceClass: 'link' };
    const rows = availability.parse((await viewer.get('/api/v1/availability').query(until).expect(200)).body).rows;
    expect(rows.map(({ key }) => key)).toEqual([LINK, OTHER_LINK]);
  });

  test('refuses what cannot be answered with a problem that names the field', async () => {
    const span = { from: iso(then), to: iso(then + HOUR) };
    const refusals: readonly [Promise<{ status: number; body: unknown; type: string }>, number, string][] = [
      [chart(span, 'LINK-99999'), 404, 'not-found'],
      [chart({ ...span, metrics: 'rttMs,levelM' }), 400, 'bad-request'],
      [chart({ ...span, resolution: 'weekly' }), 400, 'bad-request'],
      [chart({ ...span, everything: '1' }), 400, 'bad-request'],
      [chart({ from: span.to, to: span.from }), 400, 'bad-request'],
      [chart({ from: 'yesterday', to: span.to }), 400, 'bad-request'],
      [chart({ from: iso(then - 48 * HOUR), to: span.to, resolution: 'raw' }), 400, 'bad-request'],
      [viewer.get('/api/v1/readings/link/levelM').query({ ...span, devices: LINK }), 400, 'bad-request'],
      [viewer.get('/api/v1/readings/bridge/rttMs').query({ ...span, devices: LINK }), 400, 'bad-request'],
      [viewer.get('/api/v1/history/counts').query({ from: span.to, to: span.from }), 400, 'bad-request'],
      [viewer.get('/api/v1/history/counts').query({ ...span, points: '100000' }), 400, 'bad-request'],
      [viewer.get('/api/v1/availability').query({ from: '1900-01-01T00:00:00Z', to: span.to }), 400, 'bad-request'],
    ];
    for (const [request, status, code] of refusals) {
      const answer = await request;
      expect(answer.body).toMatchObject({ status, code });
      expect(answer.type).toBe('application/problem+json');
    }
  });
});
