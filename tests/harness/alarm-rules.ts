import { randomUUID } from 'node:crypto';
import { AlarmRulesService } from '@ioc/server/alarms/alarm-rules.service';
import type { TestConsole } from './console.js';

const BY = { personId: randomUUID(), name: 'test' };

/**
 * Raises and clears alarms after so many seconds, instead of after their rules' delays: for tests that are not about them.
 * Only rules of these types; by default those on lost connectivity.
 */
export async function setAlarmDelays(
  { running }: Pick<TestConsole, 'running'>,
  seconds: { readonly raise: number; readonly clear: number },
  types: readonly string[] = ['connectivityLost'],
): Promise<void> {
  const rules = running.app.get(AlarmRulesService);
  for (const rule of rules.list(undefined)) {
    if (!types.includes(rule.type)) continue;
    const { enabled, condition, probableCause, text, action } = rule;
    const body = {
      enabled,
      condition,
      probableCause,
      text,
      action,
      raiseAfterS: seconds.raise,
      clearAfterS: seconds.clear,
    };
    const outcome = await rules.save(rule.id, body, null, BY);
    if (!outcome.ok) throw new Error(`${rule.id}: ${outcome.reason}`);
  }
}

/** As `setAlarmDelays`, for the raising only; what is over ends as soon. */
export function setRaiseDelays(console: Pick<TestConsole, 'running'>, seconds: number): Promise<void> {
  return setAlarmDelays(console, { raise: seconds, clear: seconds });
}
