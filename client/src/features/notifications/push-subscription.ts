/** Whether this browser can be told while no page of ours is open; without HTTPS it cannot. */
export function canPush(): boolean {
  return 'serviceWorker' in navigator && 'PushManager' in globalThis && 'Notification' in globalThis;
}

export interface BrowserSubscription {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

export type SubscribeResult =
  | { readonly ok: true; readonly subscription: BrowserSubscription }
  | { readonly ok: false; readonly reason: 'denied' | 'unavailable' };

/**
 * Asks the person, and then the browser's push service.
 * @param vapidPublicKey of the console; a subscription made with another one is replaced
 */
export async function subscribeBrowser(vapidPublicKey: string): Promise<SubscribeResult> {
  if (!canPush()) return { ok: false, reason: 'unavailable' };
  if ((await Notification.requestPermission()) !== 'granted') return { ok: false, reason: 'denied' };
  try {
    const { pushManager } = await navigator.serviceWorker.ready;
    const options = { userVisibleOnly: true, applicationServerKey: vapidPublicKey };
    const made = await pushManager.subscribe(options).catch(async () => {
      await (await pushManager.getSubscription())?.unsubscribe();
      return await pushManager.subscribe(options);
    });
    const { endpoint, keys } = made.toJSON();
    const { p256dh, auth } = keys ?? {};
    if (endpoint === undefined || p256dh === undefined || auth === undefined)
      return { ok: false, reason: 'unavailable' };
    return { ok: true, subscription: { endpoint, keys: { p256dh, auth } } };
  } catch {
    // No push service, as in a browser without one or behind a firewall.
    return { ok: false, reason: 'unavailable' };
  }
}

/** The endpoint that this browser had, given up; null when it had none. */
export async function unsubscribeBrowser(): Promise<string | null> {
  const subscription = await currentSubscription();
  if (subscription === null) return null;
  await subscription.unsubscribe().catch(() => false);
  return subscription.endpoint;
}

/** Whether this browser is subscribed. */
export async function isSubscribed(): Promise<boolean> {
  return (await currentSubscription()) !== null;
}

async function currentSubscription(): Promise<PushSubscription | null> {
  if (!canPush()) return null;
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration?.pushManager.getSubscription()) ?? null;
}
