import type { Connectivity, Severity } from '@ioc/contract';

/** Every mark on a screen: shape first, then colour. All live in a box of 24 × 24. */
export const GLYPH_NAMES = ['critical', 'major', 'minor', 'warning', 'cleared', 'stale', 'blind', 'none'] as const;
export type GlyphName = (typeof GLYPH_NAMES)[number];

export interface GlyphShape {
  /** SVG path data. */
  readonly path: string;
  /** Drawn as an outline instead of a filled shape. */
  readonly hollow: boolean;
  /** Lines across it, as path data. */
  readonly marks: string | null;
}

const CIRCLE = 'M12 3.5a8.5 8.5 0 1 1 0 17a8.5 8.5 0 1 1 0-17Z';

export const GLYPHS: Readonly<Record<GlyphName, GlyphShape>> = {
  critical: { path: 'M12 1 23 12 12 23 1 12Z', hollow: false, marks: null },
  major: { path: 'M12 2 23 21.5H1Z', hollow: false, marks: null },
  minor: { path: CIRCLE, hollow: false, marks: null },
  warning: { path: 'M12 21 2.5 4.5h19Z', hollow: true, marks: null },
  cleared: { path: 'M12 5a7 7 0 1 1 0 14a7 7 0 1 1 0-14Z', hollow: true, marks: null },
  stale: { path: CIRCLE, hollow: true, marks: 'M5.5 16.5 16.5 5.5M8.5 19.5 19.5 8.5M4.5 11 11 4.5M13 19.5 19.5 13' },
  blind: {
    path: 'M1.5 12C5 6.5 8.5 5 12 5s7 1.5 10.5 7C19 17.5 15.5 19 12 19S5 17.5 1.5 12Z',
    hollow: true,
    marks: 'M12 9.2a2.8 2.8 0 1 1 0 5.6a2.8 2.8 0 1 1 0-5.6ZM3.5 21.5 20.5 2.5',
  },
  none: { path: 'M4.5 4.5h15v15h-15Z', hollow: true, marks: null },
};

/**
 * The mark of a device. What we cannot see or have not heard comes before how bad it was; a device that is down without an
 * alarm of its own is at least minor.
 */
export function deviceGlyph(connectivity: Connectivity, severity: Severity | null): GlyphName {
  if (connectivity === 'blind') return 'blind';
  if (connectivity === 'stale') return 'stale';
  if (severity !== null) return severity;
  return connectivity === 'down' ? 'minor' : 'cleared';
}
