import type { LocalizedText } from '@ioc/contract';
import type { Repair } from './outage-repair.js';

/** What each kind of repair says of its outage. */
const NOTES: Readonly<Record<Repair['kind'], LocalizedText>> = {
  shortened: {
    vi: 'Rút ngắn: dữ liệu đến muộn cho thấy vẫn phục vụ',
    en: 'Shortened: late data shows service',
  },
  split: {
    vi: 'Tách đoạn: dữ liệu đến muộn cho thấy có lúc vẫn phục vụ',
    en: 'Split: late data shows service in between',
  },
  removed: {
    vi: 'Loại bỏ: dữ liệu đến muộn cho thấy không gián đoạn',
    en: 'Removed: late data shows that there was no outage',
  },
};

/** Between the two languages in the one column `outage_repair.note`; stands in none of the notes. */
const BETWEEN = ' · ';

/** The note of a repair as its row keeps it: Vietnamese first, then English. */
export function storedRepairNote(kind: Repair['kind']): string {
  const { vi, en } = NOTES[kind];
  return `${vi}${BETWEEN}${en}`;
}

/** The note of a row in each language; one that is not in two parts is shown as it stands in both. */
export function repairNoteOf(stored: string): LocalizedText {
  const [vi, en, ...more] = stored.split(BETWEEN);
  return vi === undefined || en === undefined || more.length > 0 ? { vi: stored, en: stored } : { vi, en };
}
