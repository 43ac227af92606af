/** Early exercise taken out of chains whose European surface, carry and rate are known, and of real ones. */
import { describe, expect, it } from 'vitest';
import { americanChains, readAmericanChain, someExpiries } from '../../benchmarks/data/american-chains.js';
import { dataRoot, hasData } from '../../benchmarks/data/real-chains.js';
import { InputError } from '../../src/errors.js';
import type { OptionChain } from '../../src/market/chain.js';
import { deAmericanise } from '../../src/market/de-americanise.js';
import type { DeAmericaniseOptions, DeAmericanised } from '../../src/market/de-americanise.js';
import type { RawQuote } from '../../src/market/quote.js';
import { sliceInputs } from '../../src/market/slice-inputs.js';
import { american } from '../../src/pricing/american.js';
import { black76 } from '../../src/pricing/black76.js';
import type { CashDividend } from '../../src/pricing/curves.js';
import { calibrateSurface } from '../../src/volatility/calibration/surface-fit.js';
import { AS_OF, DAY, seeded } from './support.js';

interface Market {
  rate: number;
  dividendYield: number;
  days?: readonly number[];
  strikes?: readonly number[];
  halfSpread?: number;
  /** Each side moved by this many half-spreads at most, at random. */
  noise?: number;
  dividends?: CashDividend[];
}

const SPOT = 100;
const smile = (strike: number): number => 0.25 - 0.12 * Math.log(strike / SPOT) + 0.1 * Math.log(strike / SPOT) ** 2;

function americanChain(o: Market): OptionChain {
  const random = seeded(7);
  const quotes: RawQuote[] = [];
  const strikes = o.strikes ?? [70, 80, 85, 90, 95, 97.5, 100, 102.5, 105, 110, 115, 120, 130];
  for (const day of o.days ?? [30, 180, 500]) {
    for (const strike of strikes) {
      for (const type of ['call', 'put'] as const) {
        const { rate, dividendYield } = o;
        const option = { type, spot: SPOT, strike, timeToExpiry: day / 365, rate, dividendYield };
        const dividends = o.dividends?.filter(({ timeToExDate }) => timeToExDate <= day / 365);
        const value = american.price(
          { ...option, volatility: smile(strike), dividends, dividendModel: 'escrowed' },
          'fast',
        );
        const half = o.halfSpread ?? 0.01;
        const middle = Math.max(value + half * (o.noise ?? 0) * (2 * random() - 1), 0);
        quotes.push({
          ...{ instrument: `X-${day}-${strike}-${type}`, underlying: 'X', type, strike, expiry: AS_OF + day * DAY },
          ...{ bid: Math.max(middle - half, 0), ask: middle + half, last: value, bidVolatility: 0.3 },
        });
      }
    }
  }
  return {
    ...{ underlying: 'X', venue: 'synthetic', asOf: AS_OF, style: 'american', settlement: 'linear' },
    ...{ premiumCurrency: 'USD', spot: SPOT, tick: 0.01, multiplier: 100, quotes, rejected: [] },
  };
}

function removed(chain: OptionChain, options: DeAmericaniseOptions): Extract<DeAmericanised, { ok: true }> {
  const result = deAmericanise(chain, options);
  if (!result.ok) throw new Error(result.message);
  return result;
}

