import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { deviceTopic, type Role } from '@ioc/contract';
import { IncidentsService } from '@ioc/server/incidents/incidents.service';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setRaiseDelays } from '../harness/alarm-rules.js';
import { hasChromium, launchBrowser, openAs } from '../harness/browser.js';
import { makeCertificate, type TestCertificate } from '../harness/certificate.js';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { startHttpStandIn, type HttpStandIn } from '../harness/http-stand-in.js';
import { startMailStandIn, type MailStandIn } from '../harness/mail-stand-in.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { PushBrowser } from '../harness/push-browser.js';
import { smallFleet, smallFleetCsv } from '../harness/small-fleet.js';

const title = hasChromium ? 'who is told' : 'who is told (skipped: /usr/bin/chromium is missing)';
const DESK = { width: 1920, height: 1080 };
const PHONE = { width: 390, height: 844 };
const link = smallFleet().devices.find(({ deviceClass }) => deviceClass === 'link');
if (link === undefined) throw new Error('the small fleet has no link');
/** Where pictures of the screens go, for people to look at; unset: none are taken. */
const PICTURES = process.env['IOC_TEST_SHOTS'];

describe.skipIf(!hasChromium)(title, () => {
  let certificate: TestCertificate;
  let mail: MailStandIn;
  let push: HttpStandIn;
  let hook: HttpStandIn;
  let system: TestConsole;
  let browser: Browser;
  let wire: Publisher;
  let axe: string;

  beforeAll(async () => {
    certificate = await makeCertificate();
    mail = await startMailStandIn();
    push = await startHttpStandIn(certificate);
    hook = await startHttpStandIn();
    system = await startTestConsole({
      register: smallFleetCsv(),
      settings: {
        IOC_SMTP_URL: mail.url,
        IOC_MAIL_FROM: 'ioc@quangngai.example',
        IOC_WEBHOOK_PRIVATE: '1',
        IOC_OUTBOUND_CA: certificate.certFile,
      },
    });
    await setRaiseDelays(system, 0);
    browser = await launchBrowser();
    wire = await connectPublisher(system.mqttUrl, { clientId: 'publisher' });
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    if (PICTURES !== undefined) await mkdir(PICTURES, { recursive: true });
  });

  afterAll(async () => {
    await wire.close();
    await browser.close();
    await system.stop();
    await Promise.all([mail.close(), push.close(), hook.close()]);
    await certificate.remove();
  });

  async function open(role: Role, where: string, size = DESK, locale: 'vi' | 'en' = 'vi'): Promise<Page> {
    const context = await openAs(browser, system.httpUrl, await system.cookieOf(role), size);
    await context.addInitScript(`localStorage.setItem('ioc.locale', '${locale}')`);
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(where);
    return page;
  }

  /** Nothing wider than the window, and nothing that axe finds. */
  async function check(page: Page, what: string): Promise<void> {
    const { width = 0 } = page.viewportSize() ?? {};
    if (PICTURES !== undefined) {
      await page.screenshot({ path: path.join(PICTURES, `${what} ${width}.png`), fullPage: true });
    }
    const [wanted, there] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ]);
    expect(wanted, `${what} at ${width} px`).toBe(there);
    const found = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
      `${axe}; axe.run(document, { resultTypes: ['violations'] })`,
    );
    expect(found.violations.map(({ id, nodes }) => `${what}: ${id}: ${nodes[0]?.html ?? ''}`)).toEqual([]);
  }

  const rowOf = (page: Page | Locator, text: string): Locator => page.getByRole('row').filter({ hasText: text });
  const panel = (page: Page, heading: string): Locator =>
    page.locator('section').filter({ has: page.getByRole('heading', { name: heading }) });

  /** An incident that whoever gave an address has been told of. */
  async function failLink(): Promise<string> {
    const topic = deviceTopic(link?.commune ?? '', 'link', link?.id ?? '', 'status');
    await wire.publish(topic, { ts: Date.now(), session: 1, state: 'online' }, { retain: true });
    await wire.publish(topic, { ts: Date.now(), session: 2, state: 'offline', reason: 'cut' }, { retain: true });
    return await eventually(() => {
      const found = system.running.app
        .get(IncidentsService)
        .current()
        .find(({ deviceId }) => deviceId === link?.id);
      if (found === undefined) throw new Error('no incident yet');
      return found.id;
    });
  }

  it('a rule is made, with what is wrong beside its fields; it is tried out, and removed after a question', async () => {
    const page = await open('administrator', '/notifications');
    await page.getByRole('button', { name: 'Thêm quy tắc' }).click();
    const dialog = page.getByRole('dialog', { name: 'Thêm quy tắc' });
    await dialog.getByRole('button', { name: 'Lưu' }).click();
    await dialog.getByText('Hãy nhập tên.').waitFor();
    await dialog.getByText('Hãy chọn ít nhất một vai trò, một người hoặc một webhook.').waitFor();
    // The first of them has the focus, and is in view.
    await eventually(async () =>
      expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-invalid'))).toBe('true'),
    );
    await check(page, 'rule with faults vi');
    await dialog.getByLabel('Tên', { exact: true }).fill('Đêm ở Trà Bồng');
    await dialog.getByRole('group', { name: 'Vai trò' }).getByLabel('Trực vận hành').check();
    await dialog.getByLabel('Mức nhẹ nhất').selectOption({ label: 'Cảnh báo' });
    await dialog.getByLabel('Mọi giờ').uncheck();
    await dialog.getByLabel('Từ', { exact: true }).fill('25:00');
    await dialog.getByRole('button', { name: 'Lưu' }).click();
    await dialog.getByText('Viết giờ theo dạng 18:30.').waitFor();
    await dialog.getByLabel('Từ', { exact: true }).fill('00:00');
    await dialog.getByLabel('Đến', { exact: true }).fill('00:00');
    await dialog.getByRole('button', { name: 'Lưu' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('Đã lưu Đêm ở Trà Bồng.').waitFor();
    await rowOf(page, 'Đêm ở Trà Bồng').getByText('ngay, 00:00–00:00').waitFor();

    const dryRun = panel(page, 'Thử xem ai sẽ được báo');
    await dryRun.getByLabel('Mức', { exact: true }).selectOption({ label: 'Nhỏ' });
    await dryRun.getByRole('button', { name: 'Xem' }).click();
    await dryRun.getByText('Không có địa chỉ nào cho kênh của quy tắc (quy tắc “Đêm ở Trà Bồng”)').first().waitFor();
    await check(page, 'notifications vi');

    await page.getByRole('button', { name: 'Xóa Đêm ở Trà Bồng' }).click();
    const question = page.getByRole('dialog', { name: 'Xóa Đêm ở Trà Bồng' });
    await question.getByRole('button', { name: 'Hủy' }).click();
    await question.waitFor({ state: 'detached' });
    await rowOf(panel(page, 'Ai được báo về việc gì'), 'Đêm ở Trà Bồng').waitFor();
    await page.getByRole('button', { name: 'Xóa Đêm ở Trà Bồng' }).click();
    await question.getByRole('button', { name: 'Xóa' }).click();
    await page.getByText('Đã xóa Đêm ở Trà Bồng.').waitFor();
    await rowOf(panel(page, 'Ai được báo về việc gì'), 'Đêm ở Trà Bồng').waitFor({ state: 'detached' });
    await page.context().close();
  });

  it('a webhook is set with its secret, which is never shown again; a test to it is found in the log', async () => {
    const page = await open('administrator', '/notifications');
    await page.getByRole('button', { name: 'Thêm webhook' }).click();
    const dialog = page.getByRole('dialog', { name: 'Thêm webhook' });
    await dialog.getByLabel('Dạng nội dung').selectOption({ label: 'Zalo OA' });
    await dialog.getByRole('button', { name: 'Lưu' }).click();
    for (const text of ['Hãy nhập tên.', 'Hãy nhập mã người nhận.', 'Hãy nhập khóa truy cập.'])
      await dialog.getByText(text).waitFor();
    await check(page, 'webhook with faults vi');
    await dialog.getByLabel('Dạng nội dung').selectOption({ label: 'JSON chung' });
    await dialog.getByLabel('Tên', { exact: true }).fill('Nhóm trực');
    // What only the server knows stands beside its field too.
    await dialog.getByLabel('Địa chỉ').fill('https://me:word@lgsp.example/');
    await dialog.getByRole('button', { name: 'Lưu' }).click();
    await dialog.getByText('Không đặt mật khẩu trong địa chỉ; dùng ô khóa').waitFor();
    await dialog.getByLabel('Địa chỉ').fill(`${hook.url}/in`);
    await dialog.getByLabel('Khóa truy cập').fill('Bearer rat-bi-mat');
    await dialog.getByRole('button', { name: 'Lưu' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Gửi thử tới Nhóm trực' }).click();
    await eventually(() => expect(hook.received.at(-1)?.headers.authorization).toBe('Bearer rat-bi-mat'));
    expect(await page.content()).not.toContain('rat-bi-mat');
    const log = panel(page, 'Nhật ký tin');
    await eventually(async () => {
      await log.getByRole('button', { name: 'Làm mới' }).click();
      expect(await log.getByRole('row').nth(1).textContent()).toMatch(/Nhóm trực · Webhook.*Đã gửi/s);
    });
    await page.getByRole('button', { name: 'Sửa webhook Nhóm trực' }).click();
    const editing = page.getByRole('dialog', { name: 'Sửa webhook Nhóm trực' });
    expect(await editing.getByLabel('Khóa truy cập').inputValue()).toBe('');
    await editing.getByText('Đã có khóa; để trống nếu không đổi.').waitFor();
    await page.context().close();
  });

  it('one says where one is told, and is; a person who was not reads why, from the incident', async () => {
    const page = await open('operator', '/me/notifications');
    await page.getByLabel(/Địa chỉ e-mail/).fill('truc ban');
    await page.getByRole('button', { name: 'Lưu' }).click();
    await page.getByText('Địa chỉ chưa đúng dạng, ví dụ ten@quangngai.gov.vn.').waitFor();
    await check(page, 'own channels with a fault vi');
    await page.getByLabel(/Địa chỉ e-mail/).fill('truc@example.vn');
    await page.getByRole('button', { name: 'Lưu' }).click();
    await page.getByText('Đã lưu địa chỉ.').waitFor();
    await page.getByRole('button', { name: 'Gửi thử' }).first().click();
    await page.getByText('Đã đưa tin thử vào hàng gửi.').waitFor();
    await eventually(() => expect(mail.received.at(-1)?.to).toEqual(['truc@example.vn']));

    const id = await failLink();
    await page.goto(`/incidents?incident=${id}`);
    await page.getByRole('link', { name: 'Ai được báo, ai không, vì sao?' }).click();
    await page.getByRole('heading', { name: `Sự cố ${id}: vì sao được báo, vì sao không` }).waitFor();
    await rowOf(page, 'Không có quy tắc nào nhắc tới người nhận này').first().waitFor();
    await check(page, 'why told vi');
    await page.getByRole('link', { name: 'Về sự cố' }).click();
    await page.getByRole('complementary', { name: 'Chi tiết sự cố' }).waitFor();
    await page.context().close();
  });

  /**
   * A browser whose push service is the stand-in: the service of a real Chromium is far away. What is its own otherwise,
   * the service worker among it, is real.
   */
  async function withPushService(context: BrowserContext, subscriber: PushBrowser): Promise<void> {
    await context.grantPermissions(['notifications'], { origin: new URL(system.httpUrl).origin });
    await context.addInitScript((subscription) => {
      let current: object | null = null;
      const made = {
        ...subscription,
        toJSON: () => subscription,
        unsubscribe: () => {
          current = null;
          return Promise.resolve(true);
        },
      };
      Object.assign(PushManager.prototype, {
        subscribe: () => Promise.resolve((current = made)),
        getSubscription: () => Promise.resolve(current),
      });
    }, subscriber.subscription);
  }

  it('a browser is told by push: its service worker shows what the push service was given', async () => {
    const context = await openAs(browser, system.httpUrl, await system.cookieOf('technician'), PHONE);
    const subscriber = new PushBrowser(`${push.url}/send/phone`);
    await withPushService(context, subscriber);
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto('/me/notifications');
    await page.waitForFunction(async () => (await navigator.serviceWorker.ready).active !== null);
    await page.getByRole('button', { name: 'Nhận trên trình duyệt này' }).click();
    await page.getByText('Trình duyệt này sẽ nhận thông báo đẩy.').waitFor();
    await page.getByText('Số trình duyệt đang nhận: 1').waitFor();
    await page.getByRole('button', { name: 'Gửi thử' }).last().click();
    await eventually(() => expect(push.received).toHaveLength(1));
    const data = JSON.stringify(subscriber.read(push.received[0]?.body ?? Buffer.alloc(0)));

    const devtools = await context.newCDPSession(page);
    const registration = new Promise<string>((resolve) => {
      devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations: [first] }) => {
        if (first !== undefined) resolve(first.registrationId);
      });
    });
    await devtools.send('ServiceWorker.enable');
    const { origin } = new URL(system.httpUrl);
    const message = { origin, registrationId: await registration, data };
    // The same message twice is shown once.
    await devtools.send('ServiceWorker.deliverPushMessage', message);
    await devtools.send('ServiceWorker.deliverPushMessage', message);
    await eventually(async () => {
      const shown = await page.evaluate(async () =>
        (await (await navigator.serviceWorker.ready).getNotifications()).map((notice) => notice.title),
      );
      expect(shown).toEqual(['[Thử] Tin thử từ bảng điều khiển IOC Quảng Ngãi']);
    });
    await check(page, 'own channels vi');
    await page.getByRole('button', { name: 'Thôi nhận trên trình duyệt này' }).click();
    await page.getByText('Số trình duyệt đang nhận: 0').waitFor();
    await context.close();
  });

  it.each([
    ['desk', DESK],
    ['phone', PHONE],
  ] as const)('has no fault that axe finds and fits, in English, on a %s', async (_name, size) => {
    const id = await failLink();
    const page = await open('administrator', '/notifications', size, 'en');
    await page.getByRole('heading', { name: 'Who is told about what' }).waitFor();
    await rowOf(page, 'Sự cố nghiêm trọng: người trực').waitFor();
    await panel(page, 'Log of messages').getByRole('row').nth(1).waitFor();
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await panel(page, 'Who would be told').getByRole('row').nth(1).waitFor();
    await check(page, 'notifications en');
    await page.getByRole('button', { name: 'Add a rule' }).click();
    await page.getByRole('dialog').waitFor();
    await check(page, 'rule en');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Add a webhook' }).click();
    await page.getByRole('dialog').waitFor();
    await check(page, 'webhook en');
    await page.goto('/me/notifications');
    await page.getByText(/Browsers that are told/).waitFor();
    await check(page, 'own channels en');
    await page.goto(`/incidents/${id}/notifications`);
    await page.getByRole('row').nth(1).waitFor();
    await check(page, 'why told en');
    await page.context().close();
  });

  it('fits a phone in Vietnamese', async () => {
    const page = await open('administrator', '/notifications', PHONE);
    await rowOf(page, 'Sự cố nghiêm trọng: người trực').waitFor();
    await panel(page, 'Nhật ký tin').getByRole('row').nth(1).waitFor();
    await check(page, 'notifications vi');
    await page.getByRole('button', { name: 'Thêm quy tắc' }).click();
    await page.getByRole('dialog').waitFor();
    await check(page, 'rule vi');
    await page.context().close();
  });
});
