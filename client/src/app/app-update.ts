import { readonly, shallowRef } from 'vue';

const WORKER_FILE = '/service-worker.js';

const waiting = shallowRef<ServiceWorker | null>(null);
/** The program that waits to take over from the one that runs here; null when there is none. */
export const waitingVersion = readonly(waiting);
let registration: ServiceWorkerRegistration | null = null;

/** Keeps the program on this device, so that it opens without a connection. Call once; does nothing in development. */
export async function keepOnDevice(): Promise<void> {
  // Absent where the page came neither over HTTPS nor from this machine.
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  try {
    registration = await navigator.serviceWorker.register(WORKER_FILE, { scope: '/' });
  } catch (error) {
    console.warn('the page is not kept on this device', error);
    return;
  }
  const { waiting: already } = registration;
  if (already !== null && registration.active !== null) waiting.value = already;
  registration.addEventListener('updatefound', () => followInstalling());
  followInstalling();
}

function followInstalling(): void {
  const installing = registration?.installing ?? null;
  installing?.addEventListener('statechange', () => {
    // The first one to be installed takes over from nobody.
    if (installing.state === 'installed' && registration?.active !== null) waiting.value = installing;
    else if (installing.state === 'redundant' && waiting.value === installing) waiting.value = null;
  });
}

/** Asks the server for a newer program: after an outage of ours it may have been upgraded. */
export async function lookForNewVersion(): Promise<void> {
  await registration?.update().catch(() => undefined);
}

/** Lets the waiting program take over; resolves when it has, or at once when there is none. */
export async function takeNewVersion(): Promise<void> {
  const next = waiting.value;
  if (next === null) return;
  const taken = new Promise<void>((resolve) => {
    navigator.serviceWorker.addEventListener('controllerchange', () => resolve(), { once: true });
  });
  next.postMessage('take-over');
  await taken;
  waiting.value = null;
}
