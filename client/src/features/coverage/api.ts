import { ENDPOINTS, type CoverageState } from '@ioc/contract';
import { addressOf, call } from '../../live/api.js';

/** VCS equipment of the 96 communes. */
export function fetchVcsCoverage(signal: AbortSignal) {
  return call(ENDPOINTS.vcsCoverage, { signal });
}

/** Where the list is downloaded for Excel. */
export function csvAddress(language: 'vi' | 'en', state: CoverageState | null): string {
  return addressOf(ENDPOINTS.vcsCoverageCsv, { query: { language, state: state ?? undefined } });
}
