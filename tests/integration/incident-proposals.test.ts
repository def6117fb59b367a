import { deviceTopic } from '@ioc/contract';
import { IncidentRegroupingsRepository, type NewProposal } from '@ioc/server/incidents/incident-regroupings.repository';
import { IncidentsService } from '@ioc/server/incidents/incidents.service';
import { IntakeService } from '@ioc/server/intake/intake.service';
import { Database } from '@ioc/server/platform/database/database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setRaiseDelays } from '../harness/alarm-rules.js';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { connectPublisher } from '../harness/publisher.js';
import { smallFleetCsv } from '../harness/small-fleet.js';

const COMMUNE = '21025';
const LINK = `LINK-${COMMUNE}`;

describe('A regrouping that is proposed again', () => {
  let system: TestConsole;
  let incidentId = 0;

  beforeAll(async () => {
    system = await startTestConsole({ register: smallFleetCsv([COMMUNE]) });
    const { app } = system.running;
    await eventually(() => expect(app.get(IntakeService).visibility().seeing).toBe(true));
    await setRaiseDelays(system, 0);
    const wire = await connectPublisher(system.mqttUrl, { clientId: LINK });
    const topic = deviceTopic(COMMUNE, 'link', LINK, 'status');
    await wire.publish(topic, { ts: Date.now(), session: 1, state: 'online' }, { retain: true });
    await wire.publish(topic, { ts: Date.now(), session: 1, state: 'offline' }, { retain: true });
    incidentId = await eventually(() => {
      const incident = app
        .get(IncidentsService)
        .current()
        .find(({ deviceId }) => deviceId === LINK);
      if (incident === undefined) throw new Error('no incident yet');
      return Number(incident.id);
    });
    await wire.close();
  });

  afterAll(() => system.stop());

  async function propose(proposal: Partial<NewProposal>): Promise<boolean> {
    const { app } = system.running;
    const whole: NewProposal = {
      incidentId,
      kind: 'changeCause',
      otherIncidentId: null,
      causeCode: 'mainsFailure',
      text: { vi: 'mất điện', en: 'power' },
      alarmIds: [],
      ...proposal,
    };
    return await app
      .get(Database)
      .transaction((tx) => app.get(IncidentRegroupingsRepository).propose(tx, whole, Date.now()));
  }

  test('stays one, with the newest words, also when no alarm is to be moved', async () => {
    const words = { vi: 'mất điện ở 3 vị trí', en: 'power at 3 sites' };
    expect(await propose({})).toBe(true);
    expect(await propose({ text: words })).toBe(false);
    const { app } = system.running;
    const waiting = await app.get(IncidentRegroupingsRepository).proposalsOf(app.get(Database), incidentId);
    expect(waiting).toMatchObject([{ kind: 'changeCause', text: words, alarm_ids: [] }]);
  });

  test('takes the alarms of both, each once', async () => {
    const addAlarms = { kind: 'addAlarms', causeCode: null } as const;
    await propose({ ...addAlarms, alarmIds: [1, 2] });
    await propose({ ...addAlarms, alarmIds: [2, 3] });
    const { app } = system.running;
    const waiting = await app.get(IncidentRegroupingsRepository).proposalsOf(app.get(Database), incidentId);
    const alarmIds = waiting.find(({ kind }) => kind === 'addAlarms')?.alarm_ids ?? [];
    expect([...alarmIds].sort()).toEqual([1, 2, 3]);
  });
});
