import { vcs, type RuleCondition } from '@ioc/contract';
import type { DefaultRule } from './default-rule.js';
import { limitRules, type LimitOverride } from './limit-rules.js';

/** The figures of a call mean something only while there is one. */
function inCall(metric: string, warning: number, major: number, hysteresis: number): LimitOverride {
  const condition: RuleCondition = {
    kind: 'limit',
    metric,
    above: true,
    values: { warning, major },
    hysteresis,
    also: { metric: 'inCall', above: true, value: 0.5, hysteresis: 0 },
  };
  return { condition, probableCause: 'degradedSignal' };
}

/** Videoconference endpoints. Outside a meeting they are switched off, and nobody has to act. */
export const VCS_RULES: readonly DefaultRule[] = [
  {
    key: 'lost',
    type: 'connectivityLost',
    condition: { kind: 'connectivity' },
    raiseAfterS: 60,
    clearAfterS: 60,
    basis: 'judgement',
    source: 'Dropped in a meeting for longer than a minute; outside a meeting there is no alarm',
    text: { vi: 'Rớt khỏi cuộc họp', en: 'Dropped in a meeting' },
    action: {
      vi: 'Gọi bộ phận kỹ thuật của xã; xem đường truyền TSLCD của xã.',
      en: 'Call the commune’s technician; look at the commune’s access link.',
    },
  },
  ...limitRules(vcs, {
    rttMs: inCall('rttMs', 150, 450, 30),
    lossPercent: inCall('lossPercent', 1, 5, 0.5),
    jitterMs: inCall('jitterMs', 40, 100, 8),
  }),
];
