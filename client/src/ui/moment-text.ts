/**
 * Moments as people of the province write them, `31/12/2026 22:30`, whatever language the browser has. Values are those of
 * local-moment.ts: `YYYY-MM-DDTHH:mm`, empty for none.
 */
export const MOMENT_PATTERN = 'dd/mm/yyyy HH:mm';

const LOCAL = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})$/;
/** Day, month, year, then hour and minute; with or without the separators, and `22h30` as it is said. */
const WRITTEN = /^(\d{1,2})[/.\-\s](\d{1,2})[/.\-\s](\d{4})[,\s]+(\d{1,2})[:.hg](\d{2})$/i;
const DIGITS = /^(\d{2})(\d{2})(\d{4})(\d{2})(\d{2})$/;

export type ReadMoment = { readonly ok: true; readonly value: string } | { readonly ok: false };

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

const two = (value: number): string => String(value).padStart(2, '0');

function partsOf(local: string): Parts | null {
  const match = LOCAL.exec(local);
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = match.slice(1).map(Number);
  return { year, month, day, hour, minute };
}

function localOf({ year, month, day, hour, minute }: Parts): string {
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function exists({ year, month, day, hour, minute }: Parts): boolean {
  if (year < 1900 || month < 1 || month > 12 || hour > 23 || minute > 59) return false;
  return day >= 1 && day <= daysIn(year, month);
}

/** A value as it stands in the field; empty for none. */
export function momentText(local: string): string {
  const parts = partsOf(local);
  if (parts === null) return '';
  return `${two(parts.day)}/${two(parts.month)}/${parts.year} ${two(parts.hour)}:${two(parts.minute)}`;
}

/** What somebody wrote; nothing is no moment, half a moment or one that does not exist is not read. */
export function readMomentText(text: string): ReadMoment {
  const written = text.trim();
  if (written === '') return { ok: true, value: '' };
  const copied = partsOf(written);
  const match = WRITTEN.exec(written) ?? DIGITS.exec(written);
  if (copied === null && match === null) return { ok: false };
  const [day = 0, month = 0, year = 0, hour = 0, minute = 0] = match?.slice(1).map(Number) ?? [];
  const parts = copied ?? { year, month, day, hour, minute };
  return exists(parts) ? { ok: true, value: localOf(parts) } : { ok: false };
}

/** Puts the separator that the digit just typed at the end goes without, so that digits alone are enough. */
export function withSeparators(text: string): string {
  return text
    .replace(/^(\d{2})(\d)$/, '$1/$2')
    .replace(/^(\d{1,2}\/\d{2})(\d)$/, '$1/$2')
    .replace(/^(\d{1,2}\/\d{1,2}\/\d{4})(\d)$/, '$1 $2')
    .replace(/^(\d{1,2}\/\d{1,2}\/\d{4} \d{2})(\d)$/, '$1:$2');
}

export const MOMENT_PARTS = ['day', 'month', 'year', 'hour', 'minute'] as const;
export type MomentPart = (typeof MOMENT_PARTS)[number];

/** Where each part stands in the text of a moment: first character, and the one after the last. */
const PLACES: Readonly<Record<MomentPart, readonly [number, number]>> = {
  day: [0, 2],
  month: [3, 5],
  year: [6, 10],
  hour: [11, 13],
  minute: [14, 16],
};

export function placeOfPart(part: MomentPart): readonly [number, number] {
  return PLACES[part];
}

/** The part at a place of the text. */
export function partAt(caret: number): MomentPart {
  return MOMENT_PARTS.find((part) => caret <= PLACES[part][1]) ?? 'minute';
}

/** One more or less of a part; the others follow, as on a clock. A month keeps its last day. */
export function stepMoment(local: string, part: MomentPart, by: 1 | -1): string {
  const parts = partsOf(local);
  if (parts === null) return local;
  if (part === 'month' || part === 'year') {
    const months = parts.year * 12 + parts.month - 1 + by * (part === 'year' ? 12 : 1);
    const year = Math.floor(months / 12);
    const month = (months % 12) + 1;
    return localOf({ ...parts, year, month, day: Math.min(parts.day, daysIn(year, month)) });
  }
  const ms = { day: 86_400_000, hour: 3_600_000, minute: 60_000 }[part];
  return new Date(Date.parse(`${local}:00Z`) + by * ms).toISOString().slice(0, 16);
}
