import { bts } from '@ioc/contract';
import type { DefaultRule } from './default-rule.js';
import { limitRules } from './limit-rules.js';

/** Base stations. */
export const BTS_RULES: readonly DefaultRule[] = [
  {
    key: 'lost',
    type: 'connectivityLost',
    condition: { kind: 'connectivity' },
    raiseAfterS: 60,
    clearAfterS: 120,
    basis: 'judgement',
    source: {
      vi:
        'Trạm khởi động lại quá một phút là phải có người xử lý; mất kết nối do ' +
        'báo thì chờ một phút, suy ra từ im lặng thì đã chờ rồi',
      en: 'A restart of a station takes longer than a minute only if somebody has to act; said losses wait, inferred ones did',
    },
  },
  {
    key: 'mains',
    type: 'mainsAbsent',
    condition: {
      kind: 'batteryTime',
      onBattery: 'warning',
      minutes: { minor: 120, major: 60, critical: 30 },
      hysteresisMinutes: 15,
    },
    raiseAfterS: 120,
    clearAfterS: 300,
    basis: 'judgement',
    source: {
      vi: 'Ắc quy thiết kế cho 4 giờ; chỉ nghiêm trọng khi nút truyền dẫn hoặc trạm cuối cùng của xã dùng nguồn này',
      en: 'Batteries are designed for 4 h; critical only where a hub or the last station of a commune hangs on it',
    },
  },
  ...limitRules(bts, {
    dcVoltageV: {
      probableCause: 'powerProblem',
      action: {
        vi: 'Ắc quy sắp cạn: điều máy phát, hoặc hỏi điện lực giờ có điện.',
        en: 'The battery runs low: send a generator, or ask the power company when power is back.',
      },
    },
    cabinetTemperatureC: {
      probableCause: 'heatingVentCoolingSystemProblem',
      action: {
        vi: 'Kiểm tra quạt, điều hòa và cửa tủ; ở 70 °C thiết bị tự ngắt.',
        en: 'Check fans, air conditioning and the cabinet’s door; at 70 °C the equipment switches off.',
      },
    },
    prbUsagePercent: {
      type: 'congestion',
      probableCause: 'congestion',
      text: { vi: 'Nghẽn vô tuyến', en: 'Radio congestion' },
      condition: {
        kind: 'limit',
        metric: 'prbUsagePercent',
        above: true,
        values: { warning: 70 },
        hysteresis: 10,
        also: { metric: 'dlThroughputMbps', above: false, value: 2, hysteresis: 0.5 },
      },
    },
  }),
  {
    key: 'dcHigh',
    type: 'metricLimit',
    condition: {
      kind: 'limit',
      metric: 'dcVoltageV',
      above: true,
      values: { warning: 56.5, major: 57.6 },
      hysteresis: 0.5,
    },
    raiseAfterS: 300,
    clearAfterS: 600,
    basis: 'source',
    source: {
      vi: 'Tài liệu bộ nắn và ắc quy: nạp nổi 53,5–54,5 V, nạp cân bằng dưới 57,6 V',
      en: 'Rectifier and battery manuals: float 53.5–54.5 V, equalising charge below 57.6 V',
    },
    probableCause: 'powerProblem',
    text: { vi: 'Điện áp DC cao', en: 'DC voltage high' },
    action: {
      vi: 'Bộ nắn nạp quá áp làm hỏng ắc quy: đề nghị nhà mạng kiểm tra bộ nắn.',
      en: 'An overcharging rectifier ruins the battery: ask the operator to check it.',
    },
  },
  {
    key: 'lithiumLow',
    type: 'metricLimit',
    condition: {
      kind: 'limit',
      metric: 'batteryPercent',
      above: false,
      values: { warning: 50, minor: 30, major: 20, critical: 10 },
      hysteresis: 5,
    },
    raiseAfterS: 120,
    clearAfterS: 600,
    basis: 'judgement',
    source: {
      vi: 'Ắc quy lithium giữ điện áp đến lúc gần hết, nên lấy phần trăm do hệ thống quản lý ắc quy (BMS) báo',
      en: 'Lithium batteries keep their voltage to the end, so the percentage of their management system counts',
    },
    probableCause: 'powerProblem',
    text: { vi: 'Ắc quy lithium yếu', en: 'Lithium battery low' },
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
    },
    raiseAfterS: 0,
    clearAfterS: 900,
    basis: 'source',
    source: {
      vi: 'Nagios: 21 trạng thái, bật ở 30 %, tắt ở 25 %; bốn lần đổi trong 10 phút là theo kinh nghiệm',
      en: 'Nagios: 21 states, on at 30 %, off at 25 %; four changes in 10 minutes: judgement',
    },
  },
];
