import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { API_PREFIX, COMMUNE_BY_CODE, deviceTopic } from '@ioc/contract';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchBrowser, openAs } from '../harness/browser.js';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { smallFleetCsv } from '../harness/small-fleet.js';
import { TestClock } from '../harness/test-clock.js';

const title = hasChromium ? 'meetings' : 'meetings (skipped: /usr/bin/chromium is missing)';
const READY = '21025';
const NOT_READY = '21172';
/** A commune without VCS equipment: xã Ba Động. */
const WITHOUT = '21496';
const WIDE = { width: 1920, height: 1080 };
const nameOf = (code: string): string => COMMUNE_BY_CODE.get(code)?.name ?? code;
const PHONE = { width: 390, height: 844 };

describe.skipIf(!hasChromium)(title, () => {
  let system: TestConsole;
  let browser: Browser;
  let wire: Publisher;
  const clock = new TestClock();

  async function say(commune: string, registered: boolean): Promise<void> {
    const metrics = { registered, inCall: false };
    await wire.publish(deviceTopic(commune, 'vcs', `VCS-${commune}`, 'telemetry'), { ts: clock.now(), metrics });
  }

  beforeAll(async () => {
    system = await startTestConsole({ register: smallFleetCsv([READY, NOT_READY, WITHOUT]), clock });
    browser = await launchBrowser();
    wire = await connectPublisher(system.mqttUrl, { clientId: 'publisher' });
    await say(READY, true);
    await say(NOT_READY, false);
  });

  afterAll(async () => {
    await wire.close();
    await browser.close();
    await system.stop();
  });

  async function open(path: string, size = WIDE): Promise<Page> {
    const context = await openAs(browser, system.httpUrl, await system.cookieOf('operator'), size);
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(path);
    return page;
  }

  it('are entered by the keyboard alone; what is wrong stands beside its field, in the language of the screen', async () => {
    const page = await open('/meetings');
    const create = page.getByRole('button', { name: 'Nhập cuộc họp' });
    await create.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Nhập cuộc họp' });
    const name = dialog.getByRole('textbox', { name: 'Tên cuộc họp' });
    await name.waitFor();
    await name.press('Enter');
    await dialog.getByRole('alert').filter({ hasText: 'Hãy nhập tên cuộc họp.' }).waitFor();
    await eventually(async () => expect(await name.evaluate((field) => field === document.activeElement)).toBe(true));
    await page.keyboard.type('Họp giao ban <b>tuần</b>');

    const ends = dialog.getByLabel('Kết thúc');
    const good = await ends.inputValue();
    await ends.fill('01/01/2020 07:00');
    await dialog.getByRole('alert').filter({ hasText: 'Phải sau lúc bắt đầu.' }).waitFor();
    await ends.fill(good);

    const chosen = dialog.getByRole('radio', { name: 'Chọn xã/phường/đặc khu' });
    await dialog.getByRole('radio', { name: /^Tất cả/ }).focus();
    await page.keyboard.press('ArrowDown');
    await eventually(async () => expect(await chosen.isChecked()).toBe(true));
    await name.press('Enter');
    await dialog.getByRole('alert').filter({ hasText: 'Chọn ít nhất một xã/phường/đặc khu.' }).waitFor();
    const search = dialog.getByRole('searchbox', { name: 'Tìm xã/phường/đặc khu' });
    for (const typed of ['ba dong', 'cam thanh']) {
      await search.fill(typed);
      const box = dialog.getByRole('checkbox');
      await eventually(async () => expect(await box.count()).toBe(1));
      await search.press('Tab');
      await page.keyboard.press('Space');
      await eventually(async () => expect(await box.isChecked()).toBe(true));
    }
    await dialog.getByRole('button', { name: 'Lưu' }).focus();
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    const row = page.getByRole('listitem').filter({ hasText: 'Họp giao ban <b>tuần</b>' });
    await row.getByText('2 xã/phường/đặc khu').waitFor();
    await eventually(async () => expect(await row.locator('dd').allTextContents()).toEqual(['1', '1', '0', '1']));
    await eventually(async () =>
      expect(await create.evaluate((button) => button === document.activeElement)).toBe(true),
    );
    await page.context().close();
  });

  it('say who is not ready and which communes have no equipment, are changed, and cancelled', async () => {
    const page = await open('/meetings');
    await page.getByRole('button', { name: /^Sửa: / }).click();
    const dialog = page.getByRole('dialog', { name: 'Sửa cuộc họp' });
    await dialog.getByRole('textbox', { name: 'Tên cuộc họp' }).fill('Họp bão');
    await dialog.getByRole('radio', { name: /^Tất cả/ }).check();
    await dialog.getByRole('button', { name: 'Lưu' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Họp bão' }).click();
    await page.getByRole('heading', { name: 'Họp bão' }).waitFor();
    const lineOf = (text: string) => page.getByRole('listitem').filter({ hasText: text }).first();
    await lineOf('Ba Động').getByText('không có thiết bị VCS').waitFor();
    await lineOf(nameOf(NOT_READY)).getByText('Chưa đăng ký').waitFor();
    await say(NOT_READY, true);
    await lineOf(nameOf(NOT_READY)).getByText('Đã đăng ký').waitFor();
    await page.getByRole('link', { name: 'Tất cả cuộc họp' }).click();
    await page.getByRole('button', { name: 'Hủy: Họp bão' }).click();
    await page.getByRole('dialog', { name: 'Hủy' }).getByRole('button', { name: 'Hủy' }).click();
    await page.getByText('Không có cuộc họp nào sắp tới.').waitFor();
    await page.getByRole('checkbox', { name: 'Các cuộc họp đã qua' }).check();
    await page.getByText(/^Đã hủy lúc/).waitFor();
    await page.context().close();
  });

  it('have no fault that axe finds, and fit a phone and a desk, in both languages', async () => {
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    const operator = await system.signedIn('operator');
    const startsMs = clock.now() + 30 * 60_000;
    await operator
      .post(`${API_PREFIX}/meetings`)
      .send({
        title: 'Họp giao ban',
        startsAt: new Date(startsMs).toISOString(),
        endsAt: new Date(startsMs + 60 * 60_000).toISOString(),
        participants: { kind: 'all' },
      })
      .expect(201);
    for (const size of [PHONE, WIDE]) {
      for (const language of ['vi', 'en'] as const) {
        const page = await open('/meetings', size);
        const check = async (what: string): Promise<void> => {
          const [wanted, there] = await page.evaluate(() => [
            document.documentElement.scrollWidth,
            document.documentElement.clientWidth,
          ]);
          expect(wanted, `${what} at ${size.width} px in ${language}`).toBe(there);
          const found = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
            `${axe}; axe.run(document, { resultTypes: ['violations'] })`,
          );
          expect(found.violations.map(({ id, nodes }) => `${what}: ${id}: ${nodes[0]?.html ?? ''}`)).toEqual([]);
        };
        await page.evaluate((locale) => localStorage.setItem('ioc.locale', locale), language);
        await page.reload();
        const link = page.getByRole('link', { name: 'Họp giao ban' });
        await link.waitFor();
        await check('list');
        await page.getByRole('button', { name: language === 'vi' ? 'Nhập cuộc họp' : 'New meeting' }).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByRole('radio').nth(1).check();
        await dialog.getByRole('button', { name: language === 'vi' ? 'Lưu' : 'Save' }).click();
        const wrong = language === 'vi' ? 'Hãy nhập tên cuộc họp.' : 'Give it a title.';
        await dialog.getByRole('alert').filter({ hasText: wrong }).waitFor();
        await check('dialog');
        await page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'detached' });
        await link.click();
        await page
          .getByText(language === 'vi' ? 'không có thiết bị VCS' : 'no VCS equipment')
          .first()
          .waitFor();
        await check('meeting');
        await page.context().close();
      }
    }
  });

  it('that endpoints are not ready for are an incident, on the wall, in the list by its kind, and with a way to the meeting', async () => {
    const operator = await system.signedIn('operator');
    for (let step = 0; step < 3; step += 1) {
      clock.advance(40_000);
      await say(READY, true);
      await say(NOT_READY, false);
    }
    const startsMs = clock.now() + 8 * 60_000;
    const { body } = (await operator
      .post(`${API_PREFIX}/meetings`)
      .send({
        title: 'Họp lũ',
        startsAt: new Date(startsMs).toISOString(),
        endsAt: new Date(startsMs + 60 * 60_000).toISOString(),
        participants: { kind: 'all' },
      })
      .expect(201)) as { body: { id: string } };
    const wall = await open('/');
    await wall.getByText(/^Họp lũ \d\d:\d\d: 1 thiết bị chưa đăng ký$/).waitFor();
    await wall.context().close();
    for (const language of ['vi', 'en'] as const) {
      for (const size of [WIDE, PHONE]) {
        const page = await open('/incidents?kind=meeting', size);
        await page.evaluate((locale) => localStorage.setItem('ioc.locale', locale), language);
        await page.reload();
        const kind = language === 'vi' ? 'Họp trực tuyến' : 'Video meeting';
        const told = language === 'vi' ? '1 thiết bị chưa đăng ký' : '1 endpoint not registered';
        const row = page.getByRole('row').filter({ hasText: 'Họp lũ' });
        await row.getByText(told).waitFor();
        await row.getByText(kind).waitFor();
        await row.getByText(told).click();
        const detail = page.getByRole('complementary');
        await detail.getByRole('heading').filter({ hasText: told }).waitFor();
        await detail.getByRole('link', { name: 'Họp lũ' }).click();
        await page.waitForURL(`**/meetings/${body.id}`);
        await page.getByRole('heading', { name: 'Họp lũ' }).waitFor();
        await page.context().close();
      }
    }
  });
});
