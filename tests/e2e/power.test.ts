import { ENDPOINTS } from '@ioc/contract';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchBrowser } from '../harness/browser.js';
import { eventually } from '../harness/eventually.js';
import { expectSoundScreen, openIn, printed, SCREEN_SIZES } from '../harness/screen-check.js';
import { HILLS, startStormNight, TOWN, type StormNight } from '../harness/storm-night.js';

const title = hasChromium
  ? 'power priorities, facts and roaming'
  : 'power priorities, facts and roaming (skipped: /usr/bin/chromium is missing)';

describe.skipIf(!hasChromium)(title, () => {
  let night: StormNight;
  let browser: Browser;
  let technician: string;
  let viewer: string;

  beforeAll(async () => {
    night = await startStormNight();
    await night.calm();
    await night.storm();
    browser = await launchBrowser();
    technician = await night.system.cookieOf('technician');
    viewer = await night.system.cookieOf('viewer');
  });
  afterAll(async () => {
    await browser.close();
    await night.stop();
  });

  const open = (how: Parameters<typeof openIn>[3] = { language: 'vi' }, cookie = technician): Promise<Page> =>
    openIn(browser, night.system.httpUrl, cookie, how);
  const priorities = async () =>
    ENDPOINTS.getPowerPriorities.response.parse(
      (await night.system.anonymous.get('/api/v1/power-priorities').expect(200)).body,
    );

  it('says where the generator goes first and why, and that one runs there once somebody says so', async () => {
    const page = await open();
    await page.goto('/power');
    const [first] = (await priorities()).sites;
    if (first === undefined) throw new Error('no site needs power');
    const rows = page.locator('.site-row');
    const row = rows.filter({ hasText: first.siteName });
    await row.getByText(first.communeName).waitFor();
    await row.getByText('Hết ắc quy', { exact: true }).waitFor();
    await row.getByText(/Xã không còn sóng, nơi này đưa sóng trở lại/).waitFor();
    expect(await rows.first().textContent()).toContain(first.siteName);

    await row.getByRole('button', { name: 'Ghi nhận' }).click();
    const dialog = page.getByRole('dialog', { name: `Ghi nhận về ${first.siteName}` });
    await dialog.getByLabel('Điều gì').selectOption({ label: 'Máy phát đang chạy' });
    await dialog.getByLabel('Ghi chú').fill('<i>5 kVA</i>, dầu đến sáng');
    await dialog.getByRole('button', { name: 'Ghi nhận' }).click();
    await dialog.waitFor({ state: 'detached' });
    await row.getByText(/Máy phát đến/).waitFor();
    await page.context().close();
  });

  it('shows a viewer the list and nothing to record', async () => {
    const page = await open({ language: 'vi' }, viewer);
    await page.goto('/power');
    await page.locator('.site-row').first().waitFor();
    expect(await page.getByRole('button', { name: 'Ghi nhận' }).count()).toBe(0);
    await page.context().close();
  });

  it('asks the power company by feeders, and is printed with both lists and all columns', async () => {
    const page = await open();
    await page.goto('/power');
    const [feeder] = (await priorities()).feeders;
    await page
      .locator('.feeder-table')
      .getByText(feeder?.feedName ?? '')
      .first()
      .waitFor();
    const paper = await printed(page);
    expect(paper.outside).toEqual([]);
    for (const text of ['Đưa máy phát đến đâu trước', 'Đề nghị điện lực', 'Hết ắc quy', feeder?.feedName ?? '']) {
      expect(paper.says(text), text).toBe(true);
    }
    expect(paper.says('Ghi nhận')).toBe(false);
    await page.context().close();
  });

  it('records on a commune how it was reached; HTML stays text; it is told in the report, and withdrawn', async () => {
    const page = await open();
    await page.goto(`/communes/${HILLS}`);
    const panel = page.locator('.facts-panel');
    await panel.getByRole('button', { name: 'Ghi nhận' }).click();
    const dialog = page.getByRole('dialog', { name: 'Ghi nhận về Xã Trà Bồng' });
    await dialog.getByLabel('Điều gì').selectOption({ label: 'Đã liên lạc được' });
    await dialog.getByLabel('Bằng cách nào').selectOption({ label: 'điện thoại vệ tinh' });
    await dialog.getByLabel('Ghi chú').fill('<img src=x onerror="document.title=1"> an toàn');
    await dialog.getByRole('button', { name: 'Ghi nhận' }).click();
    await dialog.waitFor({ state: 'detached' });
    const line = panel.getByRole('listitem').filter({ hasText: 'Đã liên lạc được' });
    await line.getByText('<img src=x onerror="document.title=1"> an toàn').waitFor();
    await line.getByText(/điện thoại vệ tinh/).waitFor();
    expect(await panel.locator('img').count()).toBe(0);

    await page.goto('/situation');
    night.clock.advance(60_000);
    await eventually(
      async () => {
        await page.reload();
        await page
          .getByText(/đã liên lạc được lúc/)
          .first()
          .waitFor({ timeout: 3_000 });
      },
      { timeoutMs: 60_000 },
    );

    await page.goto(`/communes/${HILLS}`);
    await line.getByRole('button', { name: 'Rút lại' }).click();
    await line.getByRole('button', { name: 'Rút lại' }).click();
    await line.waitFor({ state: 'detached' });
    await page.context().close();
  });

  it('tells which operators are alive, and records roaming that was switched on, by whom', async () => {
    const page = await open();
    await page.goto(`/communes/${HILLS}`);
    const panel = page.locator('.roaming-panel');
    await panel.getByText('Không mạng nào còn sóng ở đây.').waitFor();
    await panel.getByRole('button', { name: 'Ghi nhận đã bật' }).click();
    const dialog = page.getByRole('dialog', { name: 'Ghi nhận về Xã Trà Bồng' });
    await dialog.getByRole('button', { name: 'Ghi nhận' }).click();
    // Nobody's network was named: said beside the field, and nothing is sent.
    await dialog.getByRole('alert').getByText('Chọn nhà mạng').waitFor();
    await dialog.getByLabel('Mạng đang phục vụ').selectOption({ label: 'Viettel' });
    for (const box of await dialog.getByRole('checkbox').all()) await box.setChecked(false);
    await dialog.getByRole('checkbox', { name: 'VNPT' }).check();
    await dialog.getByRole('button', { name: 'Ghi nhận' }).click();
    await dialog.waitFor({ state: 'detached' });
    await panel.getByText(/Đang bật: thuê bao VNPT dùng mạng Viettel, đến/).waitFor();
    await page.context().close();
  });

  it('records on a device what is known of its site', async () => {
    const page = await open();
    await page.goto(`/devices/${night.site.station}`);
    const panel = page.locator('.facts-panel');
    await panel.getByRole('button', { name: 'Ghi nhận' }).click();
    const dialog = page.getByRole('dialog', { name: `Ghi nhận về ${night.site.name}` });
    await dialog.getByLabel('Điều gì').selectOption({ label: 'Đường bị cắt' });
    await dialog.getByRole('button', { name: 'Ghi nhận' }).click();
    await dialog.waitFor({ state: 'detached' });
    await panel.getByRole('listitem').filter({ hasText: 'Đường bị cắt' }).getByText(night.site.name).waitFor();
    const list = await open();
    await list.goto('/power');
    await list
      .locator('.site-row')
      .filter({ hasText: night.site.name })
      .getByText('Đường bị cắt', { exact: true })
      .waitFor();
    for (const each of [page, list]) await each.context().close();
  });

  it.each(['vi', 'en'] as const)(
    'fits a desk, a 4K wall and a phone without a fault that axe finds, in %s',
    async (language) => {
      const words =
        language === 'vi'
          ? { record: 'Ghi nhận', facts: 'Người ta biết gì', how: 'Điểm ưu tiên tính thế nào', roaming: 'Chuyển vùng' }
          : { record: 'Record a fact', facts: 'What people know', how: 'How the score is made', roaming: 'Roaming' };
      for (const size of SCREEN_SIZES) {
        const page = await open({ language, size });
        const check = (what: string) => expectSoundScreen(page, `${what} at ${size.width} px in ${language}`);
        await page.goto('/power');
        await page.locator('.site-row').first().waitFor();
        await page.getByText(words.how).click();
        await check('power');
        await page.goto(`/communes/${TOWN}`);
        await page.getByRole('heading', { name: words.roaming }).waitFor();
        await check('town');
        await page.goto(`/communes/${HILLS}`);
        await page.getByRole('heading', { name: words.roaming }).waitFor();
        await check('commune');
        await page.locator('.facts-panel').getByRole('button', { name: words.record }).click();
        await page.getByRole('dialog').waitFor();
        await check('fact dialog');
        await page.goto(`/devices/${night.site.station}`);
        await page.getByRole('heading', { name: words.facts }).waitFor();
        await check('device');
        await page.context().close();
      }
    },
  );
});
