import { describe, expect, it } from 'vitest';
import { device, IncidentWorld, makeRegister, THANH_BONG, TRA_BONG } from './incident-world.fixture.js';

const KON_TUM = '23293';
const gauge = (id: string, communeCode: string, river?: string) =>
  device(id, { deviceClass: 'flood', communeCode, owner: 'KTTV', attributes: river === undefined ? {} : { river } });

describe('heavy rain', () => {
  const world = () =>
    new IncidentWorld(
      makeRegister({
        communes: [TRA_BONG, THANH_BONG, KON_TUM],
        more: [
          gauge('RAIN-1', TRA_BONG),
          gauge('RAIN-2', THANH_BONG),
          gauge('RAIN-3', KON_TUM),
          gauge('RIVER-1', TRA_BONG, 'Trà Bồng'),
        ],
      }),
    );
  const rain = (at: IncidentWorld, id: string, severity: 'minor' | 'critical' = 'minor') =>
    at.alarm('rain', { kind: 'device', id }, { severity, text: { vi: 'Mưa 24 giờ cao', en: 'Heavy rain in 24 h' } });

  it('at gauges on no river is one incident on each side of the province, by its worst', () => {
    const storm = world();
    const [first, second, third] = [rain(storm, 'RAIN-1'), rain(storm, 'RAIN-2', 'critical'), rain(storm, 'RAIN-3')];
    storm.raise(first);
    storm.raise(second, third);
    expect(storm.open()).toHaveLength(2);
    expect(storm.homeOf(first.id)).toMatchObject({
      kind: 'flood',
      severity: 'critical',
      title: { vi: 'Mưa lớn tại 2 trạm đo vùng Quảng Ngãi: Mưa 24 giờ cao' },
      counts: { alarms: 2 },
    });
    expect(storm.homeOf(third.id)).toMatchObject({ kind: 'single', communeCode: KON_TUM });
    storm.clear(first.id, second.id);
    expect(storm.open()).toMatchObject([{ kind: 'single', communeCode: KON_TUM }]);
  });

  it('at a gauge on a river is the river’s', () => {
    const storm = world();
    const [onRiver, elsewhere] = [rain(storm, 'RIVER-1'), rain(storm, 'RAIN-1')];
    storm.raise(onRiver, elsewhere);
    expect(storm.open()).toHaveLength(2);
    expect(storm.homeOf(onRiver.id)).toMatchObject({ kind: 'flood', place: { kind: 'river', id: 'Trà Bồng' } });
  });
});
