import { describe, expect, it } from 'vitest';
import { syntheticChain } from '../../benchmarks/data/synthetic-chain.js';
import { deribit } from '../../src/market/venues/deribit.js';
import { snapshotOf } from '../../src/portfolio/build-snapshot.js';
import { netGreeks } from '../../src/portfolio/net-greeks.js';
import { deribitInstrument } from '../../src/portfolio/instrument-name.js';
import type { Position } from '../../src/portfolio/account.js';
import { calibrateSurface } from '../../src/volatility/calibration/surface-fit.js';
import { flatSurface } from '../../src/volatility/surface/flat-surface.js';
import { asOf, day } from './support.js';

const surface = (underlying: string, at = asOf) =>
  flatSurface({ underlying, asOf: at, volatility: 0.5, forward: 100, expiries: [at + 30 * day] });

describe('a snapshot of surfaces', () => {
  it('has a market an underlying, named without the currency or root of its chain', () => {
    const snapshot = snapshotOf(
      [
        { surface: surface('BTC_USDC'), spot: 100, futures: { 'BTC-PERPETUAL': 101 }, fundingRatePerDay: 0.001 },
        { surface: surface('SPXW').data, spot: 99 },
        { surface: surface('ETH'), spot: 98, underlying: 'ether' },
      ],
      { fx: [{ base: 'EUR', quote: 'USD', rate: 1.1 }] },
    );
    expect(Object.keys(snapshot.underlyings)).toEqual(['BTC', 'SPX', 'ether']);
    expect(snapshot).toMatchObject({
      asOf,
      underlyings: { BTC: { spot: 100, futures: { 'BTC-PERPETUAL': 101 }, fundingRatePerDay: 0.001 } },
      fx: [{ base: 'EUR' }],
    });
    expect(snapshot).not.toHaveProperty('fits');
  });

  it('is as of the latest of them, or later', () => {
    const sources = [
      { surface: surface('BTC'), spot: 1 },
      { surface: surface('ETH', asOf + 5), spot: 1 },
    ];
    expect(snapshotOf(sources).asOf).toBe(asOf + 5);
    expect(snapshotOf(sources, { asOf: asOf + 9 }).asOf).toBe(asOf + 9);
    expect(() => snapshotOf(sources, { asOf })).toThrow(expect.objectContaining({ field: 'asOf' }) as Error);
  });

  it.each([
    [[{ surface: surface('BTC') }], {}, 'sources[0].spot'],
    [
      [
        { surface: surface('BTC'), spot: 1 },
        { surface: surface('BTC_USDC'), spot: 1 },
      ],
      {},
      'sources[1].underlying',
    ],
    [[{ surface: surface('BTC'), spot: 1, futures: { x: -1 } }], {}, 'underlyings.BTC.futures.x'],
    [[{ surface: surface('BTC'), spot: 1 }], { fx: [{ base: 'A', quote: 'B', rate: 0 }] }, 'fx[0].rate'],
    [[], {}, 'asOf'],
  ])('of %# is an error', (sources, options, field) => {
    expect(() => snapshotOf(sources, options)).toThrow(expect.objectContaining({ field }) as Error);
  });

  it('of a calibrated chain keeps the fits, and values the chain as it is quoted', () => {
    const { rows, asOf: at } = syntheticChain();
    const chain = deribit.parseBookSummary(rows, { asOf: at });
    const fit = calibrateSurface(chain);
    if (!fit.ok) throw new Error(fit.message);
    const snapshot = snapshotOf([fit]);
    expect(snapshot.fits!['BTC']).toBe(fit.fits);
    expect(snapshot.underlyings['BTC']!.spot).toBe(chain.spot);
    const named = deribitInstrument('BTC-27MAR26-100000-C');
    if (!named.ok) throw new Error(named.message);
    const held: Position[] = [{ id: 'x', instrument: named.instrument, quantity: 1 }];
    const mark = rows.find((row) => row.instrument_name === 'BTC-27MAR26-100000-C')!.mark_price;
    expect(Math.abs(netGreeks(held, snapshot, { numeraire: 'BTC' }).total.value - mark)).toBeLessThan(0.0005);
  });
});
