import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import type { LocalizedText } from '@ioc/contract';
import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { CONFIG, LOGGER } from '../platform/platform.module.js';
import { readBoundaries, type Boundaries } from './boundaries.js';

/** Where `npm run map:import` puts what it has checked. */
export const IMPORTED_FILE = 'boundaries.geojson';
/** A file larger than this is refused before it is read. */
export const LARGEST_FILE_BYTES = 64 * 1024 * 1024;

export type LoadedBoundaries =
  | { readonly ok: true; readonly boundaries: Boundaries; readonly etag: string }
  /** `reason` null: there is no file. */
  | { readonly ok: false; readonly reason: LocalizedText | null };

/** The commune polygons of the geographic view, from IOC_BOUNDARIES or the data folder; read again when the file changes. */
@Injectable()
export class BoundariesService {
  readonly #file: string;
  #loaded: { readonly stamp: string; readonly result: LoadedBoundaries } | null = null;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#file = config.boundaries ?? path.join(config.dataDir, IMPORTED_FILE);
  }

  async load(): Promise<LoadedBoundaries> {
    const facts = await stat(this.#file).catch(() => null);
    if (facts === null) return this.#absent();
    const stamp = `${facts.mtimeMs} ${facts.size}`;
    if (this.#loaded?.stamp === stamp) return this.#loaded.result;
    const result = await this.#read(facts.size);
    this.#loaded = { stamp, result };
    if (!result.ok)
      this.logger.error({ file: this.#file }, `The map's boundaries are not used: ${result.reason?.en ?? ''}`);
    return result;
  }

  #absent(): LoadedBoundaries {
    this.#loaded = null;
    if (this.config.boundaries === undefined) return { ok: false, reason: null };
    return {
      ok: false,
      reason: { vi: 'Không có tệp mà IOC_BOUNDARIES chỉ tới.', en: 'The file that IOC_BOUNDARIES names is not there.' },
    };
  }

  async #read(bytes: number): Promise<LoadedBoundaries> {
    if (bytes > LARGEST_FILE_BYTES)
      return { ok: false, reason: { vi: 'Tệp lớn hơn 64 MiB.', en: 'The file is larger than 64 MiB.' } };
    const text = await readFile(this.#file, 'utf8').catch(() => null);
    if (text === null) return { ok: false, reason: { vi: 'Không đọc được tệp.', en: 'The file cannot be read.' } };
    const result = readBoundaries(text);
    if (!result.ok) return result;
    const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
    return { ok: true, boundaries: result.boundaries, etag };
  }
}
