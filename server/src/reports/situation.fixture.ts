import { COMMUNES, type SituationReport } from '@ioc/contract';

/** The worst night: every list longer than a page takes. */
export function worstNight(): SituationReport {
  const at = '2026-11-17T15:10:00.000Z';
  const since = '2026-11-17T13:40:00.000Z';
  const line = (owner: string | null, ownerName: string, total: number) => ({
    owner,
    ownerName,
    total,
    down: Math.round(total / 3),
    onBattery: Math.round(total / 4),
    blind: 0,
    restored: 12,
    downBefore: Math.round(total / 3) - 35,
  });
  return {
    at,
    comparedWith: '2026-11-17T14:10:00.000Z',
    simulated: true,
    seeing: true,
    stations: [
      line(null, '', 3_700),
      line('VIETTEL', 'Viettel', 1_446),
      line('VNPT', 'VNPT', 1_079),
      line('MOBIFONE', 'MobiFone', 893),
      line('VIETNAMOBILE', 'Vietnamobile', 282),
    ],
    hubs: {
      total: 39,
      down: COMMUNES.slice(0, 20).map(({ code, name }) => ({ id: `H-${code}`, name: `Nút ${name}`, since })),
    },
    communes: COMMUNES.slice(0, 60).map(({ code, name }, index) => ({
      code,
      name,
      impact: index < 25 ? 'isolated' : 'nearlyIsolated',
      since,
      operatorsAlive: index < 25 ? [] : ['Viettel'],
      isNew: index % 2 === 0,
      facts: [
        {
          id: '1',
          subject: { kind: 'commune', id: code },
          subjectName: name,
          kind: 'reached',
          note: '<b>điện thoại vệ tinh</b>',
          at: '2026-11-17T15:00:00.000Z',
          expiresAt: '2026-11-17T21:00:00.000Z',
          author: { personId: 'p', name: 'An' },
          recordedAt: at,
          withdrawnAt: null,
          withdrawnBy: null,
        },
      ],
    })),
    communesRestored: COMMUNES.slice(60, 90).map(({ code, name }) => ({ code, name })),
    links: {
      total: 96,
      down: 60,
      downBefore: 40,
      downCommunes: COMMUNES.slice(0, 60).map(({ code, name }) => ({ code, name, since })),
    },
    rivers: Array.from({ length: 20 }, (_, index) => ({
      deviceId: `FLOOD-${index}`,
      station: `Trà Khúc ${index}`,
      river: 'Trà Khúc',
      levelM: 6.8,
      at,
      alarmLevel: 3,
      risePerHourM: 0.35,
      nextLevelAt: '2026-11-17T18:00:00.000Z',
      confirmed: true,
    })),
    work: Array.from({ length: 200 }, (_, index) => ({
      incidentId: String(index),
      kind: 'communeIsolated' as const,
      title: {
        vi: `Xã Đặng Thùy Trâm bị cô lập, sự cố số ${index} với một tên rất dài ${'ươ'.repeat(60)}`,
        en: `Incident ${index}`,
      },
      severity: 'critical' as const,
      state: 'open' as const,
      beganAt: since,
      holder: index % 3 === 0 ? 'Nguyễn Văn Đường' : null,
      organisation: 'VNPT Quảng Ngãi',
      ticket: 'QNI-20261117-001',
      expectedAt: '2026-11-17T20:00:00.000Z',
    })),
    blindGateways: [{ id: 'GW-VNPT', name: 'Cổng VNPT', since, devices: 1_079 }],
  };
}

/** A quiet day: nothing to tell. */
export function quietDay(): SituationReport {
  const worst = worstNight();
  return {
    ...worst,
    comparedWith: null,
    simulated: false,
    stations: worst.stations.map((line) => ({ ...line, down: 0, onBattery: 0, restored: 0, downBefore: null })),
    hubs: { total: 39, down: [] },
    communes: [],
    communesRestored: [],
    links: { total: 96, down: 0, downBefore: null, downCommunes: [] },
    rivers: [],
    work: [],
    blindGateways: [],
  };
}
