import { ENDPOINTS, type FactBody } from '@ioc/contract';
import { call } from '../../live/api.js';

/** What counts now, everywhere: at most 500. */
export const fetchFacts = (signal: AbortSignal) => call(ENDPOINTS.listFacts, { signal });

export const recordFact = (body: FactBody) => call(ENDPOINTS.recordFact, { body });
export const withdrawFact = (id: string) => call(ENDPOINTS.withdrawFact, { params: { id } });
