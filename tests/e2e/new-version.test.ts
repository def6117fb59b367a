import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchBrowser, openAs } from '../harness/browser.js';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { startHttpsFront, type HttpsFront } from '../harness/https-front.js';
import { smallFleetCsv } from '../harness/small-fleet.js';

const title = hasChromium
  ? 'a new version of the program'
  : 'a new version of the program (skipped: /usr/bin/chromium is missing)';
const BUILT = fileURLToPath(new URL('../../client/dist', import.meta.url));
const SHELL = /ioc-shell-([0-9a-f]{16})/;
const NEXT_SHELL = '0123456789abcdef';

describe.skipIf(!hasChromium)(title, () => {
  let folder: string;
  let front: HttpsFront;
  let system: TestConsole;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let firstShell: string;
  const cleanups: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'ioc-test-client-'));
    cleanups.push(() => rm(folder, { recursive: true, force: true }));
    await cp(BUILT, folder, { recursive: true });
    firstShell = SHELL.exec(await readFile(path.join(folder, 'service-worker.js'), 'utf8'))?.[1] ?? '';
    expect(firstShell).not.toBe('');
    front = await startHttpsFront();
    cleanups.push(() => front.close());
    system = await startTestConsole({
      register: smallFleetCsv(),
      clientFolder: folder,
      settings: { IOC_PUBLIC_ORIGIN: front.origin },
    });
    cleanups.push(() => system.stop());
    front.forwardTo(system.httpUrl);
    browser = await launchBrowser(front.browserArgs);
    cleanups.push(() => browser.close());
    context = await openAs(browser, front.origin, await system.cookieOf('operator'));
    page = await context.newPage();
    page.setDefaultTimeout(20_000);
  });

  afterAll(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  /** As an upgrade does: other files, so another worker with a shell of its own. */
  async function upgrade(): Promise<void> {
    const index = path.join(folder, 'index.html');
    const worker = path.join(folder, 'service-worker.js');
    await writeFile(
      index,
      (await readFile(index, 'utf8')).replace('<head>', '<head><meta name="build" content="2" />'),
    );
    await writeFile(worker, (await readFile(worker, 'utf8')).replaceAll(firstShell, NEXT_SHELL));
  }
  const build = (): Promise<string | null> =>
    page.evaluate(() => document.querySelector('meta[name="build"]')?.getAttribute('content') ?? null);
  const shells = (): Promise<string[]> =>
    page.evaluate(async () => (await caches.keys()).filter((name) => name.startsWith('ioc-shell-')));
  const notice = () => page.getByRole('status').filter({ hasText: 'Có phiên bản mới.' });

  it('is said when it is there, and changes nothing under the hands of whoever works', async () => {
    await page.goto('/incidents');
    await page.getByRole('heading', { name: 'Sự cố hiện tại' }).waitFor();
    await page.waitForFunction(async () => {
      await navigator.serviceWorker.ready;
      return navigator.serviceWorker.controller !== null;
    });
    expect(await shells()).toEqual([`ioc-shell-${firstShell}`]);
    expect(await notice().count()).toBe(0);
    await page.evaluate(() => (document.title = 'as it was'));

    await upgrade();
    // Servers are upgraded behind a connection that breaks and comes back.
    front.cut();
    await page.locator('[data-link=lost]').waitFor();
    front.restore();
    await page.locator('[data-link=live]').waitFor();
    await notice().waitFor();
    expect(await page.title()).toBe('as it was');
    expect(await build()).toBeNull();
    expect((await shells()).sort()).toEqual([`ioc-shell-${NEXT_SHELL}`, `ioc-shell-${firstShell}`].sort());
  });

  it('is said on a page that is opened meanwhile, too', async () => {
    const other = await context.newPage();
    await other.goto('/technician');
    await other.getByRole('status').filter({ hasText: 'Có phiên bản mới.' }).waitFor();
    await other.close();
  });

  it('is there after one tap, and the one before is gone from the device', async () => {
    await notice().getByRole('button', { name: 'Tải lại' }).click();
    await eventually(async () => expect(await build()).toBe('2'));
    await page.getByRole('heading', { name: 'Sự cố hiện tại' }).waitFor();
    await eventually(async () => expect(await shells()).toEqual([`ioc-shell-${NEXT_SHELL}`]));
    expect(await notice().count()).toBe(0);

    // What is kept for a time without a connection is the new one as well.
    await context.setOffline(true);
    front.cut();
    await page.goto('/technician');
    await page.getByText('Ngoại tuyến').waitFor();
    expect(await build()).toBe('2');
  });
});
