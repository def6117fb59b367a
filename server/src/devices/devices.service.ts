import { Inject, Injectable } from '@nestjs/common';
import type { Clock, ENDPOINTS, ImportCounts, ParsedBodyOf } from '@ioc/contract';
import type { Logger } from 'pino';
import { AuditService } from '../access/audit.service.js';
import { Database, type Tx } from '../platform/database/database.js';
import { EventBus } from '../platform/events/events.js';
import { CLOCK, LOGGER } from '../platform/platform.module.js';
import { checkAdoption, type AdoptionIssue } from './adoption.js';
import { BoundariesService } from './boundaries.service.js';
import { DevicesRepository } from './devices.repository.js';
import { checkImport, type ImportedRows, type RegisterFiles, type RegisterIssue } from './register-import.js';
import { buildRegister, EMPTY_REGISTER } from './register.js';
import type { Register } from './registered-device.js';

export type { RegisterFiles, RegisterIssue } from './register-import.js';

export type ImportOutcome =
  | {
      readonly ok: true;
      readonly counts: ImportCounts;
      readonly warnings: readonly RegisterIssue[];
      readonly registerVersion: number;
    }
  /** `issues`: the first 200; `total`: how many there are. */
  | { readonly ok: false; readonly issues: readonly RegisterIssue[]; readonly total: number };

export type AdoptOutcome = { readonly ok: true; readonly id: string } | AdoptRefusal;
export type AdoptRefusal =
  | { readonly ok: false; readonly code: 'not-found' | 'conflict' }
  | { readonly ok: false; readonly code: 'bad-request'; readonly issues: readonly AdoptionIssue[] };

interface DevicesEvents {
  readonly 'register:changed': Register;
}

/** What exists, where it is and what it hangs on: the register in memory, and the only way to change it. */
@Injectable()
export class DevicesService {
  readonly #events: EventBus<DevicesEvents>;
  #register: Register = EMPTY_REGISTER;

  constructor(
    private readonly database: Database,
    private readonly repository: DevicesRepository,
    private readonly audit: AuditService,
    private readonly boundaries: BoundariesService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#events = new EventBus(logger);
  }

  /** Loads the register; before it, `register()` is empty. Bad boundaries are told in the log, now and not at the first look. */
  async start(): Promise<void> {
    await this.boundaries.load();
    this.#register = buildRegister(await this.database.transaction((tx) => this.repository.load(tx)));
  }

  /** The register as of now; an immutable object that the next change replaces. */
  register(): Register {
    return this.#register;
  }

  /** Calls `listener` with every new register, after its commit. Returns the function that ends it. */
  onRegisterChanged(owner: string, listener: (register: Register) => void): () => void {
    return this.#events.on('register:changed', owner, listener);
  }

  /**
   * Checks the files against each other and the register; writes all of them in one transaction, or nothing. Devices that
   * the files do not name stay.
   */
  async importCsv(
    files: RegisterFiles,
    options: { readonly dryRun: boolean; readonly actor: string },
  ): Promise<ImportOutcome> {
    const { dryRun, actor } = options;
    const outcome = await this.database.transaction(async (tx) => {
      await this.repository.lock(tx);
      const present = await this.repository.load(tx);
      const checked = checkImport(files, present);
      if (!checked.ok) return checked;
      const { counts, warnings } = checked;
      if (dryRun) return { ok: true, counts, warnings, registerVersion: present.version, register: null } as const;
      const summary = Object.entries(counts)
        .filter(([, count]) => count > 0)
        .map(([kind, count]) => `${count} ${kind}`)
        .join(', ');
      const register = await this.#write(tx, checked.rows, actor, `import: ${summary}`);
      await this.audit.record(
        { actor, action: 'register:imported', subject: String(register.version), detail: { ...counts } },
        tx,
      );
      return { ok: true, counts, warnings, registerVersion: register.version, register } as const;
    });
    if (!outcome.ok) return outcome;
    const { register, ...result } = outcome;
    if (register !== null) this.#accept(register);
    return result;
  }

  /**
   * Registers a device that spoke without being registered. `within` runs in the same transaction, such as taking it out
   * of the quarantine; when it answers false nothing is written and the outcome is `not-found`.
   */
  async adopt(
    id: string,
    body: ParsedBodyOf<typeof ENDPOINTS.adoptDevice>,
    actor: string,
    within?: (tx: Tx) => Promise<boolean>,
  ): Promise<AdoptOutcome> {
    const outcome = await this.database.transaction(
      async (tx): Promise<AdoptRefusal | { readonly ok: true; readonly register: Register }> => {
        await this.repository.lock(tx);
        const present = await this.repository.load(tx);
        if (present.devices.some((device) => device.id === id)) return { ok: false, code: 'conflict' };
        const checked = checkAdoption(id, body, present);
        if (!checked.ok) return { ok: false, code: 'bad-request', issues: checked.issues };
        if (within !== undefined && !(await within(tx))) return { ok: false, code: 'not-found' };
        const register = await this.#write(tx, { ...NO_ROWS, devices: [checked.device] }, actor, `adopted ${id}`);
        await this.audit.record(
          { actor, action: 'register:adopted', subject: id, detail: { deviceClass: body.deviceClass } },
          tx,
        );
        return { ok: true, register };
      },
    );
    if (!outcome.ok) return outcome;
    this.#accept(outcome.register);
    return { ok: true, id };
  }

  /** Writes rows as a new version and answers the register as it will be after the commit. */
  async #write(tx: Tx, rows: ImportedRows, actor: string, summary: string): Promise<Register> {
    const now = new Date(this.clock.now());
    await this.repository.write(tx, rows, now);
    await this.repository.noteChange(tx, now, actor, summary);
    return buildRegister(await this.repository.load(tx));
  }

  /** Makes a committed register the current one; commits may be heard of out of order. */
  #accept(register: Register): void {
    if (register.version <= this.#register.version) return;
    this.#register = register;
    this.#events.emit('register:changed', register);
  }
}

const NO_ROWS: ImportedRows = { organisations: [], feeds: [], hubs: [], gateways: [], sites: [], devices: [] };
