import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { deviceTopic } from '@ioc/contract';
import pg from 'pg';
import { expect, test } from 'vitest';
import { startTestConsole } from '../harness/console.js';
import { startConsoleProcess } from '../harness/console-process.js';
import { freshDatabase } from '../harness/database.js';
import { eventually } from '../harness/eventually.js';
import { startMosquitto } from '../harness/mosquitto.js';
import { connectPublisher } from '../harness/publisher.js';
import { smallFleet, smallFleetCsv } from '../harness/small-fleet.js';

const COMMUNE = '21172';
const ROUNDS = 4;
const EVENTS_PER_ROUND = 4;
const devices = smallFleet([COMMUNE]).devices.filter(({ deviceClass }) => deviceClass === 'bts');

/** Somewhere in the life of a few dozen alarms: before, within and after their commits. */
const KILL_AFTER_MS = [5, 400] as const;

test('a console that is killed while alarms come and go loses none and doubles none', async () => {
  const database = await freshDatabase();
  const mosquitto = await startMosquitto();
  const dataDir = await mkdtemp(path.join(tmpdir(), 'ioc-kill-'));
  const client = new pg.Client({ connectionString: database.url });
  const seeded = await startTestConsole({ databaseUrl: database.url, register: smallFleetCsv([COMMUNE]) });
  await seeded.stop();
  await client.connect();
  const wire = await connectPublisher(mosquitto.deviceUrl, { clientId: 'publisher' });
  const settings = {
    IOC_DATABASE_URL: database.url,
    IOC_MQTT_URL: mosquitto.intakeUrl,
    IOC_DATA_DIR: dataDir,
    IOC_SIMULATE: '0',
    IOC_START_GRACE: '0s',
  };
  let running = startConsoleProcess(settings);
  try {
    // The broker keeps for the console only what comes once it has subscribed.
    const address = await running.address;
    await eventually(async () => expect((await fetch(`${address}/health/ready`)).status).toBe(200), {
      timeoutMs: 30_000,
    });
    const say = (round: number, state: 'raised' | 'cleared') =>
      Promise.all(
        devices.flatMap(({ id }) =>
          Array.from({ length: EVENTS_PER_ROUND }, (_, index) =>
            wire.publish(deviceTopic(COMMUNE, 'bts', id, 'event'), {
              ts: Date.now(),
              type: `round-${round}-${index}`,
              state,
            }),
          ),
        ),
      );
    for (let round = 0; round < ROUNDS; round += 1) {
      // Of the round before, every alarm ends while those of this one begin.
      const said = Promise.all([say(round, 'raised'), ...(round === 0 ? [] : [say(round - 1, 'cleared')])]);
      await delay(randomInt(...KILL_AFTER_MS));
      running.signal('SIGKILL');
      await running.ended;
      await said;
      running = startConsoleProcess(settings);
      await running.address;
    }
    const expected = Array.from({ length: ROUNDS }, (_, round) => ({
      round: String(round),
      alarms: devices.length * EVENTS_PER_ROUND,
      standing: round === ROUNDS - 1 ? devices.length * EVENTS_PER_ROUND : 0,
      keys: devices.length * EVENTS_PER_ROUND,
    }));
    await eventually(
      async () => {
        const { rows } = await client.query(`
          select split_part(qualifier, '-', 2) as round, count(*)::integer as alarms,
                 count(*) filter (where cleared_at is null)::integer as standing,
                 count(distinct (resource_id, qualifier))::integer as keys
          from alarm where alarm_type = 'deviceEvent' group by 1 order by 1`);
        expect(rows).toEqual(expected);
      },
      { timeoutMs: 30_000 },
    );
    const { rows: notes } = await client.query<{ count: number }>(`
      select count(*)::integer as count from alarm a
      where a.alarm_type = 'deviceEvent' and (select count(*) from alarm_change c where c.alarm_id = a.id and c.action = 'raised') <> 1`);
    expect(notes).toEqual([{ count: 0 }]);
  } finally {
    running.signal('SIGKILL');
    await running.ended;
    await wire.close();
    await client.end();
    await mosquitto.stop();
    await database.drop();
    await rm(dataDir, { recursive: true, force: true });
  }
}, 180_000);
