import type { LocalizedText } from '@ioc/contract';

/** Why somebody was, or was not, told. */
export const REASONS = [
  'sent',
  'waiting',
  'failed',
  'in-digest',
  'over-limit',
  'close-together',
  'escalation',
  'acknowledged-in-time',
  'no-address',
  'outside-hours',
  'below-severity',
  'other-area',
  'other-kind',
  'not-told-before',
  'own-act',
  'no-rule',
  'withdrawn',
  'would-be-told',
] as const;
export type Reason = (typeof REASONS)[number];

/** The reason as a sentence; `rule` and `minutes` where they are known. */
export function reasonText(reason: Reason, rule: string | null, minutes: number | null): LocalizedText {
  const sentence = sentenceOf(reason, minutes ?? 0);
  return rule === null ? sentence : { vi: `${sentence.vi} (quy tắc “${rule}”)`, en: `${sentence.en} (rule “${rule}”)` };
}

function sentenceOf(reason: Reason, minutes: number): LocalizedText {
  switch (reason) {
    case 'sent':
      return { vi: 'Đã gửi', en: 'Sent' };
    case 'waiting':
      return { vi: 'Đang chờ gửi', en: 'Waiting to be sent' };
    case 'failed':
      return { vi: 'Gửi không được', en: 'Could not be sent' };
    case 'in-digest':
      return { vi: 'Gom vào bản tin tổng hợp vì cảnh báo dồn dập', en: 'In a digest, because of a flood of alarms' };
    case 'over-limit':
      return {
        vi: 'Đã đủ 6 tin trong một giờ; gom vào bản tin tổng hợp',
        en: '6 messages in an hour; put into a digest',
      };
    case 'close-together':
      return {
        vi: 'Đã có 2 tin trong 15 phút; gom vào bản tin tổng hợp',
        en: '2 messages within 15 minutes; put into a digest',
      };
    case 'escalation':
      return {
        vi: `Sẽ báo nếu sau ${minutes} phút chưa ai tiếp nhận`,
        en: `Told when nobody has acknowledged after ${minutes} min`,
      };
    case 'acknowledged-in-time':
      return { vi: 'Đã có người tiếp nhận kịp lúc', en: 'Somebody acknowledged in time' };
    case 'no-address':
      return {
        vi: 'Không có địa chỉ nào cho kênh của quy tắc',
        en: 'There is no address for the channels of the rule',
      };
    case 'outside-hours':
      return { vi: 'Ngoài giờ của quy tắc', en: 'Outside the hours of the rule' };
    case 'below-severity':
      return { vi: 'Dưới mức nghiêm trọng của quy tắc', en: 'Below the severity of the rule' };
    case 'other-area':
      return { vi: 'Ngoài địa bàn của quy tắc', en: 'Outside the area of the rule' };
    case 'other-kind':
      return {
        vi: 'Quy tắc không theo dõi loại sự cố, thiết bị hoặc đơn vị này',
        en: 'The rule is not about this kind of incident, device or organisation',
      };
    case 'not-told-before':
      return { vi: 'Chưa từng được báo về sự cố này', en: 'Was not told of this incident before' };
    case 'own-act':
      return { vi: 'Chính người này đã làm', en: 'Did it themselves' };
    case 'no-rule':
      return { vi: 'Không có quy tắc nào nhắc tới người nhận này', en: 'No rule names this recipient' };
    case 'withdrawn':
      return { vi: 'Đã bỏ: địa chỉ không còn dùng', en: 'Withdrawn: the address is not used any more' };
    case 'would-be-told':
      return { vi: 'Sẽ được báo', en: 'Would be told' };
  }
}
