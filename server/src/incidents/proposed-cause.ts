import type { CauseCode, LocalizedText } from '@ioc/contract';
import { BEFORE_HUB_MS } from './hub-losses.js';
import type { Member } from './incident-draft.js';
import type { IncidentPortrait } from './incident-record.js';
import { isolationCause } from './isolation-cause.js';
import { devicesBehind, hubsOf, rootHubsOf, type PortraitWorld } from './portrait.js';

export interface ProposedCause {
  readonly code: CauseCode;
  /** What it is concluded from, in words that a person can check. */
  readonly evidence: LocalizedText;
}

/** Why it failed, as far as the alarms tell; null when they tell nothing. */
export function proposeCause(
  members: readonly Member[],
  { kind, place }: Pick<IncidentPortrait, 'kind' | 'place'>,
  world: PortraitWorld,
): ProposedCause | null {
  switch (kind) {
    case 'gatewaySilent':
      return gatewayCause(place.id, world);
    case 'hubDown':
      return hubCause(members, world);
    case 'powerFailure':
      return powerCause(members);
    case 'communeIsolated':
    case 'communeNearlyIsolated':
      return isolationCause(place.id, world);
    case 'operatorsDown':
    case 'siteDown':
      return lossCause(members, world);
    case 'flood':
      return { code: 'naturalFlood', evidence: worstFlood(members) };
    case 'meeting':
      // Switched off, forgotten, misconfigured: an endpoint that is not registered does not tell which.
      return null;
    case 'single':
      return singleCause(members, world);
  }
}

function gatewayCause(gatewayId: string, { register }: PortraitWorld): ProposedCause {
  const devices = register.devicesByGateway.get(gatewayId)?.length ?? 0;
  return {
    code: 'gatewayFailure',
    evidence: {
      vi: `Không còn bản tin nào; ${devices} thiết bị mất tầm nhìn, không phải mất kết nối`,
      en: `No message any more; ${devices} devices are out of sight, not down`,
    },
  };
}

function hubCause(members: readonly Member[], world: PortraitWorld): ProposedCause | null {
  const [hub, ...siblings] = rootHubsOf(members);
  if (hub === undefined) return null;
  const { resource, beganAtMs } = hub.alarm;
  const hubIds = hubsOf(members);
  const behind = hubIds.flatMap((id) => devicesBehind(id, world.register));
  const stations = behind.filter(({ deviceClass }) => deviceClass === 'bts');
  const lostAtMs = stations.flatMap(({ id }) => {
    const { lastKnown, outage } = world.stateOf(id);
    const within = outage !== null && Math.abs(outage.beganAtMs - beganAtMs) <= BEFORE_HUB_MS;
    return lastKnown === 'down' && within ? [outage.beganAtMs] : [];
  });
  const site = world.register.hubs.get(resource.id)?.siteId ?? null;
  const onBattery = (site === null ? [] : (world.register.devicesBySite.get(site) ?? [])).some(
    ({ id }) => world.stateOf(id).onBattery === true,
  );
  const below = hubIds.length - 1 - siblings.length;
  const span = spanOf(lostAtMs);
  const names =
    siblings.length === 0 ? resource.name : [hub, ...siblings].map((each) => each.alarm.resource.name).join(', ');
  const vi = [`${lostAtMs.length}/${stations.length} trạm sau ${names} mất kết nối trong ${span.vi}`];
  const en = [`${lostAtMs.length} of ${stations.length} stations behind ${names} went down within ${span.en}`];
  if (siblings.length > 0) {
    const roots = [hub, ...siblings].map(({ alarm }) => alarm);
    const together = spanOf(roots.map((alarm) => alarm.beganAtMs));
    vi.unshift(`${roots.length} nút cùng cấp mất trong ${together.vi}: nguyên nhân có thể ở phía trên`);
    en.unshift(`${roots.length} hubs side by side went within ${together.en}: the cause may be above them`);
  }
  if (below > 0) {
    vi.push(`${below} nút phía dưới mất theo`);
    en.push(`${below} hubs below it went with it`);
  }
  if (onBattery) {
    vi.push('vị trí của nút đang chạy ắc quy trước đó');
    en.push('the hub’s site was on battery before');
  }
  return { code: onBattery ? 'batteryEmpty' : 'hubFailure', evidence: { vi: vi.join('; '), en: en.join('; ') } };
}

