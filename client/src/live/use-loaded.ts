import { onScopeDispose, shallowRef, type ShallowRef } from 'vue';
import type { Problem } from '@ioc/contract';
import type { CallResult } from './api.js';

/** Something that a screen fetches: its value, what went wrong, and whether an answer is awaited. */
export interface Loaded<T> {
  /** The last good answer; it stays while a newer one is awaited or fails. */
  readonly value: ShallowRef<T | null>;
  readonly problem: Readonly<ShallowRef<Problem | null>>;
  readonly loading: Readonly<ShallowRef<boolean>>;
  /** Fetches anew; an answer that is still on its way is dropped. */
  load(): Promise<void>;
  /** Forgets everything: what comes next is about something else. */
  clear(): void;
}

/** Fetches for the calling component; the last request wins, and all end with the component. */
export function useLoaded<T>(fetch: (signal: AbortSignal) => Promise<CallResult<T>>): Loaded<T> {
  const value: ShallowRef<T | null> = shallowRef(null);
  const problem = shallowRef<Problem | null>(null);
  const loading = shallowRef(false);
  let running: AbortController | null = null;

  async function load(): Promise<void> {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    loading.value = true;
    const result = await fetch(mine.signal);
    if (running !== mine) return;
    running = null;
    loading.value = false;
    if (result.ok) {
      value.value = result.value;
      problem.value = null;
    } else {
      problem.value = result.problem;
    }
  }

  function clear(): void {
    running?.abort();
    running = null;
    loading.value = false;
    value.value = null;
    problem.value = null;
  }

  onScopeDispose(() => {
    running?.abort();
    running = null;
  });
  return { value, problem, loading, load, clear };
}
