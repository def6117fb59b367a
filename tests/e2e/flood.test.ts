import { gatewayTopic } from '@ioc/contract';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setRaiseDelays } from '../harness/alarm-rules.js';
import { hasChromium, launchBrowser, openAs } from '../harness/browser.js';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { smallFleet, smallFleetCsv } from '../harness/small-fleet.js';
import { TestClock } from '../harness/test-clock.js';

const title = hasChromium
  ? 'the console when much happens'
  : 'the console when much happens (skipped: /usr/bin/chromium is missing)';
const COMMUNE = '21025';
const all = smallFleet().devices.filter(({ deviceClass }) => deviceClass === 'bts');
/** One station of each site of a commune: none is a whole site, and together they are no hub. */
const apart = [...new Map(all.filter(({ commune }) => commune === COMMUNE).map((one) => [one.site, one])).values()];
type Station = (typeof all)[number];

describe.skipIf(!hasChromium)(title, () => {
  let system: TestConsole;
  let browser: Browser;
  let wire: Publisher;
  let page: Page;
  const clock = new TestClock();
  const down = new Set<string>();

  async function report(gateways: (gateway: string) => boolean = () => true): Promise<void> {
    const ts = clock.now();
    for (const gateway of new Set(all.map((station) => station.gateway ?? ''))) {
      if (!gateways(gateway)) continue;
      const readings = all
        .filter((station) => station.gateway === gateway)
        .map(({ id }) => ({ device: id, ts, state: down.has(id) ? 'offline' : 'online' }));
      await wire.publish(gatewayTopic(gateway, 'batch'), { ts, readings });
    }
  }
  async function fail(stations: readonly Station[]): Promise<void> {
    for (const { id } of stations) down.add(id);
    await report();
  }
  async function mend(): Promise<void> {
    down.clear();
    await report();
  }
  /** Time goes by, and gateways say every half minute what they know. */
  async function pass(minutes: number, gateways?: (gateway: string) => boolean): Promise<void> {
    for (let step = 0; step < minutes * 2; step += 1) {
      clock.advance(30_000);
      await report(gateways);
    }
  }

  beforeAll(async () => {
    system = await startTestConsole({ register: smallFleetCsv(), clock });
    await setRaiseDelays(system, 0);
    browser = await launchBrowser();
    wire = await connectPublisher(system.mqttUrl, { clientId: 'publisher' });
    await report();
    const context = await openAs(browser, system.httpUrl, await system.cookieOf('technician'));
    page = await context.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto('/incidents');
    await page.getByText('Không có sự cố nào.').waitFor();
  });

  afterAll(async () => {
    await wire.close();
    await browser.close();
    await system.stop();
  });

  const rows = (): Locator => page.locator('[data-incident]');
  const titles = async (): Promise<readonly string[]> => await rows().locator('.what strong').allTextContents();
  const details = (): Locator => page.getByRole('complementary', { name: 'Chi tiết sự cố' });
  const notice = (): Locator => page.getByRole('region', { name: 'Lũ cảnh báo' });
  const everythingIsOver = (): Promise<unknown> =>
    eventually(
      async () => {
        const open = page.locator('[data-incident] > :not(.resolved)');
        expect(await open.allTextContents()).toEqual([]);
      },
      { timeoutMs: 20_000 },
    );

  it('proposes what seems to belong together, and a key accepts it or declines it', async () => {
    const [first, second, third] = apart;
    if (first === undefined || second === undefined || third === undefined) throw new Error('too few sites');
    await fail([first]);
    await rows().first().waitFor();
    const [id] = await rows().evaluateAll((places) => places.map((place) => place.dataset['incident']));
    const row = page.locator(`[data-incident="${id}"] > [role="row"]`);
    await row.focus();
    await page.keyboard.press('a');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await row.filter({ hasText: 'Đã tiếp nhận' }).waitFor();
    await page.keyboard.press('Enter');
    await details().waitFor();

    // Nothing regroups under somebody's hands: it is proposed.
    await fail([second]);
    const accept = details().getByRole('button', { name: 'Đồng ý', exact: true });
    await accept.waitFor();
    expect(await accept.getAttribute('aria-keyshortcuts')).toBe('y');
    await page.getByText(/Y đồng ý đề xuất · D bỏ đề xuất/).waitFor();
    await page.keyboard.press('y');
    await accept.waitFor({ state: 'detached' });
    await details().getByText('Đồng ý đề xuất').waitFor();
    await eventually(async () => expect(await details().getByText(second.name).count()).toBeGreaterThan(0));

    await fail([third]);
    await accept.waitFor();
    // The focus is still where keys are heard.
    await page.keyboard.press('d');
    await accept.waitFor({ state: 'detached' });
    await details().getByText('Không theo đề xuất').waitFor();
    await page.keyboard.press('Escape');
    await details().waitFor({ state: 'detached' });
    await mend();
    await everythingIsOver();
  });

  it('shows a silent gateway as one incident and its stations as last seen, not as down', async () => {
    const [silent = ''] = new Set(all.map((station) => station.gateway ?? ''));
    await page.goto('/incidents?kind=gatewaySilent');
    await pass(5, (gateway) => gateway !== silent);
    const row = page.getByRole('row').filter({ hasText: 'Mất dữ liệu nhà mạng' });
    await row.waitFor();
    await eventually(async () => expect(await rows().count()).toBe(1));
    await page.goto('/incidents');
    await row.waitFor();
    const [behind] = all.filter((station) => station.gateway === silent);
    expect((await titles()).filter((text) => text.includes(behind?.name ?? '?'))).toEqual([]);
    // It is blind, which is not down.
    await page.goto(`/devices/${behind?.id ?? ''}`);
    await page.getByText('Mất tầm nhìn').first().waitFor();
    await page.goto('/incidents');
    await row.waitFor();
    await pass(2);
    await row.filter({ hasText: 'Đã hết' }).waitFor();
  });

  it('keeps every row in its place under the hand, and puts the new ones in when asked', async () => {
    await page.goto('/incidents?unheld=1');
    // What is over is not on this list.
    await page.getByText('Không có sự cố nào khớp bộ lọc.').waitFor();
    const [one] = apart;
    const hills = all.filter(({ commune }) => commune === '21115');
    if (one === undefined) throw new Error('no site');
    await fail([one]);
    await eventually(async () => expect(await rows().count()).toBe(1));
    const before = await titles();
    await rows().first().hover();
    // Worse than what is there: on a list that nobody touches it would come first.
    await fail(hills);
    const waiting = page.getByRole('button', { name: /^Hiện \d+ sự cố mới/ });
    await waiting.waitFor();
    expect(await titles()).toEqual(before);
    await rows().first().locator('[role="row"]').focus();
    await page.keyboard.press('n');
    await waiting.waitFor({ state: 'detached' });
    await eventually(async () => expect((await titles()).length).toBeGreaterThan(before.length));
    expect((await titles())[0]).not.toBe(before[0]);
    await page.mouse.move(0, 0);
    await mend();
    // What failed with a hub is over when the hub has been heard for a minute.
    await pass(2);
  });

  it('says that alarms flood, tells by digest instead of one by one, until it is ended by hand', async () => {
    await page.goto('/incidents');
    await page.getByRole('heading', { name: 'Sự cố hiện tại' }).waitFor();
    // Alarms of the tests before are not counted any more.
    await pass(45);
    await notice().waitFor({ state: 'detached' });
    await page.reload();
    await page.locator('[data-link=live]').waitFor();
    await everythingIsOver();
    const news = page.locator('[data-news]');
    await fail(apart.slice(0, 1));
    await eventually(async () => expect(await news.textContent()).toMatch(/^Sự cố mới, /));
    await fail(apart.slice(1, 14));
    await notice()
      .getByText(/cảnh báo mới trong 10 phút/)
      .waitFor();
    await notice()
      .getByRole('status')
      .getByText(/^\d+ sự cố mới, \d+ xã bị cô lập hoặc gần cô lập, \d+ chưa ai nhận\.$/)
      .waitFor();
    // From now on what comes is not read out by itself.
    const spoken = await news.textContent();
    const [far] = all.filter(({ commune }) => commune === '21115');
    if (far === undefined) throw new Error('no station in the hills');
    await fail([far]);
    await page.getByRole('row').filter({ hasText: far.name }).waitFor();
    expect(await news.textContent()).toBe(spoken);
    // Alarms of one cause and place are few rows.
    await eventually(async () =>
      expect(await page.locator('[data-incident] > :not(.resolved)').count()).toBeLessThan(4),
    );

    // On the wall, too.
    const context = await openAs(browser, system.httpUrl, await system.cookieOf('operator'));
    const wall = await context.newPage();
    await wall.goto('/');
    await wall.getByText(/Lũ cảnh báo: \d+ cảnh báo mới trong 10 phút/).waitFor();
    await wall.goto('/incidents');
    const other = wall.getByRole('region', { name: 'Lũ cảnh báo' });
    await other.getByRole('button', { name: 'Hết lũ cảnh báo' }).click();
    await other.waitFor({ state: 'detached' });
    await notice().waitFor({ state: 'detached' });
    await context.close();
    await mend();
  });

  it('ends a flood by itself after half an hour with few alarms', async () => {
    await pass(1);
    await fail(apart.slice(0, 14));
    await notice().waitFor();
    await mend();
    // Ten minutes until the last ones count no more, and not yet thirty of calm.
    await pass(30);
    expect(await notice().count()).toBe(1);
    await pass(15);
    await notice().waitFor({ state: 'detached' });
  });
});
