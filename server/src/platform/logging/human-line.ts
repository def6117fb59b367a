const LEVEL_MARKS: Readonly<Record<number, string>> = { 40: 'warning: ', 50: 'error: ', 60: 'error: ' };
const HIDDEN = new Set(['level', 'time', 'pid', 'hostname', 'msg', 'err', 'name']);
const MAX_VALUE_LENGTH = 160;

/**
 * A log record (one line of JSON) as a line for a person: time of day, sentence, what belongs to it. A line that is not a
 * record is left as it is.
 */
export function humanLine(line: string): string {
  const record = parse(line);
  if (record === null) return line;
  const level = typeof record['level'] === 'number' ? record['level'] : 30;
  const time = typeof record['time'] === 'number' ? timeOfDay(record['time']) : '';
  const details = Object.entries(record)
    .filter(([key]) => !HIDDEN.has(key))
    .map(([key, value]) => `${key}=${shown(value)}`);
  const error = record['err'];
  if (isRecord(error)) details.push(shown(error['message'] ?? error['type']));
  const sentence = typeof record['msg'] === 'string' ? record['msg'] : '';
  return `${time}  ${LEVEL_MARKS[level] ?? ''}${sentence}${details.length === 0 ? '' : ` (${details.join(', ')})`}\n`;
}

function timeOfDay(epochMs: number): string {
  return new Date(epochMs).toLocaleTimeString('en-GB', { timeZone: 'Asia/Ho_Chi_Minh' });
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const oneLine = text.replaceAll(/\s+/g, ' ');
  return oneLine.length > MAX_VALUE_LENGTH ? `${oneLine.slice(0, MAX_VALUE_LENGTH)}…` : oneLine;
}

function parse(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
