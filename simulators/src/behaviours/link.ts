import { type Metrics } from '@ioc/contract';
import type { Device } from '../fleet/fleet.js';
import { bell, between, unit, wander } from '../random.js';
import { spanAt } from '../world/interval.js';
import { HOUR, MINUTE, isOfficeTime, localHour } from '../world/local-time.js';
import type { World } from '../world/world.js';
import { ONLINE, clamp, offline, round, type Behaviour, type Presence } from './behaviour.js';

/** One link in eight has a backup path over the mobile network, over which the router reports that its line is cut. */
const BACKUP_SHARE = 0.125;
/** A videoconference call takes about this much of each direction. */
const CALL_MBPS = 2;

function presence(device: Device, world: World, atMs: number): Presence {
  const key = world.key(device.id);
  const lost = world.conditions.sessionLosses(device, atMs, atMs);
  const session = lost.length === 0 ? null : spanAt(lost, atMs);
  if (session !== null) return offline(session.sinceMs, 'session-lost');
  const office = world.officePower(device, atMs, upsMs(key));
  if (office.power === 'none') return offline(office.sinceMs, 'power-lost', { said: unit(key, 82) < 0.5 });
  const hub = world.hubLostSince(device.hub, atMs);
  const cut = spanAt(world.conditions.lineCuts(device, atMs, atMs), atMs);
  const since = hub ?? cut?.sinceMs ?? null;
  return since === null || (hub === null && unit(key, 81) < BACKUP_SHARE) ? ONLINE : offline(since, 'line-cut');
}

function metrics(device: Device, world: World, atMs: number): Metrics {
  const key = world.key(device.id);
  const slot = Math.floor(atMs / 1_000);
  const office = world.officePower(device, atMs, upsMs(key));
  const lineUp = spanAt(world.conditions.lineCuts(device, atMs, atMs), atMs) === null;
  const capacityMbps = Number(device.attributes['capacityMbps']);
  if (!lineUp) {
    const rttMs = 85 + 25 * wander(key, 90, atMs, MINUTE);
    return {
      linkUp: false,
      rttMs: round(rttMs, 1),
      lossPercent: round(Math.max(0, 1.2 + bell(key, 91, slot)), 2),
      jitterMs: round(18 + 6 * Math.abs(bell(key, 92, slot)), 1),
      inMbps: round(between(0.5, 2, key, 93, slot), 1),
      outMbps: round(between(0.2, 1, key, 94, slot), 1),
      loadPercent: Math.round(100 * (2 / capacityMbps)),
      onUps: office.power === 'ups',
    };
  }
  const usage = linkUse(device, world, atMs);
  const load = Math.min(usage.inMbps, capacityMbps) / capacityMbps;
  const rain = device.attributes['medium'] === 'radio' ? world.conditions.rain(device, atMs) : 0;
  const queueMs = queueDelayMs(load);
  const baseMs = 1.8 + 1.1 * world.hops(device.hub) + between(0, 2.5, key, 95) + (rain > 10 ? 4 : 0);
  return {
    linkUp: true,
    rttMs: round(baseMs + queueMs * (1 + 0.2 * bell(key, 96, slot)) + Math.abs(0.3 * bell(key, 97, slot)), 1),
    lossPercent: round(clamp(overloadLoss(load) + rain / 25 + Math.max(0, 0.02 * bell(key, 98, slot)), 0, 100), 2),
    jitterMs: round(0.4 + 0.45 * queueMs + Math.abs(0.2 * bell(key, 99, slot)), 1),
    inMbps: round(Math.min(usage.inMbps, capacityMbps), 1),
    outMbps: round(Math.min(usage.outMbps, capacityMbps), 1),
    loadPercent: Math.round(100 * load),
    onUps: office.power === 'ups',
  };
}

/** Waiting time at a share of capacity: M/M/1, with 3 ms as the service time of a burst, up to a full buffer of 250 ms. */
export function queueDelayMs(load: number): number {
  return Math.min(250, (3 * load) / Math.max(0.004, 1 - load));
}

/** Per cent lost: nothing below 88 %, then growing fast as buffers overflow. */
export function overloadLoss(load: number): number {
  return load < 0.88 ? 0 : ((load - 0.88) / 0.12) ** 2 * 4;
}

/** Traffic of a commune's office, before the line cuts it off at its capacity. */
function linkUse(device: Device, world: World, atMs: number): { readonly inMbps: number; readonly outMbps: number } {
  const key = world.key(device.id);
  const capacityMbps = Number(device.attributes['capacityMbps']);
  const hour = localHour(atMs);
  const office = isOfficeTime(atMs) ? Math.sin(clamp((hour - 6.5) / 11, 0, 1) * Math.PI) ** 0.5 : 0.12;
  // A few offices have outgrown their contract: the queue shows it.
  const habit = unit(key, 100) < 0.04 ? between(0.75, 0.93, key, 101) : between(0.12, 0.45, key, 101);
  const calls = world.conditions.meetings(atMs, atMs).length * CALL_MBPS;
  const extra = 1 + 0.3 * Math.max(0, world.conditions.demand(atMs) - 1);
  const inMbps = capacityMbps * habit * office * extra * (1 + 0.15 * wander(key, 102, atMs, 4 * MINUTE)) + calls;
  return { inMbps, outMbps: inMbps * between(0.25, 0.5, key, 103) + calls };
}

function upsMs(key: number): number {
  return between(1.5, 5, key, 104) * HOUR;
}

export const linkBehaviour: Behaviour = { presence, metrics };
