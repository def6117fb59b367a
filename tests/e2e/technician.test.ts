import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { deviceTopic, ENDPOINTS, sessionInfo, type Incident } from '@ioc/contract';
import mqtt, { type MqttClient } from 'mqtt';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import supertest from 'supertest';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { setRaiseDelays } from '../harness/alarm-rules.js';
import { hasChromium, launchBrowser, openAs } from '../harness/browser.js';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { startHttpsFront, type HttpsFront } from '../harness/https-front.js';
import { SMALL_FLEET_COMMUNES, smallFleet, smallFleetCsv } from '../harness/small-fleet.js';

const title = hasChromium
  ? 'the technician’s page on a phone'
  : 'the technician’s page on a phone (skipped: /usr/bin/chromium is missing)';

const PHONE = { width: 390, height: 844 };
/** Beside the link of Trà Bồng, 36 km from that of Cẩm Thành. */
const TRA_BONG = { latitude: 15.2655, longitude: 108.5025 };
/** The two of the small fleet, and Lý Sơn on its island. */
const COMMUNES = [...SMALL_FLEET_COMMUNES, '21548'];
/** The name of the organisation that runs the links, whose id is TSLCD. */
const ORGANISATION = 'Đơn vị vận hành mạng TSLCD';
type Link = ReturnType<typeof smallFleet>['devices'][number];
const listed = ENDPOINTS.listIncidents.response;
const detailed = ENDPOINTS.getIncident.response;

