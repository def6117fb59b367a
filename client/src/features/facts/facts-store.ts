import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { Fact, FactSubject, Problem } from '@ioc/contract';
import { fetchFacts } from './api.js';

const REFRESH_MS = 20_000;

/** What counts now, everywhere, fetched while some screen shows facts. */
export const useFactsStore = defineStore('facts', () => {
  const facts = shallowRef<readonly Fact[]>([]);
  const problem = shallowRef<Problem | null>(null);
  const loaded = shallowRef(false);
  let watchers = 0;
  let timer: ReturnType<typeof setInterval> | null = null;
  let running: AbortController | null = null;

  async function load(): Promise<void> {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    const result = await fetchFacts(mine.signal);
    if (running !== mine) return;
    running = null;
    problem.value = result.ok ? null : result.problem;
    if (!result.ok) return;
    facts.value = result.value.facts;
    loaded.value = true;
  }

  /** Keeps the facts fresh until the returned function is called. */
  function watch(): () => void {
    watchers += 1;
    if (timer === null) timer = setInterval(() => void load(), REFRESH_MS);
    void load();
    return () => {
      watchers -= 1;
      if (watchers > 0 || timer === null) return;
      clearInterval(timer);
      timer = null;
    };
  }

  /** Newest first; what expired since the last fetch is left out. */
  function of(subject: FactSubject, nowMs: number): readonly Fact[] {
    return facts.value.filter(
      (fact) =>
        fact.subject.kind === subject.kind && fact.subject.id === subject.id && Date.parse(fact.expiresAt) > nowMs,
    );
  }

  return { facts, problem, loaded, load, watch, of };
});
