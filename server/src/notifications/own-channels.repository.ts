import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import type { SealedSecret } from '../platform/outbound/secret-keys.js';
import type { KeptSecret } from './kept-secret.js';

export interface KeptSubscription {
  readonly id: string;
  readonly personId: string;
  readonly endpoint: string;
  readonly p256dh: string;
  readonly auth: string;
}

export interface KeptVapidKeys {
  readonly publicKey: string;
  readonly privateKey: KeptSecret;
}

const SELECT_EMAILS = `select person_id as "personId", email from person_email`;
const SELECT_EMAIL = `select person_id as "personId", email from person_email where person_id = $1`;
const UPSERT_EMAIL = `
  insert into person_email (person_id, email) values ($1, $2) on conflict (person_id) do update set email = excluded.email`;
const DELETE_EMAIL = `delete from person_email where person_id = $1`;

const SUBSCRIPTION_COLUMNS = `id::text, person_id as "personId", endpoint, p256dh, auth`;
const SELECT_SUBSCRIPTIONS = `select ${SUBSCRIPTION_COLUMNS} from push_subscription order by id`;
const SELECT_SUBSCRIPTION = `select ${SUBSCRIPTION_COLUMNS} from push_subscription where id = $1`;
const COUNT_SUBSCRIPTIONS = `select count(*) as count from push_subscription where person_id = $1`;
// A browser is its endpoint: whoever subscribes with it last is told there.
const UPSERT_SUBSCRIPTION = `
  insert into push_subscription (endpoint, person_id, p256dh, auth, created_at) values ($1, $2, $3, $4, $5)
  on conflict (endpoint) do update
    set person_id = excluded.person_id, p256dh = excluded.p256dh, auth = excluded.auth, created_at = excluded.created_at`;
const DELETE_BEYOND = `
  delete from push_subscription where id in (
    select id from push_subscription where person_id = $1 order by created_at desc, id desc offset $2)`;
const DELETE_SUBSCRIPTION = `delete from push_subscription where person_id = $1 and endpoint = $2`;
const FORGET_SUBSCRIPTION = `delete from push_subscription where id = $1`;

const SELECT_VAPID = `
  select public_key as "publicKey", jsonb_build_object('keyId', private_key_id, 'sealed', private_key) as "privateKey"
  from vapid_key`;
const INSERT_VAPID = `
  insert into vapid_key (public_key, private_key, private_key_id, created_at) values ($1, $2, $3, $4)
  on conflict (only_one) do nothing`;
const UPDATE_PRIVATE_KEY = `update vapid_key set private_key = $1, private_key_id = $2`;

type EmailRow = { readonly personId: string; readonly email: string };

/** SQL of where people are told, and of the keys that push services know us by. */
@Injectable()
export class OwnChannelsRepository {
  async emails(tx: Tx): Promise<ReadonlyMap<string, string>> {
    const rows = await tx.query<EmailRow & Record<string, unknown>>(SELECT_EMAILS);
    return new Map(rows.map(({ personId, email }) => [personId, email]));
  }

  async email(tx: Tx, personId: string): Promise<string | null> {
    return (await tx.query<EmailRow & Record<string, unknown>>(SELECT_EMAIL, [personId]))[0]?.email ?? null;
  }

  async saveEmail(tx: Tx, personId: string, email: string | null): Promise<void> {
    if (email === null) await tx.execute(DELETE_EMAIL, [personId]);
    else await tx.execute(UPSERT_EMAIL, [personId, email]);
  }

  subscriptions(tx: Tx): Promise<readonly KeptSubscription[]> {
    return tx.query<KeptSubscription & Record<string, unknown>>(SELECT_SUBSCRIPTIONS);
  }

  async subscription(tx: Tx, id: string): Promise<KeptSubscription | null> {
    return (await tx.query<KeptSubscription & Record<string, unknown>>(SELECT_SUBSCRIPTION, [id]))[0] ?? null;
  }

  async countSubscriptions(tx: Tx, personId: string): Promise<number> {
    return (await tx.query<{ count: number }>(COUNT_SUBSCRIPTIONS, [personId]))[0]?.count ?? 0;
  }

  /** Keeps the newest `most` of the person’s. */
  async subscribe(tx: Tx, subscription: Omit<KeptSubscription, 'id'>, at: Date, most: number): Promise<void> {
    const { endpoint, personId, p256dh, auth } = subscription;
    await tx.execute(UPSERT_SUBSCRIPTION, [endpoint, personId, p256dh, auth, at]);
    await tx.execute(DELETE_BEYOND, [personId, most]);
  }

  async unsubscribe(tx: Tx, personId: string, endpoint: string): Promise<void> {
    await tx.execute(DELETE_SUBSCRIPTION, [personId, endpoint]);
  }

  async forgetSubscription(tx: Tx, id: string): Promise<void> {
    await tx.execute(FORGET_SUBSCRIPTION, [id]);
  }

  async vapidKeys(tx: Tx): Promise<KeptVapidKeys | null> {
    return (await tx.query<KeptVapidKeys & Record<string, unknown>>(SELECT_VAPID))[0] ?? null;
  }

  /** Keeps those that are there already. */
  async keepVapidKeys(tx: Tx, publicKey: string, privateKey: SealedSecret, at: Date): Promise<void> {
    await tx.execute(INSERT_VAPID, [publicKey, privateKey.sealed, privateKey.keyId, at]);
  }

  async keepPrivateKey(tx: Tx, { sealed, keyId }: SealedSecret): Promise<void> {
    await tx.execute(UPDATE_PRIVATE_KEY, [sealed, keyId]);
  }
}
