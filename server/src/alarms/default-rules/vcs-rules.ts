import { vcs, type RuleCondition } from '@ioc/contract';
import type { DefaultRule } from './default-rule.js';
import { limitRules, type LimitOverride } from './limit-rules.js';

type Hysteresis = { readonly hysteresis: number; readonly hysteresisPercent?: number };
/** A fifth of each limit. */
const FIFTH: Hysteresis = { hysteresis: 0, hysteresisPercent: 20 };

/** The figures of a call mean something only while there is one. */
function inCall(metric: string, warning: number, major: number, hysteresis: Hysteresis): LimitOverride {
  const condition: RuleCondition = {
    kind: 'limit',
    metric,
    above: true,
    values: { warning, major },
    ...hysteresis,
    also: { metric: 'inCall', above: true, value: 0.5, hysteresis: 0 },
  };
  return { condition, probableCause: 'degradedSignal' };
}

/** Videoconference endpoints. With no meeting near they are switched off, and nobody has to act. */
export const VCS_RULES: readonly DefaultRule[] = [
  {
    key: 'lost',
    type: 'connectivityLost',
    condition: { kind: 'connectivity' },
    raiseAfterS: 60,
    clearAfterS: 60,
    basis: 'judgement',
    source: {
      vi: 'Rớt khỏi cuộc họp quá một phút; ngoài giờ họp không phải cảnh báo',
      en: 'Dropped in a meeting for longer than a minute; outside a meeting there is no alarm',
    },
    text: { vi: 'Rớt khỏi cuộc họp', en: 'Dropped in a meeting' },
    action: {
      vi: 'Gọi bộ phận kỹ thuật của xã; xem đường truyền TSLCD của xã.',
      en: 'Call the commune’s technician; look at the commune’s access link.',
    },
  },
  {
    key: 'meeting',
    type: 'meetingNotReady',
    condition: { kind: 'meeting', minutes: { warning: 60, minor: 30, major: 10 }, droppedAfterS: 60 },
    raiseAfterS: 60,
    clearAfterS: 60,
    basis: 'judgement',
    source: {
      vi: 'Chưa đăng ký trước giờ họp 60, 30 và 10 phút, hoặc rớt khi đang họp; không gần giờ họp thì không phải cảnh báo',
      en: 'Not registered 60, 30 and 10 minutes before a meeting, or dropped in one; with no meeting near it is no alarm',
    },
  },
  ...limitRules(vcs, {
    rttMs: inCall('rttMs', 150, 450, FIFTH),
    lossPercent: inCall('lossPercent', 1, 5, { hysteresis: 0.5 }),
    jitterMs: inCall('jitterMs', 40, 100, FIFTH),
  }),
];
