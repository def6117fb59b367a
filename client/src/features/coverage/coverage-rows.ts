import type { CoverageRow, CoverageState } from '@ioc/contract';
import { plainLetters } from '../../ui/plain-letters.js';

export const COVERAGE_STATES: readonly CoverageState[] = ['none', 'dead', 'working'];

export interface CoverageFilter {
  readonly state: CoverageState | null;
  readonly formerProvince: string | null;
  /** Part of a commune's or district's name or code, with or without diacritics. */
  readonly search: string;
}

export const SORT_KEYS = ['commune', 'former', 'population', 'state', 'lastSeen'] as const;
export type SortKey = (typeof SORT_KEYS)[number];
export interface Sorting {
  readonly key: SortKey;
  readonly descending: boolean;
}

export function matchesFilter(row: CoverageRow, filter: CoverageFilter): boolean {
  if (filter.state !== null && row.state !== filter.state) return false;
  if (filter.formerProvince !== null && row.formerProvince !== filter.formerProvince) return false;
  const wanted = plainLetters(filter.search.trim());
  return (
    wanted === '' ||
    [row.communeName, row.formerDistrict, row.communeCode].some((text) => plainLetters(text).includes(wanted))
  );
}

/** When any endpoint of a commune was last seen, epoch ms; null: never, or there is none. */
export function lastSeenMs(row: CoverageRow): number | null {
  const seen = row.endpoints.flatMap(({ lastSeenAt }) => (lastSeenAt === null ? [] : [Date.parse(lastSeenAt)]));
  return seen.length === 0 ? null : Math.max(...seen);
}

const byName = new Intl.Collator('vi');
const withoutType = (name: string): string => name.replace(/^(Xã|Phường|Đặc khu) /, '');

const COMPARE: Readonly<Record<SortKey, (a: CoverageRow, b: CoverageRow) => number>> = {
  commune: (a, b) => byName.compare(withoutType(a.communeName), withoutType(b.communeName)),
  former: (a, b) => byName.compare(a.formerDistrict, b.formerDistrict),
  population: (a, b) => a.population - b.population,
  state: (a, b) => COVERAGE_STATES.indexOf(a.state) - COVERAGE_STATES.indexOf(b.state),
  lastSeen: (a, b) => (lastSeenMs(a) ?? -1) - (lastSeenMs(b) ?? -1),
};

/** Rows in the asked order; the name decides between equals. */
export function sortedRows(rows: readonly CoverageRow[], { key, descending }: Sorting): CoverageRow[] {
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => sign * COMPARE[key](a, b) || COMPARE.commune(a, b));
}
