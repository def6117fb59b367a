import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';
import type { ReadingHistory } from '@ioc/contract';
import { serverClock } from '../../live/server-clock.js';
import { useLoaded, type Loaded } from '../../live/use-loaded.js';
import { fetchHistory } from './api.js';

export const SPANS = ['day', 'week', 'month'] as const;
export type Span = (typeof SPANS)[number];
const DAY_MS = 86_400_000;
const LENGTH_MS: Readonly<Record<Span, number>> = { day: DAY_MS, week: 7 * DAY_MS, month: 30 * DAY_MS };
/** New points come this often at most; the values of this moment stand above the charts. */
const REFRESH_MS = 60_000;

/** A history together with the span that was asked for. */
export interface SpanHistory {
  readonly fromMs: number;
  readonly toMs: number;
  readonly history: ReadingHistory;
}

/** The history of a device over the chosen span, fetched anew once a minute while it is looked at. */
export function useHistory(id: () => string): { span: ShallowRef<Span>; loaded: Loaded<SpanHistory> } {
  const span = shallowRef<Span>('day');
  const loaded = useLoaded<SpanHistory>(async (signal) => {
    const toMs = serverClock.now();
    const fromMs = toMs - LENGTH_MS[span.value];
    const result = await fetchHistory(id(), fromMs, toMs, signal);
    return result.ok ? { ...result, value: { fromMs, toMs, history: result.value } } : result;
  });
  watch(id, () => loaded.clear());
  watch([id, span], () => void loaded.load(), { immediate: true });
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible') void loaded.load();
  }, REFRESH_MS);
  onScopeDispose(() => clearInterval(timer));
  return { span, loaded };
}
