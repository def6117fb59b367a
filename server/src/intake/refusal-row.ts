/** A rejected message as it was kept; `payload` is its beginning. */
export interface LetterRow {
  readonly id: number;
  readonly received_ms: number;
  readonly topic: string;
  readonly reason: string;
  readonly detail: string | null;
  readonly payload: Buffer;
  readonly payload_bytes: number;
}

/** How many messages of an hour were rejected for one reason. */
export interface LetterCountRow {
  readonly hour_ms: number;
  readonly reason: string;
  readonly count: number;
}

/** A device that spoke without being registered; `sample` is something that it said. */
export interface QuarantineRow {
  readonly id: string;
  readonly commune_code: string | null;
  readonly device_class: string | null;
  readonly gateway_id: string | null;
  readonly first_ms: number;
  readonly last_ms: number;
  readonly messages: number;
  readonly ignored: boolean;
  readonly sample: Buffer;
}
