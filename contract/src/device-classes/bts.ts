import { z } from 'zod';
import { attribute, type DeviceClassDefinition } from './definition.js';

/** What the register keeps of a mobile base station. */
export const btsAttributes = z.strictObject({
  technology: attribute(z.enum(['4G', '5G']), { label: { vi: 'Công nghệ', en: 'Technology' } }),
  /** Battery chemistry: voltage limits are for 24 lead-acid cells; lithium is judged by its BMS percentage. */
  battery: attribute(z.enum(['leadAcid', 'lithium']), {
    label: { vi: 'Loại ắc quy', en: 'Battery' },
    values: { leadAcid: { vi: 'chì-axit', en: 'lead-acid' }, lithium: { vi: 'lithium', en: 'lithium' } },
  }),
});

/** A mobile base station (BTS), reported through its operator's gateway. */
export const bts = {
  id: 'bts',
  label: { vi: 'Trạm BTS', en: 'Base station' },
  plural: { vi: 'Trạm BTS', en: 'Base stations' },
  idPrefix: 'BTS',
  defaultReportingIntervalMs: 10_000,
  reportsThrough: 'gateway',
  headline: ['mainsOn', 'batteryPercent', 'connectedUsers'],
  attributes: btsAttributes,
  metrics: [
    {
      kind: 'boolean',
      name: 'mainsOn',
      label: { vi: 'Điện lưới', en: 'Mains' },
      description: {
        vi: 'Trạm đang dùng điện lưới hay ắc quy',
        en: 'Whether the site runs on mains or on its battery',
      },
      values: {
        true: { vi: 'Có điện', en: 'On' },
        false: { vi: 'Mất điện, chạy ắc quy', en: 'Off, on battery' },
      },
      normal: true,
    },
    {
      kind: 'number',
      name: 'dcVoltageV',
      label: { vi: 'Điện áp DC', en: 'DC voltage' },
      description: {
        vi: 'Điện áp nguồn −48 V, trị tuyệt đối',
        en: 'Voltage of the −48 V plant, absolute value',
      },
      unit: 'V',
      decimals: 2,
      range: { min: 0, max: 65 },
      limit: {
        above: false,
        values: { warning: 48.0, minor: 47.0, major: 46.0, critical: 44.5 },
        hysteresis: 1.0,
        raiseAfterS: 120,
        clearAfterS: 600,
        basis: 'judgement',
        source: {
          vi: 'Ắc quy chì-axit 24 ngăn; nạp nổi 53,5–54,5 V; 42–43 V là ngưỡng ngắt tải, không phải ngưỡng cảnh báo',
          en: 'Lead-acid, 24 cells; float 53.5–54.5 V; 42–43 V is the disconnect, not a warning',
        },
      },
    },
    {
      kind: 'number',
      name: 'loadCurrentA',
      label: { vi: 'Dòng tải', en: 'Load current' },
      description: {
        vi: 'Dòng một chiều cấp cho thiết bị',
        en: 'Direct current drawn by the equipment',
      },
      unit: 'A',
      decimals: 1,
      range: { min: 0, max: 400 },
    },
    {
      kind: 'number',
      name: 'batteryPercent',
      label: { vi: 'Dung lượng ắc quy', en: 'Battery' },
      description: {
        vi: 'Phần trăm dung lượng còn lại',
        en: 'Remaining capacity',
      },
      unit: '%',
      decimals: 0,
      range: { min: 0, max: 100 },
    },
    {
      kind: 'number',
      name: 'cabinetTemperatureC',
      label: { vi: 'Nhiệt độ tủ', en: 'Cabinet temperature' },
      description: {
        vi: 'Nhiệt độ trong tủ thiết bị',
        en: 'Temperature inside the cabinet',
      },
      unit: '°C',
      decimals: 1,
      range: { min: -20, max: 100 },
      maxRatePerMinute: 10,
      limit: {
        above: true,
        values: { warning: 45, minor: 50, major: 55, critical: 65 },
        hysteresis: 3,
        raiseAfterS: 600,
        clearAfterS: 900,
        basis: 'judgement',
        source: {
          vi: 'Dưới ngưỡng 70 °C của rơ-le bảo vệ quá nhiệt trong tài liệu tủ trạm BTS',
          en: 'Below the 70 °C over-temperature thermostat of a base-station cabinet manual',
        },
      },
    },
    {
      kind: 'boolean',
      name: 'doorOpen',
      label: { vi: 'Cửa tủ', en: 'Cabinet door' },
      description: {
        vi: 'Cửa tủ hoặc nhà trạm đang mở',
        en: 'Whether the cabinet or shelter door is open',
      },
      values: {
        true: { vi: 'Mở', en: 'Open' },
        false: { vi: 'Đóng', en: 'Closed' },
      },
      normal: false,
    },
    {
      kind: 'number',
      name: 'prbUsagePercent',
      label: { vi: 'Tải vô tuyến (PRB)', en: 'Radio load (PRB)' },
      description: {
        vi: 'Tỷ lệ khối tài nguyên đường xuống đang dùng',
        en: 'Downlink physical resource blocks in use',
      },
      unit: '%',
      decimals: 0,
      range: { min: 0, max: 100 },
      limit: {
        above: true,
        values: { warning: 70 },
        hysteresis: 10,
        raiseAfterS: 2700,
        clearAfterS: 1800,
        basis: 'source',
        source: {
          vi: 'Giám sát dung lượng LTE của Huawei: PRB > 70 % cùng lúc mỗi thuê bao dưới 2 Mbit/s',
          en: 'Huawei LTE capacity monitoring: PRB > 70 % together with less than 2 Mbit/s per user',
        },
      },
    },
    {
      kind: 'number',
      name: 'connectedUsers',
      label: { vi: 'Thuê bao kết nối', en: 'Connected users' },
      description: {
        vi: 'Số thuê bao đang kết nối vô tuyến',
        en: 'Users connected over the radio',
      },
      unit: '',
      decimals: 0,
      range: { min: 0, max: 20_000 },
    },
    {
      kind: 'number',
      name: 'dlThroughputMbps',
      label: { vi: 'Tốc độ tải xuống', en: 'User throughput' },
      description: {
        vi: 'Tốc độ đường xuống trung bình mỗi thuê bao',
        en: 'Average downlink rate of a user',
      },
      unit: 'Mbit/s',
      decimals: 1,
      range: { min: 0, max: 2_000 },
    },
    {
      kind: 'number',
      name: 'vswr',
      label: { vi: 'Tỷ số sóng đứng', en: 'VSWR' },
      description: {
        vi: 'Tỷ số sóng đứng của anten, cổng xấu nhất',
        en: 'Standing-wave ratio of the worst antenna port',
      },
      unit: '',
      decimals: 2,
      range: { min: 1, max: 20 },
    },
  ],
} as const satisfies DeviceClassDefinition;
