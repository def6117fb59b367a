import { readFileSync } from 'node:fs';
import { DEVICE_CLASSES } from '@ioc/contract';
import { describe, expect, it } from 'vitest';
import { SETTINGS } from './config.js';
import { withTable } from './document-table.js';
import { METRICS_TABLE } from './metrics-table.js';
import { SETTINGS_TABLE } from './settings-table.js';

/** Prettier aligns the columns; what stands in them is what counts. */
const unaligned = (text: string) => text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---');

describe('tables that are made from the code', () => {
  it.each([SETTINGS_TABLE, METRICS_TABLE])('stand in $document as the code has them', ({ document, content }) => {
    const text = readFileSync(new URL(`../../../${document}`, import.meta.url), 'utf8');
    expect(unaligned(text)).toContain(unaligned(content()));
  });

  it('list every setting and every metric once', () => {
    const variables = Object.values(SETTINGS).map(({ variable }) => variable);
    for (const variable of variables) expect(SETTINGS_TABLE.content().split(`| \`${variable}\` |`)).toHaveLength(2);
    const count = Object.values(DEVICE_CLASSES).reduce((sum, { metrics }) => sum + metrics.length, 0);
    expect(
      METRICS_TABLE.content()
        .split('\n')
        .filter((line) => line.startsWith('| `')),
    ).toHaveLength(count);
  });

  it('replace only what stands between their markers', () => {
    const { begin, end } = SETTINGS_TABLE;
    const replaced = withTable(`before\n${begin}\nwritten by hand\n${end}\nafter\n`, SETTINGS_TABLE);
    expect(replaced).toMatch(/^before\n/);
    expect(replaced).toMatch(/\nafter\n$/);
    expect(replaced).not.toContain('written by hand');
    expect(() => withTable('no markers', SETTINGS_TABLE)).toThrow('needs the lines');
  });
});
