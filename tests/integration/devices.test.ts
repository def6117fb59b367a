import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { API_PREFIX, COMMUNES, ENDPOINTS, type ImportCounts } from '@ioc/contract';
import { DevicesService, type RegisterFiles } from '@ioc/server/devices/devices.service';
import { fleetCsv, generateFleet } from '@ioc/simulators';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { freshDatabase } from '../harness/database.js';
import { smallFleetCsv } from '../harness/small-fleet.js';

const IMPORT = `${API_PREFIX}/register/import`;
const MAP = `${API_PREFIX}/map/devices`;
const BOUNDARIES = `${API_PREFIX}/map/boundaries`;
const run = promisify(execFile);

async function rows<T extends pg.QueryResultRow>(databaseUrl: string, statement: string): Promise<readonly T[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<T>(statement)).rows;
  } finally {
    await client.end();
  }
}

const numbersOf = (databaseUrl: string) =>
  rows<{ id: string; no: number; version: number }>(databaseUrl, 'select id, no, version from device order by id');

describe('importing the register', () => {
  let ioc: TestConsole;
  beforeAll(async () => {
    ioc = await startTestConsole();
  });
  afterAll(async () => {
    await ioc.stop();
  });

  const service = () => ioc.running.app.get(DevicesService);
  const fleet = fleetCsv(generateFleet());

  test('a dry run of the whole fleet checks it and writes nothing', async () => {
    const administrator = await ioc.signedIn('administrator');
    const answer = await administrator
      .post(IMPORT)
      .send({ dryRun: true, ...fleet })
      .expect(200);
    const checked = ENDPOINTS.importRegister.response.parse(answer.body);
    expect(checked).toMatchObject({ dryRun: true, registerVersion: 0 });
    expect(checked.counts).toMatchObject<Partial<ImportCounts>>({ sites: 1_780 });
    expect(service().register().devices.size).toBe(0);
    expect(await rows(ioc.databaseUrl, 'select 1 from register_change')).toEqual([]);
  });

  test('the fleet of about 4,000 devices is in within three seconds, announced, and noted with who did it', async () => {
    const administrator = await ioc.signedIn('administrator');
    const announced: number[] = [];
    const stop = service().onRegisterChanged('test', ({ version }) => announced.push(version));
    const began = performance.now();
    const answer = await administrator.post(IMPORT).send(fleet).expect(200);
    const tookMs = performance.now() - began;
    stop();
    const { counts, registerVersion } = ENDPOINTS.importRegister.response.parse(answer.body);
    expect(tookMs).toBeLessThan(3_000);
    expect(announced).toEqual([registerVersion]);
    const register = service().register();
    expect(register.version).toBe(registerVersion);
    expect(register.devices.size).toBe(counts.devices);
    expect(register.hubs.size).toBe(counts.hubs);
    expect(register.devicesByCommune.size).toBe(96);
    const station = [...register.devices.values()].find(({ deviceClass }) => deviceClass === 'bts');
    expect(station).toMatchObject({ reportingIntervalMs: 10_000, attributes: { technology: '4G' } });
    expect(register.devicesBySite.get(station?.siteId ?? '')).toContain(station);
    expect(register.devicesByGateway.get(station?.gatewayId ?? '')).toContain(station);
    const [change] = await rows<{ changed_by: string; summary: string }>(
      ioc.databaseUrl,
      'select changed_by, summary from register_change',
    );
    expect(change?.changed_by).toContain('Phạm Quản Trị');
    expect(change?.summary).toContain(`${counts.devices} devices`);
    const trail = await rows(ioc.databaseUrl, `select 1 from audit_entry where action = 'register:imported'`);
    expect(trail).toHaveLength(1);
  });

  test('the same files again renumber nothing and make no new version of a device', async () => {
    const before = await numbersOf(ioc.databaseUrl);
    const version = service().register().version;
    const outcome = await service().importCsv(fleet, { dryRun: false, actor: 'test' });
    expect(outcome).toMatchObject({ ok: true, registerVersion: version + 1 });
    expect(await numbersOf(ioc.databaseUrl)).toEqual(before);
  });

  test('a changed row replaces its device under the same number, and a new one gets the next', async () => {
    const before = new Map((await numbersOf(ioc.databaseUrl)).map((row) => [row.id, row]));
    const [header = '', first = '', second = ''] = fleet.devices.split('\n');
    const id = first.split(',')[0] ?? '';
    const renamed = first.replace(/^([^,]+,bts),[^,]+,/, '$1,Tên mới,');
    const added = second.replace(/^[^,]+,/, 'BTS-NEW,');
    const outcome = await service().importCsv(
      { devices: [header, renamed, added].join('\n') },
      { dryRun: false, actor: 'test' },
    );
    expect(outcome).toMatchObject({ ok: true, counts: { devices: 2, sites: 0 } });
    const after = new Map((await numbersOf(ioc.databaseUrl)).map((row) => [row.id, row]));
    expect(after.get(id)).toEqual({ id, no: before.get(id)?.no, version: 2 });
    expect(after.get('BTS-NEW')?.no).toBe(Math.max(...[...before.values()].map(({ no }) => no)) + 1);
    expect(after.size).toBe(before.size + 1);
    expect(service().register().devices.get(id)).toMatchObject({ name: 'Tên mới', no: before.get(id)?.no });
  });

  test('one bad row among thousands: nothing is written, and the row is named', async () => {
    const administrator = await ioc.signedIn('administrator');
    const version = service().register().version;
    const before = await numbersOf(ioc.databaseUrl);
    const lines = fleet.devices.trimEnd().split('\n');
    lines[2_000] = (lines[2_000] ?? '').replace(/,\d{5},/, ',99999,');
    const answer = await administrator
      .post(IMPORT)
      .send({ ...fleet, devices: lines.join('\n'), organisations: `${fleet.organisations}NEW,Đơn vị mới,operator\n` })
      .expect(422);
    expect(answer.body).toMatchObject({
      code: 'import-rejected',
      detail: 'Có 1 lỗi, chưa ghi gì',
      issues: [
        { file: 'devices.csv', line: 2_001, column: 'commune', reason: 'Không có xã nào mang mã này', value: '99999' },
      ],
    });
    const english = await administrator
      .post(IMPORT)
      .set('accept-language', 'en')
      .send({ devices: lines.join('\n') })
      .expect(422);
    expect(english.body).toMatchObject({ issues: [{ reason: 'No commune has this code' }] });
    expect(service().register().version).toBe(version);
    expect(await numbersOf(ioc.databaseUrl)).toEqual(before);
    expect(await rows(ioc.databaseUrl, `select 1 from organisation where id = 'NEW'`)).toEqual([]);
  });

  test('two imports at once leave the register of both', async () => {
    const header = 'id,name,kind\n';
    const outcomes = await Promise.all(
      ['A', 'B', 'C'].map((id) =>
        service().importCsv({ organisations: `${header}ORG-${id},${id},operator\n` }, { dryRun: false, actor: id }),
      ),
    );
    const versions = outcomes.map((outcome) => (outcome.ok ? outcome.registerVersion : 0)).sort((a, b) => a - b);
    expect(new Set(versions).size).toBe(3);
    expect(service().register().version).toBe(versions[2]);
  });

  test.each<[string, RegisterFiles | object]>([
    ['no file', {}],
    ['a file that is no text', { devices: 7 }],
    ['a file that we do not know', { cameras: 'id\n' }],
  ])('%s is a bad request', async (_words, body) => {
    const administrator = await ioc.signedIn('administrator');
    await administrator.post(IMPORT).send(body).expect(400);
  });

  test('survives a restart', async () => {
    // A database has one console: that of these tests keeps its own.
    const copy = await freshDatabase();
    try {
      const first = await startTestConsole({ databaseUrl: copy.url, register: fleet });
      const before = first.running.app.get(DevicesService).register();
      await first.stop();
      const again = await startTestConsole({ databaseUrl: copy.url });
      const loaded = again.running.app.get(DevicesService).register();
      await again.stop();
      expect(loaded.version).toBe(before.version);
      expect([...loaded.devices]).toEqual([...before.devices]);
    } finally {
      await copy.drop();
    }
  });
});

