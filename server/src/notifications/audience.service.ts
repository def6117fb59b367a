import { Injectable } from '@nestjs/common';
import { PeopleService } from '../access/people.service.js';
import type { Tx } from '../platform/database/database.js';
import { NotificationSettingsRepository, type KeptRule } from './notification-settings.repository.js';
import { OwnChannelsRepository, type KeptSubscription } from './own-channels.repository.js';
import { OwnChannelsService } from './own-channels.service.js';
import { personKey, personRecipient, webhookRecipient, type Recipient } from './recipient.js';

export interface Audience {
  readonly rules: readonly KeptRule[];
  /** Everybody who may sign in, and the webhooks that are on; people first, by login. */
  readonly recipients: readonly Recipient[];
}

/** Who could be told, and by which rules, as of now. */
@Injectable()
export class AudienceService {
  constructor(
    private readonly people: PeopleService,
    private readonly settings: NotificationSettingsRepository,
    private readonly addresses: OwnChannelsRepository,
    private readonly channels: OwnChannelsService,
  ) {}

  async load(tx: Tx): Promise<Audience> {
    const people = await this.people.list(tx);
    const rules = await this.settings.rules(tx);
    const webhooks = await this.settings.webhooks(tx);
    const emails = this.channels.emailAvailable ? await this.addresses.emails(tx) : new Map<string, string>();
    const subscriptions = new Map<string, KeptSubscription[]>();
    for (const subscription of await this.addresses.subscriptions(tx)) {
      const { personId } = subscription;
      subscriptions.set(personId, [...(subscriptions.get(personId) ?? []), subscription]);
    }
    const persons = people
      .filter(({ disabled }) => !disabled)
      .map(({ id, name, role }) =>
        personRecipient({ id, name, role, email: emails.get(id) ?? null, subscriptions: subscriptions.get(id) ?? [] }),
      );
    return { rules, recipients: [...persons, ...webhooks.filter(({ enabled }) => enabled).map(webhookRecipient)] };
  }

  /** Rules that are on and tell when nobody has acknowledged. */
  async escalationRules(tx: Tx): Promise<readonly KeptRule[]> {
    return (await this.settings.rules(tx)).filter(({ enabled, afterMinutes }) => enabled && afterMinutes > 0);
  }

  /** Names by recipient key, of everybody: also of those who are not told any more. */
  async names(tx: Tx): Promise<ReadonlyMap<string, string>> {
    const people = await this.people.list(tx);
    const webhooks = await this.settings.webhooks(tx);
    return new Map([
      ...people.map(({ id, name }) => [personKey(id), name] as const),
      ...webhooks.map(({ id, name }) => [`webhook.${id}`, name] as const),
    ]);
  }
}
