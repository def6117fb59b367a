import { Inject, Injectable } from '@nestjs/common';
import type { Availability, Clock, DeviceThen, ENDPOINTS, ParsedQueryOf, StateCounts, StatesThen } from '@ioc/contract';
import { Database } from '../platform/database/database.js';
import { CLOCK } from '../platform/platform.module.js';
import { HistoryRepository, type DeviceScope } from './history.repository.js';
import { countStates, momentsOf } from './state-counts.js';

/** A trend or report spans at most this. */
const MAX_SPAN_MS = 5 * 366 * 86_400_000;

type BadSpan = { readonly ok: false; readonly reason: 'bad-span' };
type Outcome<T> = { readonly ok: true; readonly answer: T } | BadSpan;
const BAD_SPAN: BadSpan = { ok: false, reason: 'bad-span' };

/** What was: states at a moment, counts over time, availability. Reads only. */
@Injectable()
export class HistoryService {
  constructor(
    private readonly repository: HistoryRepository,
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The state of every registered device at a moment, as it is known now. */
  async statesThen(atMs: number): Promise<StatesThen> {
    const rows = await this.repository.statesThen(this.database, atMs);
    const blind = (await this.repository.wholeBlindSpans(this.database, atMs, atMs)).length > 0;
    const devices = rows.map(({ id, connectivity, last_known, since_ms }): [string, DeviceThen] => [
      id,
      { connectivity: blind ? 'blind' : connectivity, lastKnown: last_known, sinceMs: since_ms },
    ]);
    return { at: new Date(atMs).toISOString(), blind, devices: Object.fromEntries(devices) };
  }

  /** How many devices of each group were in which state, at evenly spread moments. */
  async stateCounts(query: ParsedQueryOf<typeof ENDPOINTS.stateCounts>): Promise<Outcome<StateCounts>> {
    const fromMs = Date.parse(query.from);
    const toMs = Date.parse(query.to);
    if (!isSpan(fromMs, toMs)) return BAD_SPAN;
    const atMs = momentsOf(fromMs, toMs, query.points);
    const stepMs = (toMs - fromMs) / (query.points - 1);
    const deltas = await this.repository.countDeltas(this.database, { fromMs, toMs, stepMs }, query.by, scopeOf(query));
    const blindSpans = await this.repository.wholeBlindSpans(this.database, fromMs, toMs);
    return { ok: true, answer: countStates(atMs, deltas, blindSpans) };
  }

  /** Down and observed time, added up as asked for. What lies in the future is not observed. */
  async availability(query: ParsedQueryOf<typeof ENDPOINTS.availability>): Promise<Outcome<Availability>> {
    const fromMs = Date.parse(query.from);
    const toMs = Date.parse(query.to);
    if (!isSpan(fromMs, toMs)) return BAD_SPAN;
    const span = { fromMs, toMs, nowMs: this.clock.now(), monthly: query.monthly === '1' };
    const totals = await this.repository.availability(this.database, span, query.by, scopeOf(query));
    const rows = totals.map(({ key, month, devices, outages, down_s, observed_s }) => ({
      key,
      month,
      devices,
      outages,
      downS: down_s,
      observedS: observed_s,
      availability: observed_s > 0 ? Math.min(Math.max(1 - down_s / observed_s, 0), 1) : null,
    }));
    return { ok: true, answer: { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), rows } };
  }
}

function isSpan(fromMs: number, toMs: number): boolean {
  return fromMs < toMs && toMs - fromMs <= MAX_SPAN_MS;
}

function scopeOf(query: {
  deviceClass?: string | undefined;
  commune?: string | undefined;
  owner?: string | undefined;
}): DeviceScope {
  return { deviceClass: query.deviceClass ?? null, commune: query.commune ?? null, owner: query.owner ?? null };
}
