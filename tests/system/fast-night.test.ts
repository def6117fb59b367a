import { deviceSnapshot, scaledClock } from '@ioc/contract';
import { SCENARIOS, startRun } from '@ioc/simulators';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestConsole, subscribe, type LiveSocket, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { SMALL_FLEET_COMMUNES, smallFleet, smallFleetCsv } from '../harness/small-fleet.js';

/*
 * Server and simulators share one clock at 60 times the speed: an hour takes a minute, with the same delays in simulated time.
 */
const SPEED = 60;
/** Silence is judged after max(3 reporting intervals, 180 s), which no wait of this test would reach at real speed. */
const SILENCE_MS = 180_000;
const REAL_WAIT_MS = 60_000;

const clock = scaledClock(Date.now(), SPEED, Date.now);
const cleanups: (() => Promise<unknown>)[] = [];
let console_: TestConsole;
let socket: LiveSocket;

const linkIds = smallFleet().devices.flatMap(({ id, deviceClass }) => (deviceClass === 'link' ? [id] : []));

async function linkStates() {
  const states = [];
  for (const id of linkIds) {
    const { snapshot } = await subscribe(socket, `device:${id}`);
    socket.emit('unsubscribe', { room: `device:${id}` });
    states.push(deviceSnapshot.parse(snapshot));
  }
  return states;
}

beforeAll(async () => {
  console_ = await startTestConsole({ register: smallFleetCsv(), clock });
  cleanups.push(() => console_.stop());
  socket = await console_.socket({ cookie: await console_.cookieOf('viewer') });
});

afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

it('a night at 60 times the speed: readings are live, and silence is judged after the same simulated time', async () => {
  const calm = SCENARIOS.get('calm');
  if (calm === undefined) throw new Error('there is no calm scenario');
  const run = startRun({
    scenario: calm,
    mqttUrl: console_.mqttUrl,
    clock,
    seed: 1,
    provinces: 1,
    leadMs: null,
    target: null,
    communes: new Set(SMALL_FLEET_COMMUNES),
    ledgerFile: null,
    clientPrefix: 'fast-',
  });
  cleanups.push(() => run.stop());

  const heard = await eventually(
    async () => {
      // By its birth message a link is up before its first reading.
      const states = await linkStates();
      const up = states.flatMap(({ live, latest }) => (live.connectivity === 'up' && latest !== null ? [latest] : []));
      expect(up.length).toBeGreaterThan(0);
      return up;
    },
    { timeoutMs: REAL_WAIT_MS, everyMs: 200 },
  );
  for (const { at } of heard) expect(Math.abs(clock.now() - Date.parse(at))).toBeLessThan(10 * 60_000);

  await run.stop();
  const stoppedAtMs = clock.now();
  await eventually(
    async () => {
      const connectivities = (await linkStates()).map(({ live }) => live.connectivity);
      // A link that a fault took down before stays down.
      expect(connectivities).not.toContain('up');
      expect(connectivities).toContain('stale');
    },
    { timeoutMs: REAL_WAIT_MS, everyMs: 200 },
  );
  expect(clock.now() - stoppedAtMs).toBeGreaterThan(SILENCE_MS - 60_000);
});
