import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { deviceTopic, gatewayTopic, sessionInfo, type Role } from '@ioc/contract';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setRaiseDelays } from '../harness/alarm-rules.js';
import { hasChromium, launchBrowser, openAs } from '../harness/browser.js';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { smallFleet, smallFleetCsv } from '../harness/small-fleet.js';
import { TestClock } from '../harness/test-clock.js';

const title = hasChromium ? "the operator's console" : "the operator's console (skipped: /usr/bin/chromium is missing)";
const COMMUNE = '21115';
const fleet = smallFleet();
const stations = fleet.devices.filter(({ deviceClass }) => deviceClass === 'bts');
const hubOfSite = new Map(fleet.sites.map(({ id, hub }) => [id, hub]));
const links = fleet.devices.filter(({ deviceClass }) => deviceClass === 'link');
const behind = stations.filter(({ commune }) => commune === COMMUNE);
const hub = fleet.hubs.find(({ id }) => id === hubOfSite.get(behind[0]?.site ?? ''));
if (hub === undefined) throw new Error('no hub behind which stations stand');
const HUB_TITLE = `${hub.name} mất kết nối`;

describe.skipIf(!hasChromium)(title, () => {
  let system: TestConsole;
  let browser: Browser;
  let wire: Publisher;
  const clock = new TestClock();
  let session = Date.now();

  async function say(of: typeof stations, state: 'online' | 'offline'): Promise<void> {
    const ts = clock.now();
    for (const gateway of new Set(of.map((station) => station.gateway))) {
      const readings = of.filter((station) => station.gateway === gateway).map(({ id }) => ({ device: id, ts, state }));
      await wire.publish(gatewayTopic(gateway ?? '', 'batch'), { ts, readings });
    }
  }

  async function sayLink(index: number, state: 'online' | 'offline'): Promise<string> {
    const link = links[index];
    if (link === undefined) throw new Error(`the small fleet has no link ${index}`);
    const topic = deviceTopic(link.commune, 'link', link.id, 'status');
    await wire.publish(topic, { ts: clock.now(), session: (session += 1), state, reason: 'cut' }, { retain: true });
    if (state === 'online') {
      const telemetry = { ts: clock.now(), metrics: { linkUp: true, rttMs: 9, lossPercent: 0 } };
      await wire.publish(deviceTopic(link.commune, 'link', link.id, 'telemetry'), telemetry);
    }
    return link.name;
  }

  beforeAll(async () => {
    system = await startTestConsole({ register: smallFleetCsv(), clock });
    await setRaiseDelays(system, 0);
    browser = await launchBrowser();
    wire = await connectPublisher(system.mqttUrl, { clientId: 'publisher' });
    await say(stations, 'online');
    for (const index of links.keys()) await sayLink(index, 'online');
  });

  afterAll(async () => {
    await wire.close();
    await browser.close();
    await system.stop();
  });

  async function open(role: Role, path: string, size = { width: 1920, height: 1080 }): Promise<Page> {
    const context = await openAs(browser, system.httpUrl, await system.cookieOf(role), size);
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(path);
    return page;
  }
  async function nameOf(role: Role): Promise<string> {
    const agent = await system.signedIn(role);
    return sessionInfo.parse((await agent.get('/api/v1/session').expect(200)).body).name;
  }
  const rowOf = (page: Page, text: string): Locator => page.getByRole('row').filter({ hasText: text });
  const details = (page: Page): Locator => page.getByRole('complementary', { name: 'Chi tiết sự cố' });
  /** Fills and sends the form of an action that a key has opened. */
  async function act(page: Page, key: string, name: string, fill: (form: Locator) => Promise<unknown>): Promise<void> {
    await page.keyboard.press(key);
    const form = page.getByRole('form', { name });
    await fill(form);
    await form.getByRole('button', { name: 'Lưu' }).click();
    await form.waitFor({ state: 'detached' });
  }
  const focusedText = (page: Page): Promise<string> =>
    page.evaluate(() => document.activeElement?.textContent.trim() ?? '');

  it('shows a hub with the stations behind it as one row, on the list and on the wall', async () => {
    expect(behind.length).toBeGreaterThan(5);
    const page = await open('operator', '/incidents');
    const wall = await open('operator', '/');
    await say(behind, 'offline');
    const row = rowOf(page, HUB_TITLE);
    await row.getByText(`${behind.length}/${behind.length} trạm sau ${hub.name} mất kết nối`).waitFor();
    await wall.getByRole('link').filter({ hasText: HUB_TITLE }).waitFor();
    // The header and the hub.
    await eventually(async () => expect(await page.getByRole('row').allTextContents()).toHaveLength(2));
    for (const station of behind.slice(0, 3)) expect(await rowOf(page, station.name).count()).toBe(0);
    await page.context().close();
    await wall.context().close();
  });

  it('is worked by the keyboard alone: taken, worked, cause, comment, estimate and request, with the focus kept', async () => {
    const page = await open('technician', '/incidents');
    const row = rowOf(page, HUB_TITLE);
    await row.focus();
    await page.keyboard.press('a');
    await page
      .getByRole('dialog')
      .getByRole('textbox', { name: /Ghi chú/ })
      .fill('gọi đội cáp');
    await page.keyboard.press('Enter');
    await row.getByText(await nameOf('technician')).waitFor();
    await eventually(async () => expect(await focusedText(page)).toContain(HUB_TITLE));

    // A key on the row opens the details with the action begun; Escape goes back step by step.
    await page.keyboard.press('c');
    await page.getByRole('form', { name: 'Ghi chú' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('form', { name: 'Ghi chú' }).waitFor({ state: 'detached' });
    await eventually(async () => expect(await focusedText(page)).toBe('Ghi chú'));

    await act(page, 'c', 'Ghi chú', (form) => form.getByRole('textbox').fill('<b>đội cáp</b> đã xuất phát'));
    await act(page, 'u', 'Xác định nguyên nhân', (form) =>
      form.getByLabel('Nguyên nhân').selectOption({ label: 'Đứt cáp quang' }),
    );
    await act(page, 'e', 'Hẹn giờ xong', (form) => form.getByLabel(/^Dự kiến xong/).fill('31/01/2099 06:30'));
    await act(page, 'q', 'Đơn vị chịu trách nhiệm', async (form) => {
      await form.getByLabel('Đơn vị').selectOption({ index: 1 });
      await form.getByLabel('Mã phiếu của họ').fill('TT-4711');
    });
    await act(page, 's', 'Bắt tay xử lý', () => Promise.resolve());
    const shown = details(page);
    for (const text of ['Đứt cáp quang', '<b>đội cáp</b> đã xuất phát', '31/01/2099', 'TT-4711', 'Đang xử lý'])
      await shown.getByText(text).first().waitFor();
    await page.keyboard.press('Escape');
    await eventually(async () => expect(await focusedText(page)).toContain(HUB_TITLE));
    await page.context().close();
  });

  it('says who else has an incident open', async () => {
    const operator = await open('operator', '/incidents');
    const technician = await open('technician', '/incidents');
    await rowOf(operator, HUB_TITLE).click();
    await rowOf(technician, HUB_TITLE).click();
    await details(technician)
      .getByText(`Đang xem: ${await nameOf('operator')}`)
      .waitFor();
    await operator.keyboard.press('Escape');
    await details(technician).getByText('Đang xem').waitFor({ state: 'detached' });
    await operator.context().close();
    await technician.context().close();
  });

  it('tells the second of two who change one incident at once, and loses nothing of what they typed', async () => {
    const first = await open('technician', '/incidents');
    const second = await open('administrator', '/incidents');
    for (const page of [first, second]) {
      await rowOf(page, HUB_TITLE).click();
      await details(page).getByRole('button', { name: 'Hẹn giờ xong' }).click();
    }
    const form = (page: Page): Locator => page.getByRole('form', { name: 'Hẹn giờ xong' });
    await form(second).getByLabel('Ghi chú (không bắt buộc)').fill('theo đội cáp');
    await form(first).getByRole('button', { name: 'Lưu' }).click();
    await form(first).waitFor({ state: 'detached' });
    await form(second).getByRole('button', { name: 'Lưu' }).click();
    await form(second).getByRole('alert').getByText('Sự cố vừa thay đổi').waitFor();
    expect(await form(second).getByLabel('Ghi chú (không bắt buộc)').inputValue()).toBe('theo đội cáp');
    await form(second).getByRole('button', { name: 'Lưu' }).click();
    await form(second).waitFor({ state: 'detached' });
    await first.context().close();
    await second.context().close();
  });

  it('splits alarms off into an incident of their own, and merges it back', async () => {
    const page = await open('technician', '/incidents');
    await rowOf(page, HUB_TITLE).click();
    await details(page).getByRole('checkbox').nth(1).check();
    await act(page, 'p', 'Tách cảnh báo đã chọn', () => Promise.resolve());
    // A list under a hand lets the new one wait.
    await page.getByRole('button', { name: /Hiện 1 sự cố mới/ }).click();
    await eventually(async () => expect(await page.getByRole('row').count()).toBe(3));
    const split = page.getByRole('row').filter({ hasNotText: HUB_TITLE }).nth(1);
    await split.click();
    await details(page).getByText(HUB_TITLE).waitFor({ state: 'detached' });
    await act(page, 'm', 'Gộp vào sự cố khác', async (form) => {
      const choice = form.getByLabel('Gộp vào');
      const value = await choice.locator('option').filter({ hasText: HUB_TITLE }).getAttribute('value');
      await choice.selectOption(value);
    });
    await details(page)
      .getByText(/Đã gộp vào sự cố/)
      .waitFor();
    await page.context().close();
  });

  it('is resolved with a cause and closed, and is found among what is over', async () => {
    const page = await open('technician', '/incidents');
    await say(behind, 'online');
    // A hub is back when what hangs on it has been heard for a minute.
    clock.advance(61_000);
    await say(stations, 'online');
    await rowOf(page, HUB_TITLE).filter({ hasText: 'Đã hết' }).waitFor();
    await rowOf(page, HUB_TITLE).click();
    await act(page, 'x', 'Đóng sự cố', (form) => form.getByRole('textbox').fill('cáp đã hàn xong'));
    await details(page).getByText('Đã đóng').first().waitFor();
    await page.goto('/incidents?state=closed&kind=hubDown');
    await rowOf(page, HUB_TITLE).waitFor();
    await rowOf(page, HUB_TITLE).click();
    await details(page).getByText('cáp đã hàn xong').waitFor();
    await page.context().close();
  });

  it('lets a person resolve what they mended', async () => {
    const name = await sayLink(0, 'offline');
    const page = await open('technician', '/incidents');
    await rowOf(page, name).focus();
    await act(page, 'r', 'Đã khắc phục', async (form) => {
      await form.getByLabel('Nguyên nhân').selectOption({ label: 'Hỏng thiết bị' });
      await form.getByLabel('Đã khắc phục thế nào').fill('thay bộ chuyển quang');
    });
    await details(page).getByText('thay bộ chuyển quang').first().waitFor();
    await sayLink(0, 'online');
    await page.context().close();
  });

  it('shelves an alarm with an end and a reason, and every screen counts it', async () => {
    const name = await sayLink(1, 'offline');
    const watcher = await open('viewer', '/incidents');
    await rowOf(watcher, name).waitFor();
    const page = await open('operator', '/alarms');
    await page.getByRole('button', { name: new RegExp(`^Tạm gác: ${name}`) }).click();
    const dialog = page.getByRole('dialog', { name: 'Tạm gác cảnh báo' });
    expect(await dialog.getByRole('button', { name: 'Tạm gác' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Lý do').fill('đội cáp đang làm');
    await dialog.getByRole('button', { name: 'Tạm gác' }).click();
    await dialog.waitFor({ state: 'detached' });
    for (const each of [page, watcher])
      await each.getByRole('banner').locator('dl > div').filter({ hasText: 'Tạm gác' }).getByText('1').waitFor();
    await page.getByLabel('Hiển thị').selectOption({ label: 'Tạm gác' });
    await page.getByText(/đội cáp đang làm/).waitFor();
    await page.getByRole('button', { name: new RegExp(`^Bỏ tạm gác: ${name}`) }).click();
    await page.getByRole('banner').locator('dl > div').filter({ hasText: 'Tạm gác' }).getByText('0').waitFor();
    await sayLink(1, 'online');
    await page.context().close();
    await watcher.context().close();
  });

  it('saves a rule only after its effect was shown, keeps its versions, and refuses what makes no sense', async () => {
    const page = await open('administrator', '/alarm-rules');
    const rule = page.getByRole('listitem').filter({ hasText: 'Nhiệt độ tủ cao' });
    await rule.getByRole('button', { name: 'Sửa' }).click();
    const dialog = page.getByRole('dialog', { name: 'Sửa luật' });
    const save = dialog.getByRole('button', { name: 'Lưu' });
    expect(await save.isDisabled()).toBe(true);

    // Warning above critical: the server says what is wrong with it.
    await dialog.getByLabel('Cảnh báo', { exact: true }).fill('90');
    await dialog.getByRole('button', { name: 'Kiểm tra' }).click();
    await dialog.getByRole('alert').first().waitFor();
    expect(await save.isDisabled()).toBe(true);

    await dialog.getByLabel('Cảnh báo', { exact: true }).fill('44,5');
    await dialog.getByRole('button', { name: 'Kiểm tra' }).click();
    await dialog.getByText(/Luật này sẽ báo 0 cảnh báo/).waitFor();
    await save.click();
    await dialog.waitFor({ state: 'detached' });
    await rule.getByText(/44[.,]5/).waitFor();
    await rule.getByRole('button', { name: 'Các bản trước' }).click();
    await rule.getByText(/^Bản 1/).waitFor();
    await rule.getByRole('button', { name: 'Về mặc định' }).click();
    // Its own line; among the former versions the value stays.
    await rule
      .locator('p')
      .filter({ hasText: /44[.,]5 \// })
      .waitFor({ state: 'detached' });
    await page.context().close();
  });

  it('announces work: an order that makes no sense is said before it is sent; the window runs and is ended', async () => {
    const page = await open('administrator', '/maintenance');
    await page.getByRole('button', { name: 'Lập lịch bảo trì' }).click();
    const dialog = page.getByRole('dialog', { name: 'Lập lịch bảo trì' });
    await dialog.getByLabel('Phạm vi').selectOption({ label: 'Xã/phường/đặc khu' });
    await dialog.getByLabel('Xã/phường/đặc khu').selectOption({ label: 'Xã Trà Bồng' });
    await dialog.getByLabel('Công việc').fill('thay ắc quy');
    const until = await dialog.getByLabel('Đến lúc').inputValue();
    await dialog.getByLabel('Đến lúc').fill('01/01/2020 00:00');
    await dialog.getByRole('alert').getByText('Lịch kết thúc trước khi bắt đầu.').waitFor();
    expect(await dialog.getByRole('button', { name: 'Lập lịch', exact: true }).isDisabled()).toBe(true);
    await dialog.getByLabel('Đến lúc').fill(until);
    await dialog.getByRole('button', { name: 'Lập lịch', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    const window_ = page.getByRole('listitem').filter({ hasText: 'thay ắc quy' });
    await window_.getByText(/Đang chạy đến/).waitFor();
    await window_.getByRole('button', { name: 'Kết thúc ngay' }).click();
    await window_.waitFor({ state: 'detached' });
    await page.context().close();
  });

  it('has no fault that axe finds on any of its screens, and fits a phone and a desk', async () => {
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    const name = await sayLink(0, 'offline');
    for (const size of [
      { width: 360, height: 740 },
      { width: 1920, height: 1080 },
    ]) {
      const page = await open('administrator', '/incidents', size);
      const check = async (what: string): Promise<void> => {
        await eventually(async () => {
          const [wanted, there] = await page.evaluate(() => [
            document.documentElement.scrollWidth,
            document.documentElement.clientWidth,
          ]);
          expect(wanted, `${what} at ${size.width} px`).toBe(there);
        });
        const found = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
          `${axe}; axe.run(document, { resultTypes: ['violations'] })`,
        );
        const faults = found.violations.map(({ id, nodes }) => `${what}: ${id}: ${nodes[0]?.html ?? ''}`);
        expect(faults).toEqual([]);
      };
      await rowOf(page, name).waitFor();
      await check('incidents');
      await rowOf(page, name).click();
      await details(page).getByText('Diễn biến').waitFor();
      await check('details');
      await details(page).getByRole('button', { name: 'Xác định nguyên nhân' }).click();
      await check('form');
      await page.goto('/alarms');
      await page
        .getByRole('button', { name: /^Tạm gác:/ })
        .first()
        .waitFor();
      await check('alarms');
      await page.getByRole('tab', { name: 'Tải công việc' }).click();
      await page.getByText('ISA-18.2').waitFor();
      await check('load');
      await page.goto('/alarm-rules');
      await page.getByRole('button', { name: 'Sửa' }).first().click();
      await page.getByRole('dialog').waitFor();
      await check('rules');
      await page.goto('/maintenance');
      await page.getByRole('button', { name: 'Lập lịch bảo trì' }).click();
      await page.getByRole('dialog').waitFor();
      await check('maintenance');
      await page.context().close();
    }
    await sayLink(0, 'online');
  });
});
