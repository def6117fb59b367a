import { flood } from '@ioc/contract';
import type { DefaultRule } from './default-rule.js';
import { limitRules } from './limit-rules.js';

const RIVER_RISE = { kind: 'rate', metric: 'levelM', hysteresisPercent: 30, overS: 1_800, minSamples: 3 } as const;

/** Flood-warning sensors: river level, rain, and the sensors themselves. */
export const FLOOD_RULES: readonly DefaultRule[] = [
  {
    key: 'lost',
    type: 'connectivityLost',
    condition: { kind: 'connectivity' },
    raiseAfterS: 60,
    clearAfterS: 120,
    basis: 'judgement',
    source: {
      vi:
        'Bản tin cuối (last will) của chính trạm đo; im lặng mà không có bản ' +
        'tin này thì theo luật về trạm đo không gửi số liệu',
      en: 'Its own last will; silence without one is the rule on silent gauges',
    },
  },
  {
    key: 'silent',
    type: 'gaugeSilent',
    condition: {
      kind: 'absence',
      intervals: 3,
      severity: 'warning',
      inFlood: { intervals: 2, severity: 'major', rainMm: 50, rainOverS: 6 * 3_600 },
    },
    raiseAfterS: 0,
    clearAfterS: 0,
    basis: 'judgement',
    source: {
      vi:
        'Khi sông ở mức báo động, hoặc một trạm trong lưu vực đo được 50 mm trong 6 ' +
        'giờ, người ta quyết định theo số đo này: 2 chu kỳ, mức Lớn',
      en: 'At an alarm level, or after 50 mm in 6 h at a gauge of its basin, people decide by it: 2 intervals, and major',
    },
  },
  {
    key: 'level',
    type: 'riverLevel',
    condition: { kind: 'riverLevel', hysteresisM: 0.1 },
    raiseAfterS: 0,
    clearAfterS: 3_600,
    basis: 'law',
    source: {
      vi: 'Cấp báo động lũ theo Quyết định 05/2020/QĐ-TTg; mỗi cấp ứng với mức độ nào là theo kinh nghiệm',
      en: 'Decision 05/2020/QĐ-TTg for the levels; which severity each has is judgement',
    },
  },
  {
    key: 'risePlain',
    type: 'riverRise',
    condition: { ...RIVER_RISE, values: { warning: 0.3, minor: 0.5, major: 1 } },
    raiseAfterS: 0,
    clearAfterS: 3_600,
    basis: 'judgement',
    source: { vi: 'Sông vùng đồng bằng', en: 'Rivers of the plain' },
  },
  {
    key: 'riseHills',
    type: 'riverRise',
    condition: { ...RIVER_RISE, values: { warning: 0.5, minor: 1, major: 2 } },
    raiseAfterS: 0,
    clearAfterS: 3_600,
    basis: 'judgement',
    source: { vi: 'Sông miền núi lên nhanh hơn', en: 'Rivers in the hills rise faster' },
  },
  {
    key: 'forecast',
    type: 'riverForecast',
    condition: {
      kind: 'riverForecast',
      minutes: { warning: 360, minor: 180, major: 60 },
      hysteresisMinutes: 30,
      minSamples: 3,
    },
    raiseAfterS: 60,
    clearAfterS: 1_800,
    basis: 'judgement',
    source: {
      vi:
        'Theo tốc độ lên hiện tại; chỉ mức Lớn khi hướng tới báo động 3. Bản ' +
        'tin dự báo chính thức là của ngành khí tượng thủy văn',
      en: 'At the present rise; major only towards the third level. Bulletins are the hydro-meteorological service’s',
    },
  },
  ...limitRules(flood, { rain12hMm: { type: 'rain' }, rain24hMm: { type: 'rain' } }),
  {
    key: 'stuck',
    type: 'gaugeStuck',
    condition: { kind: 'stuck', metric: 'levelM', samples: 6, neighbourMoves: 0.3, severity: 'warning' },
    raiseAfterS: 0,
    clearAfterS: 0,
    basis: 'judgement',
    source: {
      vi: 'Sáu số đo liên tiếp không đổi trong khi một trạm khác trên sông thay đổi 0,3 m',
      en: 'Six equal samples while another gauge of the river moves by 0.3 m',
    },
  },
  {
    key: 'jump',
    type: 'gaugeJump',
    condition: { kind: 'jump', metric: 'levelM', goodSamples: 3, severity: 'warning' },
    raiseAfterS: 0,
    clearAfterS: 0,
    basis: 'judgement',
    source: {
      vi: 'Đổi quá 1 m (miền núi 2 m) trong 10 phút, hoặc vượt báo động 3 + 15 m: số đo đáng ngờ',
      en: 'More than 1 m (hills 2 m) in 10 min, or beyond the third level + 15 m: a suspect sample',
    },
  },
];
