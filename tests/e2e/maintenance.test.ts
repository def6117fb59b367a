import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchBrowser, openAs } from '../harness/browser.js';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { smallFleetCsv } from '../harness/small-fleet.js';
import { TestClock } from '../harness/test-clock.js';

const title = hasChromium
  ? 'announcing work in a browser that speaks English'
  : 'announcing work in a browser that speaks English (skipped: /usr/bin/chromium is missing)';
const DAY_MS = 86_400_000;
const DAYS = ['CN', 'T2', 'T3', 'T4', 'T5', 'T6', 'T7'];

describe.skipIf(!hasChromium)(title, () => {
  let system: TestConsole;
  let browser: Browser;
  let page: Page;
  const clock = new TestClock();
  /** The province's calendar and clock read as if they were those of UTC. */
  const local = (days: number): Date => new Date(clock.now() + 7 * 3_600_000 + days * DAY_MS);
  const dayMonth = (date: Date): string => date.toISOString().slice(5, 10).split('-').reverse().join('/');
  const written = (date: Date, time: string): string => `${dayMonth(date)}/${date.getUTCFullYear()} ${time}`;

  beforeAll(async () => {
    system = await startTestConsole({ register: smallFleetCsv(), clock });
    browser = await launchBrowser(['--lang=en-US']);
    const cookie = await system.cookieOf('administrator');
    const context = await openAs(browser, system.httpUrl, cookie, undefined, { locale: 'en-US' });
    page = await context.newPage();
    page.setDefaultTimeout(20_000);
  });

  afterAll(async () => {
    await browser.close();
    await system.stop();
  });

  async function openDialog(work: string): Promise<Locator> {
    await page.goto('/maintenance');
    await page.getByRole('button', { name: 'Lập lịch bảo trì' }).click();
    const dialog = page.getByRole('dialog', { name: 'Lập lịch bảo trì' });
    await dialog.getByLabel('Phạm vi').selectOption({ label: 'Xã/phường/đặc khu' });
    await dialog.getByLabel('Xã/phường/đặc khu').selectOption({ label: 'Xã Trà Bồng' });
    await dialog.getByLabel('Công việc').fill(work);
    return dialog;
  }
  const save = (dialog: Locator): Locator => dialog.getByRole('button', { name: 'Lập lịch', exact: true });
  const said = (work: string): Locator => page.getByRole('listitem').filter({ hasText: work });
  /** The field with its label and what is said of it. */
  const fieldOf = (dialog: Locator, label: string): Locator =>
    dialog.locator('.moment-field').filter({ has: page.getByLabel(label, { exact: true }) });

  it('writes and reads moments as people do here, whatever the browser speaks, by the keyboard alone', async () => {
    const dialog = await openDialog('thay ắc quy');
    expect(await page.evaluate(() => navigator.language)).toBe('en-US');
    expect(await page.locator('input[type="datetime-local"], input[type="time"], input[type="date"]').count()).toBe(0);
    const from = dialog.getByLabel('Từ lúc');
    await eventually(async () => expect(await from.inputValue()).toMatch(/^\d{2}\/\d{2}\/\d{4} \d{2}:\d{2}$/));

    // Digits alone; then one part after the other by the arrows.
    await from.focus();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('310120990630');
    expect(await from.inputValue()).toBe('31/01/2099 06:30');
    await page.keyboard.press('ArrowUp');
    expect(await from.inputValue()).toBe('31/01/2099 06:31');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowUp');
    await eventually(async () => expect(await from.inputValue()).toBe('01/02/2099 06:31'));

    // The calendar speaks Vietnamese too, and keeps the time of day.
    await page.keyboard.press('Alt+ArrowDown');
    await page.getByText('tháng 2 năm 2099', { exact: false }).first().waitFor();
    // Weeks begin on Monday.
    await eventually(async () =>
      expect(await page.locator('.month-calendar .weekday').first().textContent()).toBe('T2'),
    );
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await eventually(async () => expect(await from.inputValue()).toBe('02/02/2099 06:31'));
    await eventually(async () => expect(await from.evaluate((input) => input === document.activeElement)).toBe(true));
  });

  it('does not send half a moment, and says how to write one', async () => {
    const dialog = await openDialog('thay ắc quy');
    const until = dialog.getByLabel('Đến lúc');
    await until.fill('31/02/2099 06:30');
    await until.press('Tab');
    await fieldOf(dialog, 'Đến lúc').getByRole('alert').getByText('Viết theo dạng 31/12/2026 22:30.').waitFor();
    expect(await until.getAttribute('aria-invalid')).toBe('true');
    expect(await save(dialog).isDisabled()).toBe(true);
  });

  it('says beside the field that a window ends before it begins, and sends it when it no longer does', async () => {
    const dialog = await openDialog('nâng cấp nguồn');
    const tomorrow = local(1);
    await dialog.getByLabel('Từ lúc').fill(written(tomorrow, '22:00'));
    await dialog.getByLabel('Đến lúc').fill(written(tomorrow, '02:00'));
    await fieldOf(dialog, 'Đến lúc').getByRole('alert').getByText('Lịch kết thúc trước khi bắt đầu.').waitFor();
    expect(await fieldOf(dialog, 'Từ lúc').getByRole('alert').count()).toBe(0);
    expect(await save(dialog).isDisabled()).toBe(true);
    await dialog.getByLabel('Đến lúc').fill(written(local(2), '02:00'));
    await fieldOf(dialog, 'Đến lúc').getByRole('alert').waitFor({ state: 'detached' });
    await save(dialog).click();
    await dialog.waitFor({ state: 'detached' });
    const times = `${dayMonth(tomorrow)} 22:00 – ${dayMonth(local(2))} 02:00`;
    await said('nâng cấp nguồn').getByText(`Lần tới: ${times}`).waitFor();
  });

  it('repeats a window over midnight: when it comes, that it runs on both days, and when it comes again', async () => {
    const dialog = await openDialog('vệ sinh trạm');
    const first = local(3);
    await dialog.getByLabel('Kiểu lịch').selectOption({ label: 'Hằng tuần' });
    await dialog.getByRole('button', { name: 'T2', exact: true }).click();
    await dialog.getByRole('alert').getByText('Chọn ít nhất một ngày.').waitFor();
    await dialog.getByRole('button', { name: DAYS[first.getUTCDay()] ?? '', exact: true }).click();
    await dialog.getByLabel('Bắt đầu lúc').fill('22:00');
    await dialog.getByLabel('Kéo dài').fill('240');
    await dialog.getByText('Kết thúc lúc 02:00 ngày hôm sau').waitFor();
    await save(dialog).click();
    await dialog.waitFor({ state: 'detached' });
    const day = DAYS[first.getUTCDay()] ?? '';
    const [second, third] = [local(4), local(10)];
    const window_ = said('vệ sinh trạm');
    await window_.getByText(`${day} từ 22:00 đến 02:00 hôm sau`).waitFor();
    await window_.getByText(`Lần tới: ${dayMonth(first)} 22:00 – ${dayMonth(second)} 02:00`).waitFor();

    const at = (date: Date, time: string): number => Date.parse(`${date.toISOString().slice(0, 10)}T${time}:00+07:00`);
    // On the evening it is said with the day after, and after midnight the end is today.
    clock.advance(at(first, '23:30') - clock.now());
    await page.reload();
    await window_.getByText(`Đang chạy đến ${dayMonth(second)} 02:00`).waitFor();
    clock.advance(at(second, '01:30') - clock.now());
    await page.reload();
    await window_.getByText('Đang chạy đến 02:00').waitFor();
    clock.advance(at(second, '02:01') - clock.now());
    await page.reload();
    const [again, end] = [dayMonth(third), dayMonth(new Date(third.getTime() + DAY_MS))];
    await window_.getByText(`Lần tới: ${again} 22:00 – ${end} 02:00`).waitFor();
  });
});
