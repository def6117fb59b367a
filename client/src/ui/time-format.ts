/** Everybody reads the province's time, wherever the browser stands. */
export const TIME_ZONE = 'Asia/Ho_Chi_Minh';
export type TimeLocale = 'vi' | 'en';

const TAGS: Readonly<Record<TimeLocale, string>> = { vi: 'vi-VN', en: 'en-GB' };

type Style = 'clock' | 'minute' | 'date' | 'weekday' | 'moment';
const OPTIONS: Readonly<Record<Style, Intl.DateTimeFormatOptions>> = {
  clock: { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  minute: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  date: { day: '2-digit', month: '2-digit', year: 'numeric' },
  weekday: { weekday: 'long' },
  moment: {
    day: '2-digit',
    month: '2-digit',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  },
};

const formats = new Map<string, Intl.DateTimeFormat>();

function format(style: Style, locale: TimeLocale): Intl.DateTimeFormat {
  const key = `${style}:${locale}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat(TAGS[locale], { ...OPTIONS[style], timeZone: TIME_ZONE });
  formats.set(key, made);
  return made;
}

/** Epoch ms or RFC 3339 text to epoch ms. */
export function toMs(at: number | string): number {
  return typeof at === 'number' ? at : Date.parse(at);
}

/** `14:05:09` */
export function formatClock(at: number | string, locale: TimeLocale): string {
  return format('clock', locale).format(toMs(at));
}

/** `14:05` */
export function formatMinute(at: number | string, locale: TimeLocale): string {
  return format('minute', locale).format(toMs(at));
}

/** `22/11/2026` */
export function formatDate(at: number | string, locale: TimeLocale): string {
  return format('date', locale).format(toMs(at));
}

/** `Chủ Nhật` */
export function formatWeekday(at: number | string, locale: TimeLocale): string {
  return format('weekday', locale).format(toMs(at));
}

/** Date and time to the second: `14:05:09 22/11/2026`. */
export function formatMoment(at: number | string, locale: TimeLocale): string {
  return `${formatClock(at, locale)} ${formatDate(at, locale)}`;
}

/** A moment as short as it can be said: `14:05` today, `21/11 14:05` on another day. */
export function formatShort(at: number | string, nowMs: number, locale: TimeLocale): string {
  const day = formatDate(at, locale);
  const minute = formatMinute(at, locale);
  return day === formatDate(nowMs, locale) ? minute : `${day.slice(0, 5)} ${minute}`;
}

const UNITS: Readonly<Record<TimeLocale, { d: string; h: string; m: string; s: string }>> = {
  vi: { d: ' ngày', h: ' giờ', m: ' phút', s: ' giây' },
  en: { d: ' d', h: ' h', m: ' min', s: ' s' },
};

/** A span in its two largest units: `2 giờ 05 phút`, `45 giây`. Negative spans count as none. */
export function formatSpan(ms: number, locale: TimeLocale): string {
  const unit = UNITS[locale];
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds}${unit.s}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}${unit.m}`;
  const hours = Math.floor(minutes / 60);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (hours < 24) return `${hours}${unit.h} ${two(minutes % 60)}${unit.m}`;
  return `${Math.floor(hours / 24)}${unit.d} ${hours % 24}${unit.h}`;
}

const numbers: Readonly<Record<TimeLocale, Intl.NumberFormat>> = {
  vi: new Intl.NumberFormat('vi-VN'),
  en: new Intl.NumberFormat('en-GB'),
};

/** `3.700` in Vietnamese, `3,700` in English. */
export function formatCount(value: number, locale: TimeLocale): string {
  return numbers[locale].format(value);
}
