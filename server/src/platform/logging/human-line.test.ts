import { expect, test } from 'vitest';
import { humanLine } from './human-line.js';

const at = Date.UTC(2026, 6, 1, 1, 2, 3);

test('a record becomes the time in the province, the sentence and what belongs to it', () => {
  const line = JSON.stringify({ level: 30, time: at, pid: 7, hostname: 'h', rows: 12, msg: 'Rows were written' });
  expect(humanLine(line)).toBe('08:02:03  Rows were written (rows=12)\n');
});

test('a warning says that it is one, and an error says why without a stack trace', () => {
  const line = JSON.stringify({
    level: 50,
    time: at,
    err: { type: 'Error', message: 'no route to host', stack: 'Error: no route to host\n    at x.ts:1' },
    msg: 'The broker is away',
  });
  expect(humanLine(line)).toBe('08:02:03  error: The broker is away (no route to host)\n');
  expect(humanLine(JSON.stringify({ level: 40, time: at, msg: 'Slow' }))).toBe('08:02:03  warning: Slow\n');
});

test('a long value is cut and stays on one line', () => {
  const output = humanLine(JSON.stringify({ level: 30, time: at, text: `a\nb${'x'.repeat(500)}`, msg: 'Said' }));
  expect(output.trimEnd()).not.toContain('\n');
  expect(output.length).toBeLessThan(220);
});

test('what is no record passes unchanged', () => {
  expect(humanLine('plain text\n')).toBe('plain text\n');
});
