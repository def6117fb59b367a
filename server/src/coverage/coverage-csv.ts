import type { CoverageRow, LocalizedText } from '@ioc/contract';
import { stringify } from 'csv-stringify/sync';

type Language = keyof LocalizedText;

const STATES: Readonly<Record<CoverageRow['state'], LocalizedText>> = {
  working: { vi: 'Đang hoạt động', en: 'Working' },
  dead: { vi: 'Có nhưng không hoạt động', en: 'Has one, not working' },
  none: { vi: 'Chưa có', en: 'None' },
};
const REASONS: Readonly<Record<NonNullable<CoverageRow['reason']>, LocalizedText>> = {
  down: { vi: 'Mất kết nối', en: 'Down' },
  unseen: { vi: 'Không thấy hơn 14 ngày', en: 'Unseen for more than 14 days' },
  neverSeen: { vi: 'Chưa từng thấy', en: 'Never seen' },
};
const LINK = { up: { vi: 'Thông', en: 'Up' }, down: { vi: 'Đứt', en: 'Down' } } as const;
const YES_NO = { yes: { vi: 'Có', en: 'Yes' }, no: { vi: 'Chưa', en: 'No' } } as const;

interface Column {
  readonly title: LocalizedText;
  readonly cell: (row: CoverageRow, language: Language) => string;
}

const COLUMNS: readonly Column[] = [
  { title: { vi: 'Mã xã', en: 'Commune code' }, cell: (row) => row.communeCode },
  { title: { vi: 'Xã, phường, đặc khu', en: 'Commune' }, cell: (row) => row.communeName },
  { title: { vi: 'Tỉnh cũ', en: 'Former province' }, cell: (row) => row.formerProvince },
  { title: { vi: 'Huyện cũ', en: 'Former district' }, cell: (row) => row.formerDistrict },
  { title: { vi: 'Dân số', en: 'Population' }, cell: (row) => String(row.population) },
  {
    title: { vi: 'Dân số đã xác nhận', en: 'Population confirmed' },
    cell: (row, language) => YES_NO[row.populationConfirmed ? 'yes' : 'no'][language],
  },
  { title: { vi: 'Thiết bị VCS', en: 'VCS equipment' }, cell: (row, language) => STATES[row.state][language] },
  {
    title: { vi: 'Lý do', en: 'Reason' },
    cell: (row, language) => (row.reason === null ? '' : REASONS[row.reason][language]),
  },
  { title: { vi: 'Mã thiết bị', en: 'Device id' }, cell: (row) => row.endpoints.map(({ id }) => id).join(', ') },
  {
    title: { vi: 'Thấy lần cuối', en: 'Last seen' },
    cell: (row, language) => localTime(latest(row.endpoints.map(({ lastSeenAt }) => lastSeenAt)), language),
  },
  {
    title: { vi: 'Họp lần cuối', en: 'Last call' },
    cell: (row, language) => localTime(latest(row.endpoints.map(({ lastCallAt }) => lastCallAt)), language),
  },
  {
    title: { vi: 'Đường truyền TSLCD', en: 'TSLCD link' },
    cell: (row, language) => (row.linkUp === null ? '' : LINK[row.linkUp ? 'up' : 'down'][language]),
  },
];

/**
 * The rows as CSV that a spreadsheet opens with a double click: UTF-8 with a byte-order mark, CRLF, and in Vietnamese
 * separated by semicolons, in English by commas (docs/decisions/0002-csv-for-excel.md). What a spreadsheet would take for a
 * formula is preceded by an apostrophe. Times are those of Asia/Ho_Chi_Minh.
 */
export function coverageCsv(rows: readonly CoverageRow[], language: Language): string {
  return stringify(
    [COLUMNS.map(({ title }) => title[language]), ...rows.map((row) => COLUMNS.map(({ cell }) => cell(row, language)))],
    { bom: true, delimiter: language === 'vi' ? ';' : ',', record_delimiter: '\r\n', escape_formulas: true },
  );
}

function latest(times: readonly (string | null)[]): string | null {
  return times.reduce(
    (newest, at) => (newest === null || (at !== null && Date.parse(at) > Date.parse(newest)) ? at : newest),
    null,
  );
}

const PARTS = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Asia/Ho_Chi_Minh',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** As the language's spreadsheets read a date: 31/12/2026 23:59, 2026-12-31 23:59. */
function localTime(at: string | null, language: Language): string {
  if (at === null) return '';
  const parts = new Map(PARTS.formatToParts(new Date(at)).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? '';
  const day =
    language === 'vi'
      ? `${part('day')}/${part('month')}/${part('year')}`
      : `${part('year')}-${part('month')}-${part('day')}`;
  return `${day} ${part('hour')}:${part('minute')}`;
}
