import {
  API_PREFIX,
  COMMUNES,
  LIVE_NAMESPACE,
  communeLive,
  deviceDelta,
  deviceSnapshot,
  deviceTopic,
  gatewayTopic,
  incidentsDelta,
  incidentsSnapshot,
  overviewDelta,
  overviewSnapshot,
  ungroupDevices,
  type DeltaMessage,
  type DeviceLive,
  type LiveRoom,
  type OverviewDelta,
  type SessionState,
  type SubscribeAnswer,
} from '@ioc/contract';
import { IntakeService } from '@ioc/server/intake/intake.service';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setRaiseDelays } from '../harness/alarm-rules.js';
import { startTestConsole, subscribe, type LiveSocket, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { smallFleet, smallFleetCsv } from '../harness/small-fleet.js';

const COMMUNE = '21025';
const LINK = `LINK-${COMMUNE}`;
const fleet = smallFleet([COMMUNE]);

/** Everything that one room has told one socket. */
function deltasOf(socket: LiveSocket, room: LiveRoom): DeltaMessage<OverviewDelta>[] {
  const messages: DeltaMessage<OverviewDelta>[] = [];
  socket.on('delta', (message) => {
    if (message.room === room) messages.push(message as DeltaMessage<OverviewDelta>);
  });
  return messages;
}

/** Every device of an overview's snapshot, by id. */
function devicesOf(snapshot: unknown): ReadonlyMap<string, DeviceLive> {
  return new Map(ungroupDevices(overviewSnapshot.parse(snapshot).devices));
}

const ask = (socket: LiveSocket, room: string) =>
  new Promise<SubscribeAnswer<unknown>>((resolve) => socket.emit('subscribe', { room }, resolve));

describe('The live model', () => {
  let system: TestConsole;
  let wire: Publisher;
  let session = 1;

  beforeAll(async () => {
    system = await startTestConsole({ register: smallFleetCsv([COMMUNE]) });
    await setRaiseDelays(system, 0);
    await eventually(() => expect(system.running.app.get(IntakeService).visibility().seeing).toBe(true));
    wire = await connectPublisher(system.mqttUrl, { clientId: 'publisher' });
  });

  afterAll(async () => {
    await wire.close();
    await system.stop();
  });

  async function sayLink(state: SessionState): Promise<void> {
    session += 1;
    const topic = deviceTopic(COMMUNE, 'link', LINK, 'status');
    await wire.publish(topic, { ts: Date.now(), session, state }, { retain: true });
  }

  test('the overview answers with every device and commune, and its deltas follow in sequence', async () => {
    await sayLink('online');
    const socket = await system.socket();
    const deltas = deltasOf(socket, 'overview');
    const answer = await subscribe(socket, 'overview');
    const snapshot = overviewSnapshot.parse(answer.snapshot);
    expect([...devicesOf(snapshot).keys()].sort()).toEqual(fleet.devices.map(({ id }) => id).sort());
    expect(answer.next).toBeNull();
    expect(snapshot.communes.map(({ code }) => code)).toEqual(COMMUNES.map(({ code }) => code));
    expect(snapshot.system).toMatchObject({ intake: 'seeing', simulated: false });

    await sayLink('offline');
    await eventually(() => {
      const told = deltas.flatMap(({ delta }) => delta.devices?.[LINK] ?? []).at(-1);
      expect(told).toMatchObject({ connectivity: 'down', severity: 'major' });
    });
    const commune = deltas.flatMap(({ delta }) => delta.communes ?? []).at(-1);
    expect(communeLive.parse(commune)).toMatchObject({ code: COMMUNE, impact: 'major', counts: { link: { down: 1 } } });
    await eventually(() => expect(deltas.filter(({ delta }) => delta.system !== undefined).length).toBeGreaterThan(1));
    expect(deltas.map(({ seq }) => seq)).toEqual(deltas.map((_, index) => answer.seq + 1 + index));
    for (const { delta } of deltas) overviewDelta.parse(delta);
  });

  test('incidents and their acknowledgement reach every screen', async () => {
    await sayLink('online');
    const [operator, wall] = [
      await system.socket({ cookie: await system.cookieOf('operator') }),
      await system.socket(),
    ];
    const seen = deltasOf(wall, 'incidents');
    const snapshot = incidentsSnapshot.parse((await subscribe(wall, 'incidents')).snapshot);
    await subscribe(operator, 'incidents');
    await sayLink('offline');
    const opened = await eventually(() => {
      const all = seen.flatMap(({ delta }) => incidentsDelta.parse(delta).changed);
      const incident = all.find(({ deviceId, state }) => deviceId === LINK && state === 'open');
      if (incident === undefined) throw new Error('the wall has not heard of it');
      return incident;
    });
    // What ended a moment ago is on the list, and is the same again.
    expect(snapshot.incidents.find(({ id }) => id === opened.id)?.state ?? 'resolved').toBe('resolved');
    const technician = await system.signedIn('technician');
    await technician
      .post(`${API_PREFIX}/incidents/${opened.id}/acknowledge`)
      .set('if-match', `"${opened.version}"`)
      .send({})
      .expect(200);
    await eventually(() => {
      const last = seen.flatMap(({ delta }) => incidentsDelta.parse(delta).changed).at(-1);
      expect(last).toMatchObject({ id: opened.id, state: 'acknowledged' });
    });
  });

  test('a device room tells its readings, at most one delta every 250 ms, and the newest is never left out', async () => {
    await sayLink('online');
    const socket = await system.socket();
    const deltas = deltasOf(socket, `device:${LINK}`);
    deviceSnapshot.parse((await subscribe(socket, `device:${LINK}`)).snapshot);
    const topic = deviceTopic(COMMUNE, 'link', LINK, 'telemetry');
    const began = performance.now();
    const ts = Date.now();
    for (let index = 0; index < 60; index += 1) {
      await wire.publish(topic, { ts: ts + index, metrics: { linkUp: true, rttMs: 10 + index } });
    }
    const lasted = performance.now() - began;
    await eventually(() => {
      const latest = deltas.flatMap(({ delta }) => deviceDelta.parse(delta).latest ?? []).at(-1);
      expect(latest?.metrics).toMatchObject({ rttMs: 69 });
    });
    const readings = deltas.filter(({ delta }) => deviceDelta.parse(delta).latest !== undefined);
    expect(readings.length).toBeLessThanOrEqual(Math.ceil(lasted / 250) + 2);
  });

  test('rooms that do not exist, and more than eight of them, are refused in words', async () => {
    const socket = await system.socket();
    expect(await ask(socket, 'everything')).toEqual({ ok: false, code: 'unknown-room' });
    expect(await ask(socket, 'device:NOBODY')).toEqual({ ok: false, code: 'unknown-device' });
    for (const { id } of fleet.devices.slice(0, 8))
      expect(await ask(socket, `device:${id}`)).toMatchObject({ ok: true });
    expect(await ask(socket, 'overview')).toEqual({ ok: false, code: 'too-many-rooms' });
    const first = `device:${fleet.devices[0]?.id ?? ''}`;
    expect(await ask(socket, first)).toMatchObject({ ok: true });
    socket.emit('unsubscribe', { room: first });
    expect(await ask(socket, 'overview')).toMatchObject({ ok: true });
  });

  test('a malformed question does not hurt the connection', async () => {
    // A socket without the types of ours.
    const raw = io(`${system.httpUrl}${LIVE_NAMESPACE}`, { transports: ['websocket'], forceNew: true });
    try {
      raw.emit('subscribe');
      raw.emit('subscribe', null);
      raw.emit('subscribe', { room: 7 }, 'not a function');
      raw.emit('more', { room: 'overview' });
      raw.emit('unsubscribe', 'x');
      const answerTo = (event: string, request: unknown) => new Promise((resolve) => raw.emit(event, request, resolve));
      expect(await answerTo('subscribe', { room: { a: 1 } })).toEqual({ ok: false, code: 'unknown-room' });
      expect(await answerTo('more', { room: 'overview' })).toEqual({ ok: false, code: 'unknown-room' });
      expect(await answerTo('subscribe', { room: 'incidents' })).toMatchObject({ ok: true });
    } finally {
      raw.close();
    }
  });

  test('a further part is only for whoever is in the room, and begins where a part can begin', async () => {
    const socket = await system.socket();
    const more = (room: string, from: string) => new Promise((resolve) => socket.emit('more', { room, from }, resolve));
    expect(await more('overview', COMMUNE)).toEqual({ ok: false, code: 'not-subscribed' });
    await subscribe(socket, 'overview');
    await subscribe(socket, 'incidents');
    expect(await more('overview', COMMUNE)).toMatchObject({ ok: true, room: 'overview', next: null });
    expect(await more('overview', '00000')).toEqual({ ok: false, code: 'unknown-room' });
    expect(await more('incidents', COMMUNE)).toEqual({ ok: false, code: 'unknown-room' });
  });

  test('a client that asks without end, all at once, is disconnected, and nobody else notices', async () => {
    const [greedy, other] = [await system.socket(), await system.socket()];
    const reasons: string[] = [];
    greedy.on('disconnect', (reason) => reasons.push(reason));
    for (let question = 0; question < 500; question += 1) {
      greedy.emit('subscribe', { room: 'overview' }, () => undefined);
    }
    expect(await ask(other, 'overview')).toMatchObject({ ok: true });
    await eventually(() => expect(reasons).toEqual(['io server disconnect']));
    expect(await ask(other, 'incidents')).toMatchObject({ ok: true });
  });

  test('a browser that was away is right within 2 s of coming back, whatever it missed', async () => {
    await sayLink('online');
    const socket = await system.socket();
    await subscribe(socket, 'overview');
    socket.disconnect();
    await sayLink('offline');
    const ts = Date.now();
    const readings = fleet.devices
      .filter(({ gateway }) => gateway === 'GW-VIETTEL')
      .map(({ id }) => ({
        device: id,
        ts,
        state: 'offline',
      }));
    await wire.publish(gatewayTopic('GW-VIETTEL', 'batch'), { ts, readings });
    const began = performance.now();
    const back = new Promise((resolve) => socket.once('connect', () => resolve(undefined)));
    socket.connect();
    await back;
    const devices = devicesOf((await subscribe(socket, 'overview')).snapshot);
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(devices.get(LINK)?.connectivity).toBe('down');
    for (const { device } of readings) expect(devices.get(device)?.connectivity).toBe('down');
  });

  test('asking for a room again, as after a gap, answers with a fresh snapshot that the next delta follows', async () => {
    await sayLink('online');
    const socket = await system.socket();
    const deltas = deltasOf(socket, 'overview');
    await subscribe(socket, 'overview');
    await eventually(() => expect(deltas.length).toBeGreaterThan(0));
    await sayLink('offline');
    await eventually(() => expect(deltas.at(-1)?.delta.devices?.[LINK]?.connectivity).toBe('down'));
    const heard = await new Promise<number>((resolve, reject) => {
      socket.emit('subscribe', { room: 'overview' }, (answer) => {
        if (!answer.ok) return reject(new Error(answer.code));
        expect(devicesOf(answer.snapshot).get(LINK)?.connectivity).toBe('down');
        deltas.length = 0;
        resolve(answer.seq);
      });
    });
    await eventually(() => expect(deltas[0]?.seq).toBe(heard + 1));
  });

  test('a session that is signed out is told so and loses its socket', async () => {
    const cookie = await system.cookieOf('viewer');
    const socket = await system.socket({ cookie });
    let signedOut = false;
    socket.on('signedOut', () => (signedOut = true));
    await system.anonymous.delete(`${API_PREFIX}/session`).set('cookie', cookie).expect(204);
    await eventually(() => expect([signedOut, socket.connected]).toEqual([true, false]));
  });
});

describe('Without the demo', () => {
  test('a socket without a session is refused', async () => {
    const system = await startTestConsole({ demo: false });
    try {
      await expect(system.socket()).rejects.toThrow('not-signed-in');
      await expect(system.socket({ cookie: 'ioc_session=made-up' })).rejects.toThrow('not-signed-in');
    } finally {
      await system.stop();
    }
  });
});
