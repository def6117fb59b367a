import type { LocalizedText, NotificationRuleBody } from '@ioc/contract';
import type { WebhookFault } from './webhook-request.js';

type RuleFault =
  | 'nobody'
  | 'unknown-person'
  | 'unknown-webhook'
  | 'webhook-missing'
  | 'webhook-channel-missing'
  | 'people-without-channel';
type OtherFault = 'too-many-rules' | 'too-many-webhooks' | 'secret-of-another-host' | 'secret-unreadable';

/** What is wrong with a rule or a webhook, for the person who sets it. */
export const FAULT_TEXTS: Readonly<Record<RuleFault | WebhookFault | OtherFault, LocalizedText>> = {
  nobody: { vi: 'Quy tắc chưa chọn ai để báo', en: 'The rule names nobody to tell' },
  'unknown-person': { vi: 'Có người không tồn tại', en: 'It names a person who does not exist' },
  'unknown-webhook': { vi: 'Có webhook không tồn tại', en: 'It names a webhook that does not exist' },
  'webhook-missing': { vi: 'Kênh webhook cần chọn ít nhất một webhook', en: 'The webhook channel needs a webhook' },
  'webhook-channel-missing': {
    vi: 'Đã chọn webhook nhưng chưa bật kênh webhook',
    en: 'A webhook is named, but the webhook channel is not',
  },
  'people-without-channel': {
    vi: 'Báo cho người thì cần kênh e-mail hoặc thông báo đẩy',
    en: 'To tell people it needs e-mail or web push',
  },
  'recipient-missing': { vi: 'Thiếu mã người nhận', en: 'The recipient id is missing' },
  'secret-missing': { vi: 'Thiếu khóa truy cập', en: 'The secret is missing' },
  'secret-characters': { vi: 'Khóa có ký tự không dùng được', en: 'The secret has characters that cannot be sent' },
  'body-missing': { vi: 'Thiếu mẫu nội dung', en: 'The body template is missing' },
  'body-not-json': { vi: 'Mẫu nội dung không phải JSON hợp lệ', en: 'The body template is not valid JSON' },
  'url-not-http': { vi: 'Địa chỉ phải là https:// hoặc http://', en: 'The address must be https:// or http://' },
  'url-has-password': {
    vi: 'Không đặt mật khẩu trong địa chỉ; dùng ô khóa',
    en: 'No password in the address; use the secret',
  },
  'url-private': {
    vi: 'Địa chỉ nội bộ bị từ chối; quản trị máy chủ có thể cho phép bằng IOC_WEBHOOK_PRIVATE',
    en: 'Private addresses are refused; IOC_WEBHOOK_PRIVATE on the server allows them',
  },
  'too-many-rules': { vi: 'Đã đạt số quy tắc tối đa', en: 'There are as many rules as there can be' },
  'too-many-webhooks': { vi: 'Đã đạt số webhook tối đa', en: 'There are as many webhooks as there can be' },
  'secret-unreadable': {
    vi: 'Không đọc được khóa đang giữ: hãy nhập lại khóa, hoặc bỏ khóa',
    en: 'The secret that is kept cannot be read: give it again, or remove it',
  },
  'secret-of-another-host': {
    vi: 'Đổi sang máy chủ khác: hãy nhập lại khóa, hoặc bỏ khóa',
    en: 'The address is another host’s: give the secret again, or remove it',
  },
};

/** What is wrong with a rule as given; null: nothing. */
export function ruleFault(
  body: NotificationRuleBody,
  people: ReadonlySet<string>,
  webhooks: ReadonlySet<string>,
): { readonly path: string; readonly text: LocalizedText } | null {
  const fault = (path: string, kind: RuleFault) => ({ path, text: FAULT_TEXTS[kind] });
  const { roles, personIds, webhookIds, channels } = body;
  const tellsPeople = roles.length > 0 || personIds.length > 0;
  if (!tellsPeople && webhookIds.length === 0) return fault('roles', 'nobody');
  if (personIds.some((id) => !people.has(id))) return fault('personIds', 'unknown-person');
  if (webhookIds.some((id) => !webhooks.has(id))) return fault('webhookIds', 'unknown-webhook');
  if (channels.includes('webhook') && webhookIds.length === 0) return fault('webhookIds', 'webhook-missing');
  if (!channels.includes('webhook') && webhookIds.length > 0) return fault('channels', 'webhook-channel-missing');
  const reachesPeople = channels.some((channel) => channel !== 'webhook');
  return tellsPeople && !reachesPeople ? fault('channels', 'people-without-channel') : null;
}