function powerCause(members: readonly Member[]): ProposedCause {
  const power = members.filter(({ place }) => place.family === 'power');
  const sites = new Set(power.map(({ place }) => place.siteId ?? place.device?.id)).size;
  const communes = new Set(power.map(({ place }) => place.communeCode)).size;
  const span = spanOf(power.map(({ alarm }) => alarm.beganAtMs));
  const down = new Set(members.filter(({ place }) => place.family === 'down').map(({ alarm }) => alarm.deviceId)).size;
  return {
    code: 'mainsFailure',
    evidence: {
      vi: `${sites} vị trí tại ${communes} xã mất điện lưới trong ${span.vi}${down > 0 ? `; ${down} trạm trong đó đã mất kết nối` : ''}`,
      en: `${sites} sites in ${communes} communes lost mains within ${span.en}${down > 0 ? `; ${down} of their stations are down since` : ''}`,
    },
  };
}

function lossCause(members: readonly Member[], world: PortraitWorld): ProposedCause {
  const down = members.filter(({ place }) => place.family === 'down');
  const battery = down.filter(
    ({ alarm }) => alarm.deviceId !== null && world.stateOf(alarm.deviceId).onBattery === true,
  ).length;
  const operators = new Set(down.map(({ place }) => place.device?.owner)).size;
  const span = spanOf(down.map(({ alarm }) => alarm.beganAtMs));
  const onBattery = battery * 2 > down.length;
  return {
    code: onBattery ? 'batteryEmpty' : 'unknown',
    evidence: {
      vi: `${down.length} thiết bị của ${operators} đơn vị mất kết nối trong ${span.vi}${onBattery ? `; ${battery} đang chạy ắc quy trước đó` : ''}`,
      en: `${down.length} devices of ${operators} owners went down within ${span.en}${onBattery ? `; ${battery} were on battery before` : ''}`,
    },
  };
}

function singleCause(members: readonly Member[], world: PortraitWorld): ProposedCause | null {
  const lost = members.find(({ place }) => place.family === 'down');
  const power = members.find(({ place }) => place.family === 'power');
  if (lost !== undefined) {
    const onBattery = lost.alarm.deviceId !== null && world.stateOf(lost.alarm.deviceId).onBattery === true;
    if (!onBattery && power === undefined) return null;
    return {
      code: 'batteryEmpty',
      evidence: { vi: 'Đang chạy ắc quy khi mất kết nối', en: 'It was on battery when it went down' },
    };
  }
  if (power === undefined) return null;
  return { code: 'mainsFailure', evidence: power.alarm.text };
}

function worstFlood(members: readonly Member[]): LocalizedText {
  const gauges = members.filter(({ place }) => place.family === 'flood').map(({ alarm }) => alarm);
  const text = (language: 'vi' | 'en') =>
    gauges
      .slice(0, 3)
      .map((alarm) => `${alarm.resource.name}: ${alarm.text[language]}`)
      .join('; ');
  return { vi: text('vi'), en: text('en') };
}

/** From the first to the last of some moments, as people say it. */
function spanOf(momentsMs: readonly number[]): LocalizedText {
  const spanMs = momentsMs.length === 0 ? 0 : maxOf(momentsMs) - minOf(momentsMs);
  const seconds = Math.max(1, Math.round(spanMs / 1_000));
  if (seconds <= 120) return { vi: `${seconds} s`, en: `${seconds} s` };
  const minutes = Math.round(seconds / 60);
  if (minutes <= 120) return { vi: `${minutes} phút`, en: `${minutes} min` };
  return { vi: `${Math.round(minutes / 60)} giờ`, en: `${Math.round(minutes / 60)} h` };
}

function maxOf(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), -Infinity);
}

function minOf(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Infinity);
}
