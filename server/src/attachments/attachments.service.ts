import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '@ioc/contract';
import type { Logger } from 'pino';
import { Database, type Tx } from '../platform/database/database.js';
import { CLOCK, LOGGER } from '../platform/platform.module.js';
import { AttachmentsRepository, type StoredPhoto } from './attachments.repository.js';
import {
  MAX_UNBOUND_PHOTOS,
  refusePhoto,
  UNBOUND_LIFETIME_MS,
  type PhotoMediaType,
  type PhotoNote,
  type PhotoRefusal,
} from './photo.js';

const CLEANING_INTERVAL_MS = 3_600_000;
const SHORTEST_INTERVAL_MS = 1_000;

export interface PhotoUpload {
  readonly id: string;
  readonly mediaType: PhotoMediaType;
  readonly content: Buffer;
}

export type UploadResult =
  | { readonly ok: true; readonly bytes: number }
  | {
      readonly ok: false;
      /** `other-photo`: the id is there with another photo or person. `too-many`: uploaded and never named by a comment. */
      readonly reason: PhotoRefusal | 'other-photo' | 'too-many';
    };

/** Photos: uploaded first under an id of the client's, then named by a comment. */
@Injectable()
export class AttachmentsService {
  #timer: NodeJS.Timeout | undefined;
  #cleaning: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly repository: AttachmentsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Begins to remove, once an hour of the clock, what no comment named within a day. */
  start(): void {
    const intervalMs = Math.max(SHORTEST_INTERVAL_MS, CLEANING_INTERVAL_MS / this.clock.speed);
    this.#timer = setInterval(() => {
      this.#cleaning = this.#cleaning.then(() => this.#clean());
    }, intervalMs);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#cleaning;
  }

  /** Keeps a photo. The same one again, by the same person, is the same photo. */
  async upload(personId: string, { id, mediaType, content }: PhotoUpload): Promise<UploadResult> {
    const refusal = refusePhoto(mediaType, content);
    if (refusal !== null) return { ok: false, reason: refusal };
    const photo = { id, personId, mediaType, content, createdAtMs: this.clock.now() };
    return await this.database.transaction(async (tx): Promise<UploadResult> => {
      if ((await this.repository.countUnbound(tx, personId, id)) >= MAX_UNBOUND_PHOTOS) {
        return { ok: false, reason: 'too-many' };
      }
      if ((await this.repository.insert(tx, photo)) || (await this.repository.isSame(tx, photo))) {
        return { ok: true, bytes: content.length };
      }
      return { ok: false, reason: 'other-photo' };
    });
  }

  /** A photo; null when there is none, or when no comment names it and somebody else uploaded it. */
  async find(id: string, personId: string | null): Promise<StoredPhoto | null> {
    return await this.repository.find(this.database, id, personId);
  }

  /**
   * Gives photos of a person to a change of an incident, in the caller's transaction. False when one of them is not there,
   * is somebody else's, or belongs to a change already: roll back then, some may have been bound.
   */
  async bind(tx: Tx, ids: readonly string[], changeId: number | string, personId: string): Promise<boolean> {
    const wanted = new Set(ids);
    if (wanted.size === 0) return true;
    return (await this.repository.bind(tx, [...wanted], changeId, personId)) === wanted.size;
  }

  /** What photos each change has, by the change's id as text; changes without any are left out. */
  async ofChanges(changeIds: readonly (number | string)[]): Promise<ReadonlyMap<string, readonly PhotoNote[]>> {
    const byChange = new Map<string, PhotoNote[]>();
    if (changeIds.length === 0) return byChange;
    for (const { changeId, id, mediaType, bytes } of await this.repository.ofChanges(this.database, changeIds)) {
      const notes = byChange.get(String(changeId)) ?? [];
      notes.push({ id, mediaType, bytes });
      byChange.set(String(changeId), notes);
    }
    return byChange;
  }

  /** Removes what no comment named within a day; how many. */
  async removeUnbound(): Promise<number> {
    return await this.repository.deleteUnbound(this.database, this.clock.now() - UNBOUND_LIFETIME_MS);
  }

  async #clean(): Promise<void> {
    try {
      const removed = await this.removeUnbound();
      if (removed > 0) this.logger.info({ photos: removed }, 'Photos that no comment named were removed');
    } catch (error) {
      // The next hour tries again.
      this.logger.warn({ err: error }, 'photos that no comment named were not removed');
    }
  }
}
