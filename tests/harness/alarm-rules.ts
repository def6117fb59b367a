import { randomUUID } from 'node:crypto';
import { AlarmRulesService } from '@ioc/server/alarms/alarm-rules.service';
import type { TestConsole } from './console.js';

const BY = { personId: randomUUID(), name: 'test' };

/**
 * Raises and clears alarms after so many seconds, instead of after their rules' delays: for tests that are not about them.
 * Only rules of these types; by default those on lost connectivity. What changes again and again is not taken for flapping.
 */
export async function setAlarmDelays(
  { running }: Pick<TestConsole, 'running'>,
  seconds: { readonly raise: number; readonly clear: number },
  types: readonly string[] = ['connectivityLost'],
): Promise<void> {
  const rules = running.app.get(AlarmRulesService);
  for (const rule of rules.list(undefined)) {
    const { enabled, condition, probableCause, text, action, raiseAfterS, clearAfterS } = rule;
    const body = { enabled, condition, probableCause, text, action, raiseAfterS, clearAfterS };
    const flaps = rule.type === 'flapping' && !types.includes('flapping');
    if (!flaps && !types.includes(rule.type)) continue;
    const changed = flaps ? { enabled: false } : { raiseAfterS: seconds.raise, clearAfterS: seconds.clear };
    const outcome = await rules.save(rule.id, { ...body, ...changed }, null, BY);
    if (!outcome.ok) throw new Error(`${rule.id}: ${outcome.reason}`);
  }
}

/** As `setAlarmDelays`, with the same delay for both; what is over ends as soon. */
export function setRaiseDelays(console: Pick<TestConsole, 'running'>, seconds: number): Promise<void> {
  return setAlarmDelays(console, { raise: seconds, clear: seconds });
}
