import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import type { PhotoMediaType, PhotoNote } from './photo.js';

const INSERT_PHOTO = `
  insert into attachment (id, person_id, media_type, bytes, content, created_at)
  values ($1, $2, $3, octet_length($4::bytea), $4, $5)
  on conflict (id) do nothing`;
const IS_SAME_PHOTO = `
  select 1 from attachment where id = $1 and person_id = $2 and media_type = $3 and content = $4::bytea`;
const COUNT_UNBOUND = `
  select count(*)::integer as photos from attachment
  where person_id = $1 and incident_change_id is null and id <> $2`;
const SELECT_PHOTO = `
  select media_type as "mediaType", content from attachment
  where id = $1 and (incident_change_id is not null or person_id = $2)`;
const BIND_PHOTOS = `
  update attachment set incident_change_id = $2
  where id = any($1::uuid[]) and person_id = $3 and incident_change_id is null`;
const SELECT_OF_CHANGES = `
  select incident_change_id as "changeId", id, media_type as "mediaType", bytes from attachment
  where incident_change_id = any($1::bigint[])
  order by created_at, id`;
const DELETE_UNBOUND = `delete from attachment where incident_change_id is null and created_at < $1`;

export interface NewPhoto {
  readonly id: string;
  readonly personId: string;
  readonly mediaType: PhotoMediaType;
  readonly content: Buffer;
  readonly createdAtMs: number;
}

export interface StoredPhoto extends Record<string, unknown> {
  readonly mediaType: string;
  readonly content: Buffer;
}

interface NoteRow extends Record<string, unknown>, PhotoNote {
  readonly changeId: number;
}

/** SQL of the photos. */
@Injectable()
export class AttachmentsRepository {
  /** Whether it was written; false when its id is there already. */
  async insert(tx: Tx, { id, personId, mediaType, content, createdAtMs }: NewPhoto): Promise<boolean> {
    return (await tx.execute(INSERT_PHOTO, [id, personId, mediaType, content, new Date(createdAtMs)])) === 1;
  }

  /** Whether exactly this photo of this person is there. */
  async isSame(tx: Tx, { id, personId, mediaType, content }: NewPhoto): Promise<boolean> {
    return (await tx.query(IS_SAME_PHOTO, [id, personId, mediaType, content])).length === 1;
  }

  /** How many photos of a person no comment names, one left out. */
  async countUnbound(tx: Tx, personId: string, exceptId: string): Promise<number> {
    const [row] = await tx.query<{ photos: number }>(COUNT_UNBOUND, [personId, exceptId]);
    return row?.photos ?? 0;
  }

  /** A photo; one that no comment names only for whoever uploaded it. */
  async find(tx: Tx, id: string, personId: string | null): Promise<StoredPhoto | null> {
    const [photo] = await tx.query<StoredPhoto>(SELECT_PHOTO, [id, personId]);
    return photo ?? null;
  }

  /** How many of them are bound now that were not. */
  async bind(tx: Tx, ids: readonly string[], changeId: number | string, personId: string): Promise<number> {
    return await tx.execute(BIND_PHOTOS, [ids, changeId, personId]);
  }

  async ofChanges(tx: Tx, changeIds: readonly (number | string)[]): Promise<readonly NoteRow[]> {
    return await tx.query<NoteRow>(SELECT_OF_CHANGES, [changeIds]);
  }

  async deleteUnbound(tx: Tx, beforeMs: number): Promise<number> {
    return await tx.execute(DELETE_UNBOUND, [new Date(beforeMs)]);
  }
}
