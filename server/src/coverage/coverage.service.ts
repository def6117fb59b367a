import { Inject, Injectable } from '@nestjs/common';
import { COMMUNES, type Clock, type CoverageRow, type CoverageState, type LocalizedText } from '@ioc/contract';
import type { Logger } from 'pino';
import { AuditService } from '../access/audit.service.js';
import { ConnectivityService } from '../connectivity/connectivity.service.js';
import { DevicesService } from '../devices/devices.service.js';
import type { RegisteredDevice } from '../devices/registered-device.js';
import { Database } from '../platform/database/database.js';
import { CLOCK, LOGGER } from '../platform/platform.module.js';
import { ReadingsService } from '../readings/readings.service.js';
import { coverageCsv } from './coverage-csv.js';
import { CoverageRepository } from './coverage.repository.js';
import { isWorthWriting, seenAgain, type Activity } from './endpoint-activity.js';
import { countStates, coverageRowOf } from './vcs-coverage.js';

const LOOK_INTERVAL_MS = 60_000;
const SHORTEST_LOOK_MS = 250;

export interface Coverage {
  readonly asOfMs: number;
  readonly counts: Readonly<Record<CoverageState, number>>;
  readonly rows: readonly CoverageRow[];
}

/**
 * Which communes have VCS equipment that works. What there is comes from the register. When an endpoint was last seen must
 * outlive the raw readings, which are kept for as little as three days: once a minute of the clock the newest reading of
 * every endpoint is looked at and what it says is kept in a table of its own.
 */
@Injectable()
export class CoverageService {
  readonly #known = new Map<string, Activity>();
  readonly #written = new Map<string, Activity>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly repository: CoverageRepository,
    private readonly devices: DevicesService,
    private readonly readings: ReadingsService,
    private readonly connectivity: ConnectivityService,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Loads what was known; call it after readings and connectivity. */
  async start(): Promise<void> {
    for (const [id, activity] of await this.repository.loadActivities(this.database)) {
      this.#known.set(id, activity);
      this.#written.set(id, activity);
    }
    const intervalMs = Math.max(SHORTEST_LOOK_MS, LOOK_INTERVAL_MS / this.clock.speed);
    this.#timer = setInterval(() => {
      this.#writing = this.#writing.then(() => this.#keep(isWorthWriting));
    }, intervalMs);
    this.#timer.unref();
  }

  /** Writes what is known but not yet written. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
    await this.#keep((written, known) => written?.seenAtMs !== known.seenAtMs || written.callAtMs !== known.callAtMs);
  }

  /** The 96 communes, in the order of the contract. */
  vcs(): Coverage {
    this.#look();
    const asOfMs = this.clock.now();
    const { devicesByCommune } = this.devices.register();
    const rows = COMMUNES.map((commune) => {
      const present = devicesByCommune.get(commune.code) ?? [];
      const endpoints = present
        .filter(({ deviceClass }) => deviceClass === 'vcs')
        .map((device) => this.#factsOf(device));
      return coverageRowOf({ commune, endpoints, linkUp: this.#linkUp(present) }, asOfMs);
    });
    return { asOfMs, counts: countStates(rows), rows };
  }

  /** The rows of one state, or all, as CSV; the export is noted in the audit trail. */
  async vcsCsv(state: CoverageState | undefined, language: keyof LocalizedText, actor: string): Promise<string> {
    const rows = this.vcs().rows.filter((row) => state === undefined || row.state === state);
    await this.audit.record({
      actor,
      action: 'coverage:exported',
      subject: 'vcs',
      detail: { state: state ?? 'all', rows: rows.length },
    });
    return coverageCsv(rows, language);
  }

  #factsOf(device: RegisteredDevice) {
    const activity = this.#known.get(device.id);
    return {
      id: device.id,
      name: device.name,
      lastSeenAtMs: activity?.seenAtMs ?? null,
      lastCallAtMs: activity?.callAtMs ?? null,
      connectivity: this.connectivity.stateOf(device.id).lastKnown,
    };
  }

  #linkUp(present: readonly RegisteredDevice[]): boolean | null {
    const states = present
      .filter(({ deviceClass }) => deviceClass === 'link')
      .map(({ id }) => this.connectivity.stateOf(id).lastKnown);
    if (states.includes('up')) return true;
    return states.includes('down') ? false : null;
  }

  /** Takes the newest reading of every endpoint into account. */
  #look(): void {
    const { devices } = this.devices.register();
    for (const device of devices.values()) {
      if (device.deviceClass !== 'vcs') continue;
      const latest = this.readings.latestOf(device.id);
      if (latest === null) continue;
      const inCall = latest.metrics['inCall'] === true;
      this.#known.set(device.id, seenAgain(this.#known.get(device.id), latest.effectiveAtMs, inCall));
    }
    for (const id of this.#known.keys()) {
      if (devices.has(id)) continue;
      this.#known.delete(id);
      this.#written.delete(id);
    }
  }

  async #keep(isDue: (written: Activity | undefined, known: Activity) => boolean): Promise<void> {
    this.#look();
    const due = new Map([...this.#known].filter(([id, known]) => isDue(this.#written.get(id), known)));
    if (due.size === 0) return;
    try {
      await this.repository.writeActivities(this.database, due);
      for (const [id, activity] of due) this.#written.set(id, activity);
    } catch (error) {
      // The next look writes it; what is known stays right meanwhile.
      this.logger.warn({ err: error }, 'when endpoints were last seen was not written');
    }
  }
}
