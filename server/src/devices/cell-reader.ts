import { COMMUNE_BY_CODE, entityId, type LocalizedText } from '@ioc/contract';
import { shown, type CsvRow } from './csv-table.js';

/** Where the province lies, with a margin: its polygons reach from 107.33 to 109.15° E and from 13.92 to 15.43° N. */
export const PROVINCE_BOX = { lat: { min: 13.8, max: 15.6 }, lon: { min: 107.2, max: 109.3 } } as const;

const FILL = { vi: 'Không được để trống', en: 'It must not be empty' };

/** Takes a row's cells one by one; a bad one is reported and answered with null. */
export class CellReader {
  /** False once a cell was bad. */
  ok = true;

  constructor(
    readonly row: CsvRow,
    private readonly decimalComma: boolean,
    private readonly report: (column: string, reason: LocalizedText, value: string) => void,
  ) {}

  cell(column: string): string {
    return this.row.cells.get(column) ?? '';
  }

  /** Reports a column of this row as bad. */
  bad(column: string, reason: LocalizedText): null {
    this.ok = false;
    this.report(column, reason, shown(this.cell(column)));
    return null;
  }

  id(column: string): string | null {
    const cell = this.cell(column);
    if (cell === '') return this.bad(column, FILL);
    if (entityId.safeParse(cell).success) return cell;
    return this.bad(column, { vi: 'Chỉ gồm 1–64 ký tự A–Z a–z 0–9 _ -', en: 'Must be 1–64 of A–Z a–z 0–9 _ -' });
  }

  text(column: string, longest: number): string | null {
    const cell = this.cell(column);
    if (cell === '') return this.bad(column, FILL);
    if (cell.length <= longest) return cell;
    return this.bad(column, { vi: `Dài quá ${longest} ký tự`, en: `Longer than ${longest} characters` });
  }

  oneOf<const T extends string>(column: string, values: readonly T[]): T | null {
    const cell = this.cell(column);
    const value = values.find((candidate) => candidate === cell);
    if (value !== undefined) return value;
    return this.bad(column, {
      vi: `Phải là một trong: ${values.join(', ')}`,
      en: `Must be one of: ${values.join(', ')}`,
    });
  }

  /** `true` or `false`; empty is false. */
  flag(column: string): boolean {
    const cell = this.cell(column).toLowerCase();
    if (cell !== 'true' && cell !== 'false' && cell !== '')
      this.bad(column, { vi: 'Phải là true hoặc false', en: 'Must be true or false' });
    return cell === 'true';
  }

  coordinate(column: 'lat' | 'lon'): number | null {
    const value = this.#number(column);
    if (value === null) return null;
    const { min, max } = PROVINCE_BOX[column];
    if (value >= min && value <= max) return value;
    return this.bad(column, { vi: `Ngoài địa bàn tỉnh (${min}–${max})`, en: `Outside the province (${min}–${max})` });
  }

  /** A whole number within bounds, or `fallback` when the cell is empty. */
  wholeOr(column: string, min: number, max: number, fallback: number): number | null {
    if (this.cell(column) === '') return fallback;
    const value = this.#number(column);
    if (value === null) return null;
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    return this.bad(column, {
      vi: `Phải là số nguyên từ ${min} đến ${max}`,
      en: `Must be a whole number from ${min} to ${max}`,
    });
  }

  communeCode(column: string): string | null {
    const cell = this.cell(column);
    if (COMMUNE_BY_CODE.has(cell)) return cell;
    return this.bad(column, { vi: 'Không có xã nào mang mã này', en: 'No commune has this code' });
  }

  /** The id of something that must be there; null, and nothing is reported, when the cell is empty. */
  optionalReference(column: string, known: ReadonlySet<string>, kind: LocalizedText): string | null {
    return this.cell(column) === '' ? null : this.reference(column, known, kind);
  }

  reference(column: string, known: ReadonlySet<string>, kind: LocalizedText): string | null {
    const cell = this.cell(column);
    if (cell === '') return this.bad(column, FILL);
    if (known.has(cell)) return cell;
    return this.bad(column, {
      vi: `Không có ${kind.vi} này trong tệp hoặc sổ đăng ký`,
      en: `There is no such ${kind.en} in the files or the register`,
    });
  }

  #number(column: string): number | null {
    const cell = this.cell(column);
    if (cell === '') return this.bad(column, FILL);
    const text = this.decimalComma ? cell.replace(',', '.') : cell;
    if (/^-?\d{1,12}(\.\d{1,15})?$/.test(text)) return Number(text);
    return this.bad(column, { vi: 'Không phải là số', en: 'Not a number' });
  }
}
