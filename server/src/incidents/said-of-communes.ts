import type { FactRecord } from '../facts/fact.js';

/** A commune of which something is said, or counts no more, from a moment on; epoch ms. */
export interface SaidOfCommune {
  readonly communeCode: string;
  readonly fromMs: number;
}

/** What people said of communes and their incidents do not show yet. At most two entries for each fact that counts. */
export class SaidOfCommunes {
  readonly #waiting = new Set<SaidOfCommune>();

  /** A fact was recorded or withdrawn. */
  note({ subject, expiresAtMs, withdrawnAtMs }: FactRecord, nowMs: number): void {
    if (subject.kind !== 'commune') return;
    this.#waiting.add({ communeCode: subject.id, fromMs: nowMs });
    if (withdrawnAtMs === null) this.#waiting.add({ communeCode: subject.id, fromMs: expiresAtMs });
  }

  due(nowMs: number): readonly SaidOfCommune[] {
    return [...this.#waiting].filter(({ fromMs }) => fromMs <= nowMs);
  }

  /** The incidents show it. */
  shown(said: readonly SaidOfCommune[]): void {
    for (const each of said) this.#waiting.delete(each);
  }
}
