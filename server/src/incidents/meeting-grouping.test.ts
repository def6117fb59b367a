import { describe, expect, it } from 'vitest';
import type { RegisteredDevice } from '../devices/registered-device.js';
import { IncidentWorld, makeRegister, MINUTE, TRA_BONG } from './incident-world.fixture.js';

const VCS: RegisteredDevice = {
  no: 9_000,
  id: `VCS-${TRA_BONG}`,
  deviceClass: 'vcs',
  name: 'Điểm họp Trà Bồng',
  communeCode: TRA_BONG,
  owner: 'VNPT',
  siteId: null,
  hubId: 'H-07',
  gatewayId: null,
  lat: 15,
  lon: 108,
  hardened: false,
  reportingIntervalMs: 10_000,
  attributes: {},
  version: 1,
};

function world(): IncidentWorld {
  return new IncidentWorld(
    makeRegister({
      communes: [TRA_BONG],
      hubs: [{ id: 'H-07', upstreamIds: [] }],
      hubOf: () => 'H-07',
      more: [VCS],
    }),
  );
}
const notReady = (of: IncidentWorld, lost: boolean) =>
  of.alarm('meetingNotReady', { kind: 'device', id: VCS.id }, { qualifier: '7', detail: { lost } });

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

  it('and is heard all the same has an incident of its own', () => {
    const province = world();
    const hub = province.hubDown('H-07');
    const alarm = notReady(province, false);
    province.raise(hub, alarm);
    expect(province.open()).toHaveLength(2);
    expect(province.homeOf(alarm.id)).toMatchObject({ kind: 'single', deviceId: VCS.id });
    expect(province.alarms.get(alarm.id)?.suppression).toBeNull();
  });
});
