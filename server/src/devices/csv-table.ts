import type { LocalizedText } from '@ioc/contract';
import { CsvError, parse } from 'csv-parse/sync';

/** Most rows of one file, and the longest cell. */
export const MAX_ROWS = 200_000;
export const MAX_CELL_CHARACTERS = 500;

/** A row by column; every column of the file is there, cells trimmed. */
export interface CsvRow {
  /** Where the row begins; the header is line 1. */
  readonly line: number;
  readonly cells: ReadonlyMap<string, string>;
}

export interface CsvProblem {
  readonly line: number;
  readonly column: string;
  readonly reason: LocalizedText;
  readonly value: string;
}

export interface CsvTable {
  readonly rows: readonly CsvRow[];
  /** True for a file separated by semicolons, as Excel saves it in Vietnam: there a decimal is written with a comma. */
  readonly decimalComma: boolean;
  /** Rows named here are not among `rows`. */
  readonly problems: readonly CsvProblem[];
}

export interface CsvColumns {
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

/** Reads a CSV file with a header; separated by commas or semicolons, with or without a byte-order mark. Never throws for a bad file. */
export function readCsv(text: string, columns: CsvColumns): CsvTable {
  const delimiter = delimiterOf(text);
  const parsed = parseRecords(text, delimiter);
  if (!parsed.ok) return { rows: [], decimalComma: false, problems: [parsed.problem] };
  const [header, ...records] = parsed.records;
  const names = header?.record.map((name) => name.trim()) ?? [];
  const headerProblems = checkHeader(names, columns);
  const decimalComma = delimiter === ';';
  if (headerProblems.length > 0) return { rows: [], decimalComma, problems: headerProblems };
  if (records.length > MAX_ROWS) {
    const reason = { vi: `Quá nhiều dòng, tối đa ${MAX_ROWS}`, en: `Too many rows, at most ${MAX_ROWS}` };
    return {
      rows: [],
      decimalComma,
      problems: [{ line: MAX_ROWS + 2, column: '', reason, value: String(records.length) }],
    };
  }
  const rows: CsvRow[] = [];
  const problems: CsvProblem[] = [];
  for (const { record, line } of records) {
    const problem = checkRecord(record, line, names);
    if (problem !== null) problems.push(problem);
    else rows.push({ line, cells: new Map(names.map((name, index) => [name, (record[index] ?? '').trim()])) });
  }
  return { rows, decimalComma, problems };
}

interface CsvRecord {
  readonly record: readonly string[];
  readonly line: number;
}
type ParsedRecords =
  { readonly ok: true; readonly records: readonly CsvRecord[] } | { readonly ok: false; readonly problem: CsvProblem };

function parseRecords(text: string, delimiter: string): ParsedRecords {
  try {
    const lastLines: number[] = [];
    const parsed = parse(text, {
      bom: true,
      delimiter,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      skip_empty_lines: true,
      to: MAX_ROWS + 2,
      on_record: (record: string[], { lines }) => {
        lastLines.push(lines);
        return record;
      },
    });
    // The parser tells where a record ends; quoted line breaks lie between its beginning and that.
    const records = parsed.map((record, index) => ({ record, line: (lastLines[index] ?? 0) - lineBreaks(record) }));
    return { ok: true, records };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const lines: unknown = error['lines'];
    const reason = CSV_REASONS[error.code] ?? {
      vi: `Không đọc được CSV (${error.code})`,
      en: `Not readable as CSV (${error.code})`,
    };
    return { ok: false, problem: { line: typeof lines === 'number' ? lines : 1, column: '', reason, value: '' } };
  }
}

const CSV_REASONS: Readonly<Record<string, LocalizedText>> = {
  CSV_QUOTE_NOT_CLOSED: { vi: 'Dấu nháy kép không được đóng', en: 'A quote is not closed' },
  INVALID_OPENING_QUOTE: { vi: 'Dấu nháy kép ở giữa ô', en: 'A quote in the middle of a cell' },
  CSV_INVALID_CLOSING_QUOTE: { vi: 'Có ký tự sau dấu nháy kép đóng', en: 'Something follows a closing quote' },
};

function delimiterOf(text: string): ',' | ';' {
  const header = text.slice(0, 10_000).split(/[\r\n]/, 1)[0] ?? '';
  return header.includes(';') && !header.includes(',') ? ';' : ',';
}

function lineBreaks(record: readonly string[]): number {
  let breaks = 0;
  for (const cell of record)
    if (cell.includes('\n') || cell.includes('\r')) breaks += cell.split(/\r\n|\n|\r/).length - 1;
  return breaks;
}

function checkHeader(names: readonly string[], { required, optional }: CsvColumns): readonly CsvProblem[] {
  const known = new Set([...required, ...optional]);
  const present = new Set(names);
  const problem = (column: string, reason: LocalizedText): CsvProblem => ({
    line: 1,
    column: column.slice(0, 100),
    reason,
    value: '',
  });
  return [
    ...required
      .filter((name) => !present.has(name))
      .map((name) => problem(name, { vi: 'Thiếu cột', en: 'The column is missing' })),
    ...names
      .filter((name) => !known.has(name))
      .map((name) => problem(name, { vi: 'Cột không được biết', en: 'There is no such column' })),
    ...names
      .filter((name, index) => known.has(name) && names.indexOf(name) !== index)
      .map((name) => problem(name, { vi: 'Cột lặp lại', en: 'The column is there twice' })),
  ];
}

// A tab or line break inside a cell is a paste gone wrong, and PostgreSQL takes no NUL.
const CONTROL = /\p{Cc}/u;

function checkRecord(record: readonly string[], line: number, names: readonly string[]): CsvProblem | null {
  if (record.length !== names.length) {
    const reason = {
      vi: `Dòng có ${record.length} ô, tiêu đề có ${names.length} cột`,
      en: `The row has ${record.length} cells, the header ${names.length} columns`,
    };
    return { line, column: '', reason, value: shown(record.join(',')) };
  }
  for (const [index, name] of names.entries()) {
    const cell = record[index]?.trim() ?? '';
    const problem = (reason: LocalizedText): CsvProblem => ({ line, column: name, reason, value: shown(cell) });
    if (cell.length > MAX_CELL_CHARACTERS) {
      return problem({
        vi: `Ô dài quá ${MAX_CELL_CHARACTERS} ký tự`,
        en: `The cell is longer than ${MAX_CELL_CHARACTERS} characters`,
      });
    }
    if (CONTROL.test(cell)) return problem({ vi: 'Ô có ký tự điều khiển', en: 'The cell holds a control character' });
  }
  return null;
}

/** A cell as an issue shows it. */
export function shown(cell: string): string {
  return cell.slice(0, 200);
}
