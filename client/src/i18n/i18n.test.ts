import { describe, expect, it } from 'vitest';
import type { FeatureMessages, MessageTree } from './define-messages.js';

const features = Object.values(
  import.meta.glob<FeatureMessages>('../**/messages.ts', { eager: true, import: 'default' }),
);
const sources = import.meta.glob<string>(['../**/*.{vue,ts}', '!../**/*.test.ts'], {
  eager: true,
  query: '?raw',
  import: 'default',
});

function leaves(tree: MessageTree, prefix: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') found.set(`${prefix}.${key}`, value);
    else for (const [inner, text] of leaves(value, `${prefix}.${key}`)) found.set(inner, text);
  }
  return found;
}

describe('texts of the screens', () => {
  const vi = new Map(features.flatMap((feature) => [...leaves(feature.vi, feature.namespace)]));
  const en = new Map(features.flatMap((feature) => [...leaves(feature.en, feature.namespace)]));

  it('have one feature per namespace', () => {
    const namespaces = features.map((feature) => feature.namespace);
    expect(new Set(namespaces).size).toBe(namespaces.length);
    expect(namespaces.length).toBeGreaterThan(3);
  });

  it('have the same keys in Vietnamese and English, and none is empty', () => {
    expect([...en.keys()].sort()).toEqual([...vi.keys()].sort());
    expect([...vi, ...en].filter(([, text]) => text.trim() === '').map(([key]) => key)).toEqual([]);
  });

  it('name the same placeholders in both languages', () => {
    const placeholders = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].sort();
    const different = [...vi].filter(
      ([key, text]) => placeholders(text).join() !== placeholders(en.get(key) ?? '').join(),
    );
    expect(different.map(([key]) => key)).toEqual([]);
  });

  it('exist for every key that a screen asks for', () => {
    const missing: string[] = [];
    for (const [file, text] of Object.entries(sources)) {
      for (const match of text.matchAll(/\bt\(\s*'([^']+)'/g)) {
        if (match[1] !== undefined && !vi.has(match[1])) missing.push(`${file}: ${match[1]}`);
      }
    }
    expect(Object.keys(sources).length).toBeGreaterThan(20);
    expect(missing).toEqual([]);
  });
});
