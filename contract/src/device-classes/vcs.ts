import { z } from 'zod';
import { attribute, type DeviceClassDefinition } from './definition.js';

/** What the register keeps of a videoconference endpoint. */
export const vcsAttributes = z.strictObject({
  kind: attribute(z.enum(['codec', 'pc']), {
    label: { vi: 'Loại thiết bị', en: 'Kind' },
    values: { codec: { vi: 'thiết bị chuyên dụng', en: 'codec' }, pc: { vi: 'máy tính', en: 'computer' } },
  }),
  /** Where it stands, in words, such as 'Hội trường UBND xã'. */
  room: attribute(z.string().max(120), { label: { vi: 'Nơi đặt', en: 'Room' } }),
});

/** A commune's videoconference endpoint (VCS). */
export const vcs = {
  id: 'vcs',
  label: {
    vi: 'Điểm họp trực tuyến (VCS)',
    en: 'Videoconference endpoint (VCS)',
  },
  plural: {
    vi: 'Điểm họp trực tuyến (VCS)',
    en: 'Videoconference endpoints (VCS)',
  },
  idPrefix: 'VCS',
  defaultReportingIntervalMs: 10_000,
  reportsThrough: 'session',
  headline: ['registered', 'inCall', 'lossPercent'],
  attributes: vcsAttributes,
  metrics: [
    {
      kind: 'boolean',
      name: 'registered',
      label: { vi: 'Đăng ký', en: 'Registered' },
      description: {
        vi: 'Đã đăng ký với hệ thống hội nghị của tỉnh',
        en: 'Registered with the province’s conference system',
      },
      values: {
        true: { vi: 'Đã đăng ký', en: 'Registered' },
        false: { vi: 'Chưa đăng ký', en: 'Not registered' },
      },
      normal: true,
    },
    {
      kind: 'boolean',
      name: 'inCall',
      label: { vi: 'Đang họp', en: 'In a call' },
      description: {
        vi: 'Đang tham gia một cuộc họp',
        en: 'Taking part in a meeting',
      },
      values: {
        true: { vi: 'Đang họp', en: 'In a call' },
        false: { vi: 'Không họp', en: 'Idle' },
      },
    },
    {
      kind: 'number',
      name: 'callKbps',
      label: { vi: 'Tốc độ cuộc họp', en: 'Call rate' },
      description: {
        vi: 'Tốc độ hình và tiếng của cuộc họp',
        en: 'Audio and video rate of the call',
      },
      unit: 'kbit/s',
      decimals: 0,
      range: { min: 0, max: 50_000 },
    },
    {
      kind: 'number',
      name: 'rttMs',
      label: { vi: 'Độ trễ', en: 'Round trip' },
      description: {
        vi: 'Thời gian đi về của cuộc họp',
        en: 'Round-trip time of the call',
      },
      unit: 'ms',
      decimals: 1,
      range: { min: 0, max: 10_000 },
      limit: {
        above: true,
        values: { warning: 150, major: 450 },
        hysteresis: 30,
        raiseAfterS: 60,
        clearAfterS: 120,
        basis: 'source',
        source: {
          vi: 'ITU-T G.114 và ngưỡng của các hãng, chỉ khi đang họp',
          en: 'ITU-T G.114 and vendors’ bands, in a call only',
        },
      },
    },
    {
      kind: 'number',
      name: 'lossPercent',
      label: { vi: 'Mất gói', en: 'Packet loss' },
      description: {
        vi: 'Tỷ lệ gói mất của cuộc họp',
        en: 'Packets of the call lost',
      },
      unit: '%',
      decimals: 2,
      range: { min: 0, max: 100 },
      limit: {
        above: true,
        values: { warning: 1, major: 5 },
        hysteresis: 0.5,
        raiseAfterS: 60,
        clearAfterS: 120,
        basis: 'source',
        source: {
          vi: 'Ngưỡng của các hãng: trên 1 % là kém, trên 5 % là đỏ, chỉ khi đang họp',
          en: 'Vendors’ bands: above 1 % bad, above 5 % red, in a call only',
        },
      },
    },
    {
      kind: 'number',
      name: 'jitterMs',
      label: { vi: 'Biến thiên trễ', en: 'Jitter' },
      description: {
        vi: 'Biến thiên trễ của cuộc họp',
        en: 'Jitter of the call',
      },
      unit: 'ms',
      decimals: 1,
      range: { min: 0, max: 5_000 },
      limit: {
        above: true,
        values: { warning: 40, major: 100 },
        hysteresis: 8,
        raiseAfterS: 60,
        clearAfterS: 120,
        basis: 'source',
        source: {
          vi: 'Ngưỡng của các hãng: 40 ms thì cảnh báo, 100 ms thì hỏng cuộc họp, chỉ khi đang họp',
          en: 'Vendors’ bands: 40 ms warns, 100 ms breaks, in a call only',
        },
      },
    },
    {
      kind: 'boolean',
      name: 'videoInput',
      label: { vi: 'Tín hiệu hình', en: 'Video input' },
      description: {
        vi: 'Camera có tín hiệu',
        en: 'The camera gives a signal',
      },
      values: {
        true: { vi: 'Có', en: 'Present' },
        false: { vi: 'Không có', en: 'Missing' },
      },
      normal: true,
    },
    {
      kind: 'boolean',
      name: 'microphoneMuted',
      label: { vi: 'Micrô', en: 'Microphone' },
      description: {
        vi: 'Micrô đang tắt tiếng',
        en: 'The microphone is muted',
      },
      values: {
        true: { vi: 'Tắt tiếng', en: 'Muted' },
        false: { vi: 'Bật', en: 'On' },
      },
    },
  ],
} as const satisfies DeviceClassDefinition;
