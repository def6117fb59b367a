import { access } from 'node:fs/promises';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';

/** Whether Debian's Chromium is here; a test that is skipped for want of it says so in its name. */
export const hasChromium = await access(CHROMIUM).then(
  () => true,
  () => false,
);

export function launchBrowser(args: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...args,
    ],
  });
}

/** A browser of its own for one person: a window of the given size that carries their session cookie. */
export async function openAs(
  browser: Browser,
  consoleUrl: string,
  cookie: string | null,
  size = { width: 1920, height: 1080 },
  more: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({
    baseURL: consoleUrl,
    viewport: size,
    locale: 'vi-VN',
    timezoneId: 'Asia/Ho_Chi_Minh',
    reducedMotion: 'reduce',
    ...more,
  });
  if (cookie !== null) {
    const separator = cookie.indexOf('=');
    await context.addCookies([
      { name: cookie.slice(0, separator), value: cookie.slice(separator + 1), url: consoleUrl },
    ]);
  }
  return context;
}
