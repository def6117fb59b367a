import { describe, expect, test } from 'vitest';
import { situationPdf } from './situation-pdf.js';
import { quietDay, worstNight } from './situation.fixture.js';

const pagesOf = (bytes: Buffer) => bytes.toString('latin1').match(/\/Type \/Page\b(?!s)/g)?.length ?? 0;

describe('the report on paper', () => {
  test.each([
    ['the worst night', worstNight()],
    ['a quiet day', quietDay()],
    ['a night in which we see nothing', { ...worstNight(), seeing: false }],
  ])('is one page of %s, in both languages', async (_name, report) => {
    for (const language of ['vi', 'en'] as const) {
      const bytes = await situationPdf(report, language);
      expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
      expect(pagesOf(bytes)).toBe(1);
      // Two faces of which only the letters used are embedded.
      expect(bytes.length).toBeLessThan(150_000);
    }
  });
});
