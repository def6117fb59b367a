import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import type { Incident } from '@ioc/contract';
import { useConnectionStore } from '../../live/connection-store.js';
import { useIncidentsStore } from '../../live/incidents-store.js';
import { serverClock } from '../../live/server-clock.js';
import { useSessionStore } from '../../live/session-store.js';
import { newId } from './new-id.js';
import type { QueuedWork, WorkAction } from './queued-work.js';
import { WorkSender, type RoundEnd } from './work-sender.js';
import { workServer } from './work-server.js';
import { StoredWorkShelf } from './work-shelf.js';

/** One window of this browser sends at a time. */
const SENDING_LOCK = 'ioc-technician-sending';
/** Windows of this browser tell each other that the queue changed. */
const CHANNEL = 'ioc-technician-work';
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;

/** Why nothing can be put into the queue. `full`: too much waits · `unkept`: this browser keeps nothing. */
export type WorkRefusal = 'full' | 'unkept' | 'signIn';

/**
 * What a technician tapped and is on its way: kept in this browser until the server has answered, sent at once when there is
 * a connection and again whenever there may be one.
 */
export const useWorkStore = defineStore('technician-work', () => {
  const session = useSessionStore();
  const connection = useConnectionStore();
  const incidents = useIncidentsStore();

  const list = shallowRef<readonly QueuedWork[]>([]);
  const sendingSeq = shallowRef<number | null>(null);
  const lastEnd = shallowRef<RoundEnd>('sent');
  const me = computed(() => (session.session?.kind === 'person' ? session.session.personId : null));
  const waiting = computed(() => list.value.filter(({ stop }) => stop === null));
  const stopped = computed(() => list.value.filter(({ stop }) => stop !== null));

  const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel(CHANNEL) : null;
  let opening: Promise<StoredWorkShelf | null> | null = null;
  let round: Promise<void> | null = null;
  let again = false;
  let pauseMs = FIRST_PAUSE_MS;
  let timer: ReturnType<typeof setTimeout> | null = null;

  function shelf(): Promise<StoredWorkShelf | null> {
    opening ??= StoredWorkShelf.open().catch((error: unknown) => {
      console.warn('what is tapped cannot be kept in this browser', error);
      return null;
    });
    return opening;
  }

  async function refresh(): Promise<void> {
    const kept = await shelf();
    const who = me.value;
    list.value = kept === null || who === null ? [] : await kept.list(who);
  }

  async function changed(): Promise<void> {
    await refresh();
    channel?.postMessage('changed');
  }

  /** Keeps it, then sends it as soon as that is possible; its number in the queue. */
  async function add(incident: Incident, action: WorkAction, seenAtMs: number): Promise<number | WorkRefusal> {
    const personId = me.value;
    if (personId === null) return 'signIn';
    const kept = await shelf();
    if (kept === null) return 'unkept';
    const { id: incidentId, title, version } = incident;
    const seq = await kept.add({
      requestId: newId(),
      personId,
      incidentId,
      title: { vi: title.vi, en: title.en },
      action,
      version,
      seenAtMs,
      tappedAtMs: serverClock.now(),
    });
    if (seq === null) return 'full';
    await changed();
    send();
    return seq;
  }

  /** Takes back what was not sent yet. False when it was: then only its opposite helps. */
  async function takeBack(seq: number): Promise<boolean> {
    const isOut = (await (await shelf())?.takeBack(seq)) ?? false;
    await changed();
    return isOut;
  }

  /** Gives up what waits for a decision. */
  async function drop(seq: number): Promise<void> {
    await (await shelf())?.remove(seq);
    await changed();
    send();
  }

  /** Sends what waits for a decision after all, now that the person has seen who was first. */
  async function insist({ seq, stop, version }: QueuedWork): Promise<void> {
    const seen = stop?.reason === 'changed' ? stop.version : version;
    await (await shelf())?.update(seq, { stop: null, version: seen, seenAtMs: serverClock.now() });
    await changed();
    send();
  }

  /** Begins a round, or another one after the one that runs. */
  function send(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    // Nothing that certainly did not leave counts as sent: it can still be taken back. The browser tells when it is back.
    if (!navigator.onLine) {
      lastEnd.value = 'waiting';
      return;
    }
    if (round !== null) {
      again = true;
      return;
    }
    round = runRound().finally(() => {
      round = null;
      if (again) {
        again = false;
        send();
      } else if (lastEnd.value === 'waiting') {
        timer = setTimeout(send, pauseMs);
        pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
      }
    });
  }

  async function runRound(): Promise<void> {
    const kept = await shelf();
    const personId = me.value;
    if (kept === null || personId === null) return;
    const sender = new WorkSender(kept, workServer, {
      changed,
      took: (incident) => incidents.take(incident),
      nowMs: () => serverClock.now(),
      sending: (seq) => {
        sendingSeq.value = seq;
      },
    });
    const work = async (): Promise<void> => {
      lastEnd.value = await sender.round(personId);
      if (lastEnd.value !== 'waiting') pauseMs = FIRST_PAUSE_MS;
      // A session that ended, or became somebody else's: the page must know.
      if (lastEnd.value === 'signIn') await session.load();
    };
    // Absent where the page came over plain HTTP.
    if ('locks' in navigator) {
      await navigator.locks.request(SENDING_LOCK, { ifAvailable: true }, (lock) =>
        lock === null ? undefined : work(),
      );
    } else {
      await work();
    }
    await refresh();
  }

  /** There may be a connection again: no more waiting. */
  function hope(): void {
    pauseMs = FIRST_PAUSE_MS;
    if (waiting.value.length > 0) send();
  }

  watch(me, () => void refresh().then(hope), { immediate: true });
  watch(
    () => connection.link,
    (link) => {
      if (link === 'live') hope();
    },
  );
  window.addEventListener('online', hope);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') hope();
  });
  channel?.addEventListener('message', () => void refresh());

  return { list, waiting, stopped, sendingSeq, lastEnd, me, add, takeBack, drop, insist, send };
});
