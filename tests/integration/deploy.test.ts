import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { SETTINGS } from '@ioc/server/config/config';
import { Ajv, type AnySchema } from 'ajv';
import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { eventually } from '../harness/eventually.js';
import { MOSQUITTO, startMosquitto, WITHOUT_MOSQUITTO, type TestMosquitto } from '../harness/mosquitto.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const composeFile: unknown = parse(readFileSync(path.join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true });

const compose = z
  .object({
    services: z.record(
      z.string(),
      z.object({
        image: z.string(),
        ports: z.array(z.string()).default([]),
        environment: z.record(z.string(), z.string()).default({}),
      }),
    ),
  })
  .parse(composeFile);

describe('docker-compose.yml', () => {
  test('is valid by the schema of the Compose Specification', () => {
    // The schema as the package dclint (MIT) carries it; the specification is under Apache-2.0.
    const folder = path.dirname(createRequire(import.meta.url).resolve('dclint/package.json'));
    const schema = JSON.parse(readFileSync(path.join(folder, 'schemas/compose.schema.json'), 'utf8')) as AnySchema;
    const ajv = new Ajv({
      strict: false,
      validateSchema: false,
      formats: { duration: true, uri: true, 'idn-email': true },
    });
    const validate = ajv.compile(schema);
    expect({ valid: validate(composeFile), errors: validate.errors }).toEqual({ valid: true, errors: null });
    expect(validate({ services: { server: { image: 'x', prots: [] } } })).toBe(false);
  });

  test('every image is pinned to a version, TimescaleDB to the one that the storage tests run on', () => {
    const images = Object.values(compose.services).map(({ image }) => image.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1'));
    for (const image of images) expect(image).toMatch(/:\d+\.\d+\.\d+(-pg17)?$/);
    expect(images).toContain('timescale/timescaledb:2.28.3-pg17');
  });

  test('nothing listens beyond this machine unless told otherwise', () => {
    const ports = Object.values(compose.services).flatMap((service) => service.ports);
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) expect(port.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  test('sets only settings that the server knows', () => {
    const known = new Set<string>(Object.values(SETTINGS).map(({ variable }) => variable));
    const used = Object.keys(compose.services['server']?.environment ?? {});
    expect(used).toContain('IOC_DATABASE_URL');
    expect(used.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe.skipIf(MOSQUITTO === null)(`the shipped Mosquitto configuration${WITHOUT_MOSQUITTO}`, () => {
  let broker: TestMosquitto;
  beforeAll(async () => {
    broker = await startMosquitto();
  });
  afterAll(async () => {
    await broker.stop();
  });

  test('keeps what devices sent while the intake was away, through a broker that was killed', async () => {
    const topic = 'ioc/v1/51/21025/link/LINK-21025/telemetry';
    await session(broker, (intake) => intake.subscribeAsync('ioc/v1/#', { qos: 1 }));

    const device = await mqtt.connectAsync(broker.deviceUrl, { clientId: 'LINK-21025' });
    for (let seq = 0; seq < 1_500; seq += 1) await device.publishAsync(topic, JSON.stringify({ seq }), { qos: 1 });
    await device.endAsync();
    const publishedAtMs = Date.now();
    await eventually(async () => expect(await broker.savedAtMs()).toBeGreaterThan(publishedAtMs));
    await broker.killAndRestart();

    const received = new Set<number>();
    await session(
      broker,
      () => expect.poll(() => received.size, { timeout: 20_000 }).toBe(1_500),
      (payload) => received.add(seqOf(payload)),
    );
  });

  test('lets nobody in without a password, and no device listen', async () => {
    await expect(mqtt.connectAsync(broker.anonymousUrl, { reconnectPeriod: 0 }, false)).rejects.toThrow(
      /not authori[sz]ed/i,
    );
    const device = await mqtt.connectAsync(broker.deviceUrl, { clientId: 'listener' });
    const heard: string[] = [];
    device.on('message', (topic) => heard.push(topic));
    await device.subscribeAsync('ioc/v1/#', { qos: 1 }).catch(() => undefined);
    await device.publishAsync('ioc/v1/51/21025/link/LINK-21025/telemetry', '{}', { qos: 1 });
    // A message to itself would have come before the answer to this.
    await device.unsubscribeAsync('ioc/v1/#');
    await device.endAsync();
    expect(heard).toEqual([]);
  });

  /** The intake's persistent session, for as long as `work` takes. */
  async function session(
    at: TestMosquitto,
    work: (intake: MqttClient) => Promise<unknown>,
    onMessage: (payload: Buffer) => void = () => undefined,
  ): Promise<void> {
    const intake = mqtt.connect(at.intakeUrl, { clientId: 'ioc-intake', clean: false, manualConnect: true });
    // Before the connection: what the broker has queued comes with it.
    intake.on('message', (_topic, payload) => onMessage(payload));
    const connected = new Promise<void>((resolve, reject) => {
      intake.once('connect', () => resolve());
      intake.once('error', reject);
    });
    intake.connect();
    await connected;
    await work(intake);
    await intake.endAsync();
  }
});

function seqOf(payload: Buffer): number {
  return z.object({ seq: z.number() }).parse(JSON.parse(payload.toString('utf8'))).seq;
}
