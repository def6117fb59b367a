/** The province keeps one offset the whole year; a field for a moment is in its time, wherever the browser stands. */
const OFFSET_MS = 7 * 3_600_000;
const LOCAL = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})$/;

/** A moment as the value of a moment field, `YYYY-MM-DDTHH:mm` in the province's time; empty for null. */
export function toLocalInput(at: string | number | null): string {
  if (at === null) return '';
  const ms = typeof at === 'number' ? at : Date.parse(at);
  return new Date(ms + OFFSET_MS).toISOString().slice(0, 16);
}

/** The moment of such a value; null when it is empty or not a moment. */
export function fromLocalInput(value: string): string | null {
  const match = LOCAL.exec(value);
  if (match === null) return null;
  const at = `${match[1]}T${match[2]}:00+07:00`;
  return Number.isNaN(Date.parse(at)) ? null : at;
}
