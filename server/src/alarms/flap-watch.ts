import type { AlarmRule, Severity } from '@ioc/contract';
import type { RegisteredDevice } from '../devices/registered-device.js';
import { alarmKey, type AlarmKey } from './alarm.js';
import { flaps, noteChange, SAMPLE_MS, type Changes, type FlapRule } from './flap.js';
import { lossKey, ofDevice } from './loss-alarm.js';
import type { Turn } from './turn.js';

/** Follows how often devices change between up and down. While one flaps, its losses are told by that alone. */
export class FlapWatch {
  readonly #changes = new Map<string, Changes>();

  /** Changes of before the start. */
  load(changes: readonly { readonly deviceId: string; readonly atMs: number }[]): void {
    for (const { deviceId, atMs } of changes) {
      this.#changes.set(deviceId, [...(this.#changes.get(deviceId) ?? []), atMs].slice(-MOST_LOADED));
    }
  }

  /** Returns the changes as they are once the judgement is accepted. */
  follow(turn: Turn): ReadonlyMap<string, Changes> {
    const after = new Map<string, Changes>();
    for (const { device, from, to } of turn.judgement.changes) {
      if (!((from === 'up' && to === 'down') || (from === 'down' && to === 'up'))) continue;
      const rule = flapRuleOf(turn.book.ruleFor(device, 'flapping'));
      if (rule === null) continue;
      after.set(device.id, noteChange(this.#changes.get(device.id) ?? [], turn.nowMs, rule.flap));
      this.#judge(turn, device, rule, after.get(device.id) ?? []);
    }
    return after;
  }

  accept(changes: ReadonlyMap<string, Changes>): void {
    for (const [id, moments] of changes) this.#changes.set(id, moments);
  }

  /** Whether it still flaps, when nothing but time has passed. */
  look(turn: Turn, deviceId: string): void {
    const device = turn.world.register.devices.get(deviceId);
    if (device === undefined) return;
    const rule = flapRuleOf(turn.book.ruleFor(device, 'flapping'));
    if (rule === null) this.#end(turn, device);
    else this.#judge(turn, device, rule, this.#changes.get(deviceId) ?? []);
  }

  #judge(turn: Turn, device: RegisteredDevice, { rule, flap, severity }: ReadRule, changes: Changes): void {
    const { draft, nowMs } = turn;
    const before = draft.standingOf(alarmKey(flapKey(device))) !== null;
    if (!flaps(changes, before, flap, nowMs)) {
      if (before) this.#end(turn, device);
      else if (changes.length === 0) this.#changes.delete(device.id);
      return;
    }
    turn.lookAgain('flap', device.id, nowMs + SAMPLE_MS);
    if (before) return;
    draft.want({
      ...ofDevice(device),
      type: 'flapping',
      qualifier: '',
      severity,
      probableCause: rule.probableCause,
      text: rule.text,
      action: rule.action,
      estimated: false,
      beganAtMs: changes.find((moment) => moment > nowMs - flap.withinMs) ?? nowMs,
      ruleId: rule.id,
      detail: { changes: changes.length },
    });
  }

  /** Whatever it came to rest at counts from now on. */
  #end(turn: Turn, device: RegisteredDevice): void {
    const { draft } = turn;
    draft.clear(flapKey(device));
    const loss = draft.standingOf(alarmKey(lossKey(device)));
    if (loss?.suppression === 'flapping') draft.suppress(loss, null, 'flappingEnded');
  }
}

export function flapKey(device: RegisteredDevice): AlarmKey {
  return { resource: { kind: 'device', id: device.id }, type: 'flapping', qualifier: '' };
}

const MOST_LOADED = 64;

interface ReadRule {
  readonly rule: AlarmRule;
  readonly flap: FlapRule;
  readonly severity: Severity;
}

function flapRuleOf(rule: AlarmRule | null): ReadRule | null {
  if (rule === null || !rule.enabled || rule.condition.kind !== 'flapping') return null;
  const { changes, withinS, onPercent, offPercent, severity } = rule.condition;
  return {
    rule,
    severity,
    flap: { changes, withinMs: withinS * 1_000, onPercent, offPercent, quietMs: rule.clearAfterS * 1_000 },
  };
}
