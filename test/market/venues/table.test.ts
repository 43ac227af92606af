import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { isMissing, parseNumber, parseOptionType } from '../../../src/market/venues/cell.js';
import { readTable } from '../../../src/market/venues/table.js';

describe('readTable', () => {
  it('skips blank lines and a byte order mark, trims cells, drops surplus empty cells', () => {
    const { header, rows } = readTable('\uFEFF\n[A], [B],,\n\n 1 , "2, 3",,,\r\n4,5\n');
    expect(header).toEqual(['[A]', '[B]']);
    expect(rows).toEqual([
      { '[A]': '1', '[B]': '2, 3' },
      { '[A]': '4', '[B]': '5' },
    ]);
  });

  it('tells repeated names apart', () => {
    expect(readTable('Size,Bid,Size,Size\n1,2,3,4').rows[0]).toEqual({
      Size: '1',
      Bid: '2',
      'Size#2': '3',
      'Size#3': '4',
    });
  });

  it('keeps an unnamed first column and empty last cells', () => {
    expect(readTable(',a,b\n0,x,').rows[0]).toEqual({ '': '0', a: 'x', b: '' });
  });

  it('lists lines with another number of cells', () => {
    const { rows, index, rejected } = readTable('a,b\n1,2\nDownloaded on Friday\n3,4\n5,6,7');
    expect(rows.length).toBe(2);
    expect(index).toEqual([0, 2]);
    expect(rejected).toEqual([
      { index: 1, id: 'Downloaded on Friday', reason: 'not-a-row', field: '', value: 1, limit: 2 },
      { index: 3, id: '5', reason: 'not-a-row', field: '', value: 3, limit: 2 },
    ]);
  });

  it('refuses what is no table', () => {
    expect(() => readTable('')).toThrow(InputError);
    expect(() => readTable('a,b\n"open')).toThrow(InputError);
    expect(() => readTable(7 as unknown as string)).toThrow(InputError);
  });
});

describe('cells', () => {
  it('numbers', () => {
    expect(
      ['1', '-1.5', '.5', '5.', '1e-3', '1,234,567.5', '12,34', '0x10', '1 2', '', 'Infinity'].map(parseNumber),
    ).toEqual([1, -1.5, 0.5, 5, 0.001, 1_234_567.5, NaN, NaN, NaN, NaN, NaN]);
  });

  it('missing markers', () => {
    expect(['', 'NaN', 'None', 'null', 'N/A'].every((text) => isMissing(text, []))).toBe(true);
    expect(isMissing('-', [])).toBe(false);
    expect(isMissing('-', ['-'])).toBe(true);
    expect(isMissing('0.000000', ['0'])).toBe(true);
    expect(isMissing('0.1', ['0'])).toBe(false);
    expect(isMissing('0', [])).toBe(false);
  });

  it('types', () => {
    expect(['C', 'call', 'P', 'Put', 'x', ''].map(parseOptionType)).toEqual([
      'call',
      'call',
      'put',
      'put',
      undefined,
      undefined,
    ]);
  });
});
