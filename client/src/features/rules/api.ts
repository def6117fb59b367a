import { ENDPOINTS, type AlarmRule, type AlarmRuleBody, type RuleScope } from '@ioc/contract';
import { call } from '../../live/api.js';

export function fetchRules(signal?: AbortSignal) {
  return call(ENDPOINTS.listAlarmRules, { signal });
}

export function fetchVersions(id: string, signal: AbortSignal) {
  return call(ENDPOINTS.getAlarmRuleVersions, { params: { id }, signal });
}

/** What the rule would raise and clear now; saves nothing. */
export function previewRule({ deviceClass, key }: AlarmRule, scope: RuleScope, rule: AlarmRuleBody) {
  return call(ENDPOINTS.previewAlarmRule, { body: { deviceClass, key, scope, rule } });
}

export function saveRule({ id, version }: AlarmRule, rule: AlarmRuleBody) {
  return call(ENDPOINTS.saveAlarmRule, { params: { id }, ifMatch: version, body: rule });
}

export function overrideRule({ deviceClass, key }: AlarmRule, scope: RuleScope, rule: AlarmRuleBody) {
  return call(ENDPOINTS.overrideAlarmRule, { body: { deviceClass, key, scope, rule } });
}

/** Takes an override away, or sets a class's rule back to its default. */
export function removeRule({ id, version }: AlarmRule) {
  return call(ENDPOINTS.removeAlarmRule, { params: { id }, ifMatch: version });
}
