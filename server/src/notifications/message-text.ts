import type { Incident, LocalizedText, Severity } from '@ioc/contract';
import type { EventKind } from './decision.js';
import { localTime } from './local-hours.js';

/** What a person reads: Vietnamese, and a short line of English below. Plain text, nothing in it is markup. */
export interface MessageText {
  readonly title: string;
  readonly text: string;
  /** Where to look; null when nobody has said under which address the console is reached. */
  readonly link: string | null;
}

export const SEVERITY_WORDS: Readonly<Record<Severity, LocalizedText>> = {
  critical: { vi: 'Nghiêm trọng', en: 'Critical' },
  major: { vi: 'Lớn', en: 'Major' },
  minor: { vi: 'Nhỏ', en: 'Minor' },
  warning: { vi: 'Cảnh báo', en: 'Warning' },
};

const EVENT_WORDS: Readonly<Record<EventKind, LocalizedText>> = {
  opened: { vi: 'Sự cố mới', en: 'New incident' },
  reopened: { vi: 'Sự cố mở lại', en: 'Open again' },
  worsened: { vi: 'Nặng hơn', en: 'Worse' },
  resolved: { vi: 'Đã hết', en: 'Over' },
  escalated: { vi: 'Chưa ai tiếp nhận', en: 'Nobody has taken it' },
  assigned: { vi: 'Giao cho bạn', en: 'Assigned to you' },
};
/** What is said of whoever did it. */
const BY_WORDS: Readonly<Partial<Record<EventKind, string>>> = {
  resolved: 'Người khắc phục',
  reopened: 'Người mở lại',
  assigned: 'Người giao',
};

/** Zalo takes 2,000 characters, Telegram 4,096; a message that is longer says nothing more. */
const LONGEST_TITLE = 160;
const LONGEST_TEXT = 1_500;
const LONGEST_LINE = 300;

export interface MessageDetails {
  /** Of an escalation: for how long nobody has acknowledged. */
  readonly escalatedMinutes?: number | null;
  /** Name of the person who did it; null: the system. */
  readonly by?: string | null;
}

/**
 * What is said of an incident.
 * @param origin the console’s public address; null: no link
 */
export function incidentMessage(
  incident: Incident,
  event: EventKind,
  origin: string | null,
  { escalatedMinutes = null, by = null }: MessageDetails = {},
): MessageText {
  const word = EVENT_WORDS[event];
  const severity = SEVERITY_WORDS[incident.severity];
  const waited = escalatedMinutes === null ? '' : ` (${escalatedMinutes} phút)`;
  const began = localTime(Date.parse(incident.beganAt));
  const ended = incident.endedAt === null ? '' : ` · Hết: ${localTime(Date.parse(incident.endedAt))}`;
  const { devicesDown, devices } = incident.counts;
  const lines = [
    `${word.vi}${waited}: ${incident.title.vi}`,
    `Mức: ${severity.vi} · Từ: ${began}${ended}`,
    placeLine(incident),
    devices > 1 ? `${devicesDown}/${devices} thiết bị mất kết nối` : null,
    incident.cause?.evidence ? `Căn cứ: ${incident.cause.evidence.vi}` : null,
    by === null ? null : `${BY_WORDS[event] ?? 'Người thực hiện'}: ${by}`,
    by === null || event !== 'resolved' || incident.resolution === null ? null : `Cách xử lý: ${incident.resolution}`,
    by === null || event !== 'assigned' || incident.note === null ? null : `Ghi chú: ${incident.note}`,
    incident.acknowledgedBy === null || event === 'assigned'
      ? null
      : `Người tiếp nhận: ${incident.acknowledgedBy.name}`,
    `EN: ${word.en}: ${incident.title.en} (${severity.en})`,
  ];
  return {
    title: shortened(
      oneLine(`[${severity.vi}] ${event === 'opened' ? '' : `${word.vi}: `}${incident.title.vi}`),
      LONGEST_TITLE,
    ),
    text: assembled(lines),
    link: incidentLink(origin, incident.id),
  };
}

/** An incident that a digest sums up. */
export interface DigestItem {
  readonly incidentId: string | null;
  readonly title: string;
  readonly severity: Severity | null;
  readonly resolved: boolean;
}

const DIGEST_LINES = 10;

/** What was held for one recipient, as one message: the worst first, the rest as a count. */
export function digestMessage(items: readonly DigestItem[], flood: boolean, origin: string | null): MessageText {
  const open = items.filter(({ resolved }) => !resolved);
  const worst = open.toSorted((a, b) => rank(a.severity) - rank(b.severity));
  const over = items.length - open.length;
  const why = flood ? 'Cảnh báo dồn dập' : 'Tin đã gom';
  const title = `${why}: ${open.length} sự cố${over > 0 ? `, ${over} đã hết` : ''}`;
  const more = worst.length - DIGEST_LINES;
  const lines = [
    title,
    ...worst.slice(0, DIGEST_LINES).map((item) => `• ${shortened(oneLine(item.title), 100)}`),
    more > 0 ? `và ${more} sự cố khác` : null,
    `EN: Digest: ${open.length} incidents, ${over} over`,
  ];
  return { title, text: assembled(lines), link: origin === null ? null : `${origin}/incidents` };
}

/** A message that only shows that the way works. */
export function testMessage(byName: string, atMs: number, origin: string | null): MessageText {
  return {
    title: '[Thử] Tin thử từ bảng điều khiển IOC Quảng Ngãi',
    text: assembled([
      `${byName} gửi thử lúc ${localTime(atMs)}. Không cần làm gì.`,
      'EN: Test message. Nothing to do.',
    ]),
    link: origin,
  };
}

export function incidentLink(origin: string | null, id: string): string | null {
  return origin === null ? null : `${origin}/incidents?incident=${id}`;
}

function placeLine({ place, communeName, communeCodes }: Incident): string {
  const more = communeCodes.length > 1 ? ` và ${communeCodes.length - 1} xã khác` : '';
  const commune = communeName === null || communeName === place.name ? '' : `, ${communeName}`;
  return `Nơi: ${place.name}${commune}${more}`;
}

function assembled(lines: readonly (string | null)[]): string {
  const text = lines.flatMap((line) => (line === null ? [] : shortened(oneLine(line), LONGEST_LINE))).join('\n');
  return shortened(text, LONGEST_TEXT);
}

/** What people and devices wrote must not make lines, or headers, of its own. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

const LETTERS = new Intl.Segmenter('vi', { granularity: 'grapheme' });

function shortened(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const letters = Array.from(LETTERS.segment(text.slice(0, longest)), ({ segment }) => segment);
  // The last one may have been cut through.
  return `${letters.slice(0, -1).join('')}…`;
}

function rank(severity: Severity | null): number {
  return severity === null ? 4 : ['critical', 'major', 'minor', 'warning'].indexOf(severity);
}
