import { scaledClock, type Clock } from '@ioc/contract';
import type { Logger } from 'pino';
import { steadyNow } from './steady-now.js';

const MS_PER_S = 1_000;

/** The real time, or, for a rehearsal, a clock that runs `speed` times as fast from `epochMs` on. It never goes back. */
export function systemClock(epochMs: number, speed: number, logger: Logger, wallMs: () => number = Date.now): Clock {
  const now = steadyNow({
    wallMs,
    monotonicMs: () => performance.now(),
    onSetBack: (byMs) => {
      if (byMs === 0) logger.info('The clock of this machine is right again, and followed');
      else
        logger.error(
          `The clock of this machine went back by ${Math.round(byMs / MS_PER_S)} s and is not followed: set it right; if it is right now, restart the console.`,
        );
    },
  });
  return scaledClock(epochMs, speed, now);
}
