import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { formatOsiSymbol, parseOsiSymbol } from '../../../src/market/venues/osi-symbol.js';

describe('US option symbols', () => {
  it('SPX settles at the open, SPXW at the close', () => {
    expect(parseOsiSymbol('SPX250620C06000000')).toMatchObject({
      ok: true,
      root: 'SPX',
      type: 'call',
      strike: 6000,
      expiry: Date.UTC(2025, 5, 20, 13, 30),
    });
    expect(parseOsiSymbol('SPXW250620P06002500')).toMatchObject({
      ok: true,
      root: 'SPXW',
      type: 'put',
      strike: 6002.5,
      expiry: Date.UTC(2025, 5, 20, 20),
    });
  });

  it('may be padded, and adjusted roots end in a digit', () => {
    expect(parseOsiSymbol('SPY   250620C00600125')).toMatchObject({ ok: true, root: 'SPY', strike: 600.125 });
    expect(parseOsiSymbol('NVDA1250620C00100000')).toMatchObject({ ok: true, root: 'NVDA1', strike: 100 });
  });

  it.each([
    'SPX250231C06000000',
    'SPX250620X06000000',
    'SPX250620C00000000',
    'SPX250620C6000',
    'SPX060616C01000000',
    '',
  ])('%j is refused', (symbol) => {
    expect(parseOsiSymbol(symbol)).toMatchObject({ ok: false, reason: 'unreadable-instrument' });
  });

  it('are written as they are read', () => {
    const options = fc.record({
      root: fc.constantFrom('SPX', 'SPXW', 'A', 'NVDA1'),
      type: fc.constantFrom('call' as const, 'put' as const),
      strike: fc.integer({ min: 1, max: 99_999_999 }).map((thousandths) => thousandths / 1000),
      day: fc.integer({ min: 14_610, max: 25_000 }),
    });
    fc.assert(
      fc.property(options, (option) => {
        expect(parseOsiSymbol(formatOsiSymbol(option))).toMatchObject({ ok: true, ...option });
      }),
    );
  });

  it('are not written for what has none', () => {
    const option = { root: 'SPX', type: 'put', strike: 1, day: 20_000 } as const;
    expect(() => formatOsiSymbol({ ...option, strike: 0.0001 })).toThrow(InputError);
    expect(() => formatOsiSymbol({ ...option, strike: 100_000 })).toThrow(InputError);
    expect(() => formatOsiSymbol({ ...option, root: 'spx' })).toThrow(InputError);
    expect(() => formatOsiSymbol({ ...option, day: 10_000 })).toThrow(InputError);
    expect(() => formatOsiSymbol({ ...option, type: 'fly' as 'put' })).toThrow(InputError);
  });
});
