import { z } from 'zod';
import { metrics } from './device-classes/index.js';
import { incident } from './http/incidents.js';
import { communeCode, connectivity, deviceClassId, entityId, impact, instant, severity } from './vocabulary.js';

/**
 * Socket.IO, namespace `/live`. A client emits `subscribe` with a room and gets a snapshot with its `seq` as the
 * acknowledgement; `delta` messages of that room follow with the next `seq`. A gap or a reconnect: subscribe again.
 * A snapshot too large for one message comes in parts: the client asks for each of those after the first with `more`.
 * `seq` is per room. Readings are coalesced (a delta per room at most every 250 ms); connectivity, alarms and incidents go
 * right after their commit (at most every 50 ms). A client too slow to drain gets `resync` and subscribes again.
 */
export const LIVE_NAMESPACE = '/live';

/** `overview`: every device's connectivity, every commune, the state of the system · `incidents` · one device's readings. */
export const liveRoom = z.union([
  z.literal('overview'),
  z.literal('incidents'),
  z.string().regex(/^device:[A-Za-z0-9_-]{1,64}$/),
]);
export type LiveRoom = z.infer<typeof liveRoom>;

/** The state of one device, without what never changes (that is `GET /api/v1/map/devices`). */
export const deviceLive = z.object({
  connectivity,
  /** While blind: what it was before; it stays in every count, marked. Otherwise equal to `connectivity`. */
  lastKnown: connectivity.exclude(['blind']),
  /** When the present connectivity began; epoch ms, because there are thousands of them. */
  sinceMs: z.number().int(),
  /** Worst severity of its current alarms and incidents; null when there is none. */
  severity: severity.nullable(),
  /** Bases only: whether the site runs on its battery; null when unknown. Others: null. */
  onBattery: z.boolean().nullable(),
  /** River sensors only: the legal alarm level reached, 0–3; null when no level applies. */
  alarmLevel: z.number().int().min(0).max(3).nullable(),
});
export type DeviceLive = z.infer<typeof deviceLive>;

/** `up`, `down` and `stale` count by the last known state and add up to `total`; `blind`: how many of these we cannot see. */
const classCounts = z.object({
  total: z.number().int(),
  up: z.number().int(),
  down: z.number().int(),
  stale: z.number().int(),
  blind: z.number().int(),
});
export type ClassCounts = z.infer<typeof classCounts>;
export const countsByClass = z.record(deviceClassId, classCounts);
export type CountsByClass = z.infer<typeof countsByClass>;

/** One commune on the map. */
export const communeLive = z.object({
  code: communeCode,
  impact,
  /** When the present impact began; epoch ms. */
  impactSinceMs: z.number().int(),
  counts: countsByClass,
  /** Mobile operators with at least one station alive there, and those with none. */
  operatorsAlive: z.array(z.string()),
  operatorsDown: z.array(z.string()),
  stationsOnBattery: z.number().int(),
  /** Devices whose state we cannot see now. */
  blind: z.number().int(),
});
export type CommuneLive = z.infer<typeof communeLive>;

export const gatewayLive = z.object({
  id: entityId,
  owner: z.string(),
  connectivity: z.enum(['up', 'blind']),
  sinceMs: z.number().int(),
  devices: z.number().int(),
});
export type GatewayLive = z.infer<typeof gatewayLive>;

/** Whether this screen can be believed: sent every second, also when nothing else changes. */
export const systemLive = z.object({
  serverTime: instant,
  /** `seeing`, or `blind` with the reason: our own intake is broken and nothing on the screen is fresh. */
  intake: z.enum(['seeing', 'blind']),
  intakeReason: z.enum(['starting', 'broker', 'database', 'lag']).nullable(),
  /** Readings committed per second, mean of the last 10 s. */
  readingsPerS: z.number(),
  /** Sample time of the newest reading committed; null before the first. */
  newestReadingAt: instant.nullable(),
  /** Time from arrival to commit of the last batch, ms. */
  commitLagMs: z.number(),
  gateways: z.array(gatewayLive),
  openIncidents: z.number().int(),
  unheldCriticalIncidents: z.number().int(),
  shelvedAlarms: z.number().int(),
  /** Readings are kept, but alarms are not judged, or nobody is told of them, since then: a fault of ours. Null: all is well. */
  standstill: z.object({ consequence: z.enum(['alarms', 'messages']), since: instant }).nullable(),
  /** More than 10 new alarms in 10 minutes: screens announce by digest, until 30 minutes below 5 or by hand. */
  alarmFlood: z.object({ on: z.boolean(), since: instant.nullable(), newAlarms10Min: z.number().int() }),
  deadLettersLastHour: z.number().int(),
  quarantinedDevices: z.number().int(),
  /** True while any of the telemetry is made by simulators: the screen says so. */
  simulated: z.boolean(),
});
export type SystemLive = z.infer<typeof systemLive>;

