import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { Database } from '../platform/database/database.js';
import { loadSecretKeys } from '../platform/outbound/secret-key-file.js';
import { SecretKeys, type OpenedSecret, type SealedSecret } from '../platform/outbound/secret-keys.js';
import { CONFIG, LOGGER } from '../platform/platform.module.js';
import { UNREADABLE, vapidPurpose, webhookPurpose, type KeptSecret } from './kept-secret.js';
import { NotificationSettingsRepository } from './notification-settings.repository.js';
import { OwnChannelsRepository } from './own-channels.repository.js';

/** Seals the secrets of webhooks and of web push before they are kept, and opens them when they are used. */
@Injectable()
export class KeptSecretsService {
  #keys: SecretKeys | null = null;

  constructor(
    private readonly database: Database,
    private readonly settings: NotificationSettingsRepository,
    private readonly addresses: OwnChannelsRepository,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Loads the keys, and seals with the first of them whatever is not sealed with it. What no key opens stays as it is.
   * @throws StartError when the file of the key is of no use
   */
  async start(): Promise<void> {
    this.#keys = await loadSecretKeys(this.config.secretKey, this.config.dataDir);
    const { currentId } = this.#keys;
    await this.database.transaction(async (tx) => {
      for (const { id, name, url, secret } of await this.settings.lockSecrets(tx)) {
        if (secret.keyId === currentId) continue;
        const opened = this.open(secret, webhookPurpose(url));
        if (opened.ok) await this.settings.keepSecret(tx, id, this.seal(opened.secret, webhookPurpose(url)));
        else
          this.logger.error(
            { webhook: id, name, key: secret.keyId },
            `a webhook cannot be used: ${UNREADABLE[opened.reason]}`,
          );
      }
      const vapid = await this.addresses.vapidKeys(tx);
      if (vapid === null || vapid.privateKey.keyId === currentId) return;
      const opened = this.open(vapid.privateKey, vapidPurpose(vapid.publicKey));
      if (opened.ok) await this.addresses.keepPrivateKey(tx, this.seal(opened.secret, vapidPurpose(vapid.publicKey)));
      else this.logger.error({ key: vapid.privateKey.keyId }, `web push cannot be used: ${UNREADABLE[opened.reason]}`);
    });
  }

  seal(secret: string, purpose: string): SealedSecret {
    return this.#loaded().seal(secret, purpose);
  }

  open({ keyId, sealed }: KeptSecret, purpose: string): OpenedSecret {
    return keyId === null ? { ok: true, secret: sealed } : this.#loaded().open({ keyId, sealed }, purpose);
  }

  #loaded(): SecretKeys {
    if (this.#keys === null) throw new Error('the secret keys are not loaded yet');
    return this.#keys;
  }
}
