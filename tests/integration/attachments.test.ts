import { randomUUID } from 'node:crypto';
import { API_PREFIX, problem, type Clock } from '@ioc/contract';
import { AttachmentsService } from '@ioc/server/attachments/attachments.service';
import { MAX_PHOTO_BYTES, MAX_UNBOUND_PHOTOS } from '@ioc/server/attachments/photo';
import { Database } from '@ioc/server/platform/database/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestConsole, type TestConsole } from '../harness/console.js';

const JPEG = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), Buffer.from('JFIF of a mast')]);
const PATH = `${API_PREFIX}/attachments`;

describe('photos of comments', () => {
  let console_: TestConsole;
  let technician: Awaited<ReturnType<TestConsole['signedIn']>>;
  let operator: typeof technician;
  let aheadMs = 0;
  const clock: Clock = { now: () => Date.now() + aheadMs, speed: 1 };

  const photo = (id: string, content = JPEG, mediaType = 'image/jpeg') => ({
    id,
    mediaType,
    base64: content.toString('base64'),
  });
  const upload = async (by: typeof technician, body: object) => await by.post(PATH).send(body);

  beforeAll(async () => {
    console_ = await startTestConsole({ clock });
    technician = await console_.signedIn('technician');
    operator = await console_.signedIn('operator');
  });
  afterAll(() => console_.stop());

  it('come back to whoever uploaded them as they were, as nothing that a browser would run', async () => {
    const id = randomUUID();
    expect((await upload(technician, photo(id))).body).toEqual({ id, bytes: JPEG.length });
    const answer = await technician.get(`${PATH}/${id}`).responseType('blob').expect(200);
    expect(answer.body).toEqual(JPEG);
    expect(answer.headers).toMatchObject({
      'content-type': 'image/jpeg',
      'content-length': String(JPEG.length),
      'content-disposition': `inline; filename="${id}.jpeg"`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    // Nobody else sees it before a comment names it.
    await operator.get(`${PATH}/${id}`).expect(404);
    await technician.get(`${PATH}/${randomUUID()}`).expect(404);
  });

  it('are one photo however often they are uploaded, and an id is never another photo or another person’s', async () => {
    const id = randomUUID();
    const answers = await Promise.all(Array.from({ length: 5 }, () => upload(technician, photo(id))));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    const rows = await console_.running.app.get(Database).query('select 1 from attachment where id = $1', [id]);
    expect(rows).toHaveLength(1);
    const other = await upload(technician, photo(id, Buffer.concat([JPEG, JPEG])));
    expect([other.status, problem.parse(other.body).code]).toEqual([409, 'conflict']);
    expect((await upload(operator, photo(id))).status).toBe(409);
  });

  it.each([
    ['a script as a JPEG', 415, photo(randomUUID(), Buffer.from('<svg onload="alert(1)"/>'))],
    ['a JPEG as a PNG', 415, photo(randomUUID(), JPEG, 'image/png')],
    ['an SVG', 400, photo(randomUUID(), JPEG, 'image/svg+xml')],
    ['nothing', 400, photo(randomUUID(), Buffer.alloc(0))],
    ['a name for an id', 400, photo('../../etc/passwd')],
    ['what is no base64', 400, { ...photo(randomUUID()), base64: '%%%' }],
    ['a byte too many', 413, photo(randomUUID(), Buffer.concat([JPEG], MAX_PHOTO_BYTES + 1))],
    ['4 MiB', 413, photo(randomUUID(), Buffer.concat([JPEG], 4 * 1024 * 1024))],
  ])('are refused when they are %s, with %d', async (_what, status, body) => {
    const answer = await upload(technician, body);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });

  it('are taken from those who work incidents only', async () => {
    expect((await upload(await console_.signedIn('viewer'), photo(randomUUID()))).status).toBe(403);
    await console_.anonymous.post(PATH).set('x-forwarded-for', '203.0.113.9').send(photo(randomUUID())).expect(401);
  });

  it('are gone after a day when no comment named them, and no person can pile them up', async () => {
    const service = console_.running.app.get(AttachmentsService);
    const first = randomUUID();
    expect((await upload(operator, photo(first))).status).toBe(201);
    for (let more = 1; more < MAX_UNBOUND_PHOTOS; more += 1) await upload(operator, photo(randomUUID()));
    expect((await upload(operator, photo(randomUUID()))).status).toBe(429);
    // One that is there already is no further one.
    expect((await upload(operator, photo(first))).status).toBe(201);

    aheadMs = 23 * 3_600_000;
    expect(await service.removeUnbound()).toBe(0);
    aheadMs = 25 * 3_600_000;
    expect(await service.removeUnbound()).toBeGreaterThanOrEqual(MAX_UNBOUND_PHOTOS);
    expect((await console_.running.app.get(Database).query('select 1 from attachment')).length).toBe(0);
    aheadMs = 0;
  });
});
