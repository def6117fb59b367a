import { COMMUNES, type Meeting } from '@ioc/contract';
import { useI18n } from 'vue-i18n';
import { useLocale } from '../../i18n/use-locale.js';
import { useNow } from '../../ui/now.js';
import { formatDate, formatMinute, formatShort, formatSpan, formatWeekday } from '../../ui/time-format.js';

const NEAR_MS = 3_600_000;

/** How meetings are said, in the language and by the clock of the screen. */
export function useMeetingText() {
  const { t } = useI18n();
  const { locale } = useLocale();
  const now = useNow();

  const short = (at: string): string => formatShort(at, now.value, locale.value);

  /** `Thứ Hai 23/11/2026, 19:00 – 20:30` */
  function when({ startsAt, endsAt }: Pick<Meeting, 'startsAt' | 'endsAt'>): string {
    const day = formatDate(startsAt, locale.value);
    const lastDay = formatDate(endsAt, locale.value);
    const until = `${lastDay === day ? '' : `${lastDay} `}${formatMinute(endsAt, locale.value)}`;
    return `${formatWeekday(startsAt, locale.value)} ${day}, ${formatMinute(startsAt, locale.value)} – ${until}`;
  }

  /** Where it stands by the clock of the screen, which goes on between two answers of the server. */
  function stateOf({ state, startsAt, endsAt, cancelledAt }: Meeting): string {
    if (state === 'cancelled') return t('meetings.state.cancelled', { time: short(cancelledAt ?? endsAt) });
    if (Date.parse(endsAt) <= now.value) return t('meetings.state.over');
    const leftMs = Date.parse(startsAt) - now.value;
    if (leftMs <= 0) return t('meetings.state.running', { time: short(endsAt) });
    return t('meetings.state.upcoming', { span: formatSpan(leftMs, locale.value) });
  }

  function participantsOf({ participants }: Meeting): string {
    return participants.kind === 'all'
      ? t('meetings.allCommunes', { count: COMMUNES.length })
      : t('meetings.someCommunes', { count: participants.codes.length });
  }

  /** Who entered it, and when; of the demo nobody did. */
  function enteredBy({ simulated, enteredBy: by, enteredAt }: Meeting): string {
    return simulated ? t('meetings.simulated') : t('meetings.by', { name: by.name, time: short(enteredAt) });
  }

  /** It runs, or begins within an hour: endpoints that rest at night are nothing before. */
  function isNear({ startsAt }: Meeting): boolean {
    return Date.parse(startsAt) - now.value <= NEAR_MS;
  }

  return { short, when, stateOf, participantsOf, enteredBy, isNear };
}
