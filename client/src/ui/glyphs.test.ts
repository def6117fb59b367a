import { describe, expect, it } from 'vitest';
import { CONNECTIVITIES, SEVERITIES } from '@ioc/contract';
import { deviceGlyph, GLYPHS } from './glyphs.js';

describe('the mark of a device', () => {
  it('says that it cannot be seen or was not heard, however bad it was', () => {
    for (const severity of [...SEVERITIES, null]) {
      expect(deviceGlyph('blind', severity)).toBe('blind');
      expect(deviceGlyph('stale', severity)).toBe('stale');
    }
  });

  it('shows the severity of an alarm, also of a device that is up', () => {
    for (const severity of SEVERITIES) {
      expect(deviceGlyph('up', severity)).toBe(severity);
      expect(deviceGlyph('down', severity)).toBe(severity);
    }
  });

  it('is quiet only for a device that is up without an alarm', () => {
    const quiet = CONNECTIVITIES.filter((connectivity) => deviceGlyph(connectivity, null) === 'cleared');
    expect(quiet).toEqual(['up']);
  });

  it('has a shape of its own for every meaning', () => {
    const shapes = Object.values(GLYPHS).map(({ path, hollow, marks }) => `${path}|${hollow}|${marks ?? ''}`);
    expect(new Set(shapes).size).toBe(shapes.length);
  });
});
