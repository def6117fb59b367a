import webPush from 'web-push';

export interface VapidKeys {
  readonly publicKey: string;
  readonly privateKey: string;
}

export interface PushSubscription {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

export interface PushOptions {
  readonly vapid: VapidKeys;
  /** Whom a push service may ask: `mailto:` or `https:`. */
  readonly subject: string;
  readonly ttlS: number;
  /** Of messages that wait at the push service only the last of a topic is kept; at most 32 of A–Z a–z 0–9 _ -. */
  readonly topic: string;
  readonly urgent: boolean;
}

export interface PushRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export function generateVapidKeys(): VapidKeys {
  return webPush.generateVAPIDKeys();
}

/**
 * The encrypted and signed request of a push message (RFC 8030, 8188, 8291, 8292).
 * @throws when the subscription's keys are none; see `isPushSubscription`
 */
export function pushRequest(subscription: PushSubscription, payload: string, options: PushOptions): PushRequest {
  const { vapid, subject, ttlS, topic, urgent } = options;
  const { headers, body, endpoint } = webPush.generateRequestDetails(subscription, payload, {
    vapidDetails: { subject, ...vapid },
    TTL: ttlS,
    topic,
    urgency: urgent ? 'high' : 'normal',
  });
  const lowered = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return { url: endpoint, headers: Object.fromEntries(lowered), body };
}

/** Whether a message can be encrypted for a subscription: a point of P-256 and a secret of 16 bytes. */
export function isPushSubscription({ endpoint, keys }: PushSubscription): boolean {
  if (!URL.canParse(endpoint) || new URL(endpoint).protocol !== 'https:') return false;
  try {
    webPush.encrypt(keys.p256dh, keys.auth, 'x', 'aes128gcm');
    return true;
  } catch {
    return false;
  }
}
