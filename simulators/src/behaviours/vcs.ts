import { COMMUNE_BY_CODE, type Metrics } from '@ioc/contract';
import type { Device } from '../fleet/fleet.js';
import { bell, between, keyOf, unit } from '../random.js';
import type { Meeting } from '../world/conditions.js';
import { spanAt } from '../world/interval.js';
import { MINUTE, isOfficeTime } from '../world/local-time.js';
import type { World } from '../world/world.js';
import { ONLINE, offline, round, type Behaviour, type Presence } from './behaviour.js';
import { linkBehaviour } from './link.js';

/** Some endpoints were delivered and never plugged in: they are in the register and are never heard. */
const NEVER_HEARD_SHARE = 0.06;
/** Others work and nobody uses them. */
const NEVER_USED_SHARE = 0.05;

function presence(device: Device, world: World, atMs: number): Presence {
  if (neverInstalled(device)) return offline(0, 'never-installed');
  const link = world.linkNear(device);
  if (link !== null) {
    const path = linkBehaviour.presence(link, world, atMs);
    if (path.state === 'offline') return offline(path.sinceMs, 'network-lost');
  }
  const office = world.officePower(device, atMs, 0);
  if (office.power === 'none') return offline(office.sinceMs, 'power-lost');
  const loss = spanAt(world.conditions.sessionLosses(device, atMs, atMs), atMs);
  if (loss !== null) return offline(loss.sinceMs, 'session-lost');
  const mute = spanAt(world.conditions.mutes(device, atMs, atMs), atMs);
  return mute === null ? ONLINE : { state: 'mute', sinceMs: mute.sinceMs, keepsSamples: false };
}

/** The same ones under every seed: the review of coverage finds them again. */
function neverInstalled(device: Device): boolean {
  return COMMUNE_BY_CODE.get(device.commune)?.type === 'xa' && unit(keyOf(device.id), 121) < NEVER_HEARD_SHARE;
}

/** In standby at night the endpoint is heard but not registered: that is no fault. */
function metrics(device: Device, world: World, atMs: number): Metrics {
  const key = world.key(device.id);
  const slot = Math.floor(atMs / 1_000);
  const meeting = joined(device, world, atMs);
  const registered =
    meeting !== null || (isOfficeTime(atMs) && unit(key, 122, Math.floor(atMs / (30 * MINUTE))) > 0.02);
  if (meeting === null) {
    return { registered, inCall: false, videoInput: registered, microphoneMuted: true };
  }
  const link = world.linkNear(device);
  const path = link === null ? {} : linkBehaviour.metrics(link, world, atMs);
  const hd = unit(key, 123) < 0.7;
  return {
    registered,
    inCall: true,
    callKbps: Math.round((hd ? 1_550 : 780) * (1 + 0.08 * bell(key, 124, slot))),
    rttMs: round(numberOf(path['rttMs']) + 7 + Math.abs(bell(key, 125, slot)), 1),
    lossPercent: round(numberOf(path['lossPercent']) * between(0.9, 1.3, key, 126, slot), 2),
    jitterMs: round(numberOf(path['jitterMs']) + 1.5 + Math.abs(bell(key, 127, slot)), 1),
    videoInput: unit(key, 128) > 0.02,
    microphoneMuted: unit(key, 129, Math.floor(atMs / (3 * MINUTE))) > 0.06,
  };
}

/** The meeting that the endpoint takes part in: it joins within minutes of its start, unless nobody ever uses it. */
function joined(device: Device, world: World, atMs: number): Meeting | null {
  const key = world.key(device.id);
  if (unit(key, 130) < NEVER_USED_SHARE) return null;
  for (const meeting of world.conditions.meetings(atMs, atMs)) {
    const joinsMs = between(meeting.preparedFromMs, meeting.sinceMs + 2 * MINUTE, key, 131);
    if (atMs >= joinsMs && atMs < meeting.untilMs + between(0, 2 * MINUTE, key, 132)) return meeting;
  }
  return null;
}

function numberOf(value: number | boolean | undefined): number {
  return typeof value === 'number' ? value : 0;
}

export const vcsBehaviour: Behaviour = { presence, metrics };
