import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { PaperThread, type PaperOutcome, type PaperTask } from './paper-thread.js';
import { quietDay } from './situation.fixture.js';

/** Threads whose program is a line or two; what they are asked for is the language. */
const PROGRAMS = {
  /** Answers with its own number, so that one sees which thread it was. */
  good: `port.on('message', () => port.postMessage({ bytes: new Uint8Array([threadId]) }))`,
  refusing: `port.on('message', () => port.postMessage({ error: 'no such letter' }))`,
  throwing: `port.on('message', () => { throw new Error('out of ink') })`,
  exiting: `port.on('message', () => process.exit(3))`,
  silent: `port.on('message', () => undefined)`,
  hanging: `port.on('message', () => { for (;;); })`,
  broken: `throw new Error('no program')`,
} as const;
type Program = keyof typeof PROGRAMS;
const task: PaperTask = { report: quietDay(), language: 'vi' };
const failure = (outcome: PaperOutcome) => (outcome.ok ? null : { reason: outcome.reason, detail: outcome.detail });

describe('the thread that makes PDFs', () => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  /** `programs`: of the first thread, of the second and so on; the last one of all that follow. */
  function threadOf(programs: readonly Program[], { timeoutMs = 30_000, mostWaiting = 8 } = {}) {
    let started = 0;
    const thread = new PaperThread({
      start: () => {
        const program = programs[Math.min(started, programs.length - 1)] ?? 'good';
        started += 1;
        const head = `const { parentPort: port, threadId } = require('node:worker_threads');`;
        return new Worker(`${head} ${PROGRAMS[program]}`, { eval: true });
      },
      timeoutMs,
      mostWaiting,
    });
    ends.push(() => thread.end());
    return { thread, started: () => started };
  }

  test('is started with the first page and kept', async () => {
    const { thread, started } = threadOf(['good']);
    expect(started()).toBe(0);
    const outcomes = [await thread.make(task), ...(await Promise.all([thread.make(task), thread.make(task)]))];
    expect(new Set(outcomes.map((outcome) => outcome.ok && outcome.bytes[0])).size).toBe(1);
    expect(started()).toBe(1);
  });

  test.each<[Program, RegExp]>([
    ['throwing', /out of ink/],
    ['exiting', /ended with 3/],
    ['broken', /no program/],
  ])('that is %s costs the page that it had; what waits is made by another', async (program, detail) => {
    const { thread, started } = threadOf([program, 'good']);
    const [lost, next] = await Promise.all([thread.make(task), thread.make(task)]);
    expect(failure(lost)).toEqual({ reason: 'failed', detail: expect.stringMatching(detail) as string });
    expect(next.ok).toBe(true);
    expect(started()).toBe(2);
  });

  test('that says it cannot make a page is kept for the next one', async () => {
    const { thread, started } = threadOf(['refusing']);
    expect(failure(await thread.make(task))).toEqual({ reason: 'failed', detail: 'no such letter' });
    expect(failure(await thread.make(task))).toEqual({ reason: 'failed', detail: 'no such letter' });
    expect(started()).toBe(1);
  });

  test.each<Program>(['silent', 'hanging'])('that is %s is ended in time', async (program) => {
    const { thread } = threadOf([program, 'good'], { timeoutMs: 300 });
    expect(failure(await thread.make(task))).toMatchObject({ reason: 'late' });
  });

  test('takes so many and refuses the rest, and answers all when it is ended', async () => {
    const { thread } = threadOf(['silent'], { mostWaiting: 2 });
    const made = [1, 2, 3].map(() => thread.make(task));
    expect(failure(await thread.make(task))).toMatchObject({ reason: 'busy' });
    await thread.end();
    expect((await Promise.all(made)).map((outcome) => failure(outcome)?.reason)).toEqual(['ended', 'ended', 'ended']);
    expect(failure(await thread.make(task))).toMatchObject({ reason: 'ended' });
  });

  test('that cannot be started is an answer too', async () => {
    const thread = new PaperThread({
      start: () => {
        throw new Error('no threads left');
      },
      timeoutMs: 1_000,
      mostWaiting: 1,
    });
    expect(failure(await thread.make(task))).toEqual({ reason: 'failed', detail: 'no threads left' });
  });
});
