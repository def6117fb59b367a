import { ENDPOINTS } from '@ioc/contract';
import { addressOf, call } from '../../live/api.js';

/** Which minute, against which; the present one against the kept report before when nothing is said. */
export interface ReportMoment {
  readonly at?: string | undefined;
  readonly since?: string | undefined;
}

export const fetchSituation = (query: ReportMoment, signal: AbortSignal) =>
  call(ENDPOINTS.getSituation, { query, signal });
export const fetchKept = (signal: AbortSignal) => call(ENDPOINTS.listSituations, { signal });
export const keepSituation = () => call(ENDPOINTS.keepSituation);

export const pdfAddress = (query: ReportMoment, lang: 'vi' | 'en') =>
  addressOf(ENDPOINTS.getSituationPdf, { query: { ...query, lang } });
const textAddress = (query: ReportMoment, lang: 'vi' | 'en') =>
  addressOf(ENDPOINTS.getSituationText, { query: { ...query, lang } });

/** The report as text for a chat; null when there was none to get. */
export async function fetchText(query: ReportMoment, lang: 'vi' | 'en'): Promise<string | null> {
  try {
    const response = await fetch(textAddress(query, lang), { credentials: 'same-origin' });
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}

export const fetchHandover = (signal: AbortSignal) => call(ENDPOINTS.getHandover, { signal });
export const fetchHandovers = (signal: AbortSignal) => call(ENDPOINTS.listHandovers, { signal });
export const saveRemarks = (id: string, version: number, remarks: string) =>
  call(ENDPOINTS.remarkHandover, { params: { id }, body: { remarks }, ifMatch: version });
export const signHandover = (id: string, version: number, as: 'from' | 'to') =>
  call(ENDPOINTS.signHandover, { params: { id }, body: { as }, ifMatch: version });
