import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import {
  deribitContractSize,
  deribitTick,
  formatDeribitInstrument,
  parseDeribitInstrument,
} from '../../../src/market/venues/deribit-instrument.js';

describe('Deribit instrument names', () => {
  it('inverse', () => {
    expect(parseDeribitInstrument('BTC-27JUN25-100000-C')).toEqual({
      ok: true,
      underlying: 'BTC',
      type: 'call',
      strike: 100_000,
      expiry: Date.UTC(2025, 5, 27, 8),
      settlement: 'inverse',
      premiumCurrency: 'BTC',
    });
  });

  it('linear, with a decimal strike and a day of one digit', () => {
    expect(parseDeribitInstrument('XRP_USDC-3JUL26-0d625-P')).toEqual({
      ok: true,
      underlying: 'XRP_USDC',
      type: 'put',
      strike: 0.625,
      expiry: Date.UTC(2026, 6, 3, 8),
      settlement: 'linear',
      premiumCurrency: 'USDC',
    });
  });

  it.each([
    ['BTC-27JUN25', 'BTC'],
    ['BTC-PERPETUAL', 'BTC'],
    ['SOL_USDC-PERPETUAL', 'SOL_USDC'],
    ['BTC_USDC', 'BTC_USDC'],
    ['BTC-CS-27JUN25-90000_100000', 'BTC'],
    ['ETH-FS-27JUN25_PERP', 'ETH'],
  ])('%s is no option', (name, underlying) => {
    expect(parseDeribitInstrument(name)).toMatchObject({ ok: false, reason: 'not-an-option', underlying });
  });

  it.each([
    'BTC-31FEB25-100000-C',
    'BTC-27JUX25-100000-C',
    'BTC-27JUN25-0-C',
    'BTC-27JUN25-0d0-P',
    'BTC-27JUN25-1.5-C',
    'BTC-27JUN25-100000-X',
    'BTC_EURR-27JUN25-100000-C',
    'btc-27jun25-100000-c',
    ' BTC-27JUN25-100000-C',
    '',
  ])('%j is refused', (name) => {
    expect(parseDeribitInstrument(name)).toMatchObject({ ok: false, reason: 'unreadable-instrument' });
  });

  it('are written as they are read', () => {
    const options = fc.record({
      underlying: fc.constantFrom('BTC', 'ETH', 'BTC_USDC', 'XRP_USDC'),
      type: fc.constantFrom('call' as const, 'put' as const),
      strike: fc.integer({ min: 1, max: 99_999_999 }).map((thousandths) => thousandths / 1000),
      expiry: fc.integer({ min: 10_957, max: 47_481 }).map((day) => day * 86_400_000 + 8 * 3_600_000),
    });
    fc.assert(
      fc.property(options, (option) => {
        expect(parseDeribitInstrument(formatDeribitInstrument(option))).toMatchObject({ ok: true, ...option });
      }),
    );
  });

  it('are not written for what has none', () => {
    const option = { underlying: 'BTC', type: 'call', strike: 1, expiry: Date.UTC(2025, 5, 27, 8) } as const;
    expect(formatDeribitInstrument({ ...option, strike: 1.5 })).toBe('BTC-27JUN25-1d5-C');
    expect(() => formatDeribitInstrument({ ...option, strike: 0 })).toThrow(InputError);
    expect(() => formatDeribitInstrument({ ...option, strike: 1e-9 })).toThrow(InputError);
    expect(() => formatDeribitInstrument({ ...option, expiry: Date.UTC(2025, 5, 27, 9) })).toThrow(InputError);
    expect(() => formatDeribitInstrument({ ...option, expiry: Date.UTC(1999, 5, 27, 8) })).toThrow(InputError);
    expect(() => formatDeribitInstrument({ ...option, type: 'straddle' as 'call' })).toThrow(InputError);
  });
});

describe('contract rules', () => {
  it('sizes', () => {
    expect(['BTC', 'ETH_USDC', 'SOL_USDC', 'XRP_USDC'].map(deribitContractSize)).toEqual([1, 1, 10, 1000]);
    expect(deribitContractSize('DOGE_USDC')).toBeUndefined();
    expect(deribitContractSize('constructor')).toBeUndefined();
  });

  it('the step is what cheap prices show', () => {
    expect(deribitTick('BTC', [0.0005, 0.0015, 0.2])).toBe(0.0005);
    expect(deribitTick('ETH', [0.0005, 0.0012, 0.2])).toBe(0.0001);
    expect(deribitTick('BTC', [0, 0.2, 0.0052])).toBeUndefined();
    expect(deribitTick('BTC_USDC', [0.0012])).toBeUndefined();
  });
});
