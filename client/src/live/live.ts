import { watch } from 'vue';
import { useConnectionStore } from './connection-store.js';
import { INCIDENTS_SHAPE, useIncidentsStore } from './incidents-store.js';
import { LiveClient } from './live-client.js';
import { OVERVIEW_SHAPE, useOverviewStore } from './overview-store.js';
import type { RoomHandler, RoomShape } from './room-feed.js';
import { startClock } from './server-clock.js';
import { useSessionStore } from './session-store.js';

let client: LiveClient | null = null;

/** While the server has not said who we are (it is starting, or away), it is asked again this often. */
const SESSION_RETRY_MS = 3_000;

/** Opens the one live connection of this page for as long as somebody is signed in. Call once, after pinia is there. */
export function startLive(): void {
  const connection = useConnectionStore();
  const session = useSessionStore();
  const opened = new LiveClient({
    state: (state) => {
      connection.setLink(state);
      // A lost connection may mean a session that ended: the answer to "who am I" tells.
      if (state === 'lost') void session.load();
    },
    mismatch: (room) => console.error(`a message of ${room} has a shape that this page does not know: reload it`),
    signedOut: () => void session.load(),
  });
  client = opened;
  opened.join('overview', OVERVIEW_SHAPE, useOverviewStore().handler);
  opened.join('incidents', INCIDENTS_SHAPE, useIncidentsStore().handler);
  startClock();
  setInterval(() => {
    if (!session.known) void session.load();
  }, SESSION_RETRY_MS);
  watch(
    () => (session.session === null ? null : `${session.session.kind}:${session.session.personId ?? ''}`),
    (who) => {
      if (who === null) opened.stop();
      else opened.restart();
    },
    { immediate: true },
  );
}

/** Joins one more room of the live connection (a device's readings) until the returned function is called. */
export function joinRoom<S, D>(room: string, shape: RoomShape<S, D>, handler: RoomHandler<S, D>): () => void {
  if (client === null) throw new Error('joinRoom before startLive');
  return client.join(room, shape, handler);
}

/** Tells the others which incident this page has open; null when it is closed. */
export function lookAt(incidentId: string | null): void {
  client?.look(incidentId);
}
