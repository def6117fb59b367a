import { MAX_BATCH_READINGS, PROVINCE_CODE, deviceTopic, gatewayTopic } from '@ioc/contract';
import type { Fleet } from '../fleet/fleet.js';
import type { LedgerReading } from '../ledger/ledger.js';

/** One thing that no device should send. */
export interface BadMessage {
  readonly kind: string;
  readonly topic: string;
  readonly payload: string | Buffer;
  /** Readings of registered devices in it that must not be stored. */
  readonly refused: readonly LedgerReading[];
  /** Readings that may be stored, in part or marked: a wrong metric beside good ones, a value out of range. */
  readonly tolerated: readonly LedgerReading[];
}

const DAY_MS = 86_400_000;

/**
 * Every kind of bad message once, aimed at real devices of the fleet. Times carry an odd millisecond, so that no good reading
 * has the same.
 */
export function badMessages(fleet: Fleet, nowMs: number): readonly BadMessage[] {
  const link = fleet.devices.find((device) => device.deviceClass === 'link');
  const other = fleet.devices.find((device) => device.deviceClass === 'link' && device.commune !== link?.commune);
  const station = fleet.devices.find((device) => device.deviceClass === 'bts');
  if (link === undefined || other === undefined || station === undefined) return [];
  const ts = nowMs - (nowMs % 1_000) + 777;
  const telemetry = deviceTopic(link.commune, 'link', link.id, 'telemetry');
  const batch = gatewayTopic(station.gateway ?? '', 'batch');
  const reading = (atMs: unknown): string => JSON.stringify({ ts: atMs, metrics: { rttMs: 6.5 } });
  const at = (atMs: number): LedgerReading => ({ deviceId: link.id, deviceClass: 'link', atMs });
  const plain = (kind: string, topic: string, payload: string | Buffer): BadMessage => {
    return { kind, topic, payload, refused: [], tolerated: [] };
  };
  const far = (kind: string, atMs: number): BadMessage => ({
    ...plain(kind, telemetry, reading(atMs)),
    refused: [at(atMs)],
  });
  const tolerated = (kind: string, metrics: string): BadMessage => {
    return { ...plain(kind, telemetry, `{"ts":${ts},"metrics":${metrics}}`), tolerated: [at(ts)] };
  };
  const elsewhere = (kind: string, topic: string): BadMessage => ({
    ...plain(kind, topic, reading(ts)),
    refused: [at(ts)],
  });

  const anHourAhead = { device: station.id, ts: ts + 3_600_000, metrics: { mainsOn: true } };

  return [
    plain('malformed JSON', telemetry, '{"ts":'),
    plain('empty payload', telemetry, ''),
    plain('binary', telemetry, Buffer.from([0, 255, 254, 1, 2, 3, 128, 200])),
    plain('not an object', telemetry, '[1,2,3]'),
    plain('NaN', telemetry, `{"ts":${ts},"metrics":{"rttMs":NaN}}`),
    tolerated('a number that is none', '{"rttMs":1e999}'),
    tolerated('a metric of the wrong type', '{"rttMs":"fast","lossPercent":0.1}'),
    tolerated('a metric that nobody knows', '{"rttMs":6.5,"moonPhase":0.3}'),
    tolerated('a value out of range', '{"rttMs":-5,"lossPercent":140}'),
    plain('no time', telemetry, '{"metrics":{"rttMs":6}}'),
    plain('a time without offset', telemetry, reading('2026-11-22T08:00:00')),
    plain('no metrics', telemetry, `{"ts":${ts}}`),
    plain('1 MiB', telemetry, Buffer.alloc(1_048_576, 0x20)),
    plain('deep nesting', telemetry, `${'['.repeat(20_000)}${']'.repeat(20_000)}`),
    tolerated('a name like __proto__', '{"__proto__":{"rttMs":1},"constructor":1}'),
    far('time in 1970', 777),
    far('time in 2099', Date.UTC(2099, 0, 1) + 777),
    far('older than the longest backfill', ts - 8 * DAY_MS),
    far('ahead of the clock', ts + 10 * 60_000),
    elsewhere('wrong commune', deviceTopic(other.commune, 'link', link.id, 'telemetry')),
    elsewhere('wrong class', deviceTopic(link.commune, 'vcs', link.id, 'telemetry')),
    plain('unknown device', deviceTopic(link.commune, 'link', 'LINK-UNKNOWN', 'telemetry'), reading(ts)),
    plain('unknown class', `ioc/v1/${PROVINCE_CODE}/${link.commune}/camera/CAM-1/telemetry`, reading(ts)),
    plain('unknown kind', `ioc/v1/${PROVINCE_CODE}/${link.commune}/link/${link.id}/firmware`, reading(ts)),
    plain('unknown gateway', gatewayTopic('GW-UNKNOWN', 'batch'), `{"ts":${ts},"readings":[]}`),
    plain('an id with blanks', `ioc/v1/${PROVINCE_CODE}/${link.commune}/link/a b/telemetry`, reading(ts)),
    plain(
      'status without session',
      deviceTopic(link.commune, 'link', link.id, 'status'),
      `{"ts":${ts},"state":"offline"}`,
    ),
    plain(
      'status of an older session',
      deviceTopic(link.commune, 'link', link.id, 'status'),
      `{"ts":${ts},"session":1,"state":"offline"}`,
    ),
    plain('event without type', deviceTopic(link.commune, 'link', link.id, 'event'), `{"ts":${ts},"state":"raised"}`),
    plain(
      'batch of 100,000',
      batch,
      `{"ts":${ts},"readings":[${Array.from({ length: 100_000 }, () => '{}').join(',')}]}`,
    ),
    plain(
      'batch too long',
      batch,
      `{"ts":${ts},"readings":[${Array.from({ length: MAX_BATCH_READINGS + 1 }, () => '{}').join(',')}]}`,
    ),
    plain(
      'batch with one reading of nonsense',
      batch,
      `{"ts":${ts},"readings":[{"device":7},{"device":"BTS-UNKNOWN","ts":${ts},"metrics":{}}]}`,
    ),
    {
      ...plain('batch with a reading an hour ahead', batch, JSON.stringify({ ts, readings: [anHourAhead] })),
      refused: [{ deviceId: station.id, deviceClass: 'bts', atMs: anHourAhead.ts }],
    },
  ];
}
