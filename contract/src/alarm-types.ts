import { z } from 'zod';
import type { LocalizedText } from './vocabulary.js';

/** What an alarm is about (the resource of RFC 8632). */
export const ALARM_RESOURCE_KINDS = ['device', 'site', 'hub', 'gateway', 'commune'] as const;
export const alarmResourceKind = z.enum(ALARM_RESOURCE_KINDS);
export type AlarmResourceKind = z.infer<typeof alarmResourceKind>;

/** Probable causes in the words of ITU-T X.733 and X.736. */
export const PROBABLE_CAUSES = [
  'communicationsSubsystemFailure',
  'lossOfSignal',
  'degradedSignal',
  'powerProblem',
  'heatingVentCoolingSystemProblem',
  'thresholdCrossed',
  'congestion',
  'bandwidthReduced',
  'equipmentMalfunction',
  'floodDetected',
  'unexpectedInformation',
  'indeterminate',
] as const;
export const probableCause = z.enum(PROBABLE_CAUSES);
export type ProbableCause = z.infer<typeof probableCause>;

/** Every kind of alarm. The key of an alarm is resource + type + qualifier. */
export const ALARM_TYPES = [
  'connectivityLost',
  'flapping',
  'gatewaySilent',
  'hubDown',
  'communeIsolated',
  'communeNearlyIsolated',
  'mainsAbsent',
  'metricLimit',
  'congestion',
  'linkCapacity',
  'riverLevel',
  'riverRise',
  'riverForecast',
  'rain',
  'gaugeSilent',
  'gaugeStuck',
  'gaugeJump',
  'clockOffset',
  'deviceEvent',
  'meetingNotReady',
] as const;
export const alarmType = z.enum(ALARM_TYPES);
export type AlarmType = z.infer<typeof alarmType>;

export interface AlarmTypeDefinition {
  readonly label: LocalizedText;
  readonly probableCause: ProbableCause;
  /** What to do first; a rule may say something else. */
  readonly action: LocalizedText;
}

