import { DEVICE_CLASS_IDS, type AlarmRule, type DeviceClassId } from '@ioc/contract';
import type { RegisteredDevice } from '../../devices/registered-device.js';
import { BTS_RULES } from './bts-rules.js';
import { defaultRule, type DefaultRule } from './default-rule.js';
import { FLOOD_RULES } from './flood-rules.js';
import { LINK_RULES } from './link-rules.js';
import { VCS_RULES } from './vcs-rules.js';

/** What every device may tell of itself, whatever its class. */
const RULES_OF_EVERY_CLASS: readonly DefaultRule[] = [
  {
    key: 'clock',
    type: 'clockOffset',
    condition: { kind: 'clock', goodSamples: 3, severity: 'warning' },
    raiseAfterS: 0,
    clearAfterS: 0,
    basis: 'judgement',
    source: {
      vi: 'Lệch quá 2 phút trong năm bản tin liên tiếp',
      en: 'Off by more than 2 minutes, five messages in a row',
    },
  },
  {
    key: 'event',
    type: 'deviceEvent',
    condition: { kind: 'event', eventType: '*', severity: 'warning' },
    raiseAfterS: 0,
    clearAfterS: 0,
    basis: 'judgement',
    source: {
      vi: 'Thiết bị tự báo gì thì hiện nấy; thiết bị có thể tự nêu mức độ',
      en: 'What a device says of itself is shown; it may name a severity of its own',
    },
  },
];

const RULES: Readonly<Record<DeviceClassId, readonly DefaultRule[]>> = {
  bts: BTS_RULES,
  link: LINK_RULES,
  vcs: VCS_RULES,
  flood: FLOOD_RULES,
};

/** The rules of every class as they are before anybody changes them: docs/ARCHITECTURE.md tells on what they rest. */
export const DEFAULT_RULES: readonly AlarmRule[] = DEVICE_CLASS_IDS.flatMap((id) =>
  [...RULES[id], ...RULES_OF_EVERY_CLASS].map((rule) => defaultRule(id, rule)),
);

/** Rules that fit only some devices of their class, by attributes that the register keeps. */
const FITS: Readonly<Record<string, (device: RegisteredDevice) => boolean>> = {
  'bts.dcVoltageV': ({ attributes }) => attributes['battery'] !== 'lithium',
  'bts.lithiumLow': ({ attributes }) => attributes['battery'] === 'lithium',
  'flood.risePlain': ({ attributes }) => attributes['terrain'] !== 'hills',
  'flood.riseHills': ({ attributes }) => attributes['terrain'] === 'hills',
};

/** Whether a class's rule makes sense for a device at all. */
export function ruleFits(key: string, device: RegisteredDevice): boolean {
  return FITS[`${device.deviceClass}.${key}`]?.(device) ?? true;
}