describe.skipIf(!hasChromium)(title, () => {
  let front: HttpsFront;
  let console_: TestConsole;
  let browser: Browser;
  let device: MqttClient;
  let context: BrowserContext;
  let page: Page;
  const cleanups: (() => Promise<unknown>)[] = [];
  const links = smallFleet(COMMUNES).devices.filter(({ deviceClass }) => deviceClass === 'link');
  const city = links.find(({ commune }) => commune === '21025');
  const hills = links.find(({ commune }) => commune === '21115');
  const island = links.find(({ commune }) => commune === '21548');
  if (city === undefined || hills === undefined || island === undefined)
    throw new Error('the small fleet lacks a link');
  const session = Date.now();
  const cookies = { technician: '', operator: '', administrator: '' };

  const say = (link: Link, payload: object) =>
    device.publishAsync(deviceTopic(link.commune, 'link', link.id, 'status'), JSON.stringify(payload), {
      qos: 1,
      retain: true,
    });
  const get = (path_: string) =>
    supertest(console_.httpUrl).get(`/api/v1${path_}`).set('cookie', cookies.operator).expect(200);
  const post = (who: keyof typeof cookies, path_: string, version: number, body: object) =>
    supertest(console_.httpUrl)
      .post(`/api/v1${path_}`)
      .set('cookie', cookies[who])
      .set('if-match', `"${version}"`)
      .send(body);

  async function incidentOf(link: Link): Promise<Incident> {
    return await eventually(async () => {
      const { items } = listed.parse((await get('/incidents?limit=500')).body);
      const found = items.find(
        ({ deviceId, state }) => deviceId === link.id && state !== 'resolved' && state !== 'closed',
      );
      if (found === undefined) throw new Error(`there is no incident of ${link.id}`);
      return found;
    });
  }
  const detailOf = async (id: string) => detailed.parse((await get(`/incidents/${id}`)).body);
  const actionsOf = async (id: string) => (await detailOf(id)).changes.map(({ action }) => action);

  async function openPhone(size = PHONE): Promise<BrowserContext> {
    return await openAs(browser, front.origin, cookies.technician, size, {
      isMobile: true,
      hasTouch: true,
      deviceScaleFactor: 2,
      geolocation: TRA_BONG,
      permissions: ['geolocation'],
      userAgent:
        'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36',
    });
  }

  async function openPage(view: string): Promise<Page> {
    const opened = await context.newPage();
    await opened.goto(`/technician${view}`);
    return opened;
  }

  async function openIncident(id: string): Promise<void> {
    await page.goto(`/technician?incident=${id}`);
    await page.locator(`.incident-view[data-incident="${id}"]`).waitFor();
  }

  /** Opens the form, fills it and sends it. */
  async function sayMended(cause: string, how: string): Promise<void> {
    await page.getByRole('button', { name: 'Đã khắc phục', exact: true }).tap();
    await page.getByLabel('Nguyên nhân').selectOption({ label: cause });
    await page.getByLabel('Đã làm gì').fill(how);
    await page.getByRole('button', { name: 'Báo đã khắc phục' }).tap();
    await page.getByLabel('Đã làm gì').waitFor({ state: 'detached' });
  }

  const cardOf = (on: Page, id: string): Locator => on.locator(`article[data-incident="${id}"]`);
  const controlled = (on: Page) =>
    on.waitForFunction(async () => {
      await navigator.serviceWorker.ready;
      return navigator.serviceWorker.controller !== null;
    });

  /** No signal: the browser knows, and no packet passes. */
  async function loseSignal(): Promise<void> {
    await context.setOffline(true);
    front.cut();
    await page.getByText('Ngoại tuyến').waitFor();
  }
  async function findSignal(): Promise<void> {
    front.restore();
    await context.setOffline(false);
    await page.getByText('Trực tuyến').waitFor();
  }

  /** For people to look at: IOC_TEST_SHOTS names a folder. */
  async function shoot(on: Page, name: string): Promise<void> {
    const folder = process.env['IOC_TEST_SHOTS'];
    if (folder === undefined) return;
    await mkdir(folder, { recursive: true });
    await on.screenshot({ path: path.join(folder, `technician-${name}.png`) });
  }

  beforeAll(async () => {
    front = await startHttpsFront();
    cleanups.push(() => front.close());
    console_ = await startTestConsole({
      register: smallFleetCsv(COMMUNES),
      settings: { IOC_PUBLIC_ORIGIN: front.origin },
    });
    cleanups.push(() => console_.stop());
    front.forwardTo(console_.httpUrl);
    cookies.technician = await console_.cookieOf('technician');
    cookies.operator = await console_.cookieOf('operator');
    cookies.administrator = await console_.cookieOf('administrator');
    await setRaiseDelays(console_, 0);
    browser = await launchBrowser(front.browserArgs);
    cleanups.push(() => browser.close());
    device = await mqtt.connectAsync(console_.mqttUrl, { protocolVersion: 4 });
    cleanups.push(() => device.endAsync());
    for (const link of [city, hills, island]) {
      await say(link, { ts: Date.now(), session, state: 'online' });
      await say(link, { ts: Date.now(), session, state: 'offline', reason: 'cable cut' });
    }
    context = await openPhone();
    page = await openPage('?view=near');
    await controlled(page);
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await shoot(page, `failed-${task.name.slice(0, 40).replaceAll(/\W+/g, '-')}`);
    front.restore();
    await context.setOffline(false);
  });

  afterAll(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  it('can be installed: a manifest with icons that are there, over HTTPS, under a worker that controls the page', async () => {
    const manifest = await page.evaluate(async () => {
      const href = document.querySelector<HTMLLinkElement>('link[rel="manifest"]')?.href ?? '';
      const answer = await fetch(href);
      const value = (await answer.json()) as {
        name: string;
        short_name: string;
        start_url: string;
        scope: string;
        display: string;
        icons: { src: string; sizes: string; type: string; purpose: string }[];
      };
      const icons = await Promise.all(
        value.icons.map(async ({ src, sizes, type, purpose }) => {
          const icon = await fetch(src);
          const picture = await createImageBitmap(await icon.clone().blob()).catch(() => null);
          const served = icon.headers.get('content-type') ?? '';
          return { status: icon.status, sizes, type, served, purpose, width: picture?.width ?? null };
        }),
      );
      return { ...value, icons, type: answer.headers.get('content-type') ?? '' };
    });
    expect(manifest).toMatchObject({ start_url: '/technician', scope: '/', display: 'standalone' });
    expect(manifest.type).toContain('application/manifest+json');
    expect(manifest.name).toContain('Hiện trường');
    for (const icon of manifest.icons) {
      expect(icon.status).toBe(200);
      expect(icon.served).toContain(icon.type);
    }
    const pngs = manifest.icons.filter(({ type }) => type === 'image/png');
    expect(pngs.map(({ sizes, purpose }) => `${sizes} ${purpose}`)).toEqual(
      expect.arrayContaining(['192x192 any', '512x512 any', '512x512 maskable']),
    );
    for (const { sizes, width } of pngs) expect(`${width}x${width}`).toBe(sizes);
    expect(await page.evaluate(() => navigator.serviceWorker.controller?.scriptURL)).toBe(
      `${front.origin}/service-worker.js`,
    );
    expect(await page.evaluate(() => isSecureContext)).toBe(true);
  });

  it('lists what is near, nearest first, with how far it is and a way there', async () => {
    const [far, close] = [await incidentOf(city), await incidentOf(hills)];
    await page.getByRole('button', { name: 'Dùng vị trí của tôi' }).tap();
    await cardOf(page, far.id).waitFor();
    await cardOf(page, close.id).waitFor();
    await eventually(async () => {
      const order = await page.locator('article').evaluateAll((cards) => cards.map((card) => card.dataset['incident']));
      expect(order.indexOf(close.id)).toBeLessThan(order.indexOf(far.id));
      expect(await cardOf(page, far.id).textContent()).toMatch(/cách \d+ km/);
    });
    const href = await cardOf(page, close.id)
      .getByRole('link', { name: /^Chỉ đường/ })
      .getAttribute('href');
    expect(href).toMatch(/^geo:15\.\d{6},108\.\d{6}\?q=/);
    await shoot(page, 'near');
  });

  it('takes an incident with one tap, and undo gives it back', async () => {
    const { id } = await incidentOf(city);
    await cardOf(page, id)
      .getByRole('button', { name: /^Tiếp nhận/ })
      .tap();
    await cardOf(page, id).getByText('Bạn đang giữ').waitFor();
    await eventually(async () => expect((await incidentOf(city)).state).toBe('acknowledged'));
    await shoot(page, 'undo');
    await page.getByRole('button', { name: 'Hoàn tác' }).tap();
    await cardOf(page, id).getByText('Chưa ai nhận').waitFor();
    await eventually(async () => expect((await incidentOf(city)).acknowledgedBy).toBeNull());
    expect((await actionsOf(id)).filter((action) => action === 'acknowledged' || action === 'released')).toEqual([
      'acknowledged',
      'released',
    ]);
  });

  it('sends nothing of what was tapped and undone without a connection', async () => {
    const { id } = await incidentOf(city);
    const before = await actionsOf(id);
    await loseSignal();
    await cardOf(page, id)
      .getByRole('button', { name: /^Tiếp nhận/ })
      .tap();
    await cardOf(page, id).getByText('Đang nhận, chờ gửi').waitFor();
    await page.getByRole('button', { name: 'Hoàn tác' }).tap();
    await cardOf(page, id).getByText('Chưa ai nhận').waitFor();
    await findSignal();
    await page.getByText('việc chờ gửi').waitFor({ state: 'detached' });
    expect(await actionsOf(id)).toEqual(before);
  });

  it('keeps what was tapped without a connection over a closed tab, and sends it once, in order, when there is one', async () => {
    const { id } = await incidentOf(hills);
    await loseSignal();
    await cardOf(page, id)
      .getByRole('button', { name: /^Tiếp nhận/ })
      .tap();
    await page.getByRole('button', { name: /việc chờ gửi/ }).waitFor();
    await cardOf(page, id).getByRole('button', { name: /^Xem/ }).first().tap();
    await page.getByLabel('Bình luận').fill('Cột đổ ngang đường, cần xe cẩu');
    await page.locator('input[type="file"]').setInputFiles({
      name: 'cot-do.jpg',
      mimeType: 'image/jpeg',
      buffer: await photoWithPlace(page),
    });
    await page.getByAltText('Ảnh 1 sẽ gửi').waitFor();
    await page.getByRole('button', { name: 'Gửi bình luận' }).tap();
    await page.getByText('2 việc chờ gửi').waitFor();
    await shoot(page, 'offline-incident');
    await page.close();

    page = await openPage('?view=queue');
    await page.getByText('Ngoại tuyến').waitFor();
    await page.getByText(/Dữ liệu lúc \d\d:\d\d/).waitFor();
    await page.getByText('Cột đổ ngang đường, cần xe cẩu').waitFor();
    await eventually(async () => expect(await page.locator('.queue-view li').count()).toBe(2));
    await shoot(page, 'offline-queue');
    await page.getByRole('button', { name: /Của tôi/ }).tap();
    await cardOf(page, id).getByText('Đang nhận, chờ gửi').waitFor();
    // Organisations have their names without the province's overview, which never came to this page.
    await cardOf(page, id).getByText(ORGANISATION, { exact: true }).waitFor();
    await cardOf(page, id).getByRole('button', { name: /^Xem/ }).first().tap();
    await page.locator('.incident-view dd').getByText(ORGANISATION, { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Quay lại' }).tap();
    await shoot(page, 'offline-mine');

    await findSignal();
    await eventually(async () => expect(await actionsOf(id)).toContain('commented'), { timeoutMs: 30_000 });
    await page.getByRole('button', { name: /việc chờ gửi/ }).waitFor({ state: 'detached' });
    const { changes, acknowledgedBy } = await detailOf(id);
    const mine = changes.filter(({ action }) => action === 'acknowledged' || action === 'commented');
    expect(mine.map(({ action, note }) => [action, note])).toEqual([
      ['acknowledged', null],
      ['commented', 'Cột đổ ngang đường, cần xe cẩu'],
    ]);
    const me = sessionInfo.parse(
      (await supertest(console_.httpUrl).get('/api/v1/session').set('cookie', cookies.technician)).body,
    );
    expect(acknowledgedBy?.personId).toBe(me.personId);

    const [attachment] = mine[1]?.attachments ?? [];
    const photo: unknown = (await get(`/attachments/${attachment?.id ?? ''}`).responseType('blob')).body;
    if (!Buffer.isBuffer(photo)) throw new Error('no photo came');
    expect(photo.length).toBe(attachment?.bytes);
    expect(photo.length).toBeLessThan(2 * 1024 * 1024);
    expect(photo.includes('Exif')).toBe(false);
    expect(photo.includes(PLACE_IN_PHOTO)).toBe(false);
    expect(await sizeOf(page, photo)).toEqual([1_600, 1_067]);

    await cardOf(page, id).getByRole('button', { name: /^Xem/ }).first().tap();
    const shown = page.getByRole('img', { name: /^Ảnh của/ });
    await shown.scrollIntoViewIfNeeded();
    await eventually(async () => expect(await shown.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(1_600));
    await shoot(page, 'photo');
  });

  it('sends once what arrived although its answer did not', async () => {
    const { id } = await incidentOf(hills);
    await page.goto(`/technician?incident=${id}`);
    const lost = front.loseAnswerTo(`/incidents/${id}/comment`);
    await page.getByLabel('Bình luận').fill('Đã có xe cẩu');
    await page.getByRole('button', { name: 'Gửi bình luận' }).tap();
    await lost;
    await page.getByText('Đã có xe cẩu').waitFor();
    await page.getByRole('button', { name: /việc chờ gửi/ }).waitFor({ state: 'detached' });
    const said = (await detailOf(id)).changes.filter(({ note }) => note === 'Đã có xe cẩu');
    expect(said).toHaveLength(1);
  });

  it('starts the work and says that it is mended, with a connection', async () => {
    const { id } = await incidentOf(hills);
    await openIncident(id);
    const view = page.locator('.incident-view');
    await view.getByRole('button', { name: 'Bắt đầu xử lý' }).tap();
    await view.getByText('Đang xử lý').waitFor();
    await view.getByRole('button', { name: 'Bắt đầu xử lý' }).waitFor({ state: 'detached' });
    await eventually(async () => expect((await detailOf(id)).state).toBe('inProgress'));

    await sayMended('Đứt cáp quang', 'hàn lại cáp tại cột 14');
    await view.getByText('Đã hết').first().waitFor();
    await eventually(async () => expect((await detailOf(id)).state).toBe('resolved'));
    const { changes, cause, resolution } = await detailOf(id);
    expect([cause?.code, resolution]).toEqual(['fibreCut', 'hàn lại cáp tại cột 14']);
    expect(changes.filter(({ action }) => action === 'started' || action === 'resolved')).toHaveLength(2);
  });

  it('does all of it without a connection, and sends it once and in order, although an answer is lost', async () => {
    const { id } = await incidentOf(island);
    await openIncident(id);
    const view = page.locator('.incident-view');
    await view.getByText('Chưa ai nhận').first().waitFor();
    await loseSignal();
    await view.getByRole('button', { name: /^Tiếp nhận/ }).tap();
    await view.getByText('Đang nhận, chờ gửi').waitFor();
    await view.getByRole('button', { name: 'Bắt đầu xử lý' }).tap();
    await view.getByRole('button', { name: 'Bắt đầu xử lý' }).waitFor({ state: 'detached' });
    await sayMended('Hỏng thiết bị', 'thay bộ chuyển quang');
    await view.getByText('Đã khắc phục, chờ gửi').waitFor();
    // Nothing that was said already can be said a second time.
    expect(await view.getByRole('button', { name: /^(Tiếp nhận|Bắt đầu xử lý|Đã khắc phục)/ }).count()).toBe(0);
    await page.getByText('3 việc chờ gửi').waitFor();
    await shoot(page, 'offline-resolved');

    const lost = front.loseAnswerTo(`/incidents/${id}/start`);
    await findSignal();
    await lost;
    await eventually(async () => expect((await detailOf(id)).state).toBe('resolved'), { timeoutMs: 30_000 });
    await page.getByRole('button', { name: /việc chờ gửi/ }).waitFor({ state: 'detached' });
    const { changes, cause, resolution } = await detailOf(id);
    const said = changes.map(({ action }) => action);
    expect(said.filter((action) => ['acknowledged', 'started', 'resolved'].includes(action))).toEqual([
      'acknowledged',
      'started',
      'resolved',
    ]);
    expect([cause?.code, resolution]).toEqual(['equipmentFailure', 'thay bộ chuyển quang']);
    await view.getByText('Đã hết').first().waitFor();
  });

  it('shows who was first when somebody took it meanwhile, and leaves it to them', async () => {
    await page.goto('/technician?view=near');
    const { id, version } = await incidentOf(city);
    await cardOf(page, id).getByText('Chưa ai nhận').waitFor();
    await loseSignal();
    await cardOf(page, id)
      .getByRole('button', { name: /^Tiếp nhận/ })
      .tap();
    await page.getByRole('button', { name: /việc chờ gửi/ }).waitFor();
    const theirs = await post('operator', `/incidents/${id}/acknowledge`, version, { note: 'Đội 2 đang tới' });
    expect(theirs.status).toBe(200);
    const operator = (await incidentOf(city)).acknowledgedBy;

    await findSignal();
    const conflict = cardOf(page, id).getByRole('alert');
    await conflict.getByText(`${operator?.name ?? '?'} đã nhận trước`, { exact: false }).waitFor();
    await conflict.getByText('Họ viết: “Đội 2 đang tới”').waitFor();
    await page.getByRole('button', { name: /1 việc cần bạn xem lại/ }).waitFor();
    await shoot(page, 'conflict');
    expect((await incidentOf(city)).acknowledgedBy).toEqual(operator);
    await conflict.getByRole('button', { name: 'Đã hiểu' }).tap();
    await conflict.waitFor({ state: 'detached' });
    await cardOf(page, id)
      .getByText(`${operator?.name ?? '?'} đang giữ`)
      .waitFor();
    expect((await actionsOf(id)).filter((action) => action === 'acknowledged')).toHaveLength(2);
  });

  it('asks before it acts on an incident that a person changed unseen', async () => {
    const held = await incidentOf(city);
    expect((await post('operator', `/incidents/${held.id}/release`, held.version, {})).status).toBe(200);
    await cardOf(page, held.id).getByText('Chưa ai nhận').waitFor();
    await loseSignal();
    await cardOf(page, held.id)
      .getByRole('button', { name: /^Tiếp nhận/ })
      .tap();
    await page.getByRole('button', { name: /việc chờ gửi/ }).waitFor();
    const { version } = await incidentOf(city);
    const note = 'VNPT nói đã cử người, đừng đi';
    const expectedAt = new Date(Date.now() + 3_600_000).toISOString();
    const estimated = await post('operator', `/incidents/${held.id}/estimate`, version, { expectedAt, note });
    expect(estimated.status).toBe(200);

    await findSignal();
    const conflict = cardOf(page, held.id).getByRole('alert');
    await conflict.getByText(`Họ viết: “${note}”`).waitFor();
    expect((await incidentOf(city)).acknowledgedBy).toBeNull();
    await conflict.getByRole('button', { name: 'Vẫn tiếp nhận' }).tap();
    await cardOf(page, held.id).getByText('Bạn đang giữ').waitFor();
    await eventually(async () => expect((await incidentOf(city)).state).toBe('acknowledged'));
  });

  it.each([360, 390])('fits a phone %d pixels wide, for a thumb, without a fault that axe finds', async (width) => {
    const phone = await openPhone({ width, height: 844 });
    try {
      const narrow = await phone.newPage();
      const { id } = await incidentOf(city);
      const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
      for (const view of ['?view=near', `?incident=${id}`, '?view=commune', '?view=more']) {
        await narrow.goto(`/technician${view}`);
        const ask = narrow.getByRole('button', { name: 'Dùng vị trí của tôi' });
        await ask.or(narrow.locator('article, .incident-view h2, select, .more-view button')).first().waitFor();
        if (await ask.isVisible()) await ask.tap();
        await narrow.locator('article, .incident-view h2, select, .more-view button').first().waitFor();
        await eventually(async () => {
          expect(await narrow.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
          const low = await narrow
            .locator('.technician-page :is(button, a, select)')
            .evaluateAll((buttons) =>
              buttons
                .map((button) => ({ name: button.textContent.trim(), height: button.getBoundingClientRect().height }))
                .filter(({ height }) => height < 44),
            );
          expect(low).toEqual([]);
        });
        const faults = await narrow.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
          `${axe}; axe.run(document, { resultTypes: ['violations'] })`,
        );
        expect(faults.violations.map(({ id: fault, nodes }) => [fault, nodes[0]?.html])).toEqual([]);
        await shoot(narrow, `${width}-${view.replaceAll(/\W+/g, '')}`.replaceAll(id, ''));
      }
    } finally {
      await phone.close();
    }
  });

  it('speaks English as completely', async () => {
    await page.goto('/technician?view=more');
    await page.getByRole('button', { name: 'English' }).tap();
    await page.getByRole('button', { name: 'Near me' }).tap();
    await page
      .getByRole('button', { name: /^(Acknowledge|Open)/ })
      .first()
      .waitFor();
    await eventually(async () =>
      expect(await page.locator('.technician-page').textContent()).not.toMatch(/technician\.|Gần tôi|Chỉ đường/),
    );
    await page.goto('/technician?view=more');
    await page.getByRole('button', { name: 'Tiếng Việt' }).tap();
  });

  it('does not write over how somebody else has ended it meanwhile, and says who', async () => {
    const { id } = await incidentOf(city);
    await openIncident(id);
    const view = page.locator('.incident-view');
    await view.getByText('Bạn đang giữ').first().waitFor();
    await loseSignal();
    await sayMended('Đứt cáp quang', 'đã hàn cáp');
    await view.getByText('Đã khắc phục, chờ gửi').waitFor();
    const { version } = await incidentOf(city);
    const theirs = { code: 'mainsFailure', resolution: 'điện lực đã đóng điện lại' };
    const ended = await post('administrator', `/incidents/${id}/resolve`, version, theirs);
    expect(ended.status).toBe(200);

    await findSignal();
    const conflict = view.getByRole('alert');
    await conflict.getByText(/đã kết thúc sự cố này/).waitFor();
    await shoot(page, 'conflict-resolved');
    const now = await detailOf(id);
    expect([now.cause?.code, now.resolution]).toEqual([theirs.code, theirs.resolution]);
    await conflict.getByRole('button', { name: 'Đã hiểu' }).tap();
    await conflict.waitFor({ state: 'detached' });
    expect((await actionsOf(id)).filter((action) => action === 'resolved')).toHaveLength(1);
  });

  it('leaves nothing of what was read on the phone when its owner signs out', async () => {
    await page.goto('/technician');
    const kept = () =>
      page.evaluate(
        async () => (await caches.has('ioc-reads')) && (await (await caches.open('ioc-reads')).keys()).length > 0,
      );
    await eventually(async () => expect(await kept()).toBe(true));
    await page.goto('/technician?view=more');
    await page.getByRole('button', { name: 'Đăng xuất' }).tap();
    await page.getByLabel('Tên đăng nhập').waitFor();
    await eventually(async () => expect(await kept()).toBe(false));
    await context.setOffline(true);
    front.cut();
    await page.goto('/technician');
    await page.getByText('Ngoại tuyến').waitFor();
    await page.getByText('Chưa có dữ liệu trên máy này', { exact: false }).waitFor();
    expect(await page.locator('article').count()).toBe(0);
  });
});

const PLACE_IN_PHOTO = 'GPS 15.2655 108.5025';

/** A photo of 3,000 × 2,000 pixels that carries where it was taken, as phones write it. */
async function photoWithPlace(page: Page): Promise<Buffer> {
  const base64 = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(3_000, 2_000);
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('no canvas');
    for (let band = 0; band < 30; band += 1) {
      context.fillStyle = `hsl(${band * 12} 60% 45%)`;
      context.fillRect(band * 100, 0, 100, 2_000);
    }
    const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
    let text = '';
    for (const byte of new Uint8Array(await blob.arrayBuffer())) text += String.fromCharCode(byte);
    return btoa(text);
  });
  const plain = Buffer.from(base64, 'base64');
  const exif = Buffer.from(`Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0${PLACE_IN_PHOTO}`, 'latin1');
  const marker = Buffer.from([0xff, 0xe1, 0, 0]);
  marker.writeUInt16BE(exif.length + 2, 2);
  return Buffer.concat([plain.subarray(0, 2), marker, exif, plain.subarray(2)]);
}

async function sizeOf(page: Page, photo: Buffer): Promise<readonly [number, number]> {
  return await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes]));
    return [picture.width, picture.height] as const;
  }, photo.toString('base64'));
}
