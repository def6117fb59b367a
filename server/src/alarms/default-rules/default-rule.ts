import {
  ALARM_TYPE_DEFINITIONS,
  type AlarmRule,
  type AlarmType,
  type Basis,
  type DeviceClassId,
  type LocalizedText,
  type ProbableCause,
  type RuleCondition,
} from '@ioc/contract';

/** When the defaults were set; they change with the code, not by anybody's hand. */
export const DEFAULTS_SET_AT = '2026-01-01T00:00:00+07:00';

export interface DefaultRule {
  /** Names the rule within its class; never renamed, because overrides carry it. */
  readonly key: string;
  readonly type: AlarmType;
  readonly condition: RuleCondition;
  readonly raiseAfterS: number;
  readonly clearAfterS: number;
  readonly basis: Basis;
  readonly source: LocalizedText;
  readonly enabled?: boolean;
  readonly probableCause?: ProbableCause;
  readonly text?: LocalizedText;
  readonly action?: LocalizedText;
}

/** A class's rule as it is before anybody changes it. */
export function defaultRule(deviceClass: DeviceClassId, rule: DefaultRule): AlarmRule {
  const { label, probableCause, action } = ALARM_TYPE_DEFINITIONS[rule.type];
  return {
    id: `${deviceClass}.${rule.key}`,
    version: 0,
    deviceClass,
    key: rule.key,
    type: rule.type,
    scope: { kind: 'class' },
    enabled: rule.enabled ?? true,
    condition: rule.condition,
    raiseAfterS: rule.raiseAfterS,
    clearAfterS: rule.clearAfterS,
    probableCause: rule.probableCause ?? probableCause,
    text: rule.text ?? label,
    action: rule.action ?? action,
    basis: rule.basis,
    source: rule.source,
    updatedAt: DEFAULTS_SET_AT,
    updatedBy: null,
  };
}