export const ALARM_TYPE_DEFINITIONS: Readonly<Record<AlarmType, AlarmTypeDefinition>> = {
  connectivityLost: {
    label: { vi: 'Mất kết nối', en: 'Connectivity lost' },
    probableCause: 'communicationsSubsystemFailure',
    action: {
      vi: 'Hỏi đơn vị chịu trách nhiệm: nguồn điện, truyền dẫn hay thiết bị? Xin mã phiếu và giờ hẹn.',
      en: 'Ask the responsible organisation: power, transmission or equipment? Get a ticket and a time.',
    },
  },
  flapping: {
    label: { vi: 'Chập chờn', en: 'Flapping' },
    probableCause: 'degradedSignal',
    action: {
      vi: 'Xem đường truyền và nguồn; đừng mở phiếu mới cho từng lần đổi trạng thái.',
      en: 'Check line and power; do not open a ticket for every change.',
    },
  },
  gatewaySilent: {
    label: { vi: 'Mất dữ liệu từ nhà mạng', en: 'Gateway silent' },
    probableCause: 'communicationsSubsystemFailure',
    action: {
      vi: 'Gọi trung tâm điều hành của nhà mạng: các trạm của họ đang mất tầm nhìn, không phải mất kết nối.',
      en: 'Call the operator’s operations centre: their stations are out of our sight, not down.',
    },
  },
  hubDown: {
    label: { vi: 'Nút truyền dẫn mất kết nối', en: 'Hub down' },
    probableCause: 'communicationsSubsystemFailure',
    action: {
      vi: 'Xác nhận với nhà mạng nơi đứt và thời gian nối; các trạm phía sau là triệu chứng.',
      en: 'Confirm with the operator where it broke and when it will be mended; stations behind it are symptoms.',
    },
  },
  communeIsolated: {
    label: { vi: 'Xã bị cô lập', en: 'Commune isolated' },
    probableCause: 'communicationsSubsystemFailure',
    action: {
      vi: 'Liên lạc bằng điện thoại vệ tinh hoặc bộ đàm; báo lãnh đạo; đề nghị chuyển vùng và trạm cơ động.',
      en: 'Reach it by satellite phone or radio; tell the leadership; ask for roaming and a mobile station.',
    },
  },
  communeNearlyIsolated: {
    label: { vi: 'Xã gần cô lập', en: 'Commune nearly isolated' },
    probableCause: 'communicationsSubsystemFailure',
    action: {
      vi: 'Giữ trạm còn sống: máy phát, nhiên liệu; đề nghị bật chuyển vùng.',
      en: 'Keep what still lives alive: generator, fuel; ask for roaming.',
    },
  },
  mainsAbsent: {
    label: { vi: 'Mất điện lưới, chạy ắc quy', en: 'Mains absent, on battery' },
    probableCause: 'powerProblem',
    action: {
      vi: 'Xem thời gian ắc quy còn lại; điều máy phát hoặc hỏi điện lực giờ có điện.',
      en: 'Look at the battery time left; send a generator or ask the power company when power is back.',
    },
  },
  metricLimit: {
    label: { vi: 'Vượt ngưỡng', en: 'Limit crossed' },
    probableCause: 'thresholdCrossed',
    action: {
      vi: 'Xem biểu đồ 24 giờ; hỏi đơn vị chịu trách nhiệm nếu kéo dài.',
      en: 'Look at the last 24 hours; ask the responsible organisation if it lasts.',
    },
  },
  congestion: {
    label: { vi: 'Nghẽn vô tuyến', en: 'Radio congestion' },
    probableCause: 'congestion',
    action: { vi: 'Ghi nhận; xem lại khi quy hoạch.', en: 'Keep on record; look at it when planning.' },
  },
  linkCapacity: {
    label: { vi: 'Đường truyền gần hết dung lượng', en: 'Link near its capacity' },
    probableCause: 'bandwidthReduced',
    action: {
      vi: 'Đề nghị nâng dung lượng (Thông tư 06/2026, Điều 5.6).',
      en: 'Ask for more capacity (Circular 06/2026, Art. 5.6).',
    },
  },
  riverLevel: {
    label: { vi: 'Mực nước vượt báo động', en: 'River at alarm level' },
    probableCause: 'floodDetected',
    action: {
      vi: 'Báo Ban chỉ huy PCTT; xem các trạm viễn thông trong vùng ngập.',
      en: 'Tell the disaster command; look at the stations in the flood area.',
    },
  },
  riverRise: {
    label: { vi: 'Nước lên nhanh', en: 'River rising fast' },
    probableCause: 'floodDetected',
    action: { vi: 'Xem mưa thượng nguồn và trạm hạ lưu.', en: 'Look at rain upstream and gauges downstream.' },
  },
  riverForecast: {
    label: { vi: 'Sắp đạt mức báo động (ước tính)', en: 'Alarm level near (estimate)' },
    probableCause: 'floodDetected',
    action: {
      vi: 'Ước tính của hệ thống, không phải bản tin: đối chiếu bản tin của Đài KTTV.',
      en: 'An estimate of ours, no bulletin: compare with the hydro-meteorological service.',
    },
  },
  rain: {
    label: { vi: 'Mưa lớn', en: 'Heavy rain' },
    probableCause: 'floodDetected',
    action: { vi: 'Theo dõi sông hạ lưu và sạt lở.', en: 'Watch rivers downstream, and landslides.' },
  },
  gaugeSilent: {
    label: { vi: 'Trạm đo không gửi số liệu', en: 'Gauge silent' },
    probableCause: 'lossOfSignal',
    action: {
      vi: 'Đọc mực nước bằng mắt nếu đang lũ; kiểm tra pin.',
      en: 'Read the gauge by eye in a flood; check battery.',
    },
  },
  gaugeStuck: {
    label: { vi: 'Trạm đo đứng số', en: 'Gauge stuck' },
    probableCause: 'equipmentMalfunction',
    action: { vi: 'Đừng tin số đo này; cử người kiểm tra.', en: 'Do not trust it; have it checked.' },
  },
  gaugeJump: {
    label: { vi: 'Số đo nhảy bất thường', en: 'Gauge jumps' },
    probableCause: 'equipmentMalfunction',
    action: { vi: 'So với trạm lân cận trước khi dùng.', en: 'Compare with its neighbours before use.' },
  },
  clockOffset: {
    label: { vi: 'Đồng hồ thiết bị lệch', en: 'Device clock off' },
    probableCause: 'equipmentMalfunction',
    action: { vi: 'Đặt lại giờ hoặc NTP của thiết bị.', en: 'Set the device’s clock or NTP.' },
  },
  deviceEvent: {
    label: { vi: 'Thiết bị báo sự kiện', en: 'Device event' },
    probableCause: 'indeterminate',
    action: { vi: 'Đọc nội dung sự kiện.', en: 'Read what the device says.' },
  },
  meetingNotReady: {
    label: { vi: 'Chưa sẵn sàng họp', en: 'Not ready for a meeting' },
    probableCause: 'indeterminate',
    action: {
      vi: 'Gọi bộ phận kỹ thuật của xã: bật thiết bị, xem đường truyền TSLCD, đăng ký lại với hệ thống hội nghị.',
      en: 'Call the commune’s technician: switch it on, look at the access link, register it with the conference system.',
    },
  },
};
