import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import type { Instrument } from '../../src/portfolio/instrument.js';
import { accountHealth } from '../../src/risk/account-health.js';
import { futureLiquidationPrice, liquidationPrices } from '../../src/risk/liquidation-prices.js';
import { deribitPortfolioMargin } from '../../src/risk/margin/deribit-portfolio.js';
import { deribitStandardMargin } from '../../src/risk/margin/deribit-standard.js';
import type { MarginResult } from '../../src/risk/margin/margin.js';
import { shiftMarket } from '../../src/risk/shift-market.js';
import { account, flatMarket, option, perpetual } from './margin/books.js';

const onePercent = { a: 0.02, b: 0.01, inc: 0 };
const marginOf = (book: Parameters<typeof deribitStandardMargin>[0], market: ReturnType<typeof flatMarket>) =>
  deribitStandardMargin(book, market, onePercent);
const given = (initialMargin: number, maintenanceMargin: number): MarginResult => ({
  initialMargin,
  maintenanceMargin,
  currency: 'USDC',
  components: {},
  rules: { venue: '', version: '', effectiveDate: '', source: '', unconfirmed: [] },
  excluded: [],
});

describe('accountHealth', () => {
  const market = flatMarket(60_000);
  const of = (cash: number, initial: number, maintenance: number) =>
    accountHealth(account([], { cash: { USDC: cash } }), market, given(initial, maintenance));

  it('says what is left and how near the end is', () => {
    expect(of(10_000, 4000, 2000)).toEqual({
      equity: 10_000,
      currency: 'USDC',
      marginRatio: 0.2,
      equityRatio: 5,
      initialMarginUsage: 0.4,
      excessLiquidity: 8000,
      buyingPower: 6000,
      status: 'ok',
    });
    const statuses = [2.01, 1.5, 1.2, 1, 0.01, 0, -1].map((ratio) => of(1000 * ratio, 1000, 1000).status);
    expect(statuses).toEqual([
      ...['ok', 'warning', 'margin-call', 'liquidation', 'liquidation'],
      ...['bankrupt', 'bankrupt'],
    ]);
  });

  it('has limits without margin and without equity', () => {
    expect(of(-5, 0, 0)).toMatchObject({ marginRatio: 0, equityRatio: Infinity, status: 'ok' });
    expect(of(-5, 10, 10)).toMatchObject({ marginRatio: Infinity, initialMarginUsage: Infinity, status: 'bankrupt' });
  });

  it('counts collateral after its haircut', () => {
    const book = {
      ...account([], { cash: { BTC: 1, USD: -10_000 } }),
      collateral: { BTC: [{ upTo: 10, factor: 0.95 }] },
    };
    const health = accountHealth(book, market, { ...given(1, 1), currency: 'USD' });
    expect(health.equity).toBeCloseTo(47_000, 8);
  });

  it('refuses margins that are none', () => {
    expect(() => of(1, -1, 0)).toThrow(InputError);
    expect(() => of(1, 1, NaN)).toThrow(InputError);
  });
});

describe('liquidationPrices', () => {
  it('has the worked closed forms', () => {
    const linear = { style: 'linear', entryPrice: 50_000, cash: 10_000, maintenanceRate: 0.01 } as const;
    expect(futureLiquidationPrice({ ...linear, quantity: 2 })).toBeCloseTo(45_454.5455, 4);
    expect(futureLiquidationPrice({ ...linear, quantity: -2 })).toBeCloseTo(54_455.4455, 4);
    const inverse = { style: 'inverse', entryPrice: 50_000, cash: 1, maintenanceRate: 0.01 } as const;
    expect(futureLiquidationPrice({ ...inverse, quantity: 100_000 })).toBeCloseTo(33_666.6667, 4);
    expect(futureLiquidationPrice({ ...inverse, quantity: -100_000 })).toBeCloseTo(99_000, 4);
    expect(futureLiquidationPrice({ ...inverse, quantity: -50_000 })).toBeUndefined();
    expect(() => futureLiquidationPrice({ ...inverse, quantity: 0 })).toThrow(InputError);
  });

  it('finds them by search, with margin ratio 1 there', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('linear' as const, 'inverse' as const),
        fc.constantFrom(1, -1),
        fc.double({ min: 1.5, max: 10, noNaN: true }),
        (style, side, leverage) => {
          const price = 50_000;
          const market = flatMarket(price);
          const cash = style === 'linear' ? { USDC: 10_000 } : { BTC: 1 };
          const quantity = side * leverage * (style === 'linear' ? 10_000 / price : price);
          const book = account([[perpetual(style), quantity]], { cash, price });
          const found = liquidationPrices(book, market, { underlying: 'BTC', margin: marginOf });
          const expected = futureLiquidationPrice({
            style,
            quantity,
            entryPrice: price,
            cash: style === 'linear' ? 10_000 : 1,
            maintenanceRate: 0.01,
          });
          if (expected === undefined || expected > 20 * price) {
            expect(found.roots).toEqual([]);
            return;
          }
          const root = side > 0 ? found.below! : found.above!;
          expect(Math.abs(root / expected - 1)).toBeLessThan(1e-9);
          const there = shiftMarket(market, [{ factor: 'spot', underlying: 'BTC', kind: 'set', size: root }]);
          expect(Math.abs(accountHealth(book, there, marginOf(book, there)).marginRatio - 1)).toBeLessThan(1e-8);
        },
      ),
      { numRuns: 20 },
    );
  });

  const short = (cash: number) =>
    account(
      [
        [option('call', 66_000), -3],
        [option('put', 54_000), -3],
      ],
      { cash: { BTC: cash } },
    );
  const parameters = {
    ...{ priceRange: 0.16, volUp: 0.5, volDown: 0.25, shortPower: 0.3, longPower: 0.13, minVolatilityForShockUp: 0.5 },
    ...{ extendedTableFactor: 1, extendedDampener: 1e5, annualisedMoveRisk: 0.075, minAnnualisedMove: 0.01 },
    ...{ deltaTotalLiqShockThreshold: 2e7, maxDeltaShock: 0.1, mInc: 5e-5, mmFactor: 0.8 },
  };

  it('finds both sides of a short strangle in coin, farther away with more cash', () => {
    const market = flatMarket(60_000);
    const at = (cash: number) =>
      liquidationPrices(short(cash), market, {
        underlying: 'BTC',
        margin: (book, snapshot) => deribitPortfolioMargin(book, snapshot, parameters),
      });
    const some = at(1.2);
    const more = at(1.5);
    expect(some.below!).toBeLessThan(60_000);
    expect(some.above!).toBeGreaterThan(60_000);
    expect(more.below!).toBeLessThan(some.below!);
    expect(more.above!).toBeGreaterThan(some.above!);
    for (const root of some.roots) {
      const there = shiftMarket(market, [{ factor: 'spot', underlying: 'BTC', kind: 'set', size: root }]);
      const margin = deribitPortfolioMargin(short(1.2), there, parameters);
      expect(Math.abs(accountHealth(short(1.2), there, margin).marginRatio - 1)).toBeLessThan(1e-8);
    }
  });

  it('says when there is none', () => {
    const market = flatMarket(60_000);
    const book = account([[option('call', 60_000), 1]], { cash: { BTC: 1 } });
    const found = liquidationPrices(book, market, { underlying: 'BTC', margin: marginOf });
    expect(found).toMatchObject({ roots: [], reason: 'none-in-range', searched: [3000, 1_200_000] });
    const wrong: Instrument['underlying'] = 'XYZ';
    expect(() => liquidationPrices(book, market, { underlying: wrong, margin: marginOf })).toThrow(InputError);
  });
});
