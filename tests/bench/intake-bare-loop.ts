import { setImmediate as nextTurn } from 'node:timers/promises';
import { scaledClock } from '@ioc/contract';
import type { RegisteredDevice } from '@ioc/server/devices/registered-device';
import { Database } from '@ioc/server/platform/database/database';
import { startEmbeddedBroker } from '@ioc/server/platform/embedded/broker';
import { createLogger } from '@ioc/server/platform/logging/logger';
import { MqttConsumer } from '@ioc/server/platform/mqtt/consumer';
import type { IncomingMessage, MessageSource } from '@ioc/server/platform/mqtt/message-source';
import type { Reading } from '@ioc/server/readings/reading';
import { ReadingsRepository } from '@ioc/server/readings/readings.repository';

/**
 * What the intake is measured against: subscribe, parse, the same insert, the same acknowledgement after the commit, and
 * nothing else. Started by intake-round.ts: `node intake-bare-loop.mjs (MQTT_URL | embedded:PORT) DATABASE_URL WINDOW`.
 */
interface Payload {
  readonly ts: number;
  readonly metrics?: Reading['metrics'];
  readonly readings?: readonly { readonly device: string; readonly ts: number; readonly metrics: Reading['metrics'] }[];
}

const [, , broker = '', databaseUrl = '', window = '4000'] = process.argv;
const database = new Database({
  url: databaseUrl,
  maxConnections: 2,
  statementTimeoutMs: 30_000,
  onError: (error) => console.error(error),
});
const repository = new ReadingsRepository();
const rows = await database.query<{ no: number; id: string }>('select no, id from device');
const devices = new Map(rows.map(({ no, id }) => [id, { no } as RegisteredDevice]));
const source = await startSource();

let messages: IncomingMessage[] = [];
let readings: Reading[] = [];
let committing = false;

async function startSource(): Promise<MessageSource> {
  const clock = scaledClock(0, 1, Date.now);
  const logger = createLogger({ level: 'silent', human: false, secrets: [], write: () => undefined });
  const given = { window: Number(window), clock, logger };
  const [scheme, port] = broker.split(':');
  return scheme === 'embedded'
    ? await startEmbeddedBroker({ host: '127.0.0.1', port: Number(port), ...given })
    : new MqttConsumer({ url: broker, clientId: 'bench-bare-loop', sessionExpiryS: 3_600, ...given });
}

function add(id: string, atMs: number, metrics: Reading['metrics'], receivedAtMs: number): void {
  const device = devices.get(id);
  if (device === undefined) return;
  readings.push({
    device,
    atMs,
    receivedAtMs,
    effectiveAtMs: atMs,
    seq: null,
    live: true,
    clockOffsetMs: null,
    metrics,
    suspect: [],
  });
}

source.start({
  onMessage: (message) => {
    const payload = JSON.parse(message.payload.toString('utf8')) as Payload;
    messages.push(message);
    if (payload.metrics !== undefined) {
      add(message.topic.split('/')[5] ?? '', payload.ts, payload.metrics, message.receivedAtMs);
    }
    for (const { device, ts, metrics } of payload.readings ?? []) add(device, ts, metrics, message.receivedAtMs);
    if (!committing) void commit();
  },
  onConnectionLost: () => undefined,
});

async function commit(): Promise<void> {
  committing = true;
  await nextTurn();
  while (messages.length > 0) {
    const batch = { messages, readings };
    messages = [];
    readings = [];
    await database.transaction((tx) => repository.insert(tx, 'bts', batch.readings));
    source.acknowledge(batch.messages);
  }
  committing = false;
}

const ready = setInterval(() => {
  if (!source.state().connected) return;
  clearInterval(ready);
  process.send?.({ ready: true });
}, 20);
process.on('disconnect', () => process.exit(0));
// In order, so that a CPU profile is written.
process.on('SIGTERM', () => process.exit(0));
