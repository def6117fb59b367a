import type { Fact, FactBody, FactKind, FactSubject, LocalizedText } from '@ioc/contract';
import type { Register } from '../devices/registered-device.js';

/** A fact as it is kept. Times in epoch ms. */
export interface FactRecord {
  readonly id: number;
  readonly subject: FactSubject;
  readonly subjectName: string;
  readonly kind: FactKind;
  readonly note: string;
  readonly atMs: number;
  readonly expiresAtMs: number;
  readonly means: FactBody['means'] | null;
  readonly host: string | null;
  readonly guests: readonly string[];
  readonly author: { readonly personId: string; readonly name: string };
  readonly recordedAtMs: number;
  readonly withdrawnAtMs: number | null;
  readonly withdrawnBy: { readonly personId: string; readonly name: string } | null;
}

/** Whether it counts at a moment: it has begun, has not expired, and nobody had withdrawn it by then. */
export function countsAt(fact: FactRecord, nowMs: number): boolean {
  const withdrawn = fact.withdrawnAtMs !== null && fact.withdrawnAtMs <= nowMs;
  return fact.atMs <= nowMs && nowMs < fact.expiresAtMs && !withdrawn;
}

/** One text per subject, for maps. */
export function subjectKey({ kind, id }: FactSubject): string {
  return `${kind} ${id}`;
}

/** What a fact of a kind may be about. Fuel is at one place; a road, an office and a network belong to a commune. */
const SUBJECTS_OF_KIND: Readonly<Record<FactKind, readonly FactSubject['kind'][]>> = {
  generatorRunning: ['site'],
  reached: ['commune'],
  powerExpected: ['site', 'commune', 'feed'],
  roadCut: ['site', 'commune'],
  officeFlooded: ['commune'],
  roamingOn: ['commune'],
  other: ['site', 'commune', 'feed'],
};

const MAX_LIFE_MS = 7 * 86_400_000;
/** Clocks of phones and ours differ; more than this is a future. */
const CLOCK_LEEWAY_MS = 60_000;

export interface FactIssue {
  /** Of the body. */
  readonly path: string;
  readonly message: LocalizedText;
}

/** A fact that was found right, ready to be kept. `atMs` is never in the future. */
export type NewFact = Pick<
  FactRecord,
  'subject' | 'subjectName' | 'kind' | 'note' | 'atMs' | 'expiresAtMs' | 'means' | 'host' | 'guests'
>;

export type CheckedFact =
  { readonly ok: true; readonly fact: NewFact } | { readonly ok: false; readonly issues: readonly FactIssue[] };

/** Checks a fact against the register and the clock. `communeNameOf` is undefined for a code that is no commune. */
export function checkFact(
  body: FactBody,
  register: Pick<Register, 'sites' | 'feeds' | 'organisations'>,
  communeNameOf: (code: string) => string | undefined,
  nowMs: number,
): CheckedFact {
  const issues: FactIssue[] = [];
  const refuse = (path: string, vi: string, en: string) => issues.push({ path, message: { vi, en } });
  const { subject, kind, note } = body;
  const subjectName = nameOf(subject, register, communeNameOf);
  if (subjectName === undefined) refuse('subject.id', 'Không có trong danh mục', 'It is not registered');
  if (!SUBJECTS_OF_KIND[kind].includes(subject.kind)) {
    refuse('kind', 'Không ghi nhận được cho loại đối tượng này', 'This kind is not known of such a subject');
  }
  const atMs = Date.parse(body.at);
  const expiresAtMs = Date.parse(body.expiresAt);
  if (atMs > nowMs + CLOCK_LEEWAY_MS) refuse('at', 'Không được ở tương lai', 'It must not lie in the future');
  if (nowMs - atMs > MAX_LIFE_MS) refuse('at', 'Không được quá 7 ngày trước', 'It must not be older than 7 days');
  if (expiresAtMs <= atMs) refuse('expiresAt', 'Phải sau thời điểm ghi nhận', 'It must be after the beginning');
  if (expiresAtMs - atMs > MAX_LIFE_MS) refuse('expiresAt', 'Nhiều nhất 7 ngày', 'It counts for 7 days at most');
  if (kind === 'other' && note === '') refuse('note', 'Hãy ghi nội dung', 'Say what it is');
  if (body.means !== undefined && kind !== 'reached')
    refuse('means', 'Chỉ cho "đã liên lạc được"', 'Only of “reached”');
  issues.push(...roamingIssues(body, register));
  if (issues.length > 0 || subjectName === undefined) return { ok: false, issues };
  return {
    ok: true,
    fact: {
      subject,
      subjectName,
      kind,
      note,
      atMs: Math.min(atMs, nowMs),
      expiresAtMs,
      means: body.means ?? null,
      host: body.host ?? null,
      guests: body.guests ?? [],
    },
  };
}

function roamingIssues(
  { kind, host, guests = [] }: FactBody,
  { organisations }: Pick<Register, 'organisations'>,
): readonly FactIssue[] {
  const issue = (path: string, vi: string, en: string): FactIssue[] => [{ path, message: { vi, en } }];
  if (kind !== 'roamingOn') {
    return host === undefined && guests.length === 0
      ? []
      : issue('host', 'Chỉ cho "đã bật chuyển vùng"', 'Only of “roaming on”');
  }
  if (host === undefined || !organisations.has(host)) {
    return issue('host', 'Chọn nhà mạng đang phục vụ', 'Name the operator whose network carries them');
  }
  if (guests.length === 0) return issue('guests', 'Chọn ít nhất một nhà mạng được nhờ', 'Name whose subscribers roam');
  if (guests.some((guest) => !organisations.has(guest))) {
    return issue('guests', 'Có nhà mạng không có trong danh mục', 'One of them is not registered');
  }
  return guests.includes(host)
    ? issue('guests', 'Không thể chuyển vùng sang chính mình', 'Nobody roams in their own network')
    : [];
}

function nameOf(
  { kind, id }: FactSubject,
  register: Pick<Register, 'sites' | 'feeds'>,
  communeNameOf: (code: string) => string | undefined,
): string | undefined {
  switch (kind) {
    case 'site':
      return register.sites.get(id)?.name;
    case 'feed':
      return register.feeds.get(id)?.name;
    case 'commune':
      return communeNameOf(id);
  }
}

/** As the wire carries it. */
export function toFact(record: FactRecord): Fact {
  const { id, subject, subjectName, kind, note, means, host, guests, author, withdrawnAtMs, withdrawnBy } = record;
  return {
    id: String(id),
    subject,
    subjectName,
    kind,
    note,
    at: new Date(record.atMs).toISOString(),
    expiresAt: new Date(record.expiresAtMs).toISOString(),
    ...(means === null || means === undefined ? {} : { means }),
    ...(host === null ? {} : { host }),
    ...(guests.length === 0 ? {} : { guests: [...guests] }),
    author,
    recordedAt: new Date(record.recordedAtMs).toISOString(),
    withdrawnAt: withdrawnAtMs === null ? null : new Date(withdrawnAtMs).toISOString(),
    withdrawnBy,
  };
}
