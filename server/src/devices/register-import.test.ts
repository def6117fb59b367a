import { describe, expect, test } from 'vitest';
import { checkImport, MAX_ISSUES, type RegisterFiles } from './register-import.js';
import type { RegisterRows } from './register.js';

const NOTHING: RegisterRows = {
  version: 0,
  organisations: [],
  feeds: [],
  hubs: [],
  gateways: [],
  sites: [],
  devices: [],
};

const DEVICE_HEADER =
  'id,class,name,commune,owner,site,hub,gateway,lat,lon,hardened,reporting_interval_ms,technology,battery,capacityMbps,medium,kind,room';
const BTS = 'BTS-1,bts,Trạm 1,21025,VNPT,SITE-1,,GW-VNPT,15.12,108.81,false,10000,4G,leadAcid,,,,';
const LINK = 'LINK-1,link,Đường truyền,21025,VNPT,,HUB-1,,15.12,108.81,,,,,100,fibre,,';
const good = {
  organisations: 'id,name,kind\nVNPT,VNPT,operator\nEVN,Điện lực,power\n',
  feeds: 'id,name,organisation\nFEED-1,Lộ 22 kV,EVN\n',
  hubs: 'id,name,site,upstream1,upstream2\nCORE,Nút lõi,,,\nHUB-1,Nút 1,SITE-1,CORE,\n',
  gateways: 'id,name,organisation\nGW-VNPT,Cổng VNPT,VNPT\n',
  sites: 'id,name,commune,lat,lon,hub,feed,hardened\nSITE-1,Vị trí 1,21025,15.12,108.81,HUB-1,FEED-1,true\n',
  devices: `${DEVICE_HEADER}\n${BTS}\n${LINK}\n`,
} satisfies RegisterFiles;

function issuesOf(files: RegisterFiles, present: RegisterRows = NOTHING): readonly string[] {
  const checked = checkImport(files, present);
  return checked.ok
    ? []
    : checked.issues.map(({ file, line, column, reason }) => `${file}:${line} ${column}: ${reason.en}`);
}
const devices = (...rows: string[]) => ({ ...good, devices: `${DEVICE_HEADER}\n${rows.join('\n')}\n` });

describe('an import that is right', () => {
  test('gives every row, typed, with attributes of the class and its default interval', () => {
    const checked = checkImport(good, NOTHING);
    if (!checked.ok) throw new Error(issuesOf(good).join('\n'));
    expect(checked.counts).toEqual({ organisations: 2, feeds: 1, hubs: 2, gateways: 1, sites: 1, devices: 2 });
    expect(checked.warnings).toEqual([]);
    expect(checked.rows.sites[0]).toEqual({
      id: 'SITE-1',
      name: 'Vị trí 1',
      communeCode: '21025',
      lat: 15.12,
      lon: 108.81,
      hubId: 'HUB-1',
      feedId: 'FEED-1',
      hardened: true,
    });
    expect(checked.rows.devices[1]).toMatchObject({
      id: 'LINK-1',
      siteId: null,
      hubId: 'HUB-1',
      gatewayId: null,
      hardened: false,
      reportingIntervalMs: 5_000,
      attributes: { capacityMbps: 100, medium: 'fibre' },
    });
    expect(checked.rows.hubs[1]?.upstreamIds).toEqual(['CORE']);
  });

  test('may name what is registered already instead of bringing it', () => {
    const present: RegisterRows = {
      ...NOTHING,
      organisations: [{ id: 'VNPT', name: 'VNPT' }],
      gateways: [{ id: 'GW-VNPT', name: 'x', owner: 'VNPT' }],
      sites: [
        {
          id: 'SITE-1',
          name: 'x',
          communeCode: '21025',
          lat: 15,
          lon: 108,
          hubId: null,
          feedId: null,
          hardened: false,
        },
      ],
    };
    expect(issuesOf({ devices: `${DEVICE_HEADER}\n${BTS}\n` }, present)).toEqual([]);
    expect(issuesOf({ devices: `${DEVICE_HEADER}\n${BTS}\n` })).toHaveLength(3);
  });

  test('warns of a device whose site is in another commune', () => {
    const checked = checkImport(devices(BTS.replace('21025', '21028')), NOTHING);
    expect(checked).toMatchObject({
      ok: true,
      warnings: [{ file: 'devices', line: 2, column: 'commune', value: '21028' }],
    });
  });
});

