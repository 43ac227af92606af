import { describe, expect, it } from 'vitest';
import { textTable } from '../../src/report/text-table.js';

describe('textTable', () => {
  it('pads columns to their widest cell, under a rule, without trailing blanks', () => {
    const table = textTable(
      [
        { header: ['expiry', ''], align: 'left' },
        { header: ['RMSE', 'vol bp'], align: 'right' },
        { header: ['note', ''], align: 'left' },
      ],
      [
        ['2026-01-14', '12.5', 'a'],
        ['2026-01-15', '3.0'],
      ],
    );
    expect(table.split('\n')).toEqual([
      'expiry        RMSE  note',
      '            vol bp',
      '----------  ------  ----',
      '2026-01-14    12.5  a',
      '2026-01-15     3.0',
    ]);
  });

  it('counts characters, not code units', () => {
    const table = textTable([{ header: ['x'], align: 'right' }], [['𝜎𝜎'], ['abc']]);
    expect(table.split('\n')).toEqual(['  x', '---', ' 𝜎𝜎', 'abc']);
  });

  it('is its header and rule where there are no rows', () => {
    expect(textTable([{ header: ['reason'], align: 'left' }], [])).toBe('reason\n------');
  });
});
