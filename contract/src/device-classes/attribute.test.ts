import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { attributeText, DEVICE_CLASSES } from './index.js';

describe('attributes of device classes', () => {
  it('are named on screens in both languages, and so is every value of a choice that is no name by itself', () => {
    const missing: string[] = [];
    for (const definition of Object.values(DEVICE_CLASSES)) {
      for (const [name, schema] of Object.entries(definition.attributes.shape)) {
        const text = attributeText(definition, name);
        if (text === undefined || text.label.vi === '' || text.label.en === '')
          missing.push(`${definition.id}.${name}`);
        if (text?.values === undefined || !(schema instanceof z.ZodEnum)) continue;
        for (const value of schema.options) {
          if (text.values[String(value)] === undefined) missing.push(`${definition.id}.${name}=${value}`);
        }
      }
    }
    expect(missing).toEqual([]);
  });
});
