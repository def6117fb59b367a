const DEFAULT_TITLE = 'IOC Quảng Ngãi';

interface PushedNotice {
  /** The same message comes again with the same key: it is shown once. */
  readonly key: string;
  readonly title: string;
  readonly body: string;
  /** A path of this console. */
  readonly url: string;
}

function textOf(value: unknown, name: string, otherwise: string): string {
  if (typeof value !== 'object' || value === null) return otherwise;
  const member: unknown = Reflect.get(value, name);
  return typeof member === 'string' && member !== '' ? member : otherwise;
}

function readNotice(data: PushMessageData | null): PushedNotice {
  let value: unknown = null;
  try {
    value = data?.json();
  } catch {
    // Not JSON: something happened all the same, and a push must show a notification.
  }
  const url = textOf(value, 'url', '/');
  return {
    key: textOf(value, 'key', ''),
    title: textOf(value, 'title', DEFAULT_TITLE),
    body: textOf(value, 'body', ''),
    url: /^\/(?!\/)/.test(url) ? url : '/',
  };
}

/** Shows what is pushed as a notification, and opens what it is about when somebody taps it. */
export function registerPush(worker: ServiceWorkerGlobalScope): void {
  worker.addEventListener('push', (event) => {
    const { key, title, body, url } = readNotice(event.data);
    event.waitUntil(worker.registration.showNotification(title, { body, tag: key, data: { url } }));
  });

  worker.addEventListener('notificationclick', (event) => {
    event.notification.close();
    event.waitUntil(open(worker, textOf(event.notification.data, 'url', '/')));
  });
}

async function open(worker: ServiceWorkerGlobalScope, url: string): Promise<void> {
  const windows = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const [window] = windows;
  if (window === undefined) {
    await worker.clients.openWindow(url);
    return;
  }
  await window.focus();
  await window.navigate(url);
}
