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
    source: {
      vi: 'Bộ định tuyến khởi động lại thì có lại trong vòng 90 giây',
      en: 'A router that restarts is back within 90 s',
    },
  },
  {
    key: 'flapping',
    type: 'flapping',
    condition: {
      kind: 'flapping',
      changes: 4,
      withinS: 600,
      onPercent: 30,
      offPercent: 25,
      severity: 'warning',
      inStep: { devices: 3, withinS: 15, severity: 'major' },
    },
    raiseAfterS: 0,
    clearAfterS: 900,
    basis: 'source',
    source: {
      vi:
        'Nagios: 21 trạng thái, bật ở 30 %, tắt ở 25 %. Theo kinh nghiệm: bốn lần đổi trong 10 phút; và các đường ' +
        'truyền chập chờn cùng nhịp khi ba phần tư số lần đổi, ít nhất ba ' +
        'lần, cách nhau không quá 15 giây, tức ba chu kỳ báo',
      en:
        'Nagios: 21 states, on at 30 %, off at 25 %. Judgement: four changes in 10 minutes; and that links flap in step when three ' +
        'quarters of their changes, at least three, fall within 15 s, three reporting intervals, of each other’s',
    },
  },
  ...limitRules(link, {
    rttMs: {
      probableCause: 'degradedSignal',
      condition: {
        kind: 'limit',
        metric: 'rttMs',
        above: true,
        values: { warning: 50, minor: 150, major: 450 },
        hysteresis: 0,
        hysteresisPercent: 20,
        baseline: { severity: 'warning', times: 3, days: 7 },
      },
      source: {
        vi:
          'ITU-T G.114 và ngưỡng của các hãng họp trực tuyến; Thông tư hiện hành không nêu con số (đặt tại chỗ). ' +
          'Theo kinh nghiệm: cảnh báo khi độ trễ quá ba lần trung vị 7 ngày của chính đường ' +
          'truyền, vì đường xa vốn chậm hơn; không bao giờ dưới 50 ms',
        en:
          'ITU-T G.114, videoconference vendors’ bands; the circular in force names no number (local setting). Judgement: a link ' +
          'warns above three times its own median of 7 days, because a far one is slower at its best; never below 50 ms',
      },
    },
    lossPercent: {
      probableCause: 'degradedSignal',
      condition: {
        kind: 'limit',
        metric: 'lossPercent',
        above: true,
        values: { warning: 1, major: 5 },
        // 0.5 points below 1 %, 2 points below 5 %.
        hysteresis: 0.5,
        hysteresisPercent: 40,
        sustained: { minutes: 3, of: 5 },
      },
      raiseAfterS: 0,
      source: {
        vi:
          'Ngưỡng của các hãng họp trực tuyến: 1 % thì cảnh báo, 5 % thì hỏng cuộc họp ' +
          '(đặt tại chỗ); trong 3 của 5 phút, vì mất gói đến từng đợt',
        en: 'Videoconference vendors’ bands: 1 % warns, 5 % breaks (local setting); for 3 of 5 minutes, as losses come in bursts',
      },
    },
    jitterMs: {
      probableCause: 'degradedSignal',
      condition: {
        kind: 'limit',
        metric: 'jitterMs',
        above: true,
        values: { warning: 40, major: 100 },
        hysteresis: 0,
        hysteresisPercent: 20,
      },
    },
    loadPercent: { probableCause: 'bandwidthReduced' },
  }),
  {
    key: 'capacity',
    type: 'linkCapacity',
    condition: { kind: 'capacity', percentile: 95, days: 7, values: { minor: 90 } },
    raiseAfterS: 0,
    clearAfterS: 0,
    basis: 'law',
    source: {
      vi:
        'Thông tư 06/2026/TT-BKHCN, Điều 5.6: bách phân vị 95 của mỗi chiều ' +
        'trong 7 ngày, mẫu 5 phút; xét hằng ngày lúc 07:00',
      en: 'Circular 06/2026, Art. 5.6: 95th percentile of each direction over 7 days of 5-minute samples; daily at 07:00',
    },
  },
];
