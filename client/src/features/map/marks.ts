import type { DeviceLive, Impact } from '@ioc/contract';
import { deviceGlyph, type GlyphName } from '../../ui/glyphs.js';
import { CLEARED_COLOUR, CONNECTIVITY_COLOURS, IMPACT_COLOURS, SEVERITY_COLOURS } from '../../ui/palette.js';

/** From best to worst: a cluster shows its worst member. Not seeing comes after every alarm and before normal. */
const RANKS: Readonly<Record<GlyphName, number>> = {
  none: 0,
  cleared: 1,
  stale: 2,
  blind: 3,
  warning: 4,
  minor: 5,
  major: 6,
  critical: 7,
};

export function rankOf(glyph: GlyphName): number {
  return RANKS[glyph];
}

/** The mark of a cluster: never its count, never its average. Null for an empty one. */
export function worstGlyph(members: Iterable<GlyphName>): GlyphName | null {
  let worst: GlyphName | null = null;
  for (const glyph of members) {
    if (worst === null || RANKS[glyph] > RANKS[worst]) worst = glyph;
  }
  return worst;
}

export const GLYPH_COLOURS: Readonly<Record<GlyphName, string>> = {
  critical: SEVERITY_COLOURS.critical,
  major: SEVERITY_COLOURS.major,
  minor: SEVERITY_COLOURS.minor,
  warning: SEVERITY_COLOURS.warning,
  cleared: CLEARED_COLOUR,
  stale: CONNECTIVITY_COLOURS.stale,
  blind: CONNECTIVITY_COLOURS.blind,
  none: CLEARED_COLOUR,
};

/** The mark of one device; a device that the live model does not know yet counts as stale: nobody heard it. */
export function markOf(live: DeviceLive | undefined): GlyphName {
  return live === undefined ? 'stale' : deviceGlyph(live.connectivity, live.severity);
}

/** Whether a mark says that something is wrong or cannot be seen. */
export function isAbnormal(glyph: GlyphName): boolean {
  return RANKS[glyph] > RANKS.cleared;
}

/** Fill of a commune. Single failures are dots and leave it quiet. */
export function communeFill(impact: Impact): string {
  return IMPACT_COLOURS[impact];
}
