import { describe, expect, it } from 'vitest';
import type { RegisteredDevice } from '../devices/registered-device.js';
import type { AlarmRecord } from '../alarms/alarm.js';
import {
  DONG_TRA_BONG,
  IncidentWorld,
  LY_SON,
  makeRegister,
  MINUTE,
  THANH_BONG,
  TRA_BONG,
} from './incident-world.fixture.js';

const COMMUNES = [TRA_BONG, DONG_TRA_BONG, THANH_BONG, LY_SON];

/** The endpoint of a commune; that of Trà Bồng alone hangs on the hub. */
function endpoint(communeCode: string, index: number): RegisteredDevice {
  return {
    no: 9_000 + index,
    id: `VCS-${communeCode}`,
    deviceClass: 'vcs',
    name: `Điểm họp ${communeCode}`,
    communeCode,
    owner: 'VNPT',
    siteId: communeCode === DONG_TRA_BONG ? `S-${DONG_TRA_BONG}-0` : null,
    hubId: communeCode === TRA_BONG ? 'H-07' : null,
    gatewayId: null,
    lat: 15,
    lon: 108,
    hardened: false,
    reportingIntervalMs: 10_000,
    attributes: {},
    version: 1,
  };
}
const VCS = { kind: 'device', id: `VCS-${TRA_BONG}` } as const;

function world(): IncidentWorld {
  return new IncidentWorld(
    makeRegister({
      communes: COMMUNES,
      hubs: [{ id: 'H-07', upstreamIds: [] }],
      hubOf: (code) => (code === TRA_BONG ? 'H-07' : null),
      more: COMMUNES.map(endpoint),
    }),
  );
}

/** The endpoint of a commune is not ready for a meeting. */
function notReady(
  of: IncidentWorld,
  lost: boolean,
  fields: Partial<AlarmRecord> = {},
  communeCode = TRA_BONG,
): AlarmRecord {
  return of.alarm(
    'meetingNotReady',
    { kind: 'device', id: `VCS-${communeCode}` },
    { qualifier: '7', detail: { lost, meeting: 'Họp giao ban 19:00' }, ...fields },
  );
}

describe('an endpoint that is not ready for a meeting', () => {
  it('is a symptom of the hub with which it went', () => {
    const province = world();
    const hub = province.hubDown('H-07');
    province.raise(hub);
    province.nowMs += 5 * MINUTE;
    const alarm = notReady(province, true);
    province.down.set(VCS.id, province.nowMs);
    province.raise(alarm);
    expect(province.open()).toHaveLength(1);
    expect(province.homeOf(alarm.id)).toMatchObject({ kind: 'hubDown' });
    expect(province.alarms.get(alarm.id)?.suppression).toBe('symptom');
  });

  it('and is heard all the same is in the incident of its meeting', () => {
    const province = world();
    const hub = province.hubDown('H-07');
    const alarm = notReady(province, false);
    province.raise(hub, alarm);
    expect(province.open()).toHaveLength(2);
    expect(province.homeOf(alarm.id)).toMatchObject({ kind: 'meeting', deviceId: VCS.id });
    expect(province.alarms.get(alarm.id)?.suppression).toBeNull();
  });

  it('leaves its hub for the meeting once it is heard again, and goes back with the hub', () => {
    const province = world();
    province.raise(province.hubDown('H-07'));
    const alarm = notReady(province, true);
    province.raise(alarm);
    const hub = province.homeOf(alarm.id);
    province.change(alarm.id, { detail: { ...alarm.detail, lost: false } });
    expect(province.homeOf(alarm.id)).toMatchObject({ kind: 'meeting' });
    expect(province.get(alarm.id).suppression).toBeNull();
    province.change(alarm.id, { detail: { ...alarm.detail, lost: true } });
    expect(province.homeOf(alarm.id).id).toBe(hub.id);
    expect(province.get(alarm.id).suppression).toBe('symptom');
    expect(province.open()).toHaveLength(1);
  });

  it('was lost before its hub was known to be down, and is its symptom from then on', () => {
    const province = world();
    const [lost, other] = [notReady(province, true), notReady(province, false, {}, LY_SON)];
    province.raise(lost, other);
    expect(province.open()).toMatchObject([{ kind: 'meeting', counts: { alarms: 2 } }]);
    province.nowMs += MINUTE;
    province.raise(province.hubDown('H-07'));
    expect(province.homeOf(lost.id)).toMatchObject({ kind: 'hubDown' });
    expect(province.homeOf(other.id)).toMatchObject({ kind: 'meeting', counts: { alarms: 1 }, communeCode: LY_SON });
  });

  it('stays with the meeting when somebody has that, and nothing proposes to merge it into the hub', () => {
    const province = world();
    const alarm = notReady(province, true);
    province.raise(alarm);
    province.hold(province.homeOf(alarm.id).id);
    province.raise(province.hubDown('H-07'));
    expect(province.homeOf(alarm.id)).toMatchObject({ kind: 'meeting' });
    expect(province.proposals).toEqual([]);
  });
});

