import { incident, type Incident } from '@ioc/contract';
import { z } from 'zod';
import { READS_CACHE } from '../../pwa/read-rules.js';

/** Not a path of the server: the name of what is kept beside the answers, so that both are forgotten in one stroke. */
const KEY = '/technician/last-known';

const lastKnown = z.object({
  personId: z.string(),
  /** The server's epoch ms at which it was so. */
  asOfMs: z.number(),
  incidents: z.array(incident),
  /** Where each one is, by its id. */
  points: z.record(z.string(), z.object({ lat: z.number(), lon: z.number(), exact: z.boolean() })),
  /** Names of responsible organisations, by id; none of what was kept before names were. */
  organisations: z.record(z.string(), z.string()).default({}),
});
export type LastKnown = z.infer<typeof lastKnown>;

/** What was known when there was a connection; null when nothing was, or it was somebody else's. */
export async function readLastKnown(personId: string): Promise<LastKnown | null> {
  // Absent where the page came over plain HTTP.
  if (!('caches' in globalThis)) return null;
  const kept = await (await caches.open(READS_CACHE)).match(KEY);
  const parsed = lastKnown.safeParse(await kept?.json().catch(() => null));
  return parsed.success && parsed.data.personId === personId ? parsed.data : null;
}

/** Keeps what is known now in place of what was. */
export async function keepLastKnown(known: {
  readonly personId: string;
  readonly asOfMs: number;
  readonly incidents: readonly Incident[];
  readonly points: Readonly<Record<string, LastKnown['points'][string]>>;
  readonly organisations: Readonly<Record<string, string>>;
}): Promise<void> {
  if (!('caches' in globalThis)) return;
  const cache = await caches.open(READS_CACHE);
  await cache.put(KEY, new Response(JSON.stringify(known), { headers: { 'content-type': 'application/json' } }));
}

/** Leaves nothing behind. */
export async function forgetLastKnown(): Promise<void> {
  if ('caches' in globalThis) await caches.delete(READS_CACHE);
}
