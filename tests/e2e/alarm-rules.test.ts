import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchBrowser, openAs } from '../harness/browser.js';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { smallFleetCsv } from '../harness/small-fleet.js';

const title = hasChromium
  ? 'the page of alarm rules'
  : 'the page of alarm rules (skipped: /usr/bin/chromium is missing)';

const WORDS = {
  vi: {
    locale: 'vi-VN',
    device: 'Loại thiết bị',
    link: 'Đường truyền TSLCD',
    rule: 'Độ trễ cao',
    made: 'số lớn hơn giữa 50 và 3 × trung vị 7 ngày',
    basis: 'Có nguồn: ITU-T G.114 và ngưỡng của các hãng họp trực tuyến; Thông tư hiện hành',
    edit: 'Sửa',
    editor: 'Sửa luật',
    check: 'Kiểm tra',
    warning: 'Cảnh báo',
    minor: 'Nhỏ',
    hysteresis: 'Độ trễ (đơn vị của chỉ số)',
    percent: 'Độ trễ (% của ngưỡng)',
    notNumber: 'Phải là một số.',
    atMost: 'Không được quá 90.',
    order: 'Mức nặng hơn phải có ngưỡng cao hơn',
    never: 'Độ trễ lớn hơn ngưỡng: cảnh báo sẽ không bao giờ kết thúc',
  },
  en: {
    locale: 'en-GB',
    device: 'Device class',
    link: 'TSLCD link',
    rule: 'Round trip high',
    made: 'the larger of 50 and 3 × the 7-day median',
    basis: 'Sourced: ITU-T G.114, videoconference vendors’ bands; the circular in force',
    edit: 'Edit',
    editor: 'Edit rule',
    check: 'Check',
    warning: 'Warning',
    minor: 'Minor',
    hysteresis: 'Hysteresis (unit of the metric)',
    percent: 'Hysteresis (% of the limit)',
    notNumber: 'It must be a number.',
    atMost: 'It must be at most 90.',
    order: 'A worse severity needs a higher limit',
    never: 'The hysteresis is larger than the limit: the alarm would never end',
  },
} as const;

describe.skipIf(!hasChromium)(title, () => {
  let system: TestConsole;
  let browser: Browser;

  beforeAll(async () => {
    system = await startTestConsole({ register: smallFleetCsv() });
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
    await system.stop();
  });

  /** What stands beside a field, and is read out with it. */
  async function besides(page: Page, field: Locator): Promise<Locator> {
    await field.and(page.locator('[aria-invalid="true"]')).waitFor();
    return page.locator(`[id="${(await field.getAttribute('aria-describedby')) ?? ''}"]`);
  }

  it.each(['vi', 'en'] as const)(
    'says in %s what a limit is made of, and what is wrong beside the field that is',
    async (language) => {
      const words = WORDS[language];
      const context = await openAs(browser, system.httpUrl, await system.cookieOf('administrator'), undefined, {
        locale: words.locale,
      });
      await context.addInitScript((chosen) => localStorage.setItem('ioc.locale', chosen), language);
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      await page.goto('/alarm-rules');
      await page.getByLabel(words.device).selectOption({ label: words.link });
      const rule = page.getByRole('listitem').filter({ hasText: words.rule });
      await rule.getByText(words.made).waitFor();
      await rule.getByText(words.basis).waitFor();
      await rule.getByRole('button', { name: words.edit }).click();
      const dialog = page.getByRole('dialog', { name: words.editor });
      await dialog.getByText(words.basis).waitFor();
      const fieldOf = (label: string) => dialog.getByLabel(label, { exact: true });
      const check = dialog.getByRole('button', { name: words.check });

      // What cannot be right is said at once, and is not asked of the server.
      await fieldOf(words.percent).fill('95');
      expect(await (await besides(page, fieldOf(words.percent))).innerText()).toBe(words.atMost);
      await fieldOf(words.minor).fill('nhiều');
      expect(await (await besides(page, fieldOf(words.minor))).innerText()).toBe(words.notNumber);
      expect(await check.isDisabled()).toBe(true);

      // What only the server knows stands beside its field, too, and goes with the next change.
      await fieldOf(words.percent).fill('20');
      await fieldOf(words.minor).fill('40');
      await fieldOf(words.hysteresis).fill('60');
      await check.click();
      expect(await (await besides(page, fieldOf(words.minor))).innerText()).toBe(words.order);
      expect(await (await besides(page, fieldOf(words.hysteresis))).innerText()).toBe(words.never);
      await fieldOf(words.minor).fill('150');
      await fieldOf(words.minor).and(page.locator('[aria-invalid="false"]')).waitFor();
      await context.close();
    },
  );
});
