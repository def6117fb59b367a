import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { openAs } from './browser.js';

const axe = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A desk, the wall in 4K, and a phone. */
export const SCREEN_SIZES = [
  { width: 1920, height: 1080 },
  { width: 3840, height: 2160 },
  { width: 390, height: 844 },
] as const;

/** A page of a browser of its own in a language, with somebody's session; the context is closed by the caller. */
export async function openIn(
  browser: Browser,
  consoleUrl: string,
  cookie: string,
  { language, size }: { readonly language: 'vi' | 'en'; readonly size?: (typeof SCREEN_SIZES)[number] },
): Promise<Page> {
  const context = await openAs(browser, consoleUrl, cookie, size);
  await context.addInitScript((locale) => localStorage.setItem('ioc.locale', locale), language);
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  return page;
}

/** That a page is no wider than its window, and that axe finds no fault with it. */
export async function expectSoundScreen(page: Page, what: string): Promise<void> {
  const [wanted, there] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  expect(wanted, `${what}: width`).toBe(there);
  const found = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
    `${await axe}; axe.run(document, { resultTypes: ['violations'] })`,
  );
  expect(found.violations.map(({ id, nodes }) => `${what}: ${id}: ${nodes[0]?.html ?? ''}`)).toEqual([]);
}

/**
 * A page as it is printed on A4: how many sheets, whether it says something, and the words that do not lie on their sheet.
 * Spaces do not count: a letter with two marks is put on paper by itself.
 */
export async function printed(page: Page): Promise<{
  readonly sheets: number;
  readonly outside: readonly string[];
  says(words: string): boolean;
}> {
  const bytes = await page.pdf({ format: 'A4', preferCSSPageSize: true });
  const document = await getDocument({ data: new Uint8Array(bytes), verbosity: 0 }).promise;
  const words: string[] = [];
  const outside: string[] = [];
  for (let number = 1; number <= document.numPages; number += 1) {
    const sheet = await document.getPage(number);
    const [, , width = 0, height = 0] = sheet.view;
    for (const item of (await sheet.getTextContent()).items) {
      if (!('str' in item) || item.str.trim() === '') continue;
      words.push(item.str);
      const [x, y] = [Number(item.transform[4]), Number(item.transform[5])];
      if (x < 0 || x + item.width > width + 1 || y < 0 || y > height) outside.push(`${item.str} at ${x}, ${y}`);
    }
  }
  const sheets = document.numPages;
  await document.destroy();
  const dense = (text: string) => text.normalize('NFC').replaceAll(/\s+/g, '');
  const text = dense(words.join(''));
  return { sheets, outside, says: (wanted) => text.includes(dense(wanted)) };
}
