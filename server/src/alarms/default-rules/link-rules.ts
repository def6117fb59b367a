import { link } from '@ioc/contract';
import type { DefaultRule } from './default-rule.js';
import { limitRules } from './limit-rules.js';

/** Access links of communes. */
export const LINK_RULES: readonly DefaultRule[] = [
  {
    key: 'lost',
    type: 'connectivityLost',
    condition: { kind: 'connectivity' },
    raiseAfterS: 90,
    clearAfterS: 180,
    basis: 'judgement',
    source: 'A router that restarts is back within 90 s',
  },
  {
    key: 'flapping',
    type: 'flapping',
    condition: { kind: 'flapping', changes: 4, withinS: 600, onPercent: 30, offPercent: 25, severity: 'warning' },
    raiseAfterS: 0,
    clearAfterS: 900,
    basis: 'source',
    source: 'Nagios: 21 states, on at 30 %, off at 25 %; four changes in 10 minutes: judgement',
  },
  ...limitRules(link, {
    rttMs: { probableCause: 'degradedSignal' },
    lossPercent: { probableCause: 'degradedSignal' },
    jitterMs: { probableCause: 'degradedSignal' },
    loadPercent: { probableCause: 'bandwidthReduced' },
  }),
  {
    key: 'capacity',
    type: 'linkCapacity',
    condition: { kind: 'capacity', percentile: 95, days: 7, values: { minor: 90 } },
    raiseAfterS: 0,
    clearAfterS: 0,
    basis: 'law',
    source:
      'Circular 06/2026, Art. 5.6: 95th percentile of each direction over 7 days of 5-minute samples; daily at 07:00',
  },
];
