import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import type { Activity } from './endpoint-activity.js';

const SELECT_ACTIVITIES = `
  select device_id as "deviceId", last_seen_at as "lastSeenAt", last_call_at as "lastCallAt" from endpoint_activity`;
// A device that left the register meanwhile is left out.
const UPSERT_ACTIVITIES = `
  insert into endpoint_activity (device_id, last_seen_at, last_call_at)
  select row.device_id, row.last_seen_at, row.last_call_at
  from unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) as row (device_id, last_seen_at, last_call_at)
  join device on device.id = row.device_id
  on conflict (device_id) do update set
    last_seen_at = greatest(endpoint_activity.last_seen_at, excluded.last_seen_at),
    last_call_at = greatest(endpoint_activity.last_call_at, excluded.last_call_at)`;

interface ActivityRow extends Record<string, unknown> {
  readonly deviceId: string;
  readonly lastSeenAt: Date;
  readonly lastCallAt: Date | null;
}

/** SQL of the coverage. */
@Injectable()
export class CoverageRepository {
  async loadActivities(tx: Tx): Promise<ReadonlyMap<string, Activity>> {
    const rows = await tx.query<ActivityRow>(SELECT_ACTIVITIES);
    return new Map(
      rows.map(({ deviceId, lastSeenAt, lastCallAt }) => [
        deviceId,
        { seenAtMs: lastSeenAt.getTime(), callAtMs: lastCallAt?.getTime() ?? null },
      ]),
    );
  }

  /** Keeps the later of what is there and what is given. */
  async writeActivities(tx: Tx, activities: ReadonlyMap<string, Activity>): Promise<void> {
    const entries = [...activities];
    await tx.execute(UPSERT_ACTIVITIES, [
      entries.map(([id]) => id),
      entries.map(([, { seenAtMs }]) => new Date(seenAtMs)),
      entries.map(([, { callAtMs }]) => (callAtMs === null ? null : new Date(callAtMs))),
    ]);
  }
}
