import { inject, type InjectionKey, type Ref } from 'vue';

/** The moment that "since" is measured against, epoch ms, ticking once a second; the shell provides it. */
export const NOW: InjectionKey<Readonly<Ref<number>>> = Symbol('now');

export function useNow(): Readonly<Ref<number>> {
  const now = inject(NOW);
  if (now === undefined) throw new Error('no clock was provided: app.provide(NOW, …)');
  return now;
}
