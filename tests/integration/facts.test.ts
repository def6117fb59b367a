import { randomUUID } from 'node:crypto';
import { API_PREFIX, type Clock, type Fact, type FactBody } from '@ioc/contract';
import { FactsService } from '@ioc/server/facts/facts.service';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { smallFleet, smallFleetCsv } from '../harness/small-fleet.js';

const COMMUNE = '21115';
const fleet = smallFleet([COMMUNE]);
const [site, otherSite] = fleet.sites.filter(({ commune }) => commune === COMMUNE).map(({ id }) => id);
const HOUR = 3_600_000;
const FACTS = `${API_PREFIX}/facts`;

describe('Facts', () => {
  let system: TestConsole;
  let database: pg.Client;
  let nowMs = Date.parse('2026-11-17T22:10:00+07:00');
  const clock: Clock = { now: () => nowMs, speed: 1 };

  beforeAll(async () => {
    system = await startTestConsole({ register: smallFleetCsv([COMMUNE]), clock });
    database = new pg.Client({ connectionString: system.databaseUrl });
    await database.connect();
  });
  afterAll(async () => {
    await database.end();
    await system.stop();
  });

  const facts = () => system.running.app.get(FactsService);
  const iso = (ms: number) => new Date(ms).toISOString();
  const generator = (): FactBody => ({
    subject: { kind: 'site', id: site ?? '' },
    kind: 'generatorRunning',
    note: 'Máy phát 5 kVA, dầu đến 03:00',
    at: iso(nowMs - 60_000),
    expiresAt: iso(nowMs + 5 * HOUR),
  });
  const listed = async (query = '') =>
    ((await system.anonymous.get(`${FACTS}${query}`).expect(200)).body as { facts: Fact[] }).facts;

  test('one is recorded with author and time, counts until it expires, and stays in the record', async () => {
    const technician = await system.signedIn('technician');
    const answer = await technician.post(FACTS).send(generator()).expect(201);
    const recorded = answer.body as Fact;
    expect(recorded).toMatchObject({
      ...generator(),
      author: { name: expect.any(String) as string },
      recordedAt: iso(nowMs),
      withdrawnAt: null,
    });
    expect(facts().current(recorded.subject)).toMatchObject([{ id: Number(recorded.id) }]);
    expect(facts().ofKind('generatorRunning')).toHaveLength(1);
    expect(await listed(`?kind=site&id=${site}`)).toMatchObject([{ id: recorded.id }]);
    expect(await listed(`?kind=site&id=${otherSite}`)).toEqual([]);

    nowMs += 5 * HOUR;
    expect(facts().current(recorded.subject)).toEqual([]);
    expect(await listed()).toEqual([]);
    expect(await listed('?past=true')).toMatchObject([{ id: recorded.id }]);
    expect(await facts().countingThen(nowMs - HOUR)).toMatchObject([{ id: Number(recorded.id) }]);
  });

  test('one that is withdrawn no longer counts, says who withdrew it, and is withdrawn once', async () => {
    const technician = await system.signedIn('technician');
    const operator = await system.signedIn('operator');
    const recorded = (await technician.post(FACTS).send(generator()).expect(201)).body as Fact;
    const told: number[] = [];
    const stop = facts().onChanged('test', ({ id }) => told.push(id));
    nowMs += 60_000;
    const first = (await operator.post(`${FACTS}/${recorded.id}/withdraw`).send({}).expect(200)).body as Fact;
    nowMs += 60_000;
    const second = (await technician.post(`${FACTS}/${recorded.id}/withdraw`).send({}).expect(200)).body as Fact;
    stop();
    expect(first.withdrawnAt).toBe(iso(nowMs - 60_000));
    expect(second).toEqual(first);
    expect(first.withdrawnBy?.name).not.toBe(first.author.name);
    expect(told).toEqual([Number(recorded.id)]);
    expect(facts().current(recorded.subject)).toEqual([]);
    await operator.post(`${FACTS}/999999/withdraw`).send({}).expect(404);
  });

  test('what was tapped without a connection and comes twice is one fact', async () => {
    const technician = await system.signedIn('technician');
    const body = { ...generator(), requestId: randomUUID() };
    const answers = await Promise.all([1, 2, 3].map(() => technician.post(FACTS).send(body).expect(201)));
    const ids = new Set(answers.map((answer) => (answer.body as Fact).id));
    expect(ids.size).toBe(1);
    const operator = await system.signedIn('operator');
    await operator.post(FACTS).send(body).expect(409);
    for (const id of ids) await technician.post(`${FACTS}/${id}/withdraw`).send({}).expect(200);
  });

  test('HTML is text: it comes back as it was written', async () => {
    const operator = await system.signedIn('operator');
    const note = '<script>alert(1)</script> & "đường bị cắt" <b>';
    const body = { ...generator(), subject: { kind: 'commune', id: COMMUNE }, kind: 'roadCut', note };
    const recorded = (await operator.post(FACTS).send(body).expect(201)).body as Fact;
    expect(recorded.note).toBe(note);
    expect(recorded.subjectName).toBe('Xã Trà Bồng');
    await operator.post(`${FACTS}/${recorded.id}/withdraw`).send({}).expect(200);
  });

  test('bad ones are refused with the field that is wrong, in the language of whoever asks, and leave nothing', async () => {
    const operator = await system.signedIn('operator');
    const before = await listed('?past=true');
    const refused = async (change: object, status = 400) => {
      const answer = await operator
        .post(FACTS)
        .set('accept-language', 'vi')
        .send({ ...generator(), ...change })
        .expect(status);
      return (answer.body as { errors?: { path: string; message: string }[] }).errors ?? [];
    };
    expect(await refused({ at: iso(nowMs + HOUR) })).toEqual([{ path: 'body.at', message: 'Không được ở tương lai' }]);
    expect(await refused({ expiresAt: iso(nowMs - HOUR) })).toMatchObject([{ path: 'body.expiresAt' }]);
    expect(await refused({ expiresAt: iso(nowMs + 8 * 24 * HOUR) })).toMatchObject([{ path: 'body.expiresAt' }]);
    expect(await refused({ subject: { kind: 'site', id: 'NOWHERE' } })).toMatchObject([{ path: 'body.subject.id' }]);
    expect(await refused({ note: 'x'.repeat(2_001) })).toMatchObject([{ path: 'body.note' }]);
    expect(await refused({ kind: 'ghost' })).toMatchObject([{ path: 'body.kind' }]);
    await refused({ note: 'x'.repeat(1_048_576) }, 413);
    const huge = await operator
      .post(FACTS)
      .set('accept-language', 'vi')
      .send({ ...generator(), note: 'x'.repeat(1_048_576) });
    expect(huge.body).toMatchObject({ code: 'payload-too-large', title: 'Dữ liệu gửi lên quá lớn' });
    expect(await listed('?past=true')).toEqual(before);
  });

  test('a viewer and a wall may read facts and not record them', async () => {
    const viewer = await system.signedIn('viewer');
    await viewer.get(FACTS).expect(200);
    await viewer.post(FACTS).send(generator()).expect(403);
    await system.anonymous.post(FACTS).send(generator()).expect(403);
  });

  test('of one place no more than 30 count at once', async () => {
    const operator = await system.signedIn('operator');
    const body = { ...generator(), subject: { kind: 'site', id: otherSite ?? '' }, kind: 'other' };
    for (let count = 0; count < 30; count += 1) {
      await operator
        .post(FACTS)
        .send({ ...body, expiresAt: iso(nowMs + HOUR) })
        .expect(201);
    }
    await operator.post(FACTS).send(body).expect(409);
    nowMs += HOUR;
    await operator
      .post(FACTS)
      .send({ ...body, at: iso(nowMs) })
      .expect(201);
  });

  test('a row can be withdrawn and neither edited nor removed; what people did is in the audit trail', async () => {
    await expect(database.query(`update fact set note = 'khác'`)).rejects.toThrow(/never edited/);
    await expect(database.query('delete from fact')).rejects.toThrow(/never edited/);
    const { rows } = await database.query<{ action: string; count: number }>(
      `select action, count(*)::int as count from audit_entry where action like 'fact:%' group by action order by action`,
    );
    const { rows: kept } = await database.query<{ recorded: number; withdrawn: number }>(
      'select count(*)::int as recorded, count(withdrawn_at)::int as withdrawn from fact',
    );
    expect(rows).toEqual([
      { action: 'fact:recorded', count: kept[0]?.recorded },
      { action: 'fact:withdrawn', count: kept[0]?.withdrawn },
    ]);
  });

  test('what counts is known again after a start', async () => {
    const current = facts().allCurrent();
    expect(current.length).toBeGreaterThan(0);
    await facts().start();
    expect(facts().allCurrent()).toEqual(current);
  });
});
