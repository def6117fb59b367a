import { describe, expect, test } from 'vitest';
import { MAX_ROWS, readCsv } from './csv-table.js';

const columns = { required: ['id', 'name'], optional: ['note'] };
const rowsOf = (text: string) =>
  readCsv(text, columns).rows.map(({ line, cells }) => [line, Object.fromEntries(cells)]);
const problemsOf = (text: string) =>
  readCsv(text, columns).problems.map(({ line, column, reason }) => [line, column, reason.en]);

describe('a CSV file', () => {
  test('is read with a byte-order mark, CRLF, quotes, blank lines, and columns in any order', () => {
    expect(rowsOf('\uFEFFname,id\r\n"Trạm, ""A"""," a "\r\n\r\nB,b\r\n')).toEqual([
      [2, { name: 'Trạm, "A"', id: 'a' }],
      [4, { name: 'B', id: 'b' }],
    ]);
  });

  test('may be separated by semicolons, as Excel saves it in Vietnam', () => {
    const table = readCsv('id;name\na;x, y\n', columns);
    expect(table.decimalComma).toBe(true);
    expect(table.rows[0]?.cells.get('name')).toBe('x, y');
  });

  test('tells the line in which a row begins, behind a cell with line breaks', () => {
    expect(problemsOf('id,name\na,"x\ny\nz"\nb,y,z\n')).toEqual([
      [2, 'name', 'The cell holds a control character'],
      [5, '', 'The row has 3 cells, the header 2 columns'],
    ]);
  });

  test('without its columns, with unknown ones or with one twice is refused by name', () => {
    expect(problemsOf('id,colour,id\na,red,b\n')).toEqual([
      [1, 'name', 'The column is missing'],
      [1, 'colour', 'There is no such column'],
      [1, 'id', 'The column is there twice'],
    ]);
    expect(problemsOf('')).toHaveLength(2);
    expect(readCsv('id,name\n', columns)).toMatchObject({ rows: [], problems: [] });
  });

  test.each([
    ['id,name\na,"x\n', 2, 'A quote is not closed'],
    ['id,name\na,x"y\n', 2, 'A quote in the middle of a cell'],
    ['id,name\na,"x"y\n', 2, 'Something follows a closing quote'],
  ])('with broken quotes, %j, is refused by line', (text, line, reason) => {
    expect(problemsOf(text)).toEqual([[line, '', reason]]);
  });

  test('is bounded in rows and in the length of a cell', () => {
    expect(problemsOf(`id,name\na,${'x'.repeat(501)}\n`)).toEqual([
      [2, 'name', 'The cell is longer than 500 characters'],
    ]);
    const long = readCsv(`id,name\n${'a,b\n'.repeat(MAX_ROWS + 1)}`, columns);
    expect(long.problems[0]?.reason.en).toBe('Too many rows, at most 200000');
    expect(long.rows).toEqual([]);
  });
});
