import { Inject, Injectable } from '@nestjs/common';
import type { ENDPOINTS, ImportCounts, LocalizedText, ParsedBodyOf } from '@ioc/contract';
import type { Logger } from 'pino';
import { Database, type Tx } from '../platform/database/database.js';
import { EventBus } from '../platform/events/events.js';
import { LOGGER } from '../platform/platform.module.js';
import { DevicesRepository } from './devices.repository.js';
import { buildRegister, EMPTY_REGISTER } from './register.js';
import type { Register } from './registered-device.js';

/** The CSV files of an import, as text; an absent one changes nothing of its kind. */
export interface RegisterFiles {
  readonly organisations?: string;
  readonly feeds?: string;
  readonly hubs?: string;
  readonly gateways?: string;
  readonly sites?: string;
  readonly devices?: string;
}

/** A bad or doubtful row; `line` counts from 1, the header being line 1. */
export interface RegisterIssue {
  readonly file: keyof RegisterFiles;
  readonly line: number;
  readonly column: string;
  readonly reason: LocalizedText;
  /** The first 200 characters of the cell. */
  readonly value: string;
}

export type ImportOutcome =
  | {
      readonly ok: true;
      readonly counts: ImportCounts;
      readonly warnings: readonly RegisterIssue[];
      readonly registerVersion: number;
    }
  /** `issues`: the first 200; `total`: how many there are. */
  | { readonly ok: false; readonly issues: readonly RegisterIssue[]; readonly total: number };

export type AdoptOutcome =
  | { readonly ok: true; readonly id: string }
  | { readonly ok: false; readonly code: 'not-found' | 'conflict' }
  | {
      readonly ok: false;
      readonly code: 'bad-request';
      readonly errors: readonly { path: string; message: LocalizedText }[];
    };

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
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#events = new EventBus(logger);
  }

  /** Loads the register; before it, `register()` is empty. */
  async start(): Promise<void> {
    await this.#reload();
  }

  /** The register as of now; an immutable object that the next change replaces. */
  register(): Register {
    return this.#register;
  }

  /** Calls `listener` with every new register, after its commit. Returns the function that ends it. */
  onRegisterChanged(owner: string, listener: (register: Register) => void): () => void {
    return this.#events.on('register:changed', owner, listener);
  }

  /** Checks the files against each other and the register; writes all of them in one transaction, or nothing. */
  async importCsv(
    files: RegisterFiles,
    options: { readonly dryRun: boolean; readonly actor: string },
  ): Promise<ImportOutcome> {
    throw new Error(`import of ${Object.keys(files).length} files by ${options.actor} is not there yet`);
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
    throw new Error(`adoption of ${id} as ${body.deviceClass} by ${actor} is not there yet ${within === undefined}`);
  }

  async #reload(): Promise<void> {
    this.#register = buildRegister(await this.database.transaction((tx) => this.repository.load(tx)));
  }
}
