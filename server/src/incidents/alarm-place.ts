import { COMMUNE_BY_CODE, type AlarmType } from '@ioc/contract';
import type { AlarmRecord } from '../alarms/alarm.js';
import type { Register, RegisteredDevice } from '../devices/registered-device.js';

/** What kind of trouble an alarm is, as far as grouping goes. */
export type AlarmFamily = 'isolation' | 'gateway' | 'hub' | 'down' | 'power' | 'flood' | 'meeting' | 'other';

const FAMILIES: Partial<Record<AlarmType, AlarmFamily>> = {
  communeIsolated: 'isolation',
  communeNearlyIsolated: 'isolation',
  gatewaySilent: 'gateway',
  hubDown: 'hub',
  connectivityLost: 'down',
  mainsAbsent: 'power',
  riverLevel: 'flood',
  riverRise: 'flood',
  riverForecast: 'flood',
  rain: 'flood',
  meetingNotReady: 'meeting',
};

/** Kinds of alarm that are work even as a warning; of the others a warning is on the list of alarms and nowhere else. */
const WORK_AS_WARNING: ReadonlySet<AlarmType> = new Set([
  'connectivityLost',
  'mainsAbsent',
  'riverLevel',
  'gaugeSilent',
  'deviceEvent',
]);

/** Where an alarm is and what it hangs on. */
export interface AlarmPlace {
  readonly family: AlarmFamily;
  readonly device: RegisteredDevice | null;
  readonly siteId: string | null;
  readonly hubId: string | null;
  readonly feedId: string | null;
  readonly communeCode: string | null;
  readonly river: string | null;
  /**
   * What high water and heavy rain are gathered by: the river, and at a gauge on none the side of the province (one storm's rain is
   * one thing to watch, not one at every gauge). Null: not of that family, or nobody knows where.
   */
  readonly waters: string | null;
}

export function familyOf(alarm: Pick<AlarmRecord, 'type' | 'detail'>): AlarmFamily {
  // An endpoint that is lost before a meeting may have gone with what it hangs on, as any device.
  if (alarm.type === 'meetingNotReady' && alarm.detail['lost'] === true) return 'down';
  return FAMILIES[alarm.type] ?? 'other';
}

/** Of each alarm as it is in a register: every judgement asks it of every alarm that stands. */
const PLACES = new WeakMap<Register, WeakMap<AlarmRecord, AlarmPlace>>();

export function placeOf(alarm: AlarmRecord, register: Register): AlarmPlace {
  let places = PLACES.get(register);
  if (places === undefined) PLACES.set(register, (places = new WeakMap()));
  const known = places.get(alarm);
  if (known !== undefined) return known;
  const place = locate(alarm, register);
  places.set(alarm, place);
  return place;
}

function locate(alarm: AlarmRecord, register: Register): AlarmPlace {
  const device = alarm.deviceId === null ? null : (register.devices.get(alarm.deviceId) ?? null);
  const site = device === null || device.siteId === null ? null : (register.sites.get(device.siteId) ?? null);
  const named = device?.attributes['river'];
  const river = typeof named === 'string' && named !== '' ? named : null;
  const family = familyOf(alarm);
  const communeCode = device?.communeCode ?? alarm.communeCode;
  return {
    family,
    device,
    siteId: site?.id ?? null,
    hubId: device === null ? null : hubOf(device, register),
    feedId: site?.feedId ?? null,
    communeCode,
    river,
    waters: family === 'flood' ? watersOf(river, communeCode) : null,
  };
}

function watersOf(river: string | null, communeCode: string | null): string | null {
  if (river !== null) return `river:${river}`;
  const side = communeCode === null ? undefined : COMMUNE_BY_CODE.get(communeCode)?.formerProvince;
  return side === undefined ? null : `rain:${side}`;
}

/** The hub that a device hangs on: its site's, else its own. */
export function hubOf({ siteId, hubId }: RegisteredDevice, register: Register): string | null {
  return siteId === null ? hubId : (register.sites.get(siteId)?.hubId ?? hubId);
}

/** Whether it tells of a meeting: what is no symptom of a hub is in the incident of its meeting, and in no other. */
export function isOfMeeting({ type }: Pick<AlarmRecord, 'type'>): boolean {
  return type === 'meetingNotReady';
}

/** What a recurrence of the alarm is known by. */
export function anchorOf(alarm: AlarmRecord, place: AlarmPlace): string {
  if (isOfMeeting(alarm)) return `meeting:${alarm.qualifier}`;
  switch (place.family) {
    case 'isolation':
      return `isolation:${alarm.resource.id}`;
    case 'gateway':
      return `gateway:${alarm.resource.id}`;
    case 'hub':
      return `hub:${alarm.resource.id}`;
    case 'flood':
      return place.waters ?? keyOf(alarm);
    default:
      return keyOf(alarm);
  }
}

function keyOf({ resource, type, qualifier }: AlarmRecord): string {
  return `${resource.kind}:${resource.id}:${type}${qualifier === '' ? '' : `:${qualifier}`}`;
}

/** Whether an alarm that belongs to no incident is somebody's work: it stands, nobody put it aside, nothing suppresses it. */
export function isWork(alarm: AlarmRecord): boolean {
  if (alarm.clearedAtMs !== null || alarm.shelved !== null || alarm.operatorState === 'closed') return false;
  if (alarm.suppression === 'maintenance' || alarm.suppression === 'flapping') return false;
  return alarm.type !== 'congestion' && (alarm.severity !== 'warning' || WORK_AS_WARNING.has(alarm.type));
}
