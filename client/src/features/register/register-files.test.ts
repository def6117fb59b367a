import { describe, expect, it } from 'vitest';
import { FILE_LENGTH, readFile, rowsOf, tableOf } from './register-files.js';

const utf8 = (text: string) => new TextEncoder().encode(text);

describe('a chosen file', () => {
  it('is known by its name, wherever the table stands in it', () => {
    expect(tableOf('sites.csv')).toBe('sites');
    expect(tableOf('2026-11 Devices (final).CSV')).toBe('devices');
    expect(tableOf('sites-and-devices.csv')).toBe('devices');
    expect(tableOf('danh-sach.csv')).toBeNull();
  });

  it('is read as UTF-8, with or without a byte-order mark', () => {
    expect(readFile('sites.csv', utf8('\uFEFFid,name\nS1,Ba Tơ\n'))).toEqual({
      ok: true,
      table: 'sites',
      text: 'id,name\nS1,Ba Tơ\n',
    });
  });

  it('is refused in another encoding, when it is too large, or when nobody knows what it is', () => {
    expect(readFile('sites.csv', Uint8Array.from([0x42, 0xe0, 0x20]))).toEqual({ ok: false, reason: 'notUtf8' });
    expect(readFile('sites.csv', new Uint8Array(FILE_LENGTH + 1))).toEqual({ ok: false, reason: 'tooLarge' });
    expect(readFile('x.csv', utf8('id'))).toEqual({ ok: false, reason: 'unknownFile' });
  });

  it('has its rows counted without header and empty lines', () => {
    expect(rowsOf('id,name\r\na,b\r\n\r\nc,d\r\n')).toBe(2);
    expect(rowsOf('')).toBe(0);
  });
});
