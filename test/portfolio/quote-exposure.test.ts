/** Vega by quote, against surfaces calibrated again to a bumped quote. */
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import type { OptionChain } from '../../src/market/chain.js';
import type { SliceInput } from '../../src/market/slice.js';
import { blackImpliedVolatility } from '../../src/pricing/black-implied-volatility.js';
import { black76 } from '../../src/pricing/black76.js';
import type { Account, Position } from '../../src/portfolio/account.js';
import { netGreeks } from '../../src/portfolio/net-greeks.js';
import { quoteExposure } from '../../src/portfolio/quote-exposure.js';
import type { MarketSnapshot } from '../../src/portfolio/snapshot.js';
import { greeksOf, valueInstrument } from '../../src/portfolio/valuation.js';
import { calibrateSurface } from '../../src/volatility/calibration/surface-fit.js';
import type { SurfaceFit } from '../../src/volatility/calibration/surface-fit.js';
import type { SviParameters } from '../../src/volatility/smile/parameters.js';
import { openSurface } from '../../src/volatility/surface/surface.js';
import { evenly, sliceOf, sviVolatility } from '../volatility/calibration/sample-slices.js';
import { uniform } from '../volatility/calibration/slices.js';
import { asOf, day, option, position } from './support.js';

const spot = 100;
const chain: OptionChain = {
  underlying: 'BTC',
  venue: 'test',
  asOf,
  spot,
  style: 'european',
  settlement: 'linear',
  premiumCurrency: 'USD',
  multiplier: 1,
  quotes: [],
  rejected: [],
};
const days = [60, 73, 365];
const year = 365;

/** Three expiries; the first two cross, so that certified they touch. */
const inputs = [
  { a: 0.02, b: 0.12, rho: -0.4, m: 0.02, sigma: 0.2 },
  { a: 0.021, b: 0.11, rho: -0.15, m: 0.02, sigma: 0.22 },
  { a: 0.06, b: 0.2, rho: -0.3, m: 0.02, sigma: 0.25 },
].map((p: SviParameters, i): SliceInput => {
  const random = uniform(11 + i);
  const timeToExpiry = days[i]! / year;
  const k = evenly(-0.5, 0.45, 9);
  const volatility = k.map((x) => sviVolatility(p, x, timeToExpiry) + 0.004 * (random() - 0.5));
  return {
    ...sliceOf(k, volatility, { timeToExpiry }),
    underlying: 'BTC',
    expiry: asOf + days[i]! * day,
    forward: 100 + i,
    discountFactor: 0.99 - 0.01 * i,
    instrument: k.map((_, j) => `BTC-${i}-${j}`),
  };
});

type Fitted = SurfaceFit & { ok: true };

function calibrated(slices: SliceInput[], arbitrage: 'certify' | 'report', model: 'svi' | 'essvi' = 'svi'): Fitted {
  const fit = calibrateSurface(chain, { slices: { slices, rejected: [] }, arbitrage, model });
  if (!fit.ok) throw new Error(fit.message);
  return fit;
}

function snapshotOf({ surface, fits }: Fitted, withFits = fits): MarketSnapshot {
  return {
    asOf,
    underlyings: { BTC: { spot, surface: surface.data } },
    fx: [{ base: 'USD', quote: 'EUR', rate: 0.9 }],
    fits: { BTC: withFits },
  };
}

const book: Position[] = [
  [60, 95, 'put', 'linear', 10],
  [60, 104, 'call', 'inverse', -300],
  [73, 110, 'call', 'linear', 7],
  [365, 80, 'put', 'inverse', 500],
  // Between the expiries, before the first and after the last.
  [66, 101, 'call', 'linear', -4],
  [200, 120, 'call', 'inverse', 200],
  [30, 97, 'put', 'linear', 5],
  [500, 130, 'call', 'linear', 3],
].map(([at, strike, type, style, quantity]) =>
  position(
    option({
      expiry: asOf + (at as number) * day,
      strike: strike as number,
      type: type as 'put' | 'call',
      style: style as 'linear' | 'inverse',
    }),
    quantity as number,
  ),
);
const account: Account = { id: 'account', reportingCurrency: 'EUR', cash: {}, positions: book };

