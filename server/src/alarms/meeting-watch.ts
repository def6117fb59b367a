import type { AlarmRule } from '@ioc/contract';
import type { RegisteredDevice } from '../devices/registered-device.js';
import { endpointsByCommune, takesPart, type MeetingRecord } from '../meetings/meeting.js';
import { readinessOf } from '../meetings/registration.js';
import { alarmKey } from './alarm.js';
import { lossKey } from './loss-alarm.js';
import { edgesOf, meetingAlarm, meetingKey, meetingName, severityAt } from './meeting-alarm.js';
import type { Turn } from './turn.js';

/** What an endpoint is for a meeting; `sinceMs`: since when, epoch ms. */
type Readiness =
  | { readonly registered: true; readonly sinceMs: number }
  | { readonly registered: false; readonly sinceMs: number; readonly lost: boolean };

/**
 * Follows whether endpoints are registered before meetings in which they take part, and stay so in them. All of it follows
 * from the meetings, the registrations that are remembered and the alarms that stand, so a restart loses no delay.
 */
export class MeetingWatch {
  /** Judges the endpoints that spoke or changed, while a meeting may be near. */
  follow(turn: Turn): void {
    const { judgement, meetings, nowMs } = turn;
    const near = [...meetings.values()].filter(
      ({ startsAtMs, endsAtMs }) => nowMs >= startsAtMs - LONGEST_LEAD_MS && nowMs < endsAtMs,
    );
    if (near.length === 0) return;
    const heard = new Set<RegisteredDevice>();
    for (const { device } of judgement.liveReadings) if (device.deviceClass === 'vcs') heard.add(device);
    for (const { device } of judgement.changes) if (device.deviceClass === 'vcs') heard.add(device);
    for (const device of heard) for (const meeting of near) this.#judge(turn, meeting, device);
  }

  /**
   * Looks at a meeting (`id` its id), or at one endpoint of it (`<id> <device>`), and says when to look again. One that was
   * cancelled leaves no alarm.
   */
  look(turn: Turn, id: string): void {
    const { meetings, world, book, nowMs } = turn;
    const [meetingId = '', deviceId] = id.split(' ');
    const meeting = meetings.get(Number(meetingId));
    if (deviceId !== undefined) {
      const device = world.register.devices.get(deviceId);
      if (device !== undefined && meeting !== undefined) this.#judge(turn, meeting, device);
      return;
    }
    let nextMs = Number.POSITIVE_INFINITY;
    for (const devices of endpointsByCommune(world.register).values()) {
      for (const device of devices) {
        if (meeting === undefined) {
          turn.draft.clear(meetingKey(device, Number(meetingId)));
          continue;
        }
        this.#judge(turn, meeting, device);
        const condition = book.ruleFor(device, RULE)?.condition;
        if (condition?.kind !== 'meeting') continue;
        for (const atMs of edgesOf(condition, meeting)) if (atMs > nowMs) nextMs = Math.min(nextMs, atMs);
      }
    }
    if (Number.isFinite(nextMs)) turn.lookAgain('meeting', meetingId, nextMs);
  }

  /** As after a start, or when rules or the register changed. */
  sweep(turn: Turn): void {
    for (const id of turn.meetings.keys()) this.look(turn, String(id));
  }

  #judge(turn: Turn, meeting: MeetingRecord, device: RegisteredDevice): void {
    const { draft, book, nowMs } = turn;
    const key = meetingKey(device, meeting.id);
    const rule = book.ruleFor(device, RULE);
    const condition = rule?.condition;
    const severity =
      rule?.enabled === true && condition?.kind === 'meeting' && takesPart(meeting, device.communeCode)
        ? severityAt(condition, meeting, nowMs)
        : null;
    if (rule === null || condition?.kind !== 'meeting' || severity === null) {
      draft.clear(key);
      return;
    }
    const readiness = this.#readinessOf(turn, device);
    if (readiness === null) return;
    const standing = draft.standingOf(alarmKey(key));
    if (readiness.registered) {
      if (standing === null) return;
      const clearAtMs = readiness.sinceMs + rule.clearAfterS * 1_000;
      if (nowMs >= clearAtMs) draft.clear(key);
      else turn.lookAgain('meeting', `${meeting.id} ${device.id}`, clearAtMs);
      return;
    }
    if (toldAsLoss(turn, device)) {
      draft.clear(key);
      return;
    }
    if (standing === null && nowMs < turn.graceEndsAtMs && turn.world.stateOf(device.id).heardAtMs === null) {
      turn.lookAgain('meeting', `${meeting.id} ${device.id}`, turn.graceEndsAtMs);
      return;
    }
    // Who registers on the very hour at which the meeting is near is not told.
    const mattersFromMs = Math.max(readiness.sinceMs, Math.min(...edgesOf(condition, meeting)));
    const running = nowMs >= meeting.startsAtMs;
    const raiseAtMs = mattersFromMs + (running ? condition.droppedAfterS : rule.raiseAfterS) * 1_000;
    if (standing === null && nowMs < raiseAtMs) {
      turn.lookAgain('meeting', `${meeting.id} ${device.id}`, raiseAtMs);
      return;
    }
    const wanted = meetingAlarm(device, rule, meeting, severity, readiness, nowMs);
    draft.want(wanted, { tells: standing !== null && standing.detail['told'] !== wanted.detail['told'] });
  }

  /** Null: it is not known, because we do not see it, or it has not said anything since it came. */
  #readinessOf({ world }: Turn, device: RegisteredDevice): Readiness | null {
    const state = world.stateOf(device.id);
    const said = world.registrationOf(device.id);
    switch (readinessOf(state, said?.registered ?? null)) {
      case 'unknown':
        return null;
      case 'lost':
        return { registered: false, sinceMs: state.outage?.beganAtMs ?? state.sinceMs, lost: state.outage !== null };
      case 'registered':
      case 'notRegistered': {
        if (said === null) return null;
        // What it said before it was away says nothing of after.
        const sinceMs = Math.max(said.sinceMs, said.registered ? state.sinceMs : 0);
        return said.registered ? { registered: true, sinceMs } : { registered: false, sinceMs, lost: false };
      }
    }
  }
}

/** Whether the rule on lost connectivity tells of it, or is about to: one failure is one alarm. */
function toldAsLoss({ world, draft, book, losses }: Turn, device: RegisteredDevice): boolean {
  if (draft.standingOf(alarmKey(lossKey(device))) !== null) return true;
  const { outage } = world.stateOf(device.id);
  return outage !== null && book.ruleFor(device, 'lost')?.enabled === true && losses.judge(device) !== null;
}

/** The meeting in which an endpoint was lost gives the loss its name. */
export function namedByMeeting(turn: Turn, device: RegisteredDevice, rule: AlarmRule, atMs: number): AlarmRule {
  if (device.deviceClass !== 'vcs') return rule;
  for (const meeting of turn.meetings.values()) {
    if (atMs < meeting.startsAtMs || atMs >= meeting.endsAtMs || !takesPart(meeting, device.communeCode)) continue;
    const name = meetingName(meeting, turn.nowMs);
    return { ...rule, text: { vi: `${name}: ${rule.text.vi}`, en: `${name}: ${rule.text.en}` } };
  }
  return rule;
}

/** The key of the rule that is judged here. */
const RULE = 'meeting';
/** No rule looks further ahead (rule-check.ts). */
const LONGEST_LEAD_MS = 24 * 3_600_000;
