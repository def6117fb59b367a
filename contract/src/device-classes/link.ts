import { z } from 'zod';
import { attribute, type DeviceClassDefinition } from './definition.js';

/** What the register keeps of a commune's access link to the secure data network (TSLCD). */
export const linkAttributes = z.strictObject({
  /** Contracted capacity of each direction. */
  capacityMbps: attribute(z.coerce.number().positive().max(100_000), {
    label: { vi: 'Dung lượng (Mbit/s)', en: 'Capacity (Mbit/s)' },
  }),
  medium: attribute(z.enum(['fibre', 'radio']), {
    label: { vi: 'Môi trường truyền', en: 'Medium' },
    values: { fibre: { vi: 'cáp quang', en: 'fibre' }, radio: { vi: 'vô tuyến', en: 'radio' } },
  }),
});

/** A commune's access link to the secure specialised data network (mạng truyền số liệu chuyên dùng, TSLCD). */
export const link = {
  id: 'link',
  label: { vi: 'Đường truyền TSLCD', en: 'TSLCD link' },
  plural: { vi: 'Đường truyền TSLCD', en: 'TSLCD links' },
  idPrefix: 'LINK',
  defaultReportingIntervalMs: 5_000,
  reportsThrough: 'session',
  headline: ['rttMs', 'lossPercent', 'inMbps'],
  attributes: linkAttributes,
  metrics: [
    {
      kind: 'boolean',
      name: 'linkUp',
      label: { vi: 'Đường truyền chính', en: 'Access line' },
      description: {
        vi: 'Đường truyền tới nút mạng hoạt động; thiết bị có thể báo qua đường dự phòng',
        en: 'The line to the node works; the router may report over a backup path',
      },
      values: {
        true: { vi: 'Thông', en: 'Up' },
        false: { vi: 'Đứt', en: 'Down' },
      },
      normal: true,
    },
    {
      kind: 'number',
      name: 'rttMs',
      label: { vi: 'Độ trễ', en: 'Round trip' },
      description: {
        vi: 'Thời gian đi về tới lõi tỉnh',
        en: 'Round-trip time to the province core',
      },
      unit: 'ms',
      decimals: 1,
      range: { min: 0, max: 10_000 },
      limit: {
        above: true,
        values: { warning: 50, minor: 150, major: 450 },
        hysteresis: 10,
        raiseAfterS: 300,
        clearAfterS: 600,
        basis: 'source',
        source: {
          vi: 'ITU-T G.114 và ngưỡng của các hãng họp trực tuyến; Thông tư hiện hành không nêu con số (đặt tại chỗ)',
          en: 'ITU-T G.114, videoconference vendors’ bands; the circular in force names no number (local setting)',
        },
      },
    },
    {
      kind: 'number',
      name: 'lossPercent',
      label: { vi: 'Mất gói', en: 'Packet loss' },
      description: {
        vi: 'Tỷ lệ gói mất trong chu kỳ đo',
        en: 'Packets lost in the measuring interval',
      },
      unit: '%',
      decimals: 2,
      range: { min: 0, max: 100 },
      limit: {
        above: true,
        values: { warning: 1, major: 5 },
        hysteresis: 0.5,
        raiseAfterS: 180,
        clearAfterS: 600,
        basis: 'source',
        source: {
          vi: 'Ngưỡng của các hãng họp trực tuyến: 1 % thì cảnh báo, 5 % thì hỏng cuộc họp (đặt tại chỗ)',
          en: 'Videoconference vendors’ bands: 1 % warns, 5 % breaks (local setting)',
        },
      },
    },
    {
      kind: 'number',
      name: 'jitterMs',
      label: { vi: 'Biến thiên trễ', en: 'Jitter' },
      description: {
        vi: 'Độ biến thiên của thời gian đi về',
        en: 'Variation of the round-trip time',
      },
      unit: 'ms',
      decimals: 1,
      range: { min: 0, max: 5_000 },
      limit: {
        above: true,
        values: { warning: 40, major: 100 },
        hysteresis: 8,
        raiseAfterS: 300,
        clearAfterS: 600,
        basis: 'source',
        source: {
          vi: 'Ngưỡng của các hãng họp trực tuyến: 40 ms thì cảnh báo, 100 ms thì hỏng cuộc họp (đặt tại chỗ)',
          en: 'Videoconference vendors’ bands: 40 ms warns, 100 ms breaks (local setting)',
        },
      },
    },
    {
      kind: 'number',
      name: 'inMbps',
      label: { vi: 'Lưu lượng vào', en: 'Inbound' },
      description: { vi: 'Lưu lượng vào xã', en: 'Traffic into the commune' },
      unit: 'Mbit/s',
      decimals: 1,
      range: { min: 0, max: 100_000 },
    },
    {
      kind: 'number',
      name: 'outMbps',
      label: { vi: 'Lưu lượng ra', en: 'Outbound' },
      description: {
        vi: 'Lưu lượng ra khỏi xã',
        en: 'Traffic out of the commune',
      },
      unit: 'Mbit/s',
      decimals: 1,
      range: { min: 0, max: 100_000 },
    },
    {
      kind: 'number',
      name: 'loadPercent',
      label: { vi: 'Tải đường truyền', en: 'Link load' },
      description: {
        vi: 'Chiều tải cao hơn so với dung lượng',
        en: 'The busier direction against capacity',
      },
      unit: '%',
      decimals: 0,
      range: { min: 0, max: 110 },
      limit: {
        above: true,
        values: { warning: 90 },
        hysteresis: 10,
        raiseAfterS: 900,
        clearAfterS: 900,
        basis: 'judgement',
        source: {
          vi: 'Mười lăm phút; quy định dung lượng 7 ngày của Thông tư 06/2026/TT-BKHCN, Điều 5.6 được xét riêng',
          en: 'Fifteen minutes; the 7-day capacity rule of Circular 06/2026, Art. 5.6 is judged apart',
        },
      },
    },
    {
      kind: 'boolean',
      name: 'onUps',
      label: { vi: 'Nguồn UPS', en: 'On UPS' },
      description: {
        vi: 'Thiết bị đầu cuối đang chạy bằng UPS',
        en: 'The router runs on its UPS',
      },
      values: {
        true: { vi: 'Chạy UPS', en: 'On UPS' },
        false: { vi: 'Điện lưới', en: 'On mains' },
      },
      normal: false,
    },
  ],
} as const satisfies DeviceClassDefinition;
