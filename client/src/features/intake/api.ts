import { ENDPOINTS, type BodyOf, type RejectReason } from '@ioc/contract';
import { call } from '../../live/api.js';

const A_PAGE = 50;

/** Rejected messages, newest first. */
export function fetchDeadLetters(
  reason: RejectReason | null,
  search: string,
  cursor: string | undefined,
  signal: AbortSignal,
) {
  const q = search.trim();
  return call(ENDPOINTS.listDeadLetters, {
    query: { limit: A_PAGE, cursor, reason: reason ?? undefined, q: q === '' ? undefined : q },
    signal,
  });
}

/** Rejections by reason and hour of the last 24 hours. */
export function fetchDeadLetterCounts(signal: AbortSignal) {
  return call(ENDPOINTS.deadLetterCounts, { signal });
}

/** Devices that speak but are not registered; without the ignored ones unless asked. */
export function fetchQuarantine(withIgnored: boolean, cursor: string | undefined, signal: AbortSignal) {
  return call(ENDPOINTS.listQuarantine, {
    query: { limit: A_PAGE, cursor, ignored: withIgnored ? undefined : 'false' },
    signal,
  });
}

export function adoptDevice(id: string, device: BodyOf<typeof ENDPOINTS.adoptDevice>) {
  return call(ENDPOINTS.adoptDevice, { params: { id }, body: device });
}

export function ignoreDevice(id: string, ignored: boolean) {
  return call(ENDPOINTS.ignoreDevice, { params: { id }, body: { ignored } });
}
