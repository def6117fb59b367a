import { Inject, Injectable } from '@nestjs/common';
import {
  COMMUNE_BY_CODE,
  COMMUNES,
  type Clock,
  type MeetingAttendance,
  type MeetingBody,
  type MeetingCommune,
} from '@ioc/contract';
import { AuditService } from '../access/audit.service.js';
import { ConnectivityService } from '../connectivity/connectivity.service.js';
import { DevicesService } from '../devices/devices.service.js';
import { Database, type Tx } from '../platform/database/database.js';
import { CLOCK } from '../platform/platform.module.js';
import { ReadingsService } from '../readings/readings.service.js';
import {
  checkMeeting,
  endpointsByCommune,
  stateAt,
  takesPart,
  type MeetingIssue,
  type MeetingRecord,
} from './meeting.js';
import { MeetingsRepository } from './meetings.repository.js';
import { readinessOf, saysRegistered } from './registration.js';

type Person = { readonly personId: string; readonly name: string };

type Refusal =
  | { readonly ok: false; readonly reason: 'bad-request'; readonly issues: readonly MeetingIssue[] }
  | { readonly ok: false; readonly reason: 'not-found' | 'over' | 'too-many' }
  | { readonly ok: false; readonly reason: 'stale'; readonly version: number };
export type MeetingOutcome = { readonly ok: true; readonly meeting: MeetingRecord } | Refusal;

/** Meetings that run or come at a time; more than one a day for a year. */
const MOST_MEETINGS = 500;

/** Videoconferences with communes. Those that run or come are in memory; every meeting ever entered is a row. */
@Injectable()
export class MeetingsService {
  #ahead: ReadonlyMap<number, MeetingRecord> = new Map();
  #onChanged: (id: number) => void = () => undefined;

