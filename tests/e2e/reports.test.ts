import { sessionInfo, type Role } from '@ioc/contract';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchBrowser } from '../harness/browser.js';
import { eventually } from '../harness/eventually.js';
import { expectSoundScreen, openIn, printed, SCREEN_SIZES } from '../harness/screen-check.js';
import { HILLS, startStormNight, type StormNight } from '../harness/storm-night.js';

const title = hasChromium
  ? 'the situation report and the handover'
  : 'the situation report and the handover (skipped: /usr/bin/chromium is missing)';

describe.skipIf(!hasChromium)(title, () => {
  let night: StormNight;
  let browser: Browser;
  const cookies = new Map<Role, string>();

  beforeAll(async () => {
    night = await startStormNight();
    browser = await launchBrowser();
    for (const role of ['operator', 'administrator'] as const) cookies.set(role, await night.system.cookieOf(role));
  });
  afterAll(async () => {
    await browser.close();
    await night.stop();
  });

  const open = (role: Role, how: Parameters<typeof openIn>[3] = { language: 'vi' }): Promise<Page> =>
    openIn(browser, night.system.httpUrl, cookies.get(role) ?? '', how);
  async function nameOf(role: Role): Promise<string> {
    const agent = await night.system.signedIn(role);
    return sessionInfo.parse((await agent.get('/api/v1/session').expect(200)).body).name;
  }

  it('says on a quiet day that nothing is, and is kept', async () => {
    await night.calm();
    const page = await open('operator');
    await page.goto('/situation');
    await page.getByText('Không có xã nào bị cô lập hoặc gần cô lập.').waitFor();
    await page.getByText('báo cáo đầu tiên').waitFor();
    await page.getByRole('button', { name: 'Lưu báo cáo này' }).click();
    await page.getByRole('status').filter({ hasText: 'Đã lưu báo cáo lúc' }).waitFor();
    await page.context().close();
  });

  it('tells in the storm what is new since then, is copied for a chat and comes as PDF', async () => {
    await night.storm();
    const page = await open('operator');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: night.system.httpUrl });
    await page.goto('/situation');
    await page.getByRole('heading', { name: 'Xã bị cô lập 1 · gần cô lập 0' }).waitFor();
    const commune = page.getByRole('listitem').filter({ has: page.getByRole('link', { name: 'Xã Trà Bồng' }) });
    await commune.getByText('mới').waitFor();
    await page.getByText(/so với báo cáo lúc/).waitFor();

    await page.getByRole('button', { name: 'Chép để gửi tin nhắn' }).click();
    await page
      .getByRole('status')
      .filter({ hasText: /Đã chép \d+ ký tự/ })
      .waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied.split('\n').slice(0, 6).join('\n')).toMatch(/XÃ BỊ CÔ LẬP: 1\n• Xã Trà Bồng \(MỚI; từ \d\d:\d\d/);
    expect(copied.length).toBeLessThanOrEqual(2_000);

    const address = await page.getByRole('link', { name: 'PDF (1 trang A4)' }).getAttribute('href');
    const pdf = await page.request.get(address ?? '');
    expect(pdf.headers()['content-type']).toBe('application/pdf');
    expect((await pdf.body()).subarray(0, 5).toString()).toBe('%PDF-');
    await page.context().close();
  });

  it('is handed over by two hands: what the first has signed does not change any more, and the second is another', async () => {
    const remarks = '<b>Trạm Trà Bồng 03</b>: gọi lại lúc 06:00';
    const first = await open('operator');
    const second = await open('administrator');
    for (const page of [first, second]) {
      await page.goto('/handover');
      await page.getByRole('button', { name: 'Ký giao ca' }).waitFor();
    }
    await first.getByLabel('Ca sau cần biết thêm').fill(remarks);
    // Nobody signs what is not saved.
    await eventually(async () =>
      expect(await first.getByRole('button', { name: 'Ký giao ca' }).isDisabled()).toBe(true),
    );
    await first.getByRole('button', { name: 'Lưu ghi chú' }).click();
    await first.getByRole('status').getByText('Đã lưu').waitFor();
    await first.getByRole('button', { name: 'Ký giao ca' }).click();
    await first.getByText(/Nội dung đã cố định/).waitFor();
    await first.getByText(remarks).first().waitFor();
    expect(await first.getByRole('button', { name: 'Ký nhận ca' }).count()).toBe(0);
    await first.getByText('Người nhận ca phải là người khác').waitFor();

    // The second still sees it as it was: what they write is refused, and they are told who was first.
    await second.getByLabel('Ca sau cần biết thêm').fill('khác');
    await second.getByRole('button', { name: 'Lưu ghi chú' }).click();
    await second
      .getByRole('alert')
      .filter({ hasText: await nameOf('operator') })
      .waitFor();
    await second.getByRole('button', { name: 'Ký nhận ca' }).click();
    await second.getByText('Đã bàn giao xong').waitFor();
    await second.getByRole('button', { name: 'Ký giao ca' }).waitFor();
    const past = second.getByRole('button', { name: `${await nameOf('operator')} giao cho` });
    await past.click();
    await second.getByText(remarks).waitFor();
    expect(await second.locator('.handover-page b').count()).toBe(0);
    for (const page of [first, second]) await page.context().close();
  });

  it.each(['vi', 'en'] as const)(
    'fits a desk, a 4K wall and a phone without a fault that axe finds, in %s',
    async (language) => {
      const words =
        language === 'vi'
          ? { cutOff: 'Xã bị cô lập 1', shelved: 'Đang tạm gác' }
          : { cutOff: 'Isolated communes 1', shelved: 'Shelved' };
      for (const size of SCREEN_SIZES) {
        const page = await open('operator', { language, size });
        for (const path of ['/situation', '/handover']) {
          await page.goto(path);
          await page.getByRole('heading', { name: words.cutOff }).waitFor();
          if (path === '/handover') await page.getByRole('heading', { name: words.shelved }).waitFor();
          await expectSoundScreen(page, `${path} at ${size.width} px in ${language}`);
        }
        await page.context().close();
      }
    },
  );

  it('is printed on A4 with all of its columns, the handover with lines to sign on and no buttons', async () => {
    const page = await open('operator');
    await page.goto('/situation');
    await page.getByRole('heading', { name: 'Xã bị cô lập 1' }).waitFor();
    const situation = await printed(page);
    expect(situation).toMatchObject({ sheets: 1, outside: [] });
    const heads = ['Nhà mạng', 'Khôi phục', 'Mức kế tiếp (ước tính)', 'Người nhận', 'Dự kiến xong', 'Xã Trà Bồng'];
    for (const head of [...heads, 'Tính đến', 'Trung tâm điều hành thông minh']) {
      expect(situation.says(head), head).toBe(true);
    }
    expect(situation.says('Lưu báo cáo này')).toBe(false);

    await page.goto('/handover');
    await page.getByRole('heading', { name: 'Đang tạm gác' }).waitFor();
    const handover = await printed(page);
    expect(handover.outside).toEqual([]);
    for (const head of [...heads, 'Người giao ca', 'Người nhận ca', 'Cảm biến không gửi số liệu']) {
      expect(handover.says(head), head).toBe(true);
    }
    expect(handover.says('Ký giao ca')).toBe(false);
    await page.context().close();
  });

  it('leads from a commune to its page', async () => {
    const page = await open('operator');
    await page.goto('/situation');
    await page.getByRole('link', { name: 'Xã Trà Bồng' }).first().click();
    await page.waitForURL(`**/communes/${HILLS}`);
    await page.getByRole('heading', { level: 1, name: 'Xã Trà Bồng' }).waitFor();
    await page.context().close();
  });
});
