import {
  API_PREFIX,
  deviceTopic,
  gatewayTopic,
  type Clock,
  type GeneratorCandidate,
  type FeederCandidate,
  type Handover,
  type Metrics,
  type SessionState,
  type SituationReport,
} from '@ioc/contract';
import { ConnectivityService } from '@ioc/server/connectivity/connectivity.service';
import { IntakeService } from '@ioc/server/intake/intake.service';
import { REPORT_STATEMENTS } from '@ioc/server/reports/reports.repository';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { smallFleet, smallFleetCsv } from '../harness/small-fleet.js';

/** Trà Bồng in the hills, and Trương Quang Trọng, where the gauge Trà Khúc stands, whose three levels are confirmed. */
const HILLS = '21115';
const TOWN = '21172';
const fleet = smallFleet([HILLS, TOWN]);
const stations = fleet.devices.filter(({ deviceClass }) => deviceClass === 'bts');
const hillStations = stations.filter(({ commune }) => commune === HILLS);
const gauge = fleet.devices.find(({ attributes }) => attributes['station'] === 'Trà Khúc')?.id ?? '';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('Reports', () => {
  let system: TestConsole;
  let database: pg.Client;
  let wire: Publisher;
  let nowMs = Date.parse('2026-11-17T21:00:20+07:00');
  let session = 1;
  const clock: Clock = { now: () => nowMs, speed: 1 };
  const iso = (ms: number) => new Date(ms).toISOString();

  beforeAll(async () => {
    system = await startTestConsole({ register: smallFleetCsv([HILLS, TOWN]), clock });
    database = new pg.Client({ connectionString: system.databaseUrl });
    await database.connect();
    await eventually(() => expect(system.running.app.get(IntakeService).visibility().seeing).toBe(true));
    wire = await connectPublisher(system.mqttUrl, { clientId: 'publisher' });
  });
  afterAll(async () => {
    await wire.close();
    await database.end();
    await system.stop();
  });

  const connectivityOf = (id: string) => system.running.app.get(ConnectivityService).stateOf(id);

  /** What every station says now, through its gateway. */
  async function report(
    say: (id: string, commune: string) => { state: SessionState; metrics?: Metrics; reason?: string },
  ): Promise<void> {
    for (const gateway of new Set(stations.map((station) => station.gateway))) {
      const readings = stations
        .filter((station) => station.gateway === gateway)
        .map(({ id, commune }) => ({ device: id, ts: nowMs, ...say(id, commune) }));
      await wire.publish(gatewayTopic(gateway ?? '', 'batch'), { ts: nowMs, readings });
    }
  }
  async function sayLink(commune: string, state: SessionState): Promise<void> {
    session += 1;
    const topic = deviceTopic(commune, 'link', `LINK-${commune}`, 'status');
    await wire.publish(topic, { ts: nowMs, session, state }, { retain: true });
  }
  async function sayLevel(levelM: number): Promise<void> {
    await wire.publish(deviceTopic(TOWN, 'flood', gauge, 'telemetry'), { ts: nowMs, metrics: { levelM } });
  }
  const mains = (on: boolean, percent = 100): Metrics => ({ mainsOn: on, batteryPercent: percent, dcVoltageV: 50 });
  async function situation(query = ''): Promise<SituationReport> {
    return (await system.anonymous.get(`${API_PREFIX}/reports/situation${query}`).expect(200)).body as SituationReport;
  }
  async function power(): Promise<{ sites: GeneratorCandidate[]; feeders: FeederCandidate[] }> {
    return (await system.anonymous.get(`${API_PREFIX}/power-priorities`).expect(200)).body as {
      sites: GeneratorCandidate[];
      feeders: FeederCandidate[];
    };
  }

  test('the night of a cut-off commune: as of its minute, against the one before, and what is over', async () => {
    await sayLink(HILLS, 'online');
    await sayLink(TOWN, 'online');
    await report(() => ({ state: 'online', metrics: mains(true) }));
    await sayLevel(3.6);
    await eventually(() => expect(stations.every(({ id }) => connectivityOf(id).lastKnown === 'up')).toBe(true));
    nowMs += MINUTE;
    const operator = await system.signedIn('operator');
    const first = (await operator.post(`${API_PREFIX}/reports/situation`).send({}).expect(201)).body as SituationReport;
    expect(first).toMatchObject({ at: '2026-11-17T14:01:00.000Z', comparedWith: null, communes: [], seeing: true });
    expect(first.stations[0]).toMatchObject({ owner: null, total: stations.length, down: 0, downBefore: null });

    nowMs += 30 * MINUTE;
    await sayLevel(4.3);
    await report((_id, commune) =>
      commune === HILLS ? { state: 'online', metrics: mains(false, 60) } : { state: 'online', metrics: mains(true) },
    );
    await eventually(() => expect(connectivityOf(hillStations[0]?.id ?? '').onBattery).toBe(true));
    nowMs += 30 * MINUTE;
    await sayLevel(4.7);
    await report((_id, commune) =>
      commune === HILLS ? { state: 'online', metrics: mains(false, 40) } : { state: 'online', metrics: mains(true) },
    );
    await eventually(async () => {
      nowMs += 1;
      expect((await power()).sites.some(({ minutesLeft }) => minutesLeft === 60)).toBe(true);
    });
    nowMs += MINUTE;
    const onBattery = await situation();
    expect(onBattery.stations[0]).toMatchObject({ down: 0, onBattery: hillStations.length });
    expect(onBattery.rivers.find(({ deviceId }) => deviceId === gauge)).toMatchObject({
      levelM: 4.7,
      alarmLevel: 1,
      confirmed: true,
    });

    nowMs += 2 * MINUTE;
    await sayLink(HILLS, 'offline');
    await report((_id, commune) =>
      commune === HILLS ? { state: 'offline', reason: 'battery-empty' } : { state: 'online', metrics: mains(true) },
    );
    await eventually(() => expect(connectivityOf(hillStations[0]?.id ?? '').lastKnown).toBe('down'));
    nowMs += 11 * MINUTE;
    await report((_id, commune) =>
      commune === HILLS ? { state: 'offline' } : { state: 'online', metrics: mains(true) },
    );
    const worst = await eventually(async () => {
      const now = await situation();
      expect(now.communes).toHaveLength(1);
      return now;
    });
    expect(worst.comparedWith).toBe(first.at);
    expect(worst.communes[0]).toMatchObject({ code: HILLS, impact: 'isolated', operatorsAlive: [], isNew: true });
    expect(worst.stations[0]).toMatchObject({ down: hillStations.length, downBefore: 0, onBattery: 0 });
    expect(worst.links).toMatchObject({ down: 1, downBefore: 0, downCommunes: [{ code: HILLS }] });

    // An hour later it is over; what was at that minute is still told.
    nowMs += HOUR;
    const kept = (await operator.post(`${API_PREFIX}/reports/situation`).send({}).expect(201)).body as SituationReport;
    expect(kept.communes).toHaveLength(1);
    nowMs += 2 * MINUTE;
    await sayLink(HILLS, 'online');
    await report(() => ({ state: 'online', metrics: mains(true) }));
    await eventually(() => expect(connectivityOf(hillStations[0]?.id ?? '').lastKnown).toBe('up'));
    nowMs += MINUTE;
    const over = await situation();
    expect(over).toMatchObject({ comparedWith: kept.at, communes: [], communesRestored: [{ code: HILLS }] });
    expect(over.stations[0]).toMatchObject({ down: 0, restored: hillStations.length });
    expect((await situation(`?at=${worst.at}&since=${first.at}`)).communes).toMatchObject([{ impact: 'isolated' }]);
    expect(await situation(`?at=${kept.at}`)).toEqual(kept);
    const listed = (await operator.get(`${API_PREFIX}/reports`).expect(200)).body as { reports: { at: string }[] };
    expect(listed.reports.map(({ at }) => at)).toEqual([kept.at, first.at]);
  }, 60_000);

  test('on paper it is one page of A4 with its Vietnamese letters, in a chat at most 2,000 characters', async () => {
    const pdf = await system.anonymous
      .get(`${API_PREFIX}/reports/situation.pdf`)
      .buffer(true)
      .parse((response, done) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => done(null, Buffer.concat(chunks)));
      })
      .expect(200)
      .expect('content-type', 'application/pdf');
    expect(pdf.get('content-disposition')).toMatch(/filename="tinh-hinh-2026-11-1\d-\d{4}\.pdf"/);
    const { pages, size, text, fonts } = await readPdf(pdf.body as Buffer);
    expect({ pages, size }).toEqual({ pages: 1, size: [595, 842] });
    expect(text).toContain('BÁO CÁO TÌNH HÌNH VIỄN THÔNG');
    expect(text).toContain('Đường truyền TSLCD mất');
    expect(text).toContain('Ai đang xử lý việc gì');
    expect(fonts.every((name) => name.includes('BeVietnamPro'))).toBe(true);

    const chat = await system.anonymous.get(`${API_PREFIX}/reports/situation.txt?lang=en`).expect(200);
    expect(chat.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(chat.text).toMatch(/^TELECOM SITUATION REPORT\nAs of \d{2}:\d{2} /);
    expect(chat.text.length).toBeLessThanOrEqual(2_000);
  });

  test('a minute that has not come, or one compared with a later one, is refused; viewers read and do not keep', async () => {
    const ask = (query: string) => system.anonymous.get(`${API_PREFIX}/reports/situation${query}`);
    await ask(`?at=${iso(nowMs + HOUR)}`).expect(400);
    await ask(`?since=${iso(nowMs + MINUTE)}`).expect(400);
    await ask('?at=yesterday').expect(400);
    const viewer = await system.signedIn('viewer');
    await viewer.get(`${API_PREFIX}/reports/situation`).expect(200);
    await viewer.post(`${API_PREFIX}/reports/situation`).send({}).expect(403);
    await viewer.get(`${API_PREFIX}/handovers/current`).expect(403);
  });

  test('the same minute is kept once', async () => {
    const operator = await system.signedIn('operator');
    const keep = async () =>
      ((await operator.post(`${API_PREFIX}/reports/situation`).send({}).expect(201)).body as SituationReport).at;
    expect(await Promise.all([keep(), keep()])).toEqual([await keep(), await keep()]);
    const { rows } = await database.query('select at from situation_report group by at having count(*) > 1');
    expect(rows).toEqual([]);
  });

  test('a handover is fixed by whoever hands over, and done when another person has taken over', async () => {
    const path = `${API_PREFIX}/handovers`;
    const operator = await system.signedIn('operator');
    const administrator = await system.signedIn('administrator');
    const prepared = (await operator.get(`${path}/current`).expect(200)).body as Handover;
    const at = (action: string) => `${path}/${prepared.id}/${action}`;
    expect(prepared).toMatchObject({ remarks: '', from: null, to: null });
    // Both open it at once: it is one.
    expect((await administrator.get(`${path}/current`).expect(200)).body).toMatchObject({ id: prepared.id });

    const remarks = '<img src=x onerror=alert(1)> Trạm Trà Bồng 03: gọi lại lúc 06:00';
    await operator.post(at('remarks')).send({ remarks }).expect(428);
    await operator.post(at('remarks')).set('if-match', '"9"').send({ remarks }).expect(412);
    await operator
      .post(at('remarks'))
      .set('if-match', `"${prepared.version}"`)
      .send({ remarks: 'x'.repeat(1_048_576) })
      .expect(413);
    await operator
      .post(at('remarks'))
      .set('if-match', `"${prepared.version}"`)
      .send({ remarks: 'x'.repeat(10_001) })
      .expect(400);
    const remarked = await operator
      .post(at('remarks'))
      .set('if-match', `"${prepared.version}"`)
      .send({ remarks })
      .expect(200);
    const etag = String(remarked.get('etag'));
    expect(remarked.body).toMatchObject({ remarks, version: prepared.version + 1 });

    await administrator.post(at('sign')).set('if-match', etag).send({ as: 'to' }).expect(409);
    const signed = await operator.post(at('sign')).set('if-match', etag).send({ as: 'from' }).expect(200);
    const fixed = signed.body as Handover;
    const next = String(signed.get('etag'));
    await operator.post(at('sign')).set('if-match', next).send({ as: 'to' }).expect(409);
    await administrator.post(at('remarks')).set('if-match', next).send({ remarks: 'khác' }).expect(409);
    // Time passes and things change: what it says does not.
    nowMs += 5 * MINUTE;
    await sayLink(HILLS, 'offline');
    await eventually(() => expect(connectivityOf(`LINK-${HILLS}`).lastKnown).toBe('down'));
    nowMs += MINUTE;
    expect((await administrator.get(`${path}/current`).expect(200)).body).toMatchObject({
      id: prepared.id,
      situation: fixed.situation,
      remarks,
    });
    const done = await administrator.post(at('sign')).set('if-match', next).send({ as: 'to' }).expect(200);
    expect(done.body).toMatchObject({ situation: fixed.situation, remarks, fromSignedAt: fixed.fromSignedAt });
    expect((done.body as Handover).to?.name).not.toBe(fixed.from?.name);
    await administrator.post(at('sign')).set('if-match', next).send({ as: 'to' }).expect(409);

    const listed = (await operator.get(path).expect(200)).body as { handovers: Handover[] };
    expect(listed.handovers).toEqual([done.body]);
    const begun = (await operator.get(`${path}/current`).expect(200)).body as Handover;
    expect(begun.id).not.toBe(prepared.id);
    expect(begun.situation).toMatchObject({ comparedWith: fixed.situation.at, links: { down: 1 } });
    const { rows: audited } = await database.query<{ action: string; actor: string; detail: unknown }>(
      `select action, actor, detail from audit_entry where action like 'handover:%' and subject = $1 order by id`,
      [prepared.id],
    );
    expect(audited).toEqual([
      { action: 'handover:remarked', actor: expect.any(String) as string, detail: { characters: remarks.length } },
      {
        action: 'handover:signed',
        actor: expect.stringContaining(fixed.from?.name ?? '?') as string,
        detail: { as: 'from' },
      },
      {
        action: 'handover:signed',
        actor: expect.stringContaining((done.body as Handover).to?.name ?? '?') as string,
        detail: { as: 'to' },
      },
    ]);
    await expect(database.query(`update audit_entry set actor = 'x' where action like 'handover:%'`)).rejects.toThrow();
    await expect(database.query('update handover set remarks = $1 where id = $2', ['x', prepared.id])).rejects.toThrow(
      /never edited/,
    );
    await expect(database.query('delete from handover where id = $1', [prepared.id])).rejects.toThrow(/never edited/);
  });

  test('of two who sign as handing over at once, one wins and the other is told who', async () => {
    const path = `${API_PREFIX}/handovers`;
    const signers = await Promise.all([system.signedIn('operator'), system.signedIn('administrator')]);
    const { id, version } = (await signers[0].get(`${path}/current`).expect(200)).body as Handover;
    const answers = await Promise.all(
      signers.map((signer) => signer.post(`${path}/${id}/sign`).set('if-match', `"${version}"`).send({ as: 'from' })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const winner = answers.find(({ status }) => status === 200)?.body as Handover;
    const loser = answers.find(({ status }) => status === 409)?.body as { holder?: { name: string } };
    expect(loser.holder?.name).toBe(winner.from?.name);
  });

  test('facts change where the generator goes: one that runs there, and a promise of the power company', async () => {
    nowMs += MINUTE;
    await report((_id, commune) =>
      commune === HILLS ? { state: 'online', metrics: mains(false, 25) } : { state: 'online', metrics: mains(true) },
    );
    const before = await eventually(async () => {
      const { sites, feeders } = await power();
      expect(sites.length).toBeGreaterThan(0);
      expect(sites.every(({ communeCode, minutesLeft }) => communeCode === HILLS && minutesLeft !== null)).toBe(true);
      expect(feeders.length).toBeGreaterThan(0);
      return sites;
    });
    const [first] = before;
    if (first === undefined) throw new Error('no site');
    const operator = await system.signedIn('operator');
    await operator
      .post(`${API_PREFIX}/facts`)
      .send({
        subject: { kind: 'site', id: first.siteId },
        kind: 'generatorRunning',
        note: '',
        at: iso(nowMs),
        expiresAt: iso(nowMs + 5 * HOUR),
      })
      .expect(201);
    const after = (await power()).sites;
    const fuelled = after.find(({ siteId }) => siteId === first.siteId);
    expect(fuelled?.generatorUntil).toBe(iso(nowMs + 5 * HOUR));
    expect(fuelled?.priority).toBeLessThan(first.priority);
    if (first.feedId === null) throw new Error('the site has no feed');
    await operator
      .post(`${API_PREFIX}/facts`)
      .send({
        subject: { kind: 'feed', id: first.feedId },
        kind: 'powerExpected',
        note: '',
        at: iso(nowMs),
        expiresAt: iso(nowMs + HOUR),
      })
      .expect(201);
    const { feeders } = await power();
    expect(feeders.find(({ feedId }) => feedId === first.feedId)?.powerExpectedAt).toBe(iso(nowMs + HOUR));

    // A promise of an hour is none any more when the hour is over; nobody has to say so. So it is with the generator's fuel.
    const oneMs = 1;
    nowMs += HOUR - oneMs;
    const promised = await power();
    expect(promised.feeders.find(({ feedId }) => feedId === first.feedId)?.powerExpectedAt).not.toBeNull();
    nowMs += oneMs;
    const broken = await power();
    expect(broken.feeders.find(({ feedId }) => feedId === first.feedId)?.powerExpectedAt).toBeNull();
    const fuelledStill = broken.sites.find(({ siteId }) => siteId === first.siteId);
    expect(fuelledStill?.generatorUntil).not.toBeNull();
    nowMs += 4 * HOUR;
    const burnt = (await power()).sites.find(({ siteId }) => siteId === first.siteId);
    expect(burnt?.generatorUntil).toBeNull();
    expect(burnt?.priority).toBeGreaterThan(fuelledStill?.priority ?? Infinity);
  });

  test('what people know of an isolated commune is told with it until it expires', async () => {
    await report((_id, commune) =>
      commune === HILLS ? { state: 'offline' } : { state: 'online', metrics: mains(true) },
    );
    await sayLink(HILLS, 'offline');
    await eventually(() => expect(connectivityOf(hillStations[0]?.id ?? '').lastKnown).toBe('down'));
    nowMs += 11 * MINUTE;
    await report((_id, commune) =>
      commune === HILLS ? { state: 'offline' } : { state: 'online', metrics: mains(true) },
    );
    const operator = await system.signedIn('operator');
    await operator
      .post(`${API_PREFIX}/facts`)
      .send({
        subject: { kind: 'commune', id: HILLS },
        kind: 'reached',
        note: '<b>an toàn</b>',
        at: iso(nowMs - MINUTE),
        expiresAt: iso(nowMs + 2 * HOUR),
        means: 'satellitePhone',
      })
      .expect(201);
    nowMs += MINUTE;
    const told = (await situation()).communes.find(({ code }) => code === HILLS);
    expect(told).toMatchObject({ impact: 'isolated', facts: [{ kind: 'reached', note: '<b>an toàn</b>' }] });
    nowMs += 2 * HOUR;
    await report((_id, commune) =>
      commune === HILLS ? { state: 'offline' } : { state: 'online', metrics: mains(true) },
    );
    const later = (await situation()).communes.find(({ code }) => code === HILLS);
    expect(later).toMatchObject({ impact: 'isolated', facts: [] });
  });

  test('every statement can be prepared', async () => {
    for (const [index, statement] of REPORT_STATEMENTS.entries()) {
      await database.query(`prepare report_statement_${index} as ${statement}`);
    }
  });
});

/** What a reader of PDF makes of it: pages, size of the first in points, its words, and its fonts. */
async function readPdf(bytes: Buffer) {
  const document = await getDocument({ data: new Uint8Array(bytes), verbosity: 0 }).promise;
  const page = await document.getPage(1);
  const { items } = await page.getTextContent();
  const [, , width = 0, height = 0] = page.view;
  const raw = bytes.toString('latin1');
  const read = {
    pages: document.numPages,
    size: [Math.round(width), Math.round(height)],
    text: items.map((item) => ('str' in item ? item.str : '')).join(' '),
    fonts: [...raw.matchAll(/\/FontName \/(\S+)/g)].map((match) => match[1] ?? ''),
  };
  await document.destroy();
  return read;
}
