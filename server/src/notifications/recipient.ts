import type { ChannelKind, Role } from '@ioc/contract';

/** One address of a recipient. */
export interface Target {
  readonly channel: ChannelKind;
  /** Of e-mail the person’s id, of push the subscription’s, of a webhook its own. */
  readonly id: string;
  /** As the log shows it. */
  readonly address: string;
  /** Messages of one lane go one after the other. */
  readonly lane: string;
}

/** A person, or a webhook that stands for a group or another system. */
export interface Recipient {
  /** `person.<id>` or `webhook.<id>`; also a part of keys. */
  readonly key: string;
  readonly name: string;
  /** Null for a webhook. */
  readonly personId: string | null;
  readonly role: Role | null;
  readonly targets: readonly Target[];
}

export interface PersonAddresses {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Null when there is none, or no mail server. */
  readonly email: string | null;
  readonly subscriptions: readonly { readonly id: string; readonly endpoint: string }[];
}

export function personKey(personId: string): string {
  return `person.${personId}`;
}

export function personRecipient({ id, name, role, email, subscriptions }: PersonAddresses): Recipient {
  const mail: Target[] = email === null ? [] : [{ channel: 'email', id, address: email, lane: 'email' }];
  const push = subscriptions.map((subscription): Target => {
    const { origin } = new URL(subscription.endpoint);
    return { channel: 'webPush', id: subscription.id, address: origin, lane: `push ${origin}` };
  });
  return { key: personKey(id), name, personId: id, role, targets: [...mail, ...push] };
}

export function webhookRecipient(webhook: { readonly id: string; readonly name: string }): Recipient {
  const { id, name } = webhook;
  const target: Target = { channel: 'webhook', id, address: name, lane: `webhook ${id}` };
  return { key: `webhook.${id}`, name, personId: null, role: null, targets: [target] };
}

/** `email.<person>`, `webPush.<subscription>` or `webhook.<id>`: the last part of a message’s key. */
export function targetKey({ channel, id }: Pick<Target, 'channel' | 'id'>): string {
  return `${channel}.${id}`;
}
