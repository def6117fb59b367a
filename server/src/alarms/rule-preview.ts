import type { AlarmRule, RulePreview, Severity } from '@ioc/contract';
import type { DeviceState } from '../connectivity/device-state.js';
import type { Register, RegisteredDevice } from '../devices/registered-device.js';
import { takesPart, type MeetingRecord } from '../meetings/meeting.js';
import { readinessOf, saysRegistered } from '../meetings/registration.js';
import type { Reading } from '../readings/reading.js';
import { alarmKey, type AlarmKey, type AlarmRecord } from './alarm.js';
import { readingRule } from './conditions/reading-rules.js';
import type { RuleSurroundings } from './conditions/reading-rule.js';
import type { Track } from './conditions/track.js';
import { ruleFits } from './default-rules/default-rules.js';
import { meetingKey, severityAt } from './meeting-alarm.js';
import { alarmOfRule } from './reading-watch.js';
import type { RuleBook } from './rule-book.js';

/** What a preview looks at: everything as it is now. */
export interface PreviewWorld {
  readonly register: Register;
  readonly nowMs: number;
  latestOf(deviceId: string): Reading | null;
  stateOf(deviceId: string): DeviceState;
  standingOf(key: string): AlarmRecord | null;
  trackOf(device: RegisteredDevice, ruleKey: string): Track | null;
  lossSeverityOf(device: RegisteredDevice): Severity | null;
  readonly around: RuleSurroundings;
  /** Those that run or come. */
  readonly meetings: readonly MeetingRecord[];
}

const MOST_SHOWN = 500;

/**
 * What a rule would raise and clear if it were saved now and nothing changed for as long as it waits: judged by the newest
 * reading of every device that it would count for, without its delays.
 */
export function previewRule(rule: AlarmRule, book: RuleBook, world: PreviewWorld): RulePreview {
  const after = book.with(rule);
  const immediate: AlarmRule = { ...rule, raiseAfterS: 0, clearAfterS: 0 };
  const raised: {
    deviceId: string;
    deviceName: string;
    communeCode: string;
    severity: Severity;
    value: number | null;
  }[] = [];
  let devices = 0;
  let wouldRaise = 0;
  let wouldClear = 0;
  for (const device of world.register.devices.values()) {
    if (device.deviceClass !== rule.deviceClass || !ruleFits(rule.key, device)) continue;
    if (after.ruleFor(device, rule.key)?.id !== rule.id) continue;
    devices += 1;
    for (const { key, found } of findingsOf(immediate, device, world)) {
      const standing = world.standingOf(alarmKey(key));
      if (found !== null && standing === null) {
        wouldRaise += 1;
        if (raised.length >= MOST_SHOWN) continue;
        const { id: deviceId, name: deviceName, communeCode } = device;
        raised.push({ deviceId, deviceName, communeCode, ...found });
      } else if (found === null && standing !== null) {
        wouldClear += 1;
      }
    }
  }
  return { devices, wouldRaise, wouldClear, raised };
}

interface Found {
  readonly severity: Severity;
  readonly value: number | null;
}

/** The alarms that a rule may raise on a device, and how each would be; null: it would not be. */
function findingsOf(
  rule: AlarmRule,
  device: RegisteredDevice,
  world: PreviewWorld,
): readonly { readonly key: AlarmKey; readonly found: Found | null }[] {
  const { condition } = rule;
  if (condition.kind !== 'meeting') {
    const found = rule.enabled ? verdictOf(rule, device, world) : null;
    return [{ key: alarmOfRule(device, rule), found }];
  }
  const said = world.latestOf(device.id)?.metrics;
  const ready = readinessOf(world.stateOf(device.id), said === undefined ? null : saysRegistered(said));
  const missing = rule.enabled && (ready === 'lost' || ready === 'notRegistered');
  return world.meetings
    .filter((meeting) => takesPart(meeting, device.communeCode))
    .map((meeting) => {
      const severity = missing ? severityAt(condition, meeting, world.nowMs) : null;
      return { key: meetingKey(device, meeting.id), found: severity === null ? null : { severity, value: null } };
    });
}

function verdictOf(rule: AlarmRule, device: RegisteredDevice, world: PreviewWorld): Found | null {
  const { condition } = rule;
  const state = world.stateOf(device.id);
  switch (condition.kind) {
    case 'connectivity': {
      const severity = state.outage === null ? null : world.lossSeverityOf(device);
      return severity === null ? null : { severity, value: null };
    }
    case 'absence': {
      const silentMs = state.heardAtMs === null ? 0 : world.nowMs - state.heardAtMs;
      const silent = state.connectivity === 'stale' && state.servedAtMs !== null;
      if (!silent && silentMs < condition.intervals * device.reportingIntervalMs) return null;
      return { severity: condition.severity, value: null };
    }
    case 'event':
    case 'flapping':
    case 'capacity':
    case 'meeting':
      return null;
    case 'limit':
    case 'rate':
    case 'batteryTime':
    case 'riverLevel':
    case 'riverForecast':
    case 'stuck':
    case 'jump':
    case 'clock':
      break;
  }
  const compiled = readingRule(rule);
  const reading = world.latestOf(device.id);
  if (compiled === null || reading === null) return null;
  // What is remembered of samples and stages counts; that of limits is judged anew.
  const before = world.trackOf(device, rule.key);
  const remembered = before === null ? null : { ...before, levels: null };
  const samples = remembered !== null && remembered.samples.length > 0 ? remembered : null;
  const kept = condition.kind === 'limit' ? null : (samples ?? remembered);
  const track = compiled.follow(kept, reading, world.around);
  const verdict = compiled.verdict(track, device, world.around);
  if (verdict === null) return null;
  const metric = 'metric' in condition ? reading.metrics[condition.metric] : undefined;
  return { severity: verdict.severity, value: typeof metric === 'number' ? metric : null };
}