function valueOf(snapshot: MarketSnapshot): number {
  return book.reduce(
    (sum, { instrument, quantity }) => sum + quantity * valueInstrument(instrument, snapshot, 'EUR').value,
    0,
  );
}

function bumped(slices: readonly SliceInput[], slice: number, j: number, by: number): SliceInput[] {
  return slices.map((one, i) =>
    i === slice ? { ...one, volatility: one.volatility.map((v, at) => (at === j ? v + by : v)) } : one,
  );
}

/** Every volatility at the strikes of the book, by instrument. */
function volatilities(snapshot: MarketSnapshot, from: MarketSnapshot): number {
  return book.reduce((sum, { instrument, quantity }) => {
    if (instrument.kind !== 'option') return sum;
    const surface = snapshot.underlyings['BTC']!.surface;
    const own = valueVolatility(surface, instrument.strike, instrument.expiry);
    return sum + quantity * greeksOf(instrument, from, { numeraire: 'EUR' }).vega * own;
  }, 0);
}

function valueVolatility(surface: Fitted['surface']['data'], strike: number, expiry: number): number {
  const view = openSurface(surface);
  const time = surface.slices.find((slice) => slice.expiry === expiry)?.timeToExpiry ?? (expiry - asOf) / (year * day);
  return view.volatility(strike, time);
}

describe.each(['report', 'certify'] as const)("quoteExposure on surfaces with arbitrage '%s'", (arbitrage) => {
  const fit = calibrated(inputs, arbitrage);
  const snapshot = snapshotOf(fit);
  const exposure = quoteExposure(account, snapshot);

  it('is the change of value when a quote moves and the surface is calibrated again', () => {
    expect(exposure.unattributed).toBe(0);
    expect(exposure.failed).toEqual([]);
    expect(exposure.quotes.map(({ instrument }) => instrument)).toEqual(inputs.flatMap(({ instrument }) => instrument));
    const size = Math.max(...exposure.quotes.map(({ perVolPoint }) => Math.abs(perVolPoint)));
    const h = 1e-5;
    for (const [slice, j] of [
      [0, 4],
      [1, 3],
      [2, 5],
    ] as const) {
      const [up, down] = [1, -1].map((sign) =>
        valueOf(snapshotOf(calibrated(bumped(inputs, slice, j, sign * h), arbitrage))),
      );
      const difference = (0.01 * (up! - down!)) / (2 * h);
      const bucket = exposure.quotes.find(({ instrument }) => instrument === `BTC-${slice}-${j}`)!;
      expect(Math.abs(bucket.perVolPoint - difference)).toBeLessThan(1e-4 * Math.abs(difference) + 1e-7 * size);
      // The same through the price of the quote.
      const { forward, timeToExpiry, logMoneyness, volatility } = inputs[slice]!;
      const quoted = { type: 'call', forward, strike: forward * Math.exp(logMoneyness[j]!), timeToExpiry } as const;
      const { vega } = black76.greeks({ ...quoted, volatility: volatility[j]! });
      expect(bucket.perPrice).toBeCloseTo(bucket.perVolPoint / 0.01 / vega, 8);
    }
  });

  it('moves with a forward as volatilities do at fixed prices', () => {
    const h = 1e-3;
    for (const slice of [0, 2]) {
      const [up, down] = [1, -1].map((sign) => {
        const moved = inputs.map((one, i) => (i === slice ? withForward(one, sign * h) : one));
        return volatilities(snapshotOf(calibrated(moved, arbitrage)), snapshot);
      });
      const difference = (up! - down!) / (2 * h);
      const ours = exposure.byForward[`BTC:${inputs[slice]!.expiry}`]!;
      expect(Math.abs(ours - difference)).toBeLessThan(1e-4 * Math.abs(difference) + 1e-6);
    }
  });

  it('without the fits is all unattributed: the vega of the book', () => {
    const none = quoteExposure(account, { ...snapshot, fits: undefined });
    const { vega } = netGreeks(book, snapshot, { numeraire: 'EUR' }).byUnderlying['BTC']!;
    expect(none.quotes).toEqual([]);
    expect(none.unattributed).toBeCloseTo(0.01 * vega, 8);
    expect(none.failed.map(({ reason }) => reason)).toEqual(['no-fit', 'no-fit', 'no-fit']);
  });
});

