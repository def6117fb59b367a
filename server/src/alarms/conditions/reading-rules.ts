import type { AlarmRule } from '@ioc/contract';
import { batteryTimeRule } from './battery-time.js';
import { clockRule } from './clock.js';
import { jumpRule } from './jump.js';
import { limitRule } from './limit.js';
import { meetingRule } from './meeting.js';
import { rainMemory } from './rain-memory.js';
import { rateRule } from './rate.js';
import type { ReadingRule } from './reading-rule.js';
import { riverForecastRule } from './river-forecast.js';
import { riverLevelRule } from './river-level.js';
import { stuckRule } from './stuck.js';
import { sustainedLimitRule } from './sustained-limit.js';

/** The rule as it judges readings; null for one that only something else judges: events, connectivity, a daily sum. */
export function readingRule(rule: AlarmRule): ReadingRule | null {
  const { condition } = rule;
  switch (condition.kind) {
    case 'limit':
      if (condition.sustained !== undefined) return sustainedLimitRule(rule, condition, condition.sustained);
      return limitRule(rule, condition);
    case 'rate':
      return rateRule(rule, condition);
    case 'batteryTime':
      return batteryTimeRule(rule, condition);
    case 'riverLevel':
      return riverLevelRule(rule, condition);
    case 'riverForecast':
      return riverForecastRule(rule, condition);
    case 'stuck':
      return stuckRule(rule, condition);
    case 'jump':
      return jumpRule(rule, condition);
    case 'clock':
      return clockRule(rule, condition);
    case 'meeting':
      return meetingRule(rule);
    case 'absence':
      return rainMemory(rule, condition);
    case 'connectivity':
    case 'event':
    case 'flapping':
    case 'capacity':
      return null;
  }
}