  constructor(
    private readonly database: Database,
    private readonly repository: MeetingsRepository,
    private readonly devices: DevicesService,
    private readonly readings: ReadingsService,
    private readonly connectivity: ConnectivityService,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Loads what runs or comes. `onChanged`: somebody entered, changed or cancelled a meeting. */
  async start(onChanged: (id: number) => void): Promise<void> {
    this.#onChanged = onChanged;
    const loaded = await this.repository.load(this.database, this.clock.now());
    this.#ahead = new Map(loaded.map((meeting) => [meeting.id, meeting]));
  }

  /** What was not cancelled and was not over when it was last looked at; by id. */
  ahead(): ReadonlyMap<number, MeetingRecord> {
    return this.#ahead;
  }

  /** Those that run or come, the next first, from behind a position on. */
  listAhead(
    after: { readonly startsAtMs: number; readonly id: number } | null,
    limit: number,
  ): readonly MeetingRecord[] {
    const nowMs = this.clock.now();
    return [...this.#ahead.values()]
      .filter(({ endsAtMs }) => endsAtMs > nowMs)
      .sort((a, b) => a.startsAtMs - b.startsAtMs || a.id - b.id)
      .filter(
        ({ startsAtMs, id }) =>
          after === null || startsAtMs > after.startsAtMs || (startsAtMs === after.startsAtMs && id > after.id),
      )
      .slice(0, limit);
  }

  /** Those that are over or cancelled, the latest first, from behind a position on. */
  listPast(
    after: { readonly startsAtMs: number; readonly id: number } | null,
    limit: number,
  ): Promise<readonly MeetingRecord[]> {
    return this.repository.past(this.database, this.clock.now(), after, limit);
  }

  get(id: string): Promise<MeetingRecord | null> {
    return this.repository.byId(this.database, Number(id));
  }

  async enter(body: MeetingBody, by: Person): Promise<MeetingOutcome> {
    const nowMs = this.clock.now();
    const checked = checkMeeting(body, isCommune, nowMs);
    if (!checked.ok) return { ok: false, reason: 'bad-request', issues: checked.issues };
    const outcome = await this.database.transaction(async (tx): Promise<MeetingOutcome> => {
      if ((await this.repository.lockedCountAhead(tx, nowMs)) >= MOST_MEETINGS)
        return { ok: false, reason: 'too-many' };
      const entered = { ...checked.meeting, simulated: false, enteredBy: by, enteredAtMs: nowMs };
      const meeting = await this.repository.insert(tx, entered);
      await this.#record(tx, 'meeting:entered', by, meeting);
      return { ok: true, meeting };
    });
    if (outcome.ok) this.#take(outcome.meeting);
    return outcome;
  }

  /** Changes one that is not over. `version` null: whatever it is. */
  async change(id: string, version: number | null, body: MeetingBody, by: Person): Promise<MeetingOutcome> {
    const nowMs = this.clock.now();
    const outcome = await this.database.transaction(async (tx): Promise<MeetingOutcome> => {
      const present = await this.repository.byId(tx, Number(id));
      const refusal = refusalOf(present, nowMs);
      if (present === null || refusal !== null) return refusal ?? { ok: false, reason: 'not-found' };
      const checked = checkMeeting(body, isCommune, nowMs);
      if (!checked.ok) return { ok: false, reason: 'bad-request', issues: checked.issues };
      const meeting = await this.repository.change(tx, present.id, version ?? present.version, checked.meeting);
      if (meeting === null) return { ok: false, reason: 'stale', version: present.version };
      await this.#record(tx, 'meeting:changed', by, meeting);
      return { ok: true, meeting };
    });
    if (outcome.ok) this.#take(outcome.meeting);
    return outcome;
  }

  /** Cancels one that comes, ends one that runs. */
  async cancel(id: string, version: number | null, by: Person): Promise<MeetingOutcome> {
    const nowMs = this.clock.now();
    const outcome = await this.database.transaction(async (tx): Promise<MeetingOutcome> => {
      const present = await this.repository.byId(tx, Number(id));
      const refusal = refusalOf(present, nowMs);
      if (present === null || refusal !== null) return refusal ?? { ok: false, reason: 'not-found' };
      const meeting = await this.repository.cancel(tx, present.id, version ?? present.version, nowMs);
      if (meeting === null) return { ok: false, reason: 'stale', version: present.version };
      await this.#record(tx, 'meeting:cancelled', by, meeting);
      return { ok: true, meeting };
    });
    if (outcome.ok) this.#take(outcome.meeting);
    return outcome;
  }

  /** Enters meetings of the demo, marked as such; nothing when there ever was a meeting. */
  async enterSimulated(bodies: readonly MeetingBody[]): Promise<number> {
    const nowMs = this.clock.now();
    const by: Person = { personId: '', name: 'Mô phỏng' };
    const entered = await this.database.transaction(async (tx) => {
      await this.repository.lockedCountAhead(tx, nowMs);
      if ((await this.repository.count(tx)) > 0) return [];
      const meetings: MeetingRecord[] = [];
      for (const body of bodies) {
        const checked = checkMeeting(body, isCommune, nowMs);
        if (!checked.ok) continue;
        const simulated = { ...checked.meeting, simulated: true, enteredBy: by, enteredAtMs: nowMs };
        const meeting = await this.repository.insert(tx, simulated);
        await this.#record(tx, 'meeting:entered', by, meeting);
        meetings.push(meeting);
      }
      return meetings;
    });
    for (const meeting of entered) this.#take(meeting);
    return entered.length;
  }

  /** How ready its endpoints are now; null when nobody need be ready any more. */
  attendanceOf(meeting: MeetingRecord): MeetingAttendance | null {
    const state = stateAt(meeting, this.clock.now());
    if (state === 'over' || state === 'cancelled') return null;
    const participating = this.participatingIn(meeting);
    const endpoints = participating.flatMap((commune) => commune.endpoints);
    const count = (...of: readonly string[]) => endpoints.filter(({ readiness }) => of.includes(readiness)).length;
    return {
      communes: participating.length,
      endpoints: endpoints.length,
      registered: count('registered'),
      notRegistered: count('notRegistered', 'lost'),
      withoutEndpoint: participating.flatMap(({ code, endpoints: there }) => (there.length === 0 ? [code] : [])),
    };
  }

  /** Its communes in the order of the contract, with how ready the endpoints of each are now. */
  participatingIn(meeting: MeetingRecord): readonly MeetingCommune[] {
    const byCommune = endpointsByCommune(this.devices.register());
    return COMMUNES.filter(({ code }) => takesPart(meeting, code)).map(({ code, name }) => ({
      code,
      name,
      endpoints: (byCommune.get(code) ?? []).map((device) => {
        const latest = this.readings.latestOf(device.id);
        const registered = latest === null ? null : saysRegistered(latest.metrics);
        return {
          deviceId: device.id,
          name: device.name,
          readiness: readinessOf(this.connectivity.stateOf(device.id), registered),
          heardAt: latest === null ? null : new Date(latest.effectiveAtMs).toISOString(),
        };
      }),
    }));
  }

  #record(
    tx: Tx,
    action: 'meeting:entered' | 'meeting:changed' | 'meeting:cancelled',
    by: Person,
    { id, title, startsAtMs, endsAtMs, participants }: MeetingRecord,
  ): Promise<void> {
    const actor = by.personId === '' ? by.name : `${by.name} (${by.personId})`;
    const detail = {
      title,
      startsAt: new Date(startsAtMs).toISOString(),
      endsAt: new Date(endsAtMs).toISOString(),
      communes: participants.kind === 'all' ? 'all' : participants.codes.length,
    };
    return this.audit.record({ actor, action, subject: String(id), detail }, tx);
  }

  /** Those that are over leave when something changes: there are never more than may be entered at a time. */
  #take(meeting: MeetingRecord): void {
    const nowMs = this.clock.now();
    const others = [...this.#ahead.values()].filter(({ id, endsAtMs }) => id !== meeting.id && endsAtMs > nowMs);
    const kept = meeting.cancelledAtMs === null ? [...others, meeting] : others;
    this.#ahead = new Map(kept.map((each) => [each.id, each]));
    this.#onChanged(meeting.id);
  }
}

function isCommune(code: string): boolean {
  return COMMUNE_BY_CODE.has(code);
}

function refusalOf(meeting: MeetingRecord | null, nowMs: number): Refusal | null {
  if (meeting === null) return { ok: false, reason: 'not-found' };
  const state = stateAt(meeting, nowMs);
  return state === 'over' || state === 'cancelled' ? { ok: false, reason: 'over' } : null;
}
