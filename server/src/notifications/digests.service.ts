import { Inject, Injectable } from '@nestjs/common';
import { AlarmsService } from '../alarms/alarms.service.js';
import type { Config } from '../config/config.js';
import { Database } from '../platform/database/database.js';
import { CONFIG } from '../platform/platform.module.js';
import { DIGEST_EVERY_MS, isDigestDue } from './digest-time.js';
import { digestMessage, type DigestItem } from './message-text.js';
import { OutboxRepository, type HeldNotification } from './outbox.repository.js';
import { targetKey } from './recipient.js';

/** Makes one message of what was held for somebody. */
@Injectable()
export class DigestsService {
  readonly #origin: string | null;

  constructor(
    private readonly database: Database,
    private readonly outbox: OutboxRepository,
    private readonly alarms: AlarmsService,
    @Inject(CONFIG) config: Config,
  ) {
    this.#origin = config.publicOrigin === undefined ? null : new URL(config.publicOrigin).origin;
  }

  async look(nowMs: number): Promise<void> {
    const held = await this.outbox.heldRecipients(this.database, new Date(nowMs - DIGEST_EVERY_MS));
    if (held.length === 0) return;
    const received = await this.outbox.received(this.database, nowMs);
    for (const { recipientKey, firstHeldAt, digestAt } of held) {
      const heldFor = {
        firstHeldAtMs: firstHeldAt.getTime(),
        digestAtMs: digestAt?.getTime() ?? null,
        lastHour: received.get(recipientKey)?.lastHour ?? 0,
      };
      if (isDigestDue(heldFor, nowMs)) await this.#make(recipientKey, nowMs);
    }
  }

  async #make(recipientKey: string, nowMs: number): Promise<void> {
    const flood = this.alarms.flood().on;
    await this.database.transaction(async (tx) => {
      const held = await this.outbox.lockHeld(tx, recipientKey);
      const [first] = held;
      if (first === undefined) return;
      const event = `digest.${first.id}`;
      const message = `${event}.${recipientKey}`;
      const text = digestMessage(itemsOf(held), flood, this.#origin);
      const targets = new Map(held.map((row) => [targetKey({ channel: row.channel, id: row.targetId }), row]));
      const rows = [...targets].map(([key, { personId, channel, targetId, address, lane }]) => ({
        key: `${event}.${key}`,
        message,
        incidentId: null,
        kind: 'digest' as const,
        recipientKey,
        personId,
        channel,
        targetId,
        address,
        lane,
        ...text,
        severity: null,
        countsInLimit: true,
        held: false,
      }));
      await this.outbox.insert(tx, rows, new Date(nowMs));
      await this.outbox.putIntoDigest(
        tx,
        held.map(({ id }) => id),
        message,
      );
    });
  }
}

/** One line per incident, by what was said of it last. */
function itemsOf(held: readonly HeldNotification[]): readonly DigestItem[] {
  const items = new Map<string, DigestItem>();
  for (const { id, incidentId, kind, title, severity } of held) {
    const before = items.get(incidentId ?? `message ${id}`);
    const resolved = kind === 'resolved';
    // The title that says what happened, not the one that says that it is over.
    const shown = resolved && before !== undefined ? before.title : title;
    items.set(incidentId ?? `message ${id}`, { incidentId, title: shown, severity, resolved });
  }
  return [...items.values()];
}
