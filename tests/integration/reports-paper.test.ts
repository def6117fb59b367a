import { PaperService } from '@ioc/server/reports/paper.service';
import { quietDay, worstNight } from '@ioc/server/reports/situation.fixture';
import { situationPdf } from '@ioc/server/reports/situation-pdf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestConsole, type TestConsole } from '../harness/console.js';

describe('A report on paper', () => {
  let system: TestConsole;
  beforeAll(async () => {
    system = await startTestConsole();
  });
  afterAll(() => system.stop());
  const paper = () => system.running.app.get(PaperService);

  test('is made beside the console: other work goes on between the request and its answer', async () => {
    // The thread is there and has read its fonts.
    expect((await paper().pdf(quietDay(), 'vi')).ok).toBe(true);
    let turns = 0;
    let waiting = true;
    const turn = () => {
      turns += 1;
      if (waiting) setImmediate(turn);
    };
    setImmediate(turn);
    const outcome = await paper().pdf(worstNight(), 'vi');
    waiting = false;
    expect(outcome.ok && outcome.bytes.subarray(0, 5).toString()).toBe('%PDF-');
    // Made in this thread it is a handful: reading the report, and a callback for each piece of the page.
    expect(turns).toBeGreaterThan(500);
  });

  test('that many ask for at once is made once; the same page comes from the thread as from here', async () => {
    const pages = await Promise.all([1, 2, 3].map(() => paper().pdf(worstNight(), 'en')));
    expect(new Set(pages).size).toBe(1);
    const [page] = pages;
    expect(page?.ok && page.bytes.length).toBe((await situationPdf(worstNight(), 'en')).length);
  });
});
