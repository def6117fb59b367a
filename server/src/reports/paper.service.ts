import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { SituationReport } from '@ioc/contract';
import type { ReportLanguage } from './report-words.js';
import { situationPdf } from './situation-pdf.js';

const MAX_KEPT = 8;

/**
 * Reports as PDF. Making one holds the event loop for about 0.16 s (1 s the first time, while the fonts are read), so that one
 * that everybody asks for at once is made once; the last 8 are kept, 30 KiB each.
 */
@Injectable()
export class PaperService {
  readonly #made = new Map<string, Promise<Buffer>>();

  pdf(report: SituationReport, language: ReportLanguage): Promise<Buffer> {
    const key = `${language} ${createHash('sha256').update(JSON.stringify(report)).digest('base64')}`;
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const made = situationPdf(report, language);
    this.#made.set(key, made);
    // One that failed is tried again by whoever asks next.
    made.catch(() => this.#made.delete(key));
    for (const oldest of this.#made.keys()) {
      if (this.#made.size <= MAX_KEPT) break;
      this.#made.delete(oldest);
    }
    return made;
  }
}
