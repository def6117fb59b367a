import { Inject, Injectable } from '@nestjs/common';
import type { Clock, ENDPOINTS, ParsedBodyOf } from '@ioc/contract';
import { AuditService } from '../access/audit.service.js';
import type { Config } from '../config/config.js';
import { Database } from '../platform/database/database.js';
import { generateVapidKeys, isPushSubscription, type VapidKeys } from '../platform/outbound/push-request.js';
import { CLOCK, CONFIG } from '../platform/platform.module.js';
import { vapidPurpose } from './kept-secret.js';
import { KeptSecretsService } from './kept-secrets.service.js';
import { OwnChannelsRepository } from './own-channels.repository.js';

/** A person has a phone, a desk and a tablet; more are forgotten browsers. The oldest goes. */
const MOST_SUBSCRIPTIONS = 10;

export interface OwnChannels {
  readonly email: string | null;
  readonly emailAvailable: boolean;
  readonly pushSubscriptions: number;
  readonly vapidPublicKey: string | null;
}

/** Where people are told, as each of them says. */
@Injectable()
export class OwnChannelsService {
  #vapid: VapidKeys | null = null;

  constructor(
    private readonly database: Database,
    private readonly repository: OwnChannelsRepository,
    private readonly secrets: KeptSecretsService,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Loads the keys that push services know us by; the first start makes them. The secret keys are loaded already. */
  async start(): Promise<void> {
    const { database, repository, secrets } = this;
    if ((await repository.vapidKeys(database)) === null) {
      const { publicKey, privateKey } = generateVapidKeys();
      const sealed = secrets.seal(privateKey, vapidPurpose(publicKey));
      await repository.keepVapidKeys(database, publicKey, sealed, new Date(this.clock.now()));
    }
    const kept = await repository.vapidKeys(database);
    if (kept === null) return;
    const { publicKey } = kept;
    const opened = secrets.open(kept.privateKey, vapidPurpose(publicKey));
    this.#vapid = opened.ok ? { publicKey, privateKey: opened.secret } : null;
  }

  /** Null before the start, and when the private key cannot be read: then nothing can be pushed. */
  vapidKeys(): VapidKeys | null {
    return this.#vapid;
  }

  /** Whether there is a mail server to send through. */
  get emailAvailable(): boolean {
    return this.config.smtpUrl !== undefined && this.config.mailFrom !== undefined;
  }

  async of(personId: string): Promise<OwnChannels> {
    return {
      email: await this.repository.email(this.database, personId),
      emailAvailable: this.emailAvailable,
      pushSubscriptions: await this.repository.countSubscriptions(this.database, personId),
      vapidPublicKey: this.#vapid?.publicKey ?? null,
    };
  }

  async saveEmail(personId: string, email: string | null, actor: string): Promise<void> {
    await this.database.transaction(async (tx) => {
      await this.repository.saveEmail(tx, personId, email);
      const detail = { channel: 'email', set: email !== null };
      await this.audit.record({ actor, action: 'own-channel:changed', subject: personId, detail }, tx);
    });
  }

  /** False when nothing could be sent to such a subscription. */
  async subscribe(
    personId: string,
    { endpoint, keys }: ParsedBodyOf<typeof ENDPOINTS.subscribePush>,
    actor: string,
  ): Promise<boolean> {
    if (!isPushSubscription({ endpoint, keys })) return false;
    await this.database.transaction(async (tx) => {
      const at = new Date(this.clock.now());
      await this.repository.subscribe(tx, { personId, endpoint, ...keys }, at, MOST_SUBSCRIPTIONS);
      const detail = { channel: 'webPush', set: true };
      await this.audit.record({ actor, action: 'own-channel:changed', subject: personId, detail }, tx);
    });
    return true;
  }

  async unsubscribe(personId: string, endpoint: string, actor: string): Promise<void> {
    await this.database.transaction(async (tx) => {
      await this.repository.unsubscribe(tx, personId, endpoint);
      const detail = { channel: 'webPush', set: false };
      await this.audit.record({ actor, action: 'own-channel:changed', subject: personId, detail }, tx);
    });
  }
}
