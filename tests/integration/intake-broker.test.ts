import { connect } from 'node:net';
import { deviceTopic, scaledClock } from '@ioc/contract';
import { startEmbeddedBroker, type EmbeddedBroker } from '@ioc/server/platform/embedded/broker';
import { createLogger } from '@ioc/server/platform/logging/logger';
import { MqttConsumer } from '@ioc/server/platform/mqtt/consumer';
import type { IncomingMessage } from '@ioc/server/platform/mqtt/message-source';
import { StartError } from '@ioc/server/platform/start-error';
import mqtt from 'mqtt';
import { afterEach, describe, expect, test } from 'vitest';
import { eventually } from '../harness/eventually.js';
import { MOSQUITTO, WITHOUT_MOSQUITTO, startMosquitto } from '../harness/mosquitto.js';
import { connectPublisher } from '../harness/publisher.js';

const clock = scaledClock(0, 1, Date.now);
const logger = createLogger({ level: 'silent', human: false, secrets: [], write: () => undefined });
const status = deviceTopic('21025', 'link', 'LINK-21025', 'status');
const telemetry = deviceTopic('21025', 'link', 'LINK-21025', 'telemetry');

let undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.reverse()) await step();
  undo = [];
});

async function startBroker(
  given: { password?: string; window?: number; host?: string } = {},
): Promise<{ readonly broker: EmbeddedBroker; readonly taken: IncomingMessage[] }> {
  const broker = await startEmbeddedBroker({ host: '127.0.0.1', port: 0, window: 1_000, clock, logger, ...given });
  undo.push(() => broker.close());
  const taken: IncomingMessage[] = [];
  broker.start({ onMessage: (message) => taken.push(message), onConnectionLost: () => undefined });
  return { broker, taken };
}

async function publisher(url: string, options: mqtt.IClientOptions = {}) {
  const made = await connectPublisher(url, { reconnectPeriod: 0, ...options });
  undo.push(() => made.close());
  return made;
}

