import type { AlarmKey, Shelved } from './alarm.js';

/** A key that is put aside; null: not any more. */
export interface ShelfChange {
  readonly key: AlarmKey;
  readonly shelved: Shelved | null;
}