describe('a bad row is named by file, line, column and reason', () => {
  test.each([
    ['an unknown commune', devices(BTS.replace('21025', '99999')), ['devices:2 commune: No commune has this code']],
    [
      'an owner that is not there',
      devices(BTS.replace('VNPT,SITE', 'VIETTEL,SITE')),
      ['devices:2 owner: There is no such organisation in the files or the register'],
    ],
    ['a station without a site', devices(BTS.replace('SITE-1', '')), ['devices:2 site: It must not be empty']],
    ['a station without a gateway', devices(BTS.replace('GW-VNPT', '')), ['devices:2 gateway: It must not be empty']],
    [
      'a place outside the province',
      devices(BTS.replace('15.12', '21.03')),
      ['devices:2 lat: Outside the province (13.8–15.6)'],
    ],
    [
      'latitude and longitude exchanged',
      devices(BTS.replace('15.12,108.81', '108.81,15.12')),
      ['devices:2 lat: Outside the province (13.8–15.6)', 'devices:2 lon: Outside the province (107.2–109.3)'],
    ],
    ['a number that is none', devices(BTS.replace('15.12', '1e1')), ['devices:2 lat: Not a number']],
    [
      'an unknown class',
      devices(BTS.replace('bts', 'camera')),
      ['devices:2 class: Must be one of: bts, link, vcs, flood'],
    ],
    [
      'an id that cannot be in a topic',
      devices(BTS.replace('BTS-1', 'BTS/1')),
      ['devices:2 id: Must be 1–64 of A–Z a–z 0–9 _ -'],
    ],
    ['an id that is there twice', devices(BTS, LINK, BTS), ['devices:4 id: The id is there already, in line 2']],
    [
      'an attribute that the class has not',
      devices(BTS.replace('leadAcid,,', 'leadAcid,100,')),
      ['devices:2 capacityMbps: This class has no such attribute'],
    ],
    ['an attribute that is missing', devices(BTS.replace('4G', '')), ['devices:2 technology: It must not be empty']],
    ['a flag that is none', devices(BTS.replace('false', 'maybe')), ['devices:2 hardened: Must be true or false']],
    [
      'an interval below a second',
      devices(BTS.replace('10000', '10')),
      ['devices:2 reporting_interval_ms: Must be a whole number from 1000 to 86400000'],
    ],
    [
      'a hub of nowhere',
      { ...good, hubs: good.hubs.replace('SITE-1', 'SITE-9') },
      ['hubs:3 site: There is no such site in the files or the register'],
    ],
    [
      'a second upstream without a first',
      { ...good, hubs: good.hubs.replace('CORE,\n', ',CORE\n') },
      ['hubs:3 upstream1: There is a second upstream but no first'],
    ],
    [
      'a hub that hangs on itself',
      { ...good, hubs: good.hubs.replace('SITE-1,CORE', 'SITE-1,HUB-1') },
      ['hubs:3 upstream1: A hub cannot hang on itself'],
    ],
    [
      'an unknown kind of organisation',
      { ...good, organisations: good.organisations.replace('operator', 'club') },
      ['organisations:2 kind: Must be one of: operator, network, power, commune, province'],
    ],
  ] as const)('%s', (_words, files, issues) => {
    expect(issuesOf(files)).toEqual(issues);
  });

  test('a wrong value of an attribute is explained in both languages', () => {
    const checked = checkImport(devices(BTS.replace('4G', '6G')), NOTHING);
    if (checked.ok) throw new Error('it was taken');
    expect(checked.issues).toHaveLength(1);
    expect(checked.issues[0]).toMatchObject({ line: 2, column: 'technology', value: '6G' });
    expect(checked.issues[0]?.reason.vi).not.toBe(checked.issues[0]?.reason.en);
  });

  test('hubs in a circle, also through what is registered', () => {
    const present: RegisterRows = {
      ...NOTHING,
      hubs: [
        { id: 'A', name: 'A', siteId: null, upstreamIds: ['B'] },
        { id: 'B', name: 'B', siteId: null, upstreamIds: [] },
      ],
    };
    const hubs = 'id,name,site,upstream1,upstream2\nB,B,,A,\nC,C,,A,\n';
    expect(issuesOf({ hubs }, present)).toEqual(['hubs:2 upstream1: The hub hangs on itself in a circle']);
  });

  test('a device that would change its class', () => {
    const present = checkImport(good, NOTHING);
    if (!present.ok) throw new Error('the example is bad');
    const before: RegisterRows = {
      ...NOTHING,
      devices: present.rows.devices.map((device, no) => ({ ...device, no, version: 1 })),
    };
    const changed = devices(BTS, LINK.replace('link', 'vcs').replace('100,fibre,,', ',,codec,Hội trường'));
    expect(issuesOf(changed, before)).toEqual([
      'devices:3 class: This device is registered as link; a class cannot change',
    ]);
  });

  test('one bad organisation is told once, not by everything that names it', () => {
    expect(issuesOf({ ...good, organisations: good.organisations.replace('operator', 'club') })).toHaveLength(1);
  });

  test('all bad rows are counted, the first 200 are told', () => {
    const rows = Array.from({ length: 500 }, (_, index) =>
      BTS.replace('BTS-1', `BTS-${index}`).replace('21025', '00000'),
    );
    const checked = checkImport(devices(...rows), NOTHING);
    expect(checked).toMatchObject({ ok: false, total: 500 });
    expect(checked.ok ? [] : checked.issues).toHaveLength(MAX_ISSUES);
  });
});
