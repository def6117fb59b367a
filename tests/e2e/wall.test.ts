import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { API_PREFIX, deviceTopic } from '@ioc/contract';
import mqtt, { type MqttClient } from 'mqtt';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { setRaiseDelays } from '../harness/alarm-rules.js';
import { hasChromium, launchBrowser, openAs } from '../harness/browser.js';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { smallFleet, smallFleetCsv } from '../harness/small-fleet.js';
import { startTcpProxy, type TcpProxy } from '../harness/tcp-proxy.js';

const title = hasChromium ? 'the wall' : 'the wall (skipped: /usr/bin/chromium is missing)';
const DISTRUST = 'KHÔNG TIN ĐƯỢC MÀN HÌNH NÀY';

describe.skipIf(!hasChromium)(title, () => {
  let console_: TestConsole;
  let browser: Browser;
  let device: MqttClient;
  /** Between the browser and the console. */
  let wire: TcpProxy;
  const link = smallFleet().devices.find(({ deviceClass }) => deviceClass === 'link');
  if (link === undefined) throw new Error('the small fleet has no link');
  let session = Date.now();

  const say = (state: 'online' | 'offline') =>
    device.publishAsync(
      deviceTopic(link.commune, 'link', link.id, 'status'),
      JSON.stringify({ ts: Date.now(), session: (session += 1), state, reason: 'cable cut' }),
      { qos: 1, retain: true },
    );

  beforeAll(async () => {
    console_ = await startTestConsole({ register: smallFleetCsv() });
    await setRaiseDelays(console_, 0);
    browser = await launchBrowser();
    wire = await startTcpProxy(console_.httpUrl);
    device = await mqtt.connectAsync(console_.mqttUrl, { clientId: link.id, protocolVersion: 4 });
    await say('online');
  });

  afterAll(async () => {
    await device.endAsync();
    await browser.close();
    await wire.close();
    await console_.stop();
  });

  /** The demo's open wall of this machine: nobody has signed in. */
  async function open(size = { width: 1920, height: 1080 }, path = '/'): Promise<Page> {
    const context = await openAs(browser, wire.url, null, size);
    const page = await context.newPage();
    await page.goto(path);
    await page.locator('[data-link=live]').waitFor();
    await page.locator('.province-map canvas').first().waitFor();
    return page;
  }

  it('says that it cannot be believed while its connection is cut, and is right within 2 s of coming back', async () => {
    const page = await open();
    await eventually(async () => expect(await page.getByText(DISTRUST).count()).toBe(0));

    wire.cut();
    await page.getByText(DISTRUST).waitFor();
    await page.getByText('Mất kết nối với máy chủ').waitFor();
    await say('offline');

    wire.restore();
    await page.locator('[data-link=live]').waitFor();
    const back = performance.now();
    await page.getByText(link.name).first().waitFor();
    await page.getByText(DISTRUST).waitFor({ state: 'detached' });
    expect(performance.now() - back).toBeLessThan(2_000);
    await say('online');
    await page.context().close();
  });

  it('says so too when the connection stays open and nothing comes any more', async () => {
    const page = await open();
    wire.hang();
    await page.getByText('Máy chủ không gửi dữ liệu').waitFor();
    await page.getByText(DISTRUST).waitFor();
    wire.restore();
    await page.getByText(DISTRUST).waitFor({ state: 'detached' });
    await page.context().close();
  });

  it('speaks English after one switch, and still does after a reload', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByText('Current incidents').waitFor();
    await page.reload();
    await page.getByText('Current incidents').waitFor();
    await eventually(async () => expect(await page.locator('html').getAttribute('lang')).toBe('en'));
    await page.context().close();
  });

  it('has its clock, data age, connection, intake rate and shelved alarms on every screen', async () => {
    for (const path of ['/', '/incidents', '/coverage/vcs']) {
      const context = await openAs(browser, wire.url, null);
      const page = await context.newPage();
      await page.goto(path);
      const bar = page.getByRole('banner');
      await bar.locator('[data-link=live]').waitFor();
      for (const text of ['Tuổi dữ liệu', 'Tiếp nhận', 'Tạm gác'])
        await eventually(async () => expect(await bar.getByText(text).isVisible()).toBe(true));
      await eventually(async () => expect(await bar.locator('time').textContent()).toMatch(/^\d{2}:\d{2}:\d{2}$/));
      await context.close();
    }
  });

  it('fits a phone of 360 px and a wall of 4K without scrolling sideways', async () => {
    for (const size of [
      { width: 360, height: 740 },
      { width: 390, height: 844 },
      { width: 1920, height: 1080 },
      { width: 3840, height: 2160 },
    ]) {
      const page = await open(size);
      await page.getByRole('heading', { name: 'Sự cố hiện tại' }).waitFor();
      await eventually(async () => {
        const [wanted, there] = await page.evaluate(() => [
          document.documentElement.scrollWidth,
          document.documentElement.clientWidth,
        ]);
        expect(wanted, `${size.width} px`).toBe(there);
      });
      await page.context().close();
    }
  });

  it('gives the map as a list to a keyboard', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Danh sách xã' }).press('Enter');
    const rows = page.getByRole('region', { name: 'Các xã, phường, đặc khu theo mức ảnh hưởng' }).getByRole('row');
    await eventually(async () => expect(await rows.count()).toBe(97));
    await page.getByRole('link', { name: 'Xã Trà Bồng', exact: true }).press('Enter');
    await page.waitForURL('**/communes/21115');
    await page.context().close();
  });

  it('shows every scene of its rotation, each with the strip of what must not be missed', async () => {
    const context = await openAs(browser, wire.url, null);
    const page = await context.newPage();
    await page.clock.install();
    await page.goto('/?rotate=1');
    await page.locator('[data-link=live]').waitFor();
    const seen = new Set<string>();
    const sceneNow = async (): Promise<string> => (await page.locator('[data-scene]').getAttribute('data-scene')) ?? '';
    let before = '';
    for (let turn = 0; turn < 8; turn += 1) {
      before = await eventually(async () => {
        const scene = await sceneNow();
        expect(scene).not.toBe(before);
        return scene;
      });
      seen.add(before);
      const strip = page.getByRole('region', { name: 'Cần chú ý ngay' });
      for (const text of ['Xã bị cô lập', 'Sự cố nghiêm trọng chưa ai nhận', 'Nguồn không thấy']) {
        await eventually(async () => expect(await strip.getByText(text).isVisible()).toBe(true));
      }
      await page.clock.fastForward(36_000);
    }
    expect([...seen].sort()).toEqual(['coverage', 'incidents', 'map', 'rivers']);
    await context.close();
  });

  it('opens with a display token and does not leave it in the address', async () => {
    const admin = await console_.signedIn('administrator');
    const made = await admin.post(`${API_PREFIX}/display-tokens`).send({ name: 'Phòng họp' }).expect(201);
    const { token } = z.object({ token: z.string() }).parse(made.body);
    const context = await openAs(browser, wire.url, null);
    const page = await context.newPage();
    await page.goto(`/?display=${token}&rotate=1`);
    await page.locator('[data-link=live]').waitFor();
    await eventually(() => expect(new URL(page.url()).search).toBe('?rotate=1'));
    // A wall has no hands: no menu of screens.
    await eventually(async () => expect(await page.getByRole('link', { name: 'Đăng nhập' }).count()).toBe(0));
    await context.close();
  });

  it('has no fault that axe finds, and asks for nothing from elsewhere', async () => {
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    const page = await open();
    const elsewhere: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(wire.url.replace(/\/$/, ''))) elsewhere.push(request.url());
    });
    await page.reload();
    await page.locator('.province-map canvas').first().waitFor();
    await page.locator('[data-link=live]').waitFor();
    await page.getByText('Đang tải…').first().waitFor({ state: 'detached' });
    const found = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
      `${axe}; axe.run(document, { resultTypes: ['violations'] })`,
    );
    expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)).toEqual([]);
    expect(elsewhere).toEqual([]);
    await page.context().close();
  });
});