describe('a known European surface behind American prices', () => {
  const markets: [string, Market][] = [
    ['puts worth exercising', { rate: 0.05, dividendYield: 0.01 }],
    ['calls worth exercising', { rate: 0.02, dividendYield: 0.06 }],
    ['a rate below 0', { rate: -0.01, dividendYield: 0.02 }],
    ['two edges of exercise', { rate: -0.01, dividendYield: -0.03, days: [180] }],
  ];
  it.each(markets)('%s: the carry, the volatilities and the European prices come back', (_, market) => {
    const chain = americanChain({ ...market, halfSpread: 1e-7 });
    const result = removed(chain, { rate: market.rate });
    for (const { carry, equal, near, timeToExpiry, forward, discountFactor } of result.expiries) {
      expect(carry).toBeCloseTo(market.rate - market.dividendYield, 6);
      expect(forward / (SPOT * Math.exp((market.rate - market.dividendYield) * timeToExpiry))).toBeCloseTo(1, 7);
      expect(discountFactor).toBeCloseTo(Math.exp(-market.rate * timeToExpiry), 14);
      expect(equal).toBe(near);
    }
    let sensitive = 0;
    result.quotes.forEach((found, i) => {
      const { strike, type, bid, ask } = result.chain.quotes[i]!;
      const { forward, timeToExpiry, discountFactor } = result.expiries.find(
        ({ expiry }) => expiry === result.chain.quotes[i]!.expiry,
      )!;
      const volatility = smile(strike);
      const european = { type, forward, strike, timeToExpiry, volatility, discountFactor };
      const middle = 0.5 * (bid! + ask!);
      const { vega } = black76.greeks(european);
      if (found.volatilityBid === 0 || vega < 1) return;
      sensitive++;
      expect(Math.abs(0.5 * (found.volatilityBid + found.volatilityAsk) - volatility)).toBeLessThan(1e-6);
      expect(Math.abs(middle - black76.price(european)) / vega).toBeLessThan(1e-6);
    });
    expect(sensitive).toBeGreaterThan(0.6 * chain.quotes.length);
  });

  it('holds the carry in its interval where quotes are noisy, and gives a certified surface', () => {
    const market = { rate: 0.05, dividendYield: 0.02 };
    const strikes = Array.from({ length: 31 }, (_, i) => 85 + i);
    const chain = americanChain({ ...market, strikes, halfSpread: 0.05, noise: 0.8 });
    const result = removed(chain, { rate: 0.05 });
    for (const { carry, interval, equal, near } of result.expiries) {
      expect(interval[0]).toBeLessThan(0.03);
      expect(interval[1]).toBeGreaterThan(0.03);
      expect(Math.abs(carry - 0.03)).toBeLessThan(0.01);
      expect(equal / near).toBeGreaterThanOrEqual(0.9);
    }
    const fit = calibrateSurface(result.chain);
    expect(fit.ok && fit.proved).toBe(true);
    if (fit.ok) expect(fit.surface.discountFactor(0.5)).toBeLessThan(1);
  });

  it('is told the rate or doubts it: the discount interval holds the true factor, the premium is within its risk', () => {
    const market = { rate: 0.05, dividendYield: 0.02, days: [365] };
    const chain = americanChain(market);
    const known = removed(chain, { rate: 0.05 });
    const doubted = removed(chain, {});
    const { discountInterval, discountFactor } = doubted.expiries[0]!;
    expect(known.expiries[0]!.discountInterval).toEqual([discountFactorOf(known), discountFactorOf(known)]);
    expect(discountInterval[0]).toBeLessThan(Math.exp(-0.05));
    expect(discountInterval[1]).toBe(1);
    expect(discountFactor).toBeLessThan(1);
    doubted.quotes.forEach(({ premium, modelRisk, id }) => {
      const truth = known.quotes.find((quote) => quote.id === id);
      if (truth) expect(Math.abs(premium - truth.premium), id).toBeLessThanOrEqual(modelRisk + 1e-3);
    });
  });

  it('takes cash dividends out of the share', () => {
    const dividends = [{ timeToExDate: 0.05, amount: 1.5 }];
    const market = { rate: 0.04, dividendYield: 0.005, days: [60], strikes: [105], halfSpread: 0.02, dividends };
    const chain = americanChain(market);
    const put = { ...chain, quotes: chain.quotes.filter(({ type }) => type === 'put') };
    const result = removed(put, { rate: 0.04, dividends, dividendYield: 0.005 });
    const [{ forward, discountFactor, timeToExpiry }] = result.expiries as [(typeof result.expiries)[number]];
    expect(forward).toBeCloseTo((SPOT - 1.5 * Math.exp(-0.035 * 0.05)) * Math.exp(0.035 * timeToExpiry), 10);
    const [{ volatilityBid, volatilityAsk }] = result.quotes as [(typeof result.quotes)[number]];
    expect(0.5 * (volatilityBid + volatilityAsk)).toBeCloseTo(smile(105), 4);
    const european = { type: 'put', forward, strike: 105, timeToExpiry, volatility: volatilityAsk } as const;
    expect(result.chain.quotes[0]!.ask).toBeCloseTo(black76.price({ ...european, discountFactor }), 12);
  });

  it('on the eve of an ex-date reads the options on the share without the dividend', () => {
    const rates = { rate: 0.05, dividendYield: 0 };
    const cum = SPOT + 2;
    const without = americanChain({ ...rates, days: [20, 60], halfSpread: 0.001 });
    const eve = without.quotes.map((quote) => {
      // A call is worth what exercise tonight earns, where that is more.
      const least = quote.type === 'call' ? cum - quote.strike : 0;
      const value = Math.max(0.5 * (quote.bid! + quote.ask!), least);
      return { ...quote, bid: Math.max(value - 0.001, 0), ask: value + 0.001 };
    });
    const result = removed({ ...without, spot: cum, quotes: eve }, { rate: 0.05, dividendNextDay: 2 });
    expect(result.spot).toBe(SPOT);
    for (const { carry, equal, near } of result.expiries) {
      expect(carry).toBeCloseTo(0.05, 3);
      expect(equal).toBe(near);
    }
    expect(result.rejected.length).toBeGreaterThan(4);
    expect(result.rejected.every(({ reason }) => reason === 'exercised-before-dividend')).toBe(true);
    result.quotes.forEach(({ volatilityBid, volatilityAsk }, i) => {
      const { strike } = result.chain.quotes[i]!;
      expect(volatilityBid).toBeLessThan(smile(strike) + 1e-5);
      expect(volatilityAsk).toBeGreaterThan(smile(strike) - 1e-5);
    });
  });
});

