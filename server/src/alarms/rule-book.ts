import type { AlarmRule, RuleScope } from '@ioc/contract';
import type { RegisteredDevice } from '../devices/registered-device.js';
import { DEFAULT_RULES, ruleFits } from './default-rules/default-rules.js';

/** `bts.lost` · `bts.lost@owner:VNPT`: which rule, and where it takes the wider one's place. */
export function ruleId(deviceClass: string, key: string, scope: RuleScope): string {
  return scope.kind === 'class' ? `${deviceClass}.${key}` : `${deviceClass}.${key}@${scope.kind}:${scope.id}`;
}

/** One rule of a class with everything that overrides it. */
interface Chapter {
  ofClass: AlarmRule;
  readonly byOwner: Map<string, AlarmRule>;
  readonly byCommune: Map<string, AlarmRule>;
  readonly byDevice: Map<string, AlarmRule>;
}

/** Every rule that counts, immutable: a saved rule makes a new book. */
export class RuleBook {
  readonly rules: ReadonlyMap<string, AlarmRule>;
  readonly #chapters = new Map<string, Map<string, Chapter>>();

  /** `saved`: the newest versions of what people changed; the others are the defaults. */
  constructor(saved: readonly AlarmRule[] = []) {
    const rules = new Map(DEFAULT_RULES.map((rule) => [rule.id, rule]));
    for (const rule of saved) rules.set(rule.id, rule);
    this.rules = rules;
    for (const rule of rules.values()) {
      if (rule.scope.kind !== 'class') continue;
      const chapters = this.#chapters.get(rule.deviceClass) ?? new Map<string, Chapter>();
      this.#chapters.set(rule.deviceClass, chapters);
      chapters.set(rule.key, { ofClass: rule, byOwner: new Map(), byCommune: new Map(), byDevice: new Map() });
    }
    for (const rule of rules.values()) this.#file(rule);
  }

  /** The rule that counts for a device: the device's before its commune's before its owner's before its class's. */
  ruleFor(device: RegisteredDevice, key: string): AlarmRule | null {
    const chapter = this.#chapters.get(device.deviceClass)?.get(key);
    return chapter === undefined ? null : narrowest(chapter, device);
  }

  /** All that are in force for a device. */
  rulesFor(device: RegisteredDevice): readonly AlarmRule[] {
    const found: AlarmRule[] = [];
    for (const [key, chapter] of this.#chapters.get(device.deviceClass) ?? []) {
      const rule = narrowest(chapter, device);
      if (rule.enabled && ruleFits(key, device)) found.push(rule);
    }
    return found;
  }

  /** The book with another rule, or with another version of one. */
  with(rule: AlarmRule): RuleBook {
    return new RuleBook([...this.saved().filter(({ id }) => id !== rule.id), rule]);
  }

  /** The book without what people made of a rule. */
  without(id: string): RuleBook {
    return new RuleBook(this.saved().filter((rule) => rule.id !== id));
  }

  saved(): readonly AlarmRule[] {
    return [...this.rules.values()].filter((rule) => DEFAULT_BY_ID.get(rule.id) !== rule);
  }

  #file(rule: AlarmRule): void {
    const chapter = this.#chapters.get(rule.deviceClass)?.get(rule.key);
    if (chapter === undefined) return;
    switch (rule.scope.kind) {
      case 'class':
        chapter.ofClass = rule;
        break;
      case 'owner':
        chapter.byOwner.set(rule.scope.id, rule);
        break;
      case 'commune':
        chapter.byCommune.set(rule.scope.id, rule);
        break;
      case 'device':
        chapter.byDevice.set(rule.scope.id, rule);
        break;
    }
  }
}

export const DEFAULT_BY_ID: ReadonlyMap<string, AlarmRule> = new Map(DEFAULT_RULES.map((rule) => [rule.id, rule]));

function narrowest(chapter: Chapter, device: RegisteredDevice): AlarmRule {
  return (
    chapter.byDevice.get(device.id) ??
    chapter.byCommune.get(device.communeCode) ??
    chapter.byOwner.get(device.owner) ??
    chapter.ofClass
  );
}
