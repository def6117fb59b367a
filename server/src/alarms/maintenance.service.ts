import { Inject, Injectable } from '@nestjs/common';
import type { Clock, WindowSchedule } from '@ioc/contract';
import { AuditService } from '../access/audit.service.js';
import { DevicesService } from '../devices/devices.service.js';
import type { Register } from '../devices/registered-device.js';
import { Database, type Tx } from '../platform/database/database.js';
import { CLOCK } from '../platform/platform.module.js';
import {
  devicesOf,
  nextRun,
  runEndMs,
  runningAt,
  subjectName,
  type WindowRecord,
  type WindowSubject,
} from './maintenance-window.js';
import { MaintenanceRepository, type SpanEdge } from './maintenance.repository.js';
import { scheduleIssue } from './window-schedule.js';

/** Which devices a window covers while it runs, and since when each; by window. */
type Running = ReadonlyMap<number, ReadonlyMap<string, number>>;

/** What the passing of time makes of the windows, before its commit. */
export interface MaintenanceTurn {
  readonly running: Running;
  readonly over: ReadonlySet<number>;
  readonly covered: ReadonlySet<string>;
  /** When the next window begins or ends; null when none ever will. */
  readonly nextEdgeMs: number | null;
}

export type CreateWindowOutcome =
  | { readonly ok: true; readonly window: WindowRecord }
  | {
      readonly ok: false;
      readonly reason: 'ends-before-it-begins' | 'over-already' | 'too-long' | 'unknown-subject' | 'too-many';
    };
export type EndWindowOutcome =
  | { readonly ok: true; readonly window: WindowRecord }
  | { readonly ok: false; readonly reason: 'not-found' | 'ended' }
  | { readonly ok: false; readonly reason: 'stale'; readonly version: number };

const MOST_WINDOWS = 500;
const MOST_LISTED = 500;

/** Announced work: which devices tell nobody of their alarms, and when. */
@Injectable()
export class MaintenanceService {
  #windows: ReadonlyMap<number, WindowRecord> = new Map();
  #running: Running = new Map();
  #covered: ReadonlySet<string> = new Set();
  #onChanged: () => void = () => undefined;