describe('the incident of a meeting', () => {
  it('holds every endpoint that is not ready, wherever it is, is as bad as the worst, and names how many', () => {
    const province = world();
    const alarms = COMMUNES.map((code) => notReady(province, false, {}, code));
    province.raise(...alarms.slice(0, 1));
    expect(province.open()).toMatchObject([
      {
        title: {
          vi: 'Họp giao ban 19:00: 1 thiết bị chưa đăng ký',
          en: 'Họp giao ban 19:00: 1 endpoint not registered',
        },
      },
    ]);
    province.nowMs += 40 * MINUTE;
    province.raise(...alarms.slice(1));
    const [incident, ...others] = province.open();
    expect(others).toEqual([]);
    expect(incident).toMatchObject({
      kind: 'meeting',
      anchor: 'meeting:7',
      place: { kind: 'meeting', id: '7', name: 'Họp giao ban 19:00' },
      title: {
        vi: 'Họp giao ban 19:00: 4 thiết bị chưa đăng ký',
        en: 'Họp giao ban 19:00: 4 endpoints not registered',
      },
      severity: 'minor',
      impact: 'none',
      deviceClass: 'vcs',
      communeCode: null,
      communeCodes: COMMUNES.toSorted(),
      counts: { alarms: 4, symptoms: 0, devices: 4, devicesDown: 0 },
      cause: null,
    });
    province.change(alarms[2]?.id ?? 0, { severity: 'major' });
    expect(province.open()).toMatchObject([{ id: incident?.id, severity: 'major' }]);
    expect(province.last).toMatchObject([{ notable: 'worsened' }]);
  });

  it('ends with its last alarm, and is opened again when an endpoint drops in the meeting', () => {
    const province = world();
    const [one, other] = [notReady(province, false), notReady(province, true, {}, LY_SON)];
    province.raise(one, other);
    const { id } = province.homeOf(one.id);
    province.clear(one.id);
    expect(province.open()).toMatchObject([{ id, counts: { alarms: 1 } }]);
    province.clear(other.id);
    expect(province.open()).toEqual([]);
    province.nowMs += 10 * MINUTE;
    const dropped = notReady(province, false, {}, THANH_BONG);
    province.raise(dropped);
    expect(province.homeOf(dropped.id)).toMatchObject({ id, reopenings: 1 });
  });

  it('takes new endpoints though somebody has it', () => {
    const province = world();
    const one = notReady(province, false);
    province.raise(one);
    const { id } = province.homeOf(one.id);
    province.hold(id);
    const other = notReady(province, false, {}, LY_SON);
    province.raise(other);
    expect(province.homeOf(other.id)).toMatchObject({ id, state: 'acknowledged' });
    expect(province.proposals).toEqual([]);
  });

  it('is not that of another meeting', () => {
    const province = world();
    province.raise(notReady(province, false), notReady(province, false, { qualifier: '8' }));
    expect(province.open().map(({ anchor }) => anchor)).toEqual(['meeting:7', 'meeting:8']);
  });

  it('joins nothing, and nothing joins it for being near or on the same device', () => {
    const province = world();
    const station = province.lost(`S-${DONG_TRA_BONG}-0-VNPT`);
    const events = province.alarm('deviceEvent', { kind: 'device', id: `VCS-${LY_SON}` });
    province.raise(station, events);
    const alarms = COMMUNES.map((code) => notReady(province, code === DONG_TRA_BONG, {}, code));
    province.raise(...alarms);
    expect(new Set(alarms.map(({ id }) => province.homeOf(id).id)).size).toBe(1);
    const after = [
      province.lost(`S-${DONG_TRA_BONG}-1-VNPT`),
      province.lost(`S-${TRA_BONG}-0-VNPT`),
      province.alarm('deviceEvent', VCS),
      province.isolated(DONG_TRA_BONG),
    ];
    province.raise(...after);
    expect(province.homeOf(alarms[0]?.id ?? 0)).toMatchObject({ kind: 'meeting', counts: { alarms: 4 } });
    for (const { id } of [station, events, ...after]) expect(province.homeOf(id).kind).not.toBe('meeting');
  });
});
