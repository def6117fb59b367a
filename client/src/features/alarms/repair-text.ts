import type { Alarm, LocalizedText } from '@ioc/contract';
import { formatShort } from '../../ui/time-format.js';

type Translate = (key: string, values: Record<string, string>) => string;

/** What late data made of an alarm, and when it was told to have begun before; empty when nothing corrected it. */
export function repairText(
  { repaired, beganAt, firstBeganAt }: Pick<Alarm, 'repaired' | 'beganAt' | 'firstBeganAt'>,
  nowMs: number,
  locale: keyof LocalizedText,
  t: Translate,
): string {
  if (repaired === null) return '';
  const now = formatShort(beganAt, nowMs, locale);
  const then = firstBeganAt === null ? null : formatShort(firstBeganAt, nowMs, locale);
  // What never was still stands in the list with the beginning that was told last.
  if (repaired === 'removed') return t('alarms.repaired.removed', { then: then ?? now });
  return then === null ? t('alarms.repaired.movedOnly', { now }) : t('alarms.repaired.moved', { now, then });
}
