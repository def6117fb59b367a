import type { AlarmRule, RuleCondition, Severity } from '@ioc/contract';
import type { RegisteredDevice } from '../devices/registered-device.js';
import { alarmKey, type AlarmKey } from './alarm.js';
import { changesSince, flaps, noteChange, SAMPLE_MS, type Changes, type FlapRule } from './flap.js';
import { inStep } from './flaps-in-step.js';
import { lossKey, ofDevice } from './loss-alarm.js';
import type { Turn } from './turn.js';

/**
 * Follows how often devices change between up and down. While one flaps, its losses are told by that alone; several that flap in
 * step have one cause, and are worse.
 */
export class FlapWatch {
  readonly #changes = new Map<string, Changes>();
  /** Of the turn at hand: what is drafted, and which devices were found to flap in step. */
  readonly #turns = new WeakMap<Turn, FlapTurn>();

  /** Changes of before the start. */
  load(changes: readonly { readonly deviceId: string; readonly atMs: number }[]): void {
    for (const { deviceId, atMs } of changes) {
      this.#changes.set(deviceId, [...(this.#changes.get(deviceId) ?? []), atMs].slice(-MOST_LOADED));
    }
  }

  /** `flapping`: the devices whose flapping stands. Returns the changes as they are once the judgement is accepted. */
  follow(turn: Turn, flapping: ReadonlySet<string>): ReadonlyMap<string, Changes> {
    const after = new Map<string, Changes>();
    const of: FlapTurn = { after, flapping: new Set(flapping), inStep: new Map() };
    this.#turns.set(turn, of);
    const changed: (readonly [RegisteredDevice, ReadRule])[] = [];
    for (const { device, from, to } of turn.judgement.changes) {
      if (!((from === 'up' && to === 'down') || (from === 'down' && to === 'up'))) continue;
      const rule = flapRuleOf(turn.book.ruleFor(device, 'flapping'));
      if (rule === null) continue;
      after.set(device.id, noteChange(this.#changes.get(device.id) ?? [], turn.nowMs, rule.flap));
      changed.push([device, rule]);
    }
    for (const [device, rule] of changed) this.#judge(turn, of, device, rule);
    // One more that changes together with them makes others worse, too.
    if (changed.some(([{ id }]) => of.flapping.has(id))) {
      for (const id of of.flapping) this.#tell(turn, of, id);
    }
    return after;
  }

  accept(changes: ReadonlyMap<string, Changes>): void {
    for (const [id, moments] of changes) this.#changes.set(id, moments);
  }

  /** Whether it still flaps, when nothing but time has passed. */
  look(turn: Turn, deviceId: string): void {
    const device = turn.world.register.devices.get(deviceId);
    const of = this.#turns.get(turn);
    if (device === undefined || of === undefined) return;
    const rule = flapRuleOf(turn.book.ruleFor(device, 'flapping'));
    if (rule === null) this.#end(turn, device);
    else this.#judge(turn, of, device, rule);
  }

  /** Raises, keeps or ends it. */
  #judge(turn: Turn, of: FlapTurn, device: RegisteredDevice, { flap }: ReadRule): void {
    const { draft, nowMs } = turn;
    const changes = this.#changesOf(of, device.id);
    const before = draft.standingOf(alarmKey(flapKey(device))) !== null;
    if (!flaps(changes, before, flap, nowMs)) {
      of.flapping.delete(device.id);
      if (before) this.#end(turn, device);
      else if (changes.length === 0) this.#changes.delete(device.id);
      return;
    }
    turn.lookAgain('flap', device.id, nowMs + SAMPLE_MS);
    if (!of.flapping.has(device.id)) {
      of.flapping.add(device.id);
      of.inStep.clear();
    }
    this.#tell(turn, of, device.id);
  }

  /** Says how bad it is that a device flaps. */
  #tell(turn: Turn, of: FlapTurn, deviceId: string): void {
    const { draft, nowMs } = turn;
    const device = turn.world.register.devices.get(deviceId);
    const read = device === undefined ? null : flapRuleOf(turn.book.ruleFor(device, 'flapping'));
    if (device === undefined || read === null) return;
    const { rule, flap, severity, step } = read;
    const changes = this.#changesOf(of, deviceId);
    const together = step === null ? null : this.#inStep(turn, of, device, flap, step);
    const worse = step !== null && together !== null && together.has(deviceId);
    const others = worse ? together.size - 1 : 0;
    draft.want({
      ...ofDevice(device),
      type: 'flapping',
      qualifier: '',
      severity: worse ? step.severity : severity,
      probableCause: rule.probableCause,
      text: worse
        ? {
            vi: `${rule.text.vi} (cùng nhịp với ${others} thiết bị khác)`,
            en: `${rule.text.en} (in step with ${others} others)`,
          }
        : rule.text,
      action: rule.action,
      estimated: false,
      beganAtMs: changesSince(changes, nowMs - flap.withinMs)[0] ?? nowMs,
      ruleId: rule.id,
      detail: { inStep: worse },
    });
  }

  /** Which devices of its class flap in step, by its rule; found once a turn. */
  #inStep(turn: Turn, of: FlapTurn, device: RegisteredDevice, flap: FlapRule, step: InStep): ReadonlySet<string> {
    const key = `${device.deviceClass} ${flap.withinMs} ${step.devices} ${step.withinS}`;
    const known = of.inStep.get(key);
    if (known !== undefined) return known;
    const fromMs = turn.nowMs - flap.withinMs;
    const { devices } = turn.world.register;
    const flapping = new Map<string, Changes>();
    for (const id of of.flapping) {
      if (devices.get(id)?.deviceClass === device.deviceClass) {
        flapping.set(id, changesSince(this.#changesOf(of, id), fromMs));
      }
    }
    const found = inStep(flapping, { devices: step.devices, withinMs: step.withinS * 1_000 });
    of.inStep.set(key, found);
    return found;
  }

  #changesOf(of: FlapTurn, deviceId: string): Changes {
    return of.after.get(deviceId) ?? this.#changes.get(deviceId) ?? [];
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

type InStep = NonNullable<Extract<RuleCondition, { kind: 'flapping' }>['inStep']>;

interface ReadRule {
  readonly rule: AlarmRule;
  readonly flap: FlapRule;
  readonly severity: Severity;
  readonly step: InStep | null;
}

/** What one turn makes of flapping, in the making. */
interface FlapTurn {
  readonly after: ReadonlyMap<string, Changes>;
  /** Devices that flap, as far as they were judged. */
  readonly flapping: Set<string>;
  /** By what it was found with. */
  readonly inStep: Map<string, ReadonlySet<string>>;
}

function flapRuleOf(rule: AlarmRule | null): ReadRule | null {
  if (rule === null || !rule.enabled || rule.condition.kind !== 'flapping') return null;
  const { changes, withinS, onPercent, offPercent, severity, inStep: step } = rule.condition;
  return {
    rule,
    severity,
    step: step ?? null,
    flap: { changes, withinMs: withinS * 1_000, onPercent, offPercent, quietMs: rule.clearAfterS * 1_000 },
  };
}
