import { ENDPOINTS, type FactBody, type FactSubject } from '@ioc/contract';
import { call } from '../../live/api.js';

/** What counts now, everywhere: at most 500. */
export const fetchFacts = (signal: AbortSignal) => call(ENDPOINTS.listFacts, { signal });

/** What was ever recorded of one subject, newest first. */
export const fetchPastFacts = ({ kind, id }: FactSubject, signal: AbortSignal) =>
  call(ENDPOINTS.listFacts, { query: { kind, id, past: 'true' }, signal });

export const recordFact = (body: FactBody) => call(ENDPOINTS.recordFact, { body });
export const withdrawFact = (id: string) => call(ENDPOINTS.withdrawFact, { params: { id } });