const discountFactorOf = (result: Extract<DeAmericanised, { ok: true }>): number => result.expiries[0]!.discountFactor;

describe('what always holds', () => {
  it.each([
    [0.05, 0],
    [0, 0.05],
    [-0.02, 0.01],
    [0.03, 0.03],
  ])(
    'r = %f, q = %f: premiums are 0 or more, European prices at most the American, every quote accounted for',
    (rate, dividendYield) => {
      const chain = americanChain({ rate, dividendYield, halfSpread: 0.05, noise: 1.5, days: [10, 250] });
      const result = removed(chain, { rate });
      expect(result.quotes.length + result.rejected.length).toBe(chain.quotes.length);
      expect(result.chain.style).toBe('european');
      expect(new Set([...result.quotes, ...result.rejected].map(({ index }) => index)).size).toBe(chain.quotes.length);
      result.quotes.forEach(({ index, premium, modelRisk, volatilityBid, volatilityAsk, id }, i) => {
        const [before, after] = [chain.quotes[index]!, result.chain.quotes[i]!];
        expect(after.instrument).toBe(id);
        expect(premium).toBeGreaterThanOrEqual(0);
        expect(modelRisk).toBeGreaterThanOrEqual(0);
        expect(volatilityAsk).toBeGreaterThanOrEqual(volatilityBid);
        expect(after.ask).toBeLessThanOrEqual(before.ask!);
        expect(after.bid ?? 0).toBeLessThanOrEqual(before.bid!);
        expect(after.ask).toBeGreaterThanOrEqual(after.bid ?? 0);
        expect(after.last ?? after.bidVolatility).toBeUndefined();
      });
    },
  );

  it('leaves calls alone where nothing is paid', () => {
    const result = removed(americanChain({ rate: 0.05, dividendYield: 0 }), { rate: 0.05 });
    for (const [i, { premium, europeanOk, volatilityBid }] of result.quotes.entries()) {
      if (result.chain.quotes[i]!.type === 'put' || volatilityBid === 0) continue;
      expect(premium).toBeLessThan(1e-4);
      expect(europeanOk).toBe(true);
    }
  });
});

