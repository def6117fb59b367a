import type { Incident, Problem } from '@ioc/contract';
import type { CallResult } from '../../live/api.js';
import {
  decideStale,
  stopOf,
  type IncidentDetail,
  type QueuedPhoto,
  type QueuedWork,
  type WorkStop,
} from './queued-work.js';

/** Where queued work is kept; every change is durable when its promise resolves. */
export interface WorkShelf {
  /** In the order of tapping. */
  list(personId: string): Promise<readonly QueuedWork[]>;
  /** False when it was taken back meanwhile: nothing is changed then. */
  update(seq: number, change: Partial<Pick<QueuedWork, 'action' | 'version' | 'attempts' | 'stop'>>): Promise<boolean>;
  /**
   * Takes out what is done, and gives what the same person tapped later on the same incident the version that it made, all
   * or nothing.
   */
  finish(done: QueuedWork, made: { readonly version: number; readonly seenAtMs: number } | null): Promise<void>;
}

/** The server, as far as work needs it. */
export interface WorkServer {
  perform(work: QueuedWork): Promise<CallResult<Incident>>;
  upload(photo: QueuedPhoto): Promise<CallResult<unknown>>;
  fetch(incidentId: string): Promise<CallResult<IncidentDetail>>;
}

/** How a round ended. `waiting`: something is left that was not answered · `signIn`: nobody, or somebody else, is signed in. */
export type RoundEnd = 'sent' | 'waiting' | 'signIn';

type Outcome =
  | { readonly kind: 'done'; readonly incident: Incident | null }
  | { readonly kind: 'stop'; readonly stop: WorkStop }
  | { readonly kind: 'later' }
  | { readonly kind: 'takenBack' }
  | { readonly kind: 'signIn' };

/** When the incident changes between asking and sending, again and again, the next round goes on. */
const MAX_RESENDS = 3;
/** Answers that say nothing of the request itself: it is sent again, later. */
const PASSING = new Set([0, 408, 425, 429, 500, 502, 503, 504]);

/**
 * Sends what was tapped, in its order on every incident: what cannot be sent yet, or waits for a decision, holds back what
 * was tapped later on the same incident, and nothing else.
 */
export class WorkSender {
  constructor(
    private readonly shelf: WorkShelf,
    private readonly server: WorkServer,
    private readonly events: {
      /** Something in the queue changed. */
      changed(): Promise<void>;
      /** An incident is now so. */
      took(incident: Incident): void;
      /** Epoch ms of the server. */
      nowMs(): number;
      /** What is being sent now; null: nothing. */
      sending(seq: number | null): void;
    },
  ) {}

  /** Sends all that can be sent now. One round at a time, in one window at a time. */
  async round(personId: string): Promise<RoundEnd> {
    const held = new Set<string>();
    let end: RoundEnd = 'sent';
    let lastSeq = -1;
    for (;;) {
      // Read anew each time: what waits may have been taken back meanwhile.
      const list = await this.shelf.list(personId);
      for (const { incidentId, stop } of list) if (stop !== null) held.add(incidentId);
      const work = list.find(({ seq, incidentId }) => seq > lastSeq && !held.has(incidentId));
      if (work === undefined) return end;
      lastSeq = work.seq;
      this.events.sending(work.seq);
      const outcome = await this.send(work);
      this.events.sending(null);
      if (outcome.kind === 'signIn') return 'signIn';
      if (outcome.kind === 'takenBack') continue;
      if (outcome.kind === 'done') {
        const { incident } = outcome;
        await this.shelf.finish(work, incident && { version: incident.version, seenAtMs: this.events.nowMs() });
        if (incident !== null) this.events.took(incident);
      } else {
        held.add(work.incidentId);
        if (outcome.kind === 'stop') await this.shelf.update(work.seq, { stop: outcome.stop });
        else end = 'waiting';
      }
      await this.events.changed();
      if (end === 'waiting') return end;
    }
  }

  private async send(work: QueuedWork): Promise<Outcome> {
    // Counted before it leaves: a window that closes now must not believe that nothing was sent.
    if (!(await this.shelf.update(work.seq, { attempts: work.attempts + 1 }))) return { kind: 'takenBack' };
    const upload = await this.uploadPhotos(work);
    if (upload !== null) return upload;
    let current = work;
    for (let resends = 0; resends <= MAX_RESENDS; resends += 1) {
      const result = await this.server.perform(current);
      if (result.ok) return { kind: 'done', incident: result.value };
      const { problem } = result;
      if (problem.status !== 412 && problem.status !== 409) return this.refused(current, problem, null);
      const fresh = await this.server.fetch(work.incidentId);
      if (problem.status === 409) return this.refused(current, problem, fresh.ok ? fresh.value : null);
      if (!fresh.ok) return this.refused(current, fresh.problem, null);
      const decision = decideStale(current, fresh.value);
      if (decision.kind === 'done') return { kind: 'done', incident: fresh.value };
      if (decision.kind === 'stop') return decision;
      current = { ...current, version: decision.version };
      await this.shelf.update(work.seq, { version: decision.version });
    }
    return { kind: 'later' };
  }

  private async uploadPhotos(work: QueuedWork): Promise<Outcome | null> {
    if (work.action.kind !== 'comment') return null;
    let { photos } = work.action;
    for (const photo of photos) {
      if (photo.uploaded) continue;
      const result = await this.server.upload(photo);
      if (!result.ok) return this.refused(work, result.problem, null);
      photos = photos.map((other) => (other.id === photo.id ? { ...other, uploaded: true } : other));
      await this.shelf.update(work.seq, { action: { ...work.action, photos } });
    }
    return null;
  }

  private refused(work: QueuedWork, problem: Problem, fresh: IncidentDetail | null): Outcome {
    if (PASSING.has(problem.status)) return { kind: 'later' };
    if (problem.status === 401 || problem.code === 'password-change-required') return { kind: 'signIn' };
    const stop = stopOf(work, problem, fresh);
    return stop === 'done' ? { kind: 'done', incident: null } : { kind: 'stop', stop };
  }
}
