import { onScopeDispose, shallowRef, type ShallowRef } from 'vue';
import type { Page, Problem } from '@ioc/contract';
import type { CallResult } from './api.js';

/** A list that comes page by page. */
export interface Paged<T> {
  readonly items: Readonly<ShallowRef<readonly T[]>>;
  readonly problem: Readonly<ShallowRef<Problem | null>>;
  readonly loading: Readonly<ShallowRef<boolean>>;
  /** Whether a first answer has come. */
  readonly loaded: Readonly<ShallowRef<boolean>>;
  /** Whether there is another page. */
  readonly more: Readonly<ShallowRef<boolean>>;
  /** Starts over; what is shown stays until the first page is there. */
  reload(): Promise<void>;
  loadMore(): Promise<void>;
}

/** Fetches pages for the calling component; starting over drops an answer that is still on its way. */
export function usePaged<T>(
  fetch: (cursor: string | undefined, signal: AbortSignal) => Promise<CallResult<Page<T>>>,
): Paged<T> {
  const items = shallowRef<readonly T[]>([]);
  const problem = shallowRef<Problem | null>(null);
  const loading = shallowRef(false);
  const loaded = shallowRef(false);
  const more = shallowRef(false);
  let cursor: string | null = null;
  let running: AbortController | null = null;

  async function run(from: string | undefined): Promise<void> {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    loading.value = true;
    const result = await fetch(from, mine.signal);
    if (running !== mine) return;
    running = null;
    loading.value = false;
    if (!result.ok) {
      problem.value = result.problem;
      return;
    }
    problem.value = null;
    loaded.value = true;
    items.value = from === undefined ? result.value.items : [...items.value, ...result.value.items];
    cursor = result.value.nextCursor;
    more.value = cursor !== null;
  }

  onScopeDispose(() => {
    running?.abort();
    running = null;
  });
  return {
    items,
    problem,
    loading,
    loaded,
    more,
    reload: () => run(undefined),
    loadMore: async () => {
      if (cursor !== null && !loading.value) await run(cursor);
    },
  };
}