  constructor(
    private readonly database: Database,
    private readonly repository: MaintenanceRepository,
    private readonly devices: DevicesService,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Loads the windows, and what those cover that ran when the console stopped. `onChanged`: people changed a window. */
  async start(onChanged: () => void): Promise<void> {
    this.#onChanged = onChanged;
    this.#windows = new Map((await this.repository.load(this.database)).map((window) => [window.id, window]));
    const running = new Map<number, Map<string, number>>();
    for (const { windowId, deviceId, atMs } of await this.repository.openSpans(this.database)) {
      const covered = running.get(windowId) ?? new Map<string, number>();
      running.set(windowId, covered.set(deviceId, atMs));
      // Ended by hand just before the console stopped: its spans are still to be ended.
      if (!this.#windows.has(windowId)) {
        const window = await this.repository.byId(this.database, windowId);
        if (window !== null) this.#windows = new Map([...this.#windows, [windowId, window]]);
      }
    }
    this.#running = running;
    this.#covered = coveredBy(running);
  }

  covers(deviceId: string): boolean {
    return this.#covered.has(deviceId);
  }

  /** Begins and ends what is due by now, in the caller's transaction. */
  async follow(tx: Tx, register: Register, nowMs: number): Promise<MaintenanceTurn> {
    const running = new Map<number, ReadonlyMap<string, number>>();
    const over = new Set<number>();
    const begun: SpanEdge[] = [];
    const ended: SpanEdge[] = [];
    let nextEdgeMs: number | null = null;
    for (const window of this.#windows.values()) {
      const { id: windowId } = window;
      const before = this.#running.get(windowId) ?? NOTHING;
      const run = runningAt(window, nowMs);
      const next = run ?? nextRun(window, nowMs);
      const edgeMs = run === null ? (next?.fromMs ?? null) : run.untilMs;
      if (edgeMs !== null) nextEdgeMs = Math.min(nextEdgeMs ?? edgeMs, edgeMs);
      if (next === null) over.add(windowId);
      const ids = new Set(run === null ? [] : devicesOf(window.subject, register).map(({ id }) => id));
      const covered = new Map<string, number>();
      for (const deviceId of ids) {
        const atMs = before.get(deviceId);
        // A run that began while the console was away began all the same.
        const fromMs = atMs ?? Math.max(run?.fromMs ?? nowMs, window.createdAtMs);
        if (atMs === undefined) begun.push({ windowId, deviceId, atMs: fromMs });
        covered.set(deviceId, fromMs);
      }
      for (const [deviceId, atMs] of before) {
        if (!ids.has(deviceId)) ended.push({ windowId, deviceId, atMs: Math.min(nowMs, runEndMs(window, atMs)) });
      }
      if (run !== null) running.set(windowId, covered);
    }
    await this.repository.endSpans(tx, ended);
    await this.repository.beginSpans(tx, begun);
    await this.repository.markOver(
      tx,
      [...over].map((id) => ({ id, endedAtMs: nowMs })),
    );
    return { running, over, covered: coveredBy(running), nextEdgeMs };
  }

  accept({ running, over, covered }: MaintenanceTurn): void {
    this.#running = running;
    this.#covered = covered;
    if (over.size > 0) this.#windows = new Map([...this.#windows].filter(([id]) => !over.has(id)));
  }

  /** Windows that run or will run; with `past` those that ended, newest first, at most 500. */
  async list(past: boolean): Promise<readonly WindowRecord[]> {
    if (past) return this.repository.past(this.database, MOST_LISTED);
    return [...this.#windows.values()].filter(({ endedAtMs }) => endedAtMs === null).reverse();
  }

  nameOf(subject: WindowSubject): string {
    return subjectName(subject, this.devices.register()) ?? subject.id;
  }

  async create(
    body: { readonly subject: WindowSubject; readonly schedule: WindowSchedule; readonly reason: string },
    by: { readonly personId: string; readonly name: string },
  ): Promise<CreateWindowOutcome> {
    const nowMs = this.clock.now();
    const issue = scheduleIssue(body.schedule, nowMs);
    if (issue !== null) return { ok: false, reason: issue };
    const name = subjectName(body.subject, this.devices.register());
    if (name === null) return { ok: false, reason: 'unknown-subject' };
    if (this.#windows.size >= MOST_WINDOWS) return { ok: false, reason: 'too-many' };
    const window = await this.database.transaction(async (tx) => {
      const inserted = await this.repository.insert(tx, { ...body, createdBy: by, createdAtMs: nowMs });
      const detail = { subject: `${body.subject.kind}:${body.subject.id}`, reason: body.reason };
      await this.#record(tx, 'maintenance:created', by, inserted.id, detail);
      return inserted;
    });
    this.#take(window);
    return { ok: true, window };
  }

  /** Ends it now, and every later run of it. */
  async end(
    id: string,
    version: number | null,
    by: { readonly personId: string; readonly name: string },
  ): Promise<EndWindowOutcome> {
    const nowMs = this.clock.now();
    const outcome = await this.database.transaction(async (tx): Promise<EndWindowOutcome> => {
      const present = await this.repository.byId(tx, Number(id));
      if (present === null) return { ok: false, reason: 'not-found' };
      if (present.endedAtMs !== null) return { ok: false, reason: 'ended' };
      const window = await this.repository.end(tx, present.id, version ?? present.version, nowMs);
      if (window === null) return { ok: false, reason: 'stale', version: present.version };
      await this.#record(tx, 'maintenance:ended', by, window.id, {});
      return { ok: true, window };
    });
    if (outcome.ok) this.#take(outcome.window);
    return outcome;
  }

  #record(
    tx: Tx,
    action: 'maintenance:created' | 'maintenance:ended',
    by: { readonly personId: string; readonly name: string },
    id: number,
    detail: Readonly<Record<string, string>>,
  ): Promise<void> {
    return this.audit.record({ actor: `${by.name} (${by.personId})`, action, subject: String(id), detail }, tx);
  }

  #take(window: WindowRecord): void {
    this.#windows = new Map([...this.#windows, [window.id, window]]);
    this.#onChanged();
  }
}

const NOTHING: ReadonlyMap<string, number> = new Map();

function coveredBy(running: Running): ReadonlySet<string> {
  return new Set([...running.values()].flatMap((covered) => [...covered.keys()]));
}
