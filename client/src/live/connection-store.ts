import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import { useOverviewStore } from './overview-store.js';
import type { LinkState } from './live-client.js';

/**
 * Why this screen cannot be believed, worst first: `lost`: no connection · `silent`: connected, but nothing comes ·
 * `blind`: the console itself does not see the province.
 */
export type Distrust = 'connecting' | 'lost' | 'silent' | 'blind';

/** Whether we are connected, since when, and whether what is shown can be believed. */
export const useConnectionStore = defineStore('connection', () => {
  const overview = useOverviewStore();
  const link = shallowRef<LinkState>('connecting');
  /** This machine's epoch milliseconds at which `link` began. */
  const linkSinceMs = shallowRef(Date.now());

  const distrust = computed<Distrust | null>(() => {
    if (link.value !== 'live') return link.value;
    if (overview.system === null) return 'connecting';
    return overview.system.intake === 'blind' ? 'blind' : null;
  });

  function setLink(state: LinkState): void {
    link.value = state;
    linkSinceMs.value = Date.now();
  }

  return { link, linkSinceMs, distrust, setLink };
});
