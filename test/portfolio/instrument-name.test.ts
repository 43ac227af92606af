import { describe, expect, it } from 'vitest';
import {
  deribitInstrument,
  instrumentId,
  instrumentOf,
  underlyingOf,
  usOptionInstrument,
} from '../../src/portfolio/instrument-name.js';
import { future, option } from './support.js';

describe('the instrument of a name', () => {
  it.each([
    [
      'BTC-27DEC24-60000-C',
      { kind: 'option', underlying: 'BTC', settlement: 'BTC', style: 'inverse', type: 'call', strike: 60_000 },
      Date.UTC(2024, 11, 27, 8),
    ],
    [
      'BTC_USDC-27DEC24-60000-P',
      { kind: 'option', underlying: 'BTC', settlement: 'USDC', style: 'linear', type: 'put', strike: 60_000 },
      Date.UTC(2024, 11, 27, 8),
    ],
    [
      'XRP_USDC-5JAN25-2d125-C',
      { kind: 'option', underlying: 'XRP', settlement: 'USDC', style: 'linear', type: 'call', strike: 2.125 },
      Date.UTC(2025, 0, 5, 8),
    ],
    ['BTC-PERPETUAL', { kind: 'perpetual', underlying: 'BTC', settlement: 'BTC', style: 'inverse' }, undefined],
    ['SOL_USDC-PERPETUAL', { kind: 'perpetual', underlying: 'SOL', settlement: 'USDC', style: 'linear' }, undefined],
    [
      'ETH-27DEC24',
      { kind: 'future', underlying: 'ETH', settlement: 'ETH', style: 'inverse' },
      Date.UTC(2024, 11, 27, 8),
    ],
    ['BTC_USDC', { kind: 'spot', underlying: 'BTC', settlement: 'USDC' }, undefined],
  ])('%s', (name, fields, expiry) => {
    const instrument = { id: name, multiplier: 1, ...fields, ...(expiry === undefined ? {} : { expiry }) };
    expect(deribitInstrument(name)).toEqual({ ok: true, instrument });
    expect(instrumentOf(name)).toEqual({ ok: true, instrument });
  });

  it.each([
    ['BTC-CS-27JUN25-90000_100000', 'not-supported'],
    ['BTC-31FEB25', 'unreadable-instrument'],
    ['BTC-27XYZ25', 'unreadable-instrument'],
    ['BTC-31FEB25-60000-C', 'unreadable-instrument'],
    ['bitcoin', 'unreadable-instrument'],
    ['', 'unreadable-instrument'],
  ])('%j is none: %s', (name, reason) => {
    expect(instrumentOf(name)).toMatchObject({ ok: false, reason });
  });

  it('of a US symbol is 100 units at the settlement of its root', () => {
    const terms = { kind: 'option', settlement: 'USD', style: 'linear', multiplier: 100, type: 'put', strike: 5000 };
    // The third Friday of March 2026: SPX on the open, SPXW at the close, New York is at UTC-4.
    expect(instrumentOf('SPX   260320P05000000')).toEqual({
      ok: true,
      instrument: { ...terms, id: 'SPX260320P05000000', underlying: 'SPX', expiry: Date.UTC(2026, 2, 20, 13, 30) },
    });
    expect(instrumentOf('SPXW260320P05000000')).toMatchObject({
      instrument: { underlying: 'SPX', expiry: Date.UTC(2026, 2, 20, 20) },
    });
    expect(instrumentOf('AAPL260320P05000000')).toMatchObject({
      instrument: { underlying: 'AAPL', exercise: 'american' },
    });
    expect(instrumentOf('SPX260320P05000000')).not.toHaveProperty('instrument.exercise');
    expect(usOptionInstrument('SPX260231P05000000')).toMatchObject({ ok: false, reason: 'unreadable-instrument' });
  });

  it('takes chains of one underlying together', () => {
    expect(['BTC_USDC', 'BTC', 'SPXW', 'SPX', 'NDXP', 'XSP'].map(underlyingOf)).toEqual([
      'BTC',
      'BTC',
      'SPX',
      'SPX',
      'NDX',
      'XSP',
    ]);
  });

  it('that has none tells every instrument from the others', () => {
    const expiry = Date.UTC(2026, 2, 27, 8);
    const names = [
      option({ expiry }),
      option({ expiry, type: 'put' }),
      option({ expiry, strike: 60_000.5 }),
      option({ expiry, style: 'linear' }),
      option({ expiry, style: 'linear', settlement: 'USDC' }),
      option({ expiry, style: 'linear', exercise: 'american' }),
      option({ expiry, style: 'linear', multiplier: 100 }),
      option({ expiry: expiry + 60_000 }),
      future({ kind: 'future', expiry }),
      future(),
    ].map(instrumentId);
    expect(new Set(names).size).toBe(names.length);
    expect(names[0]).toBe('BTC-2026-03-27T08:00Z-60000-call-inverse-BTC');
  });
});
