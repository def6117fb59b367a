import { Inject, Injectable } from '@nestjs/common';
import type { AlarmRule, AlarmRuleBody, Clock, DeviceClassId, RuleScope } from '@ioc/contract';
import { AuditService } from '../access/audit.service.js';
import { DevicesService } from '../devices/devices.service.js';
import { Database, type Tx } from '../platform/database/database.js';
import { CLOCK } from '../platform/platform.module.js';
import { AlarmRulesRepository } from './alarm-rules.repository.js';
import { DEFAULT_BY_ID, RuleBook, ruleId } from './rule-book.js';
import { checkRule, checkScope, type RuleIssue } from './rule-check.js';

export interface RuleDraft {
  readonly deviceClass: DeviceClassId;
  readonly key: string;
  readonly scope: RuleScope;
  readonly rule: AlarmRuleBody;
}

export type RuleRefusal =
  | { readonly ok: false; readonly reason: 'not-found' | 'exists' | 'default' }
  | { readonly ok: false; readonly reason: 'stale'; readonly version: number }
  | { readonly ok: false; readonly reason: 'bad-rule'; readonly issues: readonly RuleIssue[] };
export type RuleOutcome = { readonly ok: true; readonly rule: AlarmRule } | RuleRefusal;

type Person = { readonly personId: string; readonly name: string };
const MOST_VERSIONS = 100;

/** The rules by which alarms are raised: defaults from the code, and what people made of them, every version kept. */
@Injectable()
export class AlarmRulesService {
  #book = new RuleBook();
  #onChanged: () => void = () => undefined;

