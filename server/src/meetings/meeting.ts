import {
  MEETING_MAX_AHEAD_MS,
  MEETING_MAX_MS,
  type LocalizedText,
  type MeetingBody,
  type MeetingParticipants,
  type MeetingState,
} from '@ioc/contract';
import type { Register, RegisteredDevice } from '../devices/registered-device.js';

/** A meeting as it is kept. Immutable: a change makes another one. Times are epoch ms. */
export interface MeetingRecord {
  readonly id: number;
  readonly version: number;
  readonly title: string;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly participants: MeetingParticipants;
  readonly simulated: boolean;
  /** `personId` is empty when the demo entered it. */
  readonly enteredBy: { readonly personId: string; readonly name: string };
  readonly enteredAtMs: number;
  /** Cancelled, or ended early. */
  readonly cancelledAtMs: number | null;
}

/** A meeting that was found right, ready to be kept. */
export type NewMeeting = Pick<MeetingRecord, 'title' | 'startsAtMs' | 'endsAtMs' | 'participants'>;

/** What is wrong with a field, by its path in the body. */
export interface MeetingIssue {
  readonly path: 'startsAt' | 'endsAt' | 'participants';
  readonly message: LocalizedText;
}

export type CheckedMeeting =
  | { readonly ok: true; readonly meeting: NewMeeting }
  | { readonly ok: false; readonly issues: readonly MeetingIssue[] };

/** Checks a meeting against the clock and the list of communes. One that began a while ago may still be entered. */
export function checkMeeting(
  { title, startsAt, endsAt, participants }: MeetingBody,
  isCommune: (code: string) => boolean,
  nowMs: number,
): CheckedMeeting {
  const startsAtMs = Date.parse(startsAt);
  const endsAtMs = Date.parse(endsAt);
  const issues: MeetingIssue[] = [];
  const refuse = (path: MeetingIssue['path'], vi: string, en: string) => issues.push({ path, message: { vi, en } });
  if (endsAtMs <= startsAtMs) refuse('endsAt', 'Phải sau lúc bắt đầu', 'It must be after the beginning');
  else if (endsAtMs - startsAtMs > MEETING_MAX_MS) {
    refuse('endsAt', 'Một cuộc họp dài nhất 24 giờ', 'A meeting lasts at most 24 hours');
  } else if (endsAtMs <= nowMs) refuse('endsAt', 'Đã qua rồi', 'It is over already');
  if (startsAtMs - nowMs > MEETING_MAX_AHEAD_MS) {
    refuse('startsAt', 'Không quá một năm nữa', 'At most a year ahead');
  }
  if (participants.kind === 'communes') {
    const unknown = participants.codes.filter((code) => !isCommune(code));
    if (unknown.length > 0) {
      const codes = unknown.slice(0, 5).join(', ');
      refuse('participants', `Không có xã mang mã ${codes}`, `There is no commune with code ${codes}`);
    }
  }
  if (issues.length > 0) return { ok: false, issues };
  const once: MeetingParticipants =
    participants.kind === 'all' ? participants : { kind: 'communes', codes: [...new Set(participants.codes)] };
  return { ok: true, meeting: { title, startsAtMs, endsAtMs, participants: once } };
}

export function stateAt({ startsAtMs, endsAtMs, cancelledAtMs }: MeetingRecord, nowMs: number): MeetingState {
  if (cancelledAtMs !== null) return 'cancelled';
  if (nowMs >= endsAtMs) return 'over';
  return nowMs >= startsAtMs ? 'running' : 'upcoming';
}

export function takesPart({ participants }: Pick<MeetingRecord, 'participants'>, communeCode: string): boolean {
  return participants.kind === 'all' || participants.codes.includes(communeCode);
}

/** Endpoints of the register, by commune; made once for a register. */
const ENDPOINTS = new WeakMap<Register, ReadonlyMap<string, readonly RegisteredDevice[]>>();

export function endpointsByCommune(register: Register): ReadonlyMap<string, readonly RegisteredDevice[]> {
  const known = ENDPOINTS.get(register);
  if (known !== undefined) return known;
  const endpoints = new Map<string, RegisteredDevice[]>();
  for (const device of register.devices.values()) {
    if (device.deviceClass !== 'vcs') continue;
    const there = endpoints.get(device.communeCode);
    if (there === undefined) endpoints.set(device.communeCode, [device]);
    else there.push(device);
  }
  ENDPOINTS.set(register, endpoints);
  return endpoints;
}

/** The endpoints that take part, with their communes. */
export function endpointsOf(meeting: Pick<MeetingRecord, 'participants'>, register: Register): RegisteredDevice[] {
  return [...endpointsByCommune(register)].flatMap(([code, devices]) => (takesPart(meeting, code) ? devices : []));
}
