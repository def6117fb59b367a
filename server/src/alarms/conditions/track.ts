import { z } from 'zod';
import type { Levels } from './levels.js';

const level = z.object({ on: z.boolean(), active: z.boolean(), sinceMs: z.number() });
const stageRank = z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(2.5), z.literal(3)]);

/** As it is kept between runs. */
export const track = z.object({
  levels: z.array(level.nullable()).length(4).nullable(),
  samples: z.array(z.tuple([z.number(), z.number()])),
  count: z.number(),
  stage: z
    .object({
      rank: stageRank,
      pending: stageRank.nullable(),
      levelM: z.number().nullable(),
      belowSinceMs: z.number().nullable(),
    })
    .nullable(),
});

/** A sample that a rule remembers: when (epoch ms), and how much. */
export type Sample = readonly [atMs: number, value: number];

/**
 * What a rule remembers of a device between two readings. Immutable. A rule that has nothing to remember has no track, so a
 * calm device costs nothing.
 */
export interface Track {
  readonly levels: Levels | null;
  /** Oldest first. */
  readonly samples: readonly Sample[];
  /** Good or equal samples in a row, whatever the rule counts. */
  readonly count: number;
  readonly stage: z.output<typeof track>['stage'];
}

export const NO_TRACK: Track = { levels: null, samples: [], count: 0, stage: null };

/** The track with other levels: the same one when they are the same, none when nothing is left to remember. */
export function withLevels(before: Track | null, levels: Levels | null): Track | null {
  if (before === null) return levels === null ? null : { ...NO_TRACK, levels };
  if (before.levels === levels) return before;
  if (levels === null && before.samples.length === 0 && before.count === 0 && before.stage === null) return null;
  return { ...before, levels };
}
