import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { FeatureMessages, MessageTree } from './define-messages.js';

const SOURCE = path.resolve(import.meta.dirname, '..');
const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' });

function leaves(tree: MessageTree, prefix: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') found.set(`${prefix}.${key}`, value);
    else for (const [inner, text] of leaves(value, `${prefix}.${key}`)) found.set(inner, text);
  }
  return found;
}

async function loadAll(): Promise<FeatureMessages[]> {
  const own = files.filter((file) => path.basename(file) === 'messages.ts');
  return await Promise.all(
    own.map(async (file) => {
      const loaded = (await import(pathToFileURL(path.join(SOURCE, file)).href)) as { default: FeatureMessages };
      return loaded.default;
    }),
  );
}

describe('texts of the screens', async () => {
  const features = await loadAll();
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
    for (const file of files.filter((name) => /\.(vue|ts)$/.test(name) && !name.endsWith('.test.ts'))) {
      const text = readFileSync(path.join(SOURCE, file), 'utf8');
      for (const match of text.matchAll(/\bt\(\s*'([^']+)'/g)) {
        if (match[1] !== undefined && !vi.has(match[1])) missing.push(`${file}: ${match[1]}`);
      }
    }
    expect(missing).toEqual([]);
  });
});