/**
 * Devices in the same state: a snapshot says the state once, and of each device only which it is and since when. Four times
 * smaller than one object per device, and what few texts there are is few objects to make. `ungroupDevices` undoes it.
 */
export const deviceGroup = deviceLive
  .omit({ sinceMs: true })
  .extend({
    ids: z.array(entityId),
    /** Of each of `ids`, in the same order; epoch ms. */
    sinceMs: z.array(z.number().int()),
  })
  .refine(({ ids, sinceMs }) => ids.length === sinceMs.length, 'every id has its sinceMs');
export type DeviceGroup = z.infer<typeof deviceGroup>;

/**
 * The whole, or a part of it: some communes with all of their devices, and in every part the present version and system.
 * Each part is right at the moment in which it is sent: parts and deltas are applied in the order in which they come.
 */
export const overviewSnapshot = z.object({
  /** Grows with every change of the register; the client fetches the map's devices again when it differs. */
  registerVersion: z.number().int(),
  devices: z.array(deviceGroup),
  communes: z.array(communeLive),
  system: systemLive,
});
export const overviewDelta = z.object({
  registerVersion: z.number().int().optional(),
  devices: z.record(entityId, deviceLive).optional(),
  communes: z.array(communeLive).optional(),
  system: systemLive.optional(),
});
export type OverviewSnapshot = z.infer<typeof overviewSnapshot>;
export type OverviewDelta = z.infer<typeof overviewDelta>;

/** Current incidents: open, acknowledged and in progress; those resolved or closed within the last 10 minutes. */
export const incidentsSnapshot = z.object({
  incidents: z.array(incident),
  /** Who looks at which incident now: names by incident id, of sessions other than displays. */
  looking: z.record(z.string(), z.array(z.string())),
});
export const incidentsDelta = z.object({
  changed: z.array(incident),
  /** Ids that left the list. */
  removed: z.array(z.string()),
  /** Whole, when it changed. */
  looking: z.record(z.string(), z.array(z.string())).optional(),
});
export type IncidentsSnapshot = z.infer<typeof incidentsSnapshot>;
export type IncidentsDelta = z.infer<typeof incidentsDelta>;

export const deviceReadingLive = z.object({
  /** Sample time. */
  at: instant,
  /** When it reached us. */
  receivedAt: instant,
  metrics,
  /** Names of the metrics of this reading that are suspect. */
  suspect: z.array(z.string()),
  /** Measured offset of the device's clock, ms, when it is taken live by arrival time; else null. */
  clockOffsetMs: z.number().nullable(),
});
export type DeviceReadingLive = z.infer<typeof deviceReadingLive>;

export const deviceSnapshot = z.object({
  live: deviceLive,
  reason: z.string().nullable(),
  latest: deviceReadingLive.nullable(),
});
export const deviceDelta = z.object({
  live: deviceLive.optional(),
  reason: z.string().nullable().optional(),
  latest: deviceReadingLive.optional(),
});
export type DeviceSnapshot = z.infer<typeof deviceSnapshot>;
export type DeviceDelta = z.infer<typeof deviceDelta>;

/** What `subscribe` and `more` answer with. */
export type SubscribeAnswer<S> =
  | {
      readonly ok: true;
      readonly room: LiveRoom;
      /** Of the delta that went before this answer. */
      readonly seq: number;
      readonly snapshot: S;
      /** Where the next part of the snapshot begins, for `more`; null: this was the last, or the only one. */
      readonly next: string | null;
    }
  | {
      readonly ok: false;
      /** `not-subscribed`: only `more` says so; subscribe again. */
      readonly code: 'unknown-room' | 'unknown-device' | 'forbidden' | 'too-many-rooms' | 'not-subscribed';
    };

export interface DeltaMessage<D> {
  readonly room: LiveRoom;
  readonly seq: number;
  readonly delta: D;
}

/** What the server may emit. */
export interface ServerToClientEvents {
  delta: (message: DeltaMessage<OverviewDelta | IncidentsDelta | DeviceDelta>) => void;
  /** The room's queue overflowed for this client: subscribe again. */
  resync: (message: { readonly room: LiveRoom }) => void;
  /** The session was revoked or ran out: sign in again. */
  signedOut: () => void;
}

/** What a client may emit. A client may be in at most 8 rooms. */
export interface ClientToServerEvents {
  subscribe: (
    request: { readonly room: string },
    answer: (answer: SubscribeAnswer<OverviewSnapshot | IncidentsSnapshot | DeviceSnapshot>) => void,
  ) => void;
  /** The part of a room's snapshot that begins at `from`, the `next` of the part before. */
  more: (
    request: { readonly room: string; readonly from: string },
    answer: (answer: SubscribeAnswer<OverviewSnapshot | IncidentsSnapshot | DeviceSnapshot>) => void,
  ) => void;
  unsubscribe: (request: { readonly room: string }) => void;
  /** The incident that this client has open; null when it closes it. */
  look: (request: { readonly incidentId: string | null }) => void;
}
export const MAX_ROOMS_PER_CLIENT = 8;
