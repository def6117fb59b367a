import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SETTINGS } from './config.js';
import { settingsTable, TABLE_BEGIN, TABLE_END, withSettingsTable } from './settings-table.js';

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
/** Prettier aligns the columns; what stands in them is what counts. */
const unaligned = (text: string) => text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---');

test('the README lists every setting as the code has it', () => {
  expect(unaligned(readme)).toContain(unaligned(settingsTable()));
});

test('every variable is listed once', () => {
  const variables = Object.values(SETTINGS).map(({ variable }) => variable);
  expect(new Set(variables).size).toBe(variables.length);
  for (const variable of variables) expect(settingsTable().split(`| \`${variable}\` |`)).toHaveLength(2);
});

test('only what stands between the markers is replaced', () => {
  const document = `before\n${TABLE_BEGIN}\nwritten by hand\n${TABLE_END}\nafter\n`;
  const replaced = withSettingsTable(document);
  expect(replaced).toMatch(/^before\n/);
  expect(replaced).toMatch(/\nafter\n$/);
  expect(replaced).not.toContain('written by hand');
  expect(() => withSettingsTable('no markers')).toThrow('needs the lines');
});