describe('what cannot be made European', () => {
  const chain = americanChain({ rate: 0.05, dividendYield: 0.01, days: [180] });
  const changed = (index: number, change: Partial<RawQuote>): OptionChain => ({
    ...chain,
    quotes: chain.quotes.map((quote, i) => (i === index ? { ...quote, ...change } : quote)),
  });

  it.each<[string, Partial<RawQuote>, number, object]>([
    ['expired', { expiry: AS_OF - DAY }, 0, { reason: 'expired', value: -1 / 365, limit: 0 }],
    ['no-quote', { ask: undefined }, 0, { reason: 'no-quote', value: 0, limit: 0 }],
    ['crossed', { bid: 40 }, 0, { reason: 'crossed', value: 40 }],
    ['below-intrinsic', { bid: 20, ask: 28 }, 0, { reason: 'below-intrinsic', value: 28 }],
    ['at-intrinsic', { bid: 29, ask: 30 }, 25, { reason: 'at-intrinsic', value: 30, limit: 30 }],
    ['above-maximum', { bid: 0, ask: 140 }, 25, { reason: 'above-maximum', value: 140 }],
  ])('%s is a rejection with its numbers', (_, change, index, verdict) => {
    const { rejected } = removed(changed(index, change), { rate: 0.05 });
    expect(rejected.find((found) => found.index === index)).toMatchObject({
      id: chain.quotes[index]!.instrument,
      ...verdict,
    });
  });

  it('a bid below the exercise value leaves a bound', () => {
    const result = removed(changed(25, { bid: 29.5, ask: 30.5 }), { rate: 0.05 });
    const at = result.quotes.findIndex(({ index }) => index === 25);
    expect(result.quotes[at]).toMatchObject({ volatilityBid: 0, europeanOk: false });
    expect(result.chain.quotes[at]!.bid).toBeUndefined();
  });

  it('an expiry without pairs is refused, or read with the yield given', () => {
    const puts = { ...chain, quotes: chain.quotes.filter(({ type }) => type === 'put') };
    const refused = deAmericanise(puts, { rate: 0.05 });
    expect(refused).toMatchObject({ ok: false, reason: 'no-carry', limit: 1 });
    expect(refused.rejected.every(({ reason }) => reason === 'no-carry')).toBe(true);
    expect(refused.rejected.length).toBe(puts.quotes.length);
    const given = removed(puts, { rate: 0.05, dividendYield: 0.01 });
    expect(given.expiries[0]).toMatchObject({ source: 'given', pairsUsed: 0 });
    expect(given.expiries[0]!.carry).toBeCloseTo(0.04, 15);
  });

  it('a chain without a spot is refused, or has its own implied', () => {
    const blind = { ...americanChain({ rate: 0.05, dividendYield: 0.01, days: [7, 100] }), spot: undefined };
    expect(deAmericanise(blind, { rate: 0.05 })).toMatchObject({ ok: false, reason: 'no-spot' });
    expect(Math.abs(removed(blind, { rate: 0.05, spot: 'implied' }).spot - SPOT)).toBeLessThan(0.03);
  });

  it('discount factors of the chain are checked where slices are made of it', () => {
    const { chain: european } = removed(chain, { rate: 0.05 });
    const [known] = european.discountFactors!;
    expect(known!.mean).toBeCloseTo(Math.exp((-0.05 * 180) / 365), 14);
    expect(sliceInputs(european).slices[0]!.discountFactor).toBeCloseTo(known!.mean, 4);
    const spoilt = (change: object) => () => sliceInputs({ ...european, discountFactors: [{ ...known!, ...change }] });
    expect(spoilt({ mean: 0 })).toThrow('chain.discountFactors[0].mean');
    expect(spoilt({ standardDeviation: NaN })).toThrow('chain.discountFactors[0].standardDeviation');
  });

  it.each<[string, () => unknown]>([
    ['chain.style', () => deAmericanise({ ...chain, style: 'european' })],
    ['chain.settlement', () => deAmericanise({ ...chain, settlement: 'inverse' })],
    ['chain.quotes[0].bid', () => deAmericanise(changed(0, { bid: NaN }))],
    ['chain.quotes[1].strike', () => deAmericanise(changed(1, { strike: 0 }))],
    ['rate', () => deAmericanise(chain, { rate: NaN })],
    ['rateError', () => deAmericanise(chain, { rateError: -1 })],
    ['spot', () => deAmericanise(chain, { spot: 'guessed' as 'implied' })],
    ['spot', () => deAmericanise(chain, { spot: 0 })],
    ['dividendNextDay', () => deAmericanise(chain, { dividendNextDay: 100 })],
    ['dividendNextDay', () => deAmericanise(chain, { dividendNextDay: -1 })],
    ['dividendYield', () => deAmericanise(chain, { dividendYield: Infinity })],
    ['accuracy', () => deAmericanise(chain, { accuracy: 'best' as 'fast' })],
  ])('%s out of range is an InputError', (field, call) => {
    expect(call).toThrow(InputError);
    expect(call).toThrow(new RegExp(`^${field.replace(/[[\]]/g, '\\$&')} `));
  });
});

if (!hasData) it.skip(`American chains: no folder ${dataRoot} (set ZOMMA_DATA)`, () => undefined);

describe.skipIf(!hasData)(`American chains under ${dataRoot}`, () => {
  const usual = americanChains.filter(({ name }) => /2025-0|AAPL/.test(name));
  it.each(usual.map((real) => [real.name, real] as const))(
    '%s: a carry, pairs that agree, a proved surface',
    (_, real) => {
      const chain = someExpiries(readAmericanChain(real), 3);
      const result = removed(chain, real.options);
      const near = result.expiries.reduce((sum, expiry) => sum + expiry.near, 0);
      const equal = result.expiries.reduce((sum, expiry) => sum + expiry.equal, 0);
      expect(equal / near).toBeGreaterThanOrEqual(0.9);
      for (const { interval, discountFactor, discountInterval } of result.expiries) {
        expect(interval[1]).toBeGreaterThan(interval[0]);
        expect(discountFactor).toBeLessThanOrEqual(1);
        expect(discountInterval[0]).toBeLessThanOrEqual(discountFactor);
      }
      expect(result.quotes.length + result.rejected.length).toBe(chain.quotes.length);
      const fit = calibrateSurface(result.chain);
      expect(fit.ok && fit.proved).toBe(true);
      expect(fit.ok && fit.failed).toEqual([]);
      if (fit.ok) for (const { input } of fit.fits) expect(input.discountFactor).toBeLessThanOrEqual(1);
    },
  );

  it('MSFT has puts only: no carry to imply', () => {
    const real = americanChains.find(({ name }) => name.startsWith('MSFT'))!;
    const chain = readAmericanChain(real);
    expect(chain.quotes.every(({ type }) => type === 'put')).toBe(true);
    expect(deAmericanise(chain, real.options)).toMatchObject({ ok: false, reason: 'no-carry' });
    expect(removed(chain, { ...real.options, dividendYield: 0.009 }).quotes.length).toBeGreaterThan(300);
  });
});