describe('adopting a device', () => {
  let ioc: TestConsole;
  beforeAll(async () => {
    ioc = await startTestConsole({ register: smallFleetCsv() });
  });
  afterAll(async () => {
    await ioc.stop();
  });

  const body = {
    deviceClass: 'vcs' as const,
    communeCode: '21115',
    name: 'VCS mới',
    owner: 'VNPT',
    lat: 15.26,
    lon: 108.5,
    hardened: false,
    attributes: { kind: 'pc', room: 'Phòng họp' },
  };
  const adopt = (id: string, changed: object = {}, within?: () => Promise<boolean>) =>
    ioc.running.app.get(DevicesService).adopt(id, { ...body, ...changed }, 'test', within);

  test('puts it into the register with the next number and a new register version', async () => {
    const before = ioc.running.app.get(DevicesService).register();
    expect(await adopt('VCS-NEW')).toEqual({ ok: true, id: 'VCS-NEW' });
    const after = ioc.running.app.get(DevicesService).register();
    expect(after.version).toBe(before.version + 1);
    expect(after.devices.get('VCS-NEW')).toMatchObject({
      deviceClass: 'vcs',
      reportingIntervalMs: 10_000,
      attributes: { kind: 'pc', room: 'Phòng họp' },
    });
    expect(before.devices.has('VCS-NEW')).toBe(false);
    expect(await adopt('VCS-NEW')).toEqual({ ok: false, code: 'conflict' });
  });

  test('refuses what an import would refuse, by field', async () => {
    const outcome = await adopt('BTS-NEW', {
      deviceClass: 'bts',
      communeCode: '99999',
      owner: 'NOBODY',
      siteId: 'NOWHERE',
      lat: 16.5,
      attributes: { technology: '6G' },
    });
    if (outcome.ok || outcome.code !== 'bad-request') throw new Error('it was not refused');
    expect(outcome.issues.map((issue) => issue.path)).toEqual([
      'body.communeCode',
      'body.owner',
      'body.siteId',
      'body.gatewayId',
      'body.lat',
      'body.attributes.technology',
      'body.attributes.battery',
    ]);
  });

  test('writes nothing when what belongs to it is not there, or fails', async () => {
    const { version } = ioc.running.app.get(DevicesService).register();
    expect(await adopt('VCS-OTHER', {}, () => Promise.resolve(false))).toEqual({ ok: false, code: 'not-found' });
    await expect(adopt('VCS-OTHER', {}, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(ioc.running.app.get(DevicesService).register().version).toBe(version);
    expect(await rows(ioc.databaseUrl, `select 1 from device where id = 'VCS-OTHER'`)).toEqual([]);
  });
});

describe('what the map draws', () => {
  let ioc: TestConsole;
  let folder: string;
  let file: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'ioc-boundaries-'));
    file = path.join(folder, 'boundaries.geojson');
    ioc = await startTestConsole({ register: smallFleetCsv(), settings: { IOC_BOUNDARIES: file } });
  });
  afterAll(async () => {
    await ioc.stop();
    await rm(folder, { recursive: true });
  });

  test('are all devices, once until the register changes', async () => {
    const first = await ioc.anonymous.get(MAP).expect(200);
    const { registerVersion, items } = ENDPOINTS.mapDevices.response.parse(first.body);
    expect(items).toHaveLength(ioc.running.app.get(DevicesService).register().devices.size);
    const etag = first.headers['etag'] ?? '';
    expect(etag).toBe(`"${registerVersion}"`);
    expect(first.headers['cache-control']).toBe('private, no-cache');
    await ioc.anonymous.get(MAP).set('if-none-match', etag).expect(304);
    const files = { organisations: 'id,name,kind\nMORE,Thêm,operator\n' };
    await ioc.running.app.get(DevicesService).importCsv(files, { dryRun: false, actor: 'test' });
    const changed = await ioc.anonymous.get(MAP).set('if-none-match', etag).expect(200);
    expect(changed.headers['etag']).not.toBe(etag);
  });

  const squares = (count: number, attribution: string) =>
    JSON.stringify({
      type: 'FeatureCollection',
      attribution,
      features: COMMUNES.slice(0, count).map(({ code, lat, lon }) => ({
        type: 'Feature',
        properties: { ma_xa: code },
        geometry: {
          type: 'Polygon',
          coordinates: [
            [
              [lon, lat],
              [lon + 0.01, lat],
              [lon, lat + 0.01],
              [lon, lat],
            ],
          ],
        },
      })),
    });

  test('are polygons once the file is there and right; a wrong one is told in a sentence', async () => {
    const absent = await ioc.anonymous.get(BOUNDARIES).expect(404);
    expect(absent.body).toMatchObject({ code: 'not-found', detail: 'Không có tệp mà IOC_BOUNDARIES chỉ tới.' });
    await writeFile(file, squares(95, ''));
    const wrong = await ioc.anonymous.get(BOUNDARIES).expect(404);
    expect(wrong.body).toMatchObject({ detail: 'Tệp thiếu 1 trong 96 xã: 23548 Xã Ya Ly.' });
    await writeFile(file, squares(96, 'Nguồn: Sở'));
    const right = await ioc.anonymous.get(BOUNDARIES).expect(200);
    expect(right.headers['content-type']).toContain('application/geo+json');
    const boundaries = ENDPOINTS.boundaries.response.parse(JSON.parse(right.text));
    expect(boundaries.attribution).toBe('Nguồn: Sở');
    expect(boundaries.features).toHaveLength(96);
    await ioc.anonymous
      .get(BOUNDARIES)
      .set('if-none-match', right.headers['etag'] ?? '')
      .expect(304);
  });

  test('come from the command too, which checks before it writes', async () => {
    const source = path.join(folder, 'given.json');
    const dataDir = path.join(folder, 'data');
    const command = fileOfCommand();
    const importMap = () =>
      run(process.execPath, [command, source, '--attribution', 'Nguồn: thử'], {
        env: { PATH: process.env['PATH'] ?? '', IOC_DATA_DIR: dataDir },
      });
    await writeFile(source, squares(3, ''));
    const refused = await importMap().catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 1 });
    expect(String(Reflect.get(Object(refused), 'stderr'))).toContain('lacks 93 of the 96 communes');
    await writeFile(source, squares(96, ''));
    const { stdout } = await importMap();
    expect(stdout).toContain('Imported the boundaries of 96 communes');
    const other = await startTestConsole({ settings: { IOC_DATA_DIR: dataDir } });
    const answer = await other.anonymous.get(BOUNDARIES).expect(200);
    expect(JSON.parse(answer.text)).toMatchObject({ attribution: 'Nguồn: thử' });
    await other.stop();
  });
});

function fileOfCommand(): string {
  return path.resolve(import.meta.dirname, '../../server/dist/devices/map-import.js');
}