  constructor(
    private readonly database: Database,
    private readonly repository: AlarmRulesRepository,
    private readonly devices: DevicesService,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** `onChanged`: people changed a rule; the book is another one from now on. */
  async start(onChanged: () => void): Promise<void> {
    this.#onChanged = onChanged;
    this.#book = await this.#load();
  }

  /** The rules that count; immutable, replaced as a whole. */
  book(): RuleBook {
    return this.#book;
  }

  list(deviceClass: DeviceClassId | undefined): readonly AlarmRule[] {
    return [...this.#book.rules.values()].filter(
      (rule) => deviceClass === undefined || rule.deviceClass === deviceClass,
    );
  }

  /** A rule as it would be, checked; nothing is saved. */
  draft({ deviceClass, key, scope, rule }: RuleDraft): RuleOutcome {
    const ofClass = DEFAULT_BY_ID.get(`${deviceClass}.${key}`);
    if (ofClass === undefined) return { ok: false, reason: 'not-found' };
    const register = this.devices.register();
    const issues = [
      ...checkRule(deviceClass, rule, ofClass.condition),
      ...(scope.kind === 'class' ? [] : checkScope(deviceClass, scope, register)),
    ];
    if (issues.length > 0) return { ok: false, reason: 'bad-rule', issues };
    return { ok: true, rule: { ...ofClass, ...rule, id: ruleId(deviceClass, key, scope), scope } };
  }

  /** Changes a rule that is there; the version before stays. */
  async save(id: string, body: AlarmRuleBody, version: number | null, by: Person): Promise<RuleOutcome> {
    const present = this.#book.rules.get(id);
    if (present === undefined) return { ok: false, reason: 'not-found' };
    const { deviceClass, key, scope } = present;
    const drafted = this.draft({ deviceClass, key, scope, rule: body });
    if (!drafted.ok) return drafted;
    return this.#write(drafted.rule, by, (newest) => {
      const now = newest ?? 0;
      return version === null || version === now ? null : { ok: false, reason: 'stale', version: now };
    });
  }

  /** A rule of a narrower scope, in place of the class's. */
  async override(drafted: RuleDraft, by: Person): Promise<RuleOutcome> {
    const issues = checkScope(drafted.deviceClass, drafted.scope, this.devices.register());
    if (issues.length > 0) return { ok: false, reason: 'bad-rule', issues };
    const checked = this.draft(drafted);
    if (!checked.ok) return checked;
    if (this.#book.rules.has(checked.rule.id)) return { ok: false, reason: 'exists' };
    return this.#write(checked.rule, by, () => null);
  }

  /** Takes an override away, or sets a class's rule back to its default. */
  async remove(id: string, version: number | null, by: Person): Promise<RuleOutcome> {
    const present = this.#book.rules.get(id);
    if (present === undefined) return { ok: false, reason: 'not-found' };
    if (present.updatedBy === null) return { ok: false, reason: 'default' };
    const outcome = await this.database.transaction(async (tx): Promise<RuleOutcome> => {
      await this.repository.lock(tx);
      const newest = await this.repository.newest(tx, id);
      if (newest === null || newest.removed) return { ok: false, reason: 'not-found' };
      if (version !== null && version !== newest.rule.version) {
        return { ok: false, reason: 'stale', version: newest.rule.version };
      }
      const rule = { ...newest.rule, version: newest.rule.version + 1 };
      await this.repository.insert(tx, { rule, removed: true }, by, this.clock.now());
      await this.#record(tx, 'alarm-rule:removed', rule, by);
      return { ok: true, rule };
    });
    if (outcome.ok) await this.#reload();
    return outcome;
  }

  /** What a rule was, newest first; null when there never was such a rule. */
  async versions(id: string): Promise<readonly AlarmRule[] | null> {
    const saved = await this.repository.versions(this.database, id, MOST_VERSIONS);
    const standard = DEFAULT_BY_ID.get(id);
    if (saved.length === 0 && standard === undefined) return null;
    const rules = saved.map(({ rule, removed }) => {
      // Set back: from then on it was the default again.
      return removed && standard !== undefined ? asOf(standard, rule) : rule;
    });
    return [...rules, ...(standard === undefined ? [] : [standard])].slice(0, MOST_VERSIONS);
  }

  async #write(
    rule: AlarmRule,
    by: Person,
    refuse: (newest: number | null) => RuleRefusal | null,
  ): Promise<RuleOutcome> {
    const nowMs = this.clock.now();
    const outcome = await this.database.transaction(async (tx): Promise<RuleOutcome> => {
      await this.repository.lock(tx);
      const newest = await this.repository.newest(tx, rule.id);
      const refusal = refuse(newest?.rule.version ?? null);
      if (refusal !== null) return refusal;
      const saved: AlarmRule = {
        ...rule,
        version: (newest?.rule.version ?? 0) + 1,
        updatedAt: new Date(nowMs).toISOString(),
        updatedBy: by.name,
      };
      await this.repository.insert(tx, { rule: saved, removed: false }, by, nowMs);
      await this.#record(tx, 'alarm-rule:saved', saved, by);
      return { ok: true, rule: saved };
    });
    if (outcome.ok) await this.#reload();
    return outcome;
  }

  async #reload(): Promise<void> {
    this.#book = await this.#load();
    this.#onChanged();
  }

  async #load(): Promise<RuleBook> {
    const saved = await this.repository.load(this.database);
    return new RuleBook(
      saved.flatMap(({ rule, removed }) => {
        if (!removed) return [rule];
        const standard = DEFAULT_BY_ID.get(rule.id);
        // Its version goes on counting, so that an old page cannot save over the default.
        return standard === undefined ? [] : [{ ...standard, version: rule.version }];
      }),
    );
  }

  #record(tx: Tx, action: 'alarm-rule:saved' | 'alarm-rule:removed', rule: AlarmRule, by: Person): Promise<void> {
    const detail = { version: rule.version };
    return this.audit.record({ actor: `${by.name} (${by.personId})`, action, subject: rule.id, detail }, tx);
  }
}

function asOf(standard: AlarmRule, removed: AlarmRule): AlarmRule {
  return { ...standard, version: removed.version, updatedAt: removed.updatedAt, updatedBy: removed.updatedBy };
}
