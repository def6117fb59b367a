import { Injectable } from '@nestjs/common';
import { alarmRuleBody, type AlarmRule, type AlarmRuleBody, type RuleScope } from '@ioc/contract';
import type { Tx } from '../platform/database/database.js';
import { DEFAULT_BY_ID } from './rule-book.js';

const COLUMNS = `
  rule_id, version, device_class, key, scope_kind, scope_id, removed, body, saved_by_name,
  (extract(epoch from saved_at) * 1000)::float8 as saved_ms`;

const LOAD = `select distinct on (rule_id) ${COLUMNS} from alarm_rule_version order by rule_id, version desc`;
const NEWEST = `select ${COLUMNS} from alarm_rule_version where rule_id = $1 order by version desc limit 1`;
const VERSIONS = `select ${COLUMNS} from alarm_rule_version where rule_id = $1 order by version desc limit $2`;

const INSERT = `
  insert into alarm_rule_version
    (rule_id, version, device_class, key, scope_kind, scope_id, removed, body, saved_at, saved_by, saved_by_name)
  values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, to_timestamp($9::float8 / 1000), $10, $11)`;

// Two people who save at once must see each other's version.
const LOCK = `select pg_advisory_xact_lock(hashtext('alarm_rule_version'))`;

/** Every statement; a test prepares each of them. */
export const ALARM_RULES_STATEMENTS: readonly string[] = [LOAD, NEWEST, VERSIONS, INSERT, LOCK];

interface VersionRow {
  readonly rule_id: string;
  readonly version: number;
  readonly device_class: AlarmRule['deviceClass'];
  readonly key: string;
  readonly scope_kind: RuleScope['kind'];
  readonly scope_id: string | null;
  readonly removed: boolean;
  readonly body: unknown;
  readonly saved_by_name: string;
  readonly saved_ms: number;
}
type Row = { [K in keyof VersionRow]: VersionRow[K] };

/** One version of a rule; removed: from then on the default, or the wider scope, counts. */
export interface SavedVersion {
  readonly rule: AlarmRule;
  readonly removed: boolean;
}

@Injectable()
export class AlarmRulesRepository {
  /** The newest version of everything that was ever changed. */
  async load(tx: Tx): Promise<readonly SavedVersion[]> {
    return (await tx.query<Row>(LOAD)).flatMap((row) => versionOf(row) ?? []);
  }

  async newest(tx: Tx, ruleId: string): Promise<SavedVersion | null> {
    const [row] = await tx.query<Row>(NEWEST, [ruleId]);
    return row === undefined ? null : versionOf(row);
  }

  /** Newest first. */
  async versions(tx: Tx, ruleId: string, limit: number): Promise<readonly SavedVersion[]> {
    return (await tx.query<Row>(VERSIONS, [ruleId, limit])).flatMap((row) => versionOf(row) ?? []);
  }

  async lock(tx: Tx): Promise<void> {
    await tx.query(LOCK);
  }

  async insert(
    tx: Tx,
    { rule, removed }: SavedVersion,
    by: { readonly personId: string; readonly name: string },
    atMs: number,
  ): Promise<void> {
    const { id, version, deviceClass, key, scope } = rule;
    const scopeId = scope.kind === 'class' ? null : scope.id;
    const body = JSON.stringify(bodyOf(rule));
    await tx.execute(INSERT, [
      id,
      version,
      deviceClass,
      key,
      scope.kind,
      scopeId,
      removed,
      body,
      atMs,
      by.personId,
      by.name,
    ]);
  }
}

export function bodyOf(rule: AlarmRule): AlarmRuleBody {
  const { enabled, condition, raiseAfterS, clearAfterS, probableCause, text, action } = rule;
  return { enabled, condition, raiseAfterS, clearAfterS, probableCause, text, action };
}

/** Null: of a rule that this version of the console does not have any more. */
function versionOf(row: VersionRow): SavedVersion | null {
  const ofClass = DEFAULT_BY_ID.get(`${row.device_class}.${row.key}`);
  const body = alarmRuleBody.safeParse(row.body);
  if (ofClass === undefined || !body.success) return null;
  const scope: RuleScope =
    row.scope_kind === 'class' ? { kind: 'class' } : { kind: row.scope_kind, id: row.scope_id ?? '' };
  const rule: AlarmRule = {
    ...ofClass,
    ...body.data,
    id: row.rule_id,
    version: row.version,
    scope,
    updatedAt: new Date(row.saved_ms).toISOString(),
    updatedBy: row.saved_by_name,
  };
  return { rule, removed: row.removed };
}