/** The slice at another forward: the same strikes and out-of-the-money prices. */
function withForward(slice: SliceInput, by: number): SliceInput {
  const forward = slice.forward + by;
  const { timeToExpiry } = slice;
  return {
    ...slice,
    forward,
    logMoneyness: slice.logMoneyness.map((k) => k - Math.log(forward / slice.forward)),
    volatility: slice.volatility.map((volatility, i) => {
      const k = slice.logMoneyness[i]!;
      const strike = slice.forward * Math.exp(k);
      const type = k < 0 ? 'put' : 'call';
      const price = black76.price({ type, forward: slice.forward, strike, timeToExpiry, volatility });
      const result = blackImpliedVolatility(forward, strike, timeToExpiry, type, price);
      if (!result.ok) throw new Error(result.reason);
      return result.volatility;
    }),
  };
}

describe('quoteExposure', () => {
  const fit = calibrated(inputs, 'report');
  const snapshot = snapshotOf(fit);

  it('attributes what it can where a fit is missing or is not that of the slice', () => {
    const without = quoteExposure(account, snapshotOf(fit, [fit.fits[0]!, fit.fits[2]!]));
    expect(without.failed).toEqual([{ underlying: 'BTC', expiry: inputs[1]!.expiry, reason: 'no-fit' }]);
    expect(without.quotes.length).toBe(18);
    const stale = { ...fit.fits[1]!, parameters: { ...fit.fits[1]!.parameters, a: 0.03 } };
    expect(quoteExposure(account, snapshotOf(fit, [fit.fits[0]!, stale, fit.fits[2]!]))).toEqual(without);
    // An option in the middle of two expiries counts for both by its place between them.
    const [one] = [option({ expiry: asOf + 66 * day, strike: 101, style: 'linear' })];
    const alone = quoteExposure({ ...account, positions: [position(one)] }, snapshotOf(fit, [fit.fits[0]!]));
    const { vega } = greeksOf(one, snapshot, { numeraire: 'EUR' });
    expect(alone.unattributed).toBeCloseTo((0.01 * vega * 6) / 13, 10);
  });

  it('of eSSVI slices that gave way to their neighbours says so', () => {
    const essvi = calibrated(inputs, 'certify', 'essvi');
    const { failed, quotes } = quoteExposure(account, snapshotOf(essvi));
    expect(failed.length * 9 + quotes.length).toBe(27);
    for (const { reason } of failed) expect(reason).toBe('not-a-minimum');
  });

  it('of a book and its opposite vanishes', () => {
    const opposite = book.map((one) => ({ ...one, id: `${one.id}-`, quantity: -one.quantity }));
    const { quotes, unattributed } = quoteExposure({ ...account, positions: [...book, ...opposite] }, snapshot);
    for (const { perVolPoint, perPrice } of quotes) expect([Math.abs(perVolPoint), Math.abs(perPrice)]).toEqual([0, 0]);
    expect(unattributed).toBe(0);
  });

  it('takes the policy for what the snapshot lacks', () => {
    const elsewhere = { ...account, positions: [...book, position(option({ underlying: 'ETH' }))] };
    expect(() => quoteExposure(elsewhere, snapshot)).toThrow(InputError);
    const { excluded } = quoteExposure(elsewhere, snapshot, { missing: 'exclude' });
    expect(excluded).toMatchObject([{ reason: 'no-market' }]);
    expect(quoteExposure({ ...account, positions: [] }, snapshot).quotes).toEqual([]);
  });

  it('of a shifted surface is unattributed', () => {
    const { surface } = snapshot.underlyings['BTC']!;
    const shift = { smileForwards: surface.slices.map(({ forward }) => forward), volatility: [] };
    const bare = surface.slices.map((slice) => ({ ...slice, butterfly: undefined }));
    const moved = { ...surface, slices: bare, calendar: [], shift };
    const shifted = { ...snapshot, underlyings: { BTC: { spot, surface: moved } } };
    const { quotes, failed, unattributed } = quoteExposure(account, shifted);
    expect(quotes).toEqual([]);
    expect(failed.map(({ reason }) => reason)).toEqual(['shifted', 'shifted', 'shifted']);
    const { vega } = netGreeks(book, snapshot, { numeraire: 'EUR' }).byUnderlying['BTC']!;
    expect(unattributed).toBeCloseTo(0.01 * vega, 8);
  });
});