describe('The embedded broker', () => {
  test('refuses to listen away from this machine without a password, in a sentence that names the variable', async () => {
    await expect(startBroker({ host: '0.0.0.0' })).rejects.toThrow(/IOC_MQTT_PASSWORD/);
    await expect(startBroker({ host: '0.0.0.0' })).rejects.toBeInstanceOf(StartError);
  });

  test('lets nobody in without its password', async () => {
    const { broker } = await startBroker({ password: 'correct horse battery' });
    const once = { reconnectPeriod: 0 };
    await expect(mqtt.connectAsync(broker.url, once)).rejects.toThrow(/authorized|user name/i);
    await expect(
      mqtt.connectAsync(broker.url, { ...once, username: 'device', password: 'wrong horse battery' }),
    ).rejects.toThrow(/authorized|user name/i);
    await publisher(broker.url, { username: 'device', password: 'correct horse battery' });
  });

  test('takes nothing before the intake has started', async () => {
    const broker = await startEmbeddedBroker({ host: '127.0.0.1', port: 0, window: 10, clock, logger });
    undo.push(() => broker.close());
    const client = mqtt.connect(broker.url, { reconnectPeriod: 50, connectTimeout: 200 });
    undo.push(() => client.endAsync(true));
    let connected = false;
    client.on('connect', () => (connected = true));
    let refused = 0;
    client.on('close', () => (refused += 1));
    await eventually(() => expect(refused).toBeGreaterThan(1));
    expect(connected).toBe(false);
    broker.start({ onMessage: () => undefined, onConnectionLost: () => undefined });
    await eventually(() => expect(connected).toBe(true));
  });

  test('a device may subscribe to its own topics and to nothing else', async () => {
    const { broker, taken } = await startBroker();
    const device = await publisher(broker.url, { clientId: 'LINK-21025' });
    const grants = await device.client.subscribeAsync([status, telemetry], { qos: 1 });
    expect(grants.map(({ qos }) => qos)).toEqual([1, 1]);
    for (const filter of ['ioc/v1/#', '#', '$SYS/#', deviceTopic('21115', 'link', 'LINK-21115', 'status')]) {
      await expect(device.client.subscribeAsync(filter, { qos: 1 })).rejects.toThrow();
    }
    const heard: string[] = [];
    device.client.on('message', (topic) => heard.push(topic));
    const other = await publisher(broker.url, { clientId: 'LINK-21115' });
    const both = Promise.all([
      other.publish(deviceTopic('21115', 'link', 'LINK-21115', 'telemetry'), {}),
      device.publish(telemetry, {}),
    ]);
    await eventually(() => expect(taken).toHaveLength(2));
    broker.acknowledge(taken);
    await both;
    await eventually(() => expect(heard).toEqual([telemetry]));
  });

  test('keeps a retained status for the device that comes back, and no other retained message', async () => {
    const { broker, taken } = await startBroker();
    const device = await publisher(broker.url, { clientId: 'LINK-21025' });
    const published = Promise.all([
      device.publish(status, '{"n":1}', { retain: true }),
      device.publish(telemetry, '{"n":2}', { retain: true }),
    ]);
    await eventually(() => expect(taken).toHaveLength(2));
    // What is published now happened now, however long it is kept.
    expect(taken.map(({ retained }) => retained)).toEqual([false, false]);
    broker.acknowledge(taken);
    await published;
    await device.close();
    const again = await publisher(broker.url, { clientId: 'LINK-21025' });
    const heard: string[] = [];
    again.client.on('message', (_topic, payload, { retain }) => heard.push(`${payload.toString()} ${retain}`));
    await again.client.subscribeAsync([telemetry, status], { qos: 1 });
    await eventually(() => expect(heard).toEqual(['{"n":1} true']));
  });

  test('a message of 5 MiB is told with its beginning, acknowledged, and the next one is taken', async () => {
    const { broker, taken } = await startBroker();
    const device = await publisher(broker.url, { clientId: 'LINK-21025' });
    const large = device.publish(telemetry, Buffer.alloc(5 * 1024 * 1024, 'x'));
    const next = device.publish(telemetry, 'next');
    await eventually(() => expect(taken).toHaveLength(2));
    const [first] = taken;
    expect(first).toMatchObject({ topic: telemetry, payloadBytes: 5 * 1024 * 1024 });
    expect(first?.payload.toString()).toBe('x'.repeat(1_024));
    expect(taken[1]?.payload.toString()).toBe('next');
    broker.acknowledge(taken);
    await Promise.all([large, next]);
  });

  test('what clients publish under $SYS reaches the intake as any wrong topic, and not the broker itself', async () => {
    const { broker, taken } = await startBroker();
    const victim = await publisher(broker.url, { clientId: 'LINK-21025' });
    let closed = false;
    victim.client.on('close', () => (closed = true));
    const attacker = await publisher(broker.url, { clientId: 'X' });
    // The broker of a cluster would close the client that is named.
    const published = attacker.publish('$SYS/another/new/clients', 'LINK-21025');
    await eventually(() => expect(taken).toHaveLength(1));
    broker.acknowledge(taken);
    await published;
    const alive = victim.publish(telemetry, 'still here');
    await eventually(() => expect(taken).toHaveLength(2));
    broker.acknowledge(taken);
    await alive;
    expect(closed).toBe(false);
  });

  test('a last will is marked as one, and one that our own withholding has caused is not told', async () => {
    const { broker, taken } = await startBroker({ window: 1 });
    const will = { topic: status, payload: Buffer.from('{"state":"offline"}'), qos: 1 as const, retain: true };
    const lost = await publisher(broker.url, { clientId: 'LINK-21025', will });
    lost.client.stream.destroy();
    await eventually(() => expect(taken).toHaveLength(1));
    expect(taken[0]).toMatchObject({ topic: status, will: true });
    broker.acknowledge(taken);

    // With a full window nothing is read, not even a ping: for longer than 1.5 times the keep-alive.
    const starved = await publisher(broker.url, { clientId: 'LINK-21115', keepalive: 1, will });
    starved.client.on('error', () => undefined);
    let closed = false;
    starved.client.on('close', () => (closed = true));
    void starved.publish(telemetry, 'withheld').catch(() => undefined);
    await eventually(() => expect(taken).toHaveLength(2));
    await eventually(() => expect(closed).toBe(true));
    broker.acknowledge(taken);
    // The will would have been told at the close: what comes after it shows that it was not.
    const next = await publisher(broker.url, { clientId: 'LINK-21025' });
    void next.publish(telemetry, 'next').catch(() => undefined);
    await eventually(() => expect(taken.at(-1)?.payload.toString()).toBe('next'));
    expect(taken.map(({ will: isWill }) => isWill)).toEqual([true, false, false]);
  });

  test.each([
    ['less than its keep-alive', 60, true],
    ['longer than its keep-alive', 1, false],
  ])('the will of a device that ends while we withhold for %s', async (_what, keepalive, isTold) => {
    const { broker, taken } = await startBroker({ window: 1 });
    const will = { topic: status, payload: Buffer.from('{"state":"offline"}'), qos: 1 as const, retain: true };
    const device = await publisher(broker.url, { clientId: 'LINK-21025', keepalive, will });
    device.client.on('error', () => undefined);
    void device.publish(telemetry, 'withheld').catch(() => undefined);
    await eventually(() => expect(taken).toHaveLength(1));
    const heldAtMs = performance.now();
    await eventually(() => expect(performance.now() - heldAtMs).toBeGreaterThan(1_050));
    // Before the broker’s own patience of 1.5 times the keep-alive ends.
    device.client.stream.destroy();
    // With a full window the end is not read either: it is found when there is room again.
    broker.acknowledge(taken);
    if (isTold) await eventually(() => expect(taken.at(-1)).toMatchObject({ topic: status, will: true }));
    broker.acknowledge(taken);
    const next = await publisher(broker.url, { clientId: 'LINK-21115' });
    void next.publish(telemetry, 'next').catch(() => undefined);
    await eventually(() => expect(taken.at(-1)?.payload.toString()).toBe('next'));
    expect(taken.filter((message) => message.will)).toHaveLength(isTold ? 1 : 0);
  });

  test('bytes that are no MQTT end the connection and nothing else', async () => {
    const { broker, taken } = await startBroker();
    const { port } = new URL(broker.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => undefined);
    const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.write(Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
    await gone;
    const device = await publisher(broker.url);
    const published = device.publish(telemetry, 'x');
    await eventually(() => expect(taken).toHaveLength(1));
    broker.acknowledge(taken);
    await published;
  });
});

describe('The session at a broker', () => {
  function consume(url: string): { readonly source: MqttConsumer; readonly taken: IncomingMessage[]; lost: number } {
    const source = new MqttConsumer({ url, clientId: 'test-intake', window: 100, sessionExpiryS: 60, clock, logger });
    undo.push(() => source.close());
    const consumer = { source, taken: [] as IncomingMessage[], lost: 0 };
    source.start({
      onMessage: (message) => consumer.taken.push(message),
      onConnectionLost: () => (consumer.lost += 1),
    });
    return consumer;
  }

  test.skipIf(MOSQUITTO === null)(
    `gets again what it did not acknowledge, and not what it did${WITHOUT_MOSQUITTO}`,
    async () => {
      const mosquitto = await startMosquitto();
      undo.push(() => mosquitto.stop());
      const first = consume(mosquitto.intakeUrl);
      await eventually(() => expect(first.source.state().connected).toBe(true));
      const device = await publisher(mosquitto.deviceUrl);
      for (const payload of ['a', 'b', 'c']) await device.publish(telemetry, payload);
      await eventually(() => expect(first.taken).toHaveLength(3));
      first.source.acknowledge(first.taken.slice(0, 2));
      expect(first.source.state().unacknowledged).toBe(1);
      await first.source.close();

      const second = consume(mosquitto.intakeUrl);
      await eventually(() => expect(second.taken).toHaveLength(1));
      expect(second.taken[0]).toMatchObject({ redelivered: true });
      expect(second.taken[0]?.payload.toString()).toBe('c');
    },
  );

  test.skipIf(MOSQUITTO === null)(`tells the broker’s memory from what happens now${WITHOUT_MOSQUITTO}`, async () => {
    const mosquitto = await startMosquitto();
    undo.push(() => mosquitto.stop());
    const device = await publisher(mosquitto.deviceUrl);
    await device.publish(status, 'before', { retain: true });
    const { source, taken } = consume(mosquitto.intakeUrl);
    await eventually(() => expect(source.state().connected).toBe(true));
    await device.publish(status, 'now', { retain: true });
    await eventually(() => expect(taken).toHaveLength(2));
    expect(taken.map(({ payload, retained }) => [payload.toString(), retained])).toEqual([
      ['before', true],
      ['now', false],
    ]);
  });

  test('falls back to MQTT 3.1.1 where the broker speaks no other', async () => {
    const { broker } = await startBroker();
    // The embedded broker speaks 3.1.1 only. It gives the intake no topic to subscribe to, which ends the attempt: that it
    // was asked at all shows that the version was agreed on.
    const told: string[] = [];
    const source = new MqttConsumer({
      url: broker.url,
      clientId: 'test-intake',
      window: 10,
      sessionExpiryS: 60,
      clock,
      logger: createLogger({ level: 'warn', human: false, secrets: [], write: (line) => told.push(line) }),
    });
    undo.push(() => source.close());
    source.start({ onMessage: () => undefined, onConnectionLost: () => undefined });
    await eventually(() => expect(told.join('')).toContain('refused the subscription'));
  });
});
