/** Notionals, leverage, and the summaries beside them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/portfolio/account.js';
import { cashSweep, freeCollateral, liquidityBuffer, withdrawable } from '../../src/portfolio/cash.js';
import { directionalSummary } from '../../src/portfolio/directional-summary.js';
import { accountEquity } from '../../src/portfolio/equity.js';
import { exposureMetrics } from '../../src/portfolio/exposure.js';
import { fundingPerDay } from '../../src/portfolio/funding.js';
import { percentVega, termWeightedVega } from '../../src/portfolio/vega.js';
import { coinMarket, future, moveSpot, option, position, randomBook, smileMarket, spot } from './support.js';

const account = (o: Partial<Account>): Account => ({
  id: 'a',
  reportingCurrency: 'USD',
  cash: {},
  positions: [],
  ...o,
});
const ratios = [
  'grossLeverage',
  'netLeverage',
  'deltaLeverage',
  'grossDeltaLeverage',
  'coinDeltaLeverage',
  'effectiveLeverage',
] as const;

describe('exposure', () => {
  it('of positions that are all left out is nothing', () => {
    const held = account({ positions: [position(option(), 1)] });
    const e = exposureMetrics(held, coinMarket(), { numeraire: 'JPY', missing: 'exclude' });
    expect(e).toMatchObject({ equity: 0, insolvent: true, excluded: [{ reason: 'no-fx' }] });
    expect(e.byUnderlying).toEqual({ BTC: { units: 0, notional: 0, deltaNotional: 0 } });
  });

  it('of 1 BTC of spot or cash, financed by nothing, is a delta leverage of 1', () => {
    for (const a of [account({ cash: { BTC: 1 } }), account({ positions: [position(spot('BTC'), 1)] })]) {
      const e = exposureMetrics(a, coinMarket());
      expect(e).toMatchObject({
        equity: 60_000,
        deltaLeverage: 1,
        effectiveLeverage: 1,
        coinDeltaLeverage: 0,
        insolvent: false,
      });
      expect(e.byUnderlying['BTC']).toMatchObject({ units: 1, deltaNotional: 60_000 });
      expect(e.marginUsage).toBeUndefined();
    }
    expect(exposureMetrics(account({ positions: [position(spot('BTC'), 1)] }), coinMarket()).grossNotional).toBe(
      60_000,
    );
    expect(exposureMetrics(account({ cash: { USD: 5 } }), coinMarket()).grossDeltaNotional).toBe(0);
  });

  it('of a coin book counts the collateral in the dollar delta and not in the coin delta', () => {
    const a = account({
      cash: { BTC: 2 },
      positions: [
        position(option(), 1),
        position(option({ type: 'put', multiplier: 0.1 }), -30),
        position(future(), 30_000, 50_000),
      ],
    });
    const e = exposureMetrics(a, coinMarket(), { initialMargin: 12_000 });
    const call = { value: 4112.36443, delta: 0.5342697 };
    const put = { value: 4112.36443, delta: 0.5342697 - 1 };
    expect(e.equity).toBeCloseTo(120_000 + call.value - 3 * put.value + 6_000, 4);
    expect(e.grossNotional).toBeCloseTo(60_000 + 180_000 + 30_000, 6);
    expect(e.netNotional).toBeCloseTo(60_000 - 180_000 + 30_000, 6);
    const du = 2 + call.delta - 3 * put.delta + 0.6;
    expect(e.byUnderlying['BTC']!.units).toBeCloseTo(du, 6);
    expect(e.netDeltaNotional / 60_000).toBeCloseTo(du, 6);
    expect(e.grossDeltaNotional / 60_000).toBeCloseTo(du, 6);
    expect(e.longPremium).toBeCloseTo(call.value, 5);
    expect(e.shortPremium).toBeCloseTo(3 * put.value, 5);
    const dc = du - e.equity / 60_000;
    expect(e.coinDeltaLeverage).toBeCloseTo((dc * 60_000) / e.equity, 6);
    expect(e.marginUsage).toBeCloseTo(12_000 / e.equity, 14);
    // The elasticity of equity.
    const h = 1e-4;
    const at = (factor: number): number =>
      Math.log(accountEquity(a, moveSpot(coinMarket(), 'BTC', factor), 'USD').equity);
    expect((at(1 + h) - at(1 - h)) / (2 * h)).toBeCloseTo(e.effectiveLeverage, 6);
  });

  it('without equity is infinite and says insolvent, never NaN', () => {
    for (const cash of [{ USD: -1 }, { USD: 0 }]) {
      const e = exposureMetrics(account({ cash }), coinMarket(), { initialMargin: 0 });
      expect(e.insolvent).toBe(true);
      for (const name of ratios) expect(e[name]).toBe(Infinity);
      expect(e.marginUsage).toBe(Infinity);
    }
  });

  it('net is at most gross, ratios have degree zero, and a flat book changes nothing', () => {
    const market = smileMarket();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), fc.double({ min: 0.1, max: 7, noNaN: true }), (seed, factor) => {
        const positions = randomBook(seed, 20, market);
        const a = account({ cash: { USD: 5e6, BTC: 3 }, positions });
        const e = exposureMetrics(a, market);
        expect(Math.abs(e.netNotional)).toBeLessThanOrEqual(e.grossNotional * (1 + 1e-12));
        expect(e.netDeltaNotional).toBeLessThanOrEqual(e.grossDeltaNotional * (1 + 1e-12));
        expect(Math.abs(e.effectiveLeverage)).toBeLessThanOrEqual(e.deltaLeverage * (1 + 1e-12));
        const scaled = exposureMetrics(
          account({
            cash: { USD: 5e6 * factor, BTC: 3 * factor },
            positions: positions.map((p) => ({ ...p, quantity: p.quantity * factor })),
          }),
          market,
        );
        for (const name of ratios) {
          if (e.insolvent) expect(scaled[name]).toBe(Infinity);
          else expect(Math.abs(scaled[name] / e[name] - 1)).toBeLessThan(1e-8);
        }
        const flat = positions.flatMap((p) => [p, { ...p, id: `${p.id}-`, quantity: -p.quantity }]);
        const still = exposureMetrics(account({ cash: { USD: 100, BTC: 1 }, positions: flat }), market);
        expect(still.equity).toBe(60_100);
        expect(still.netNotional).toBe(0);
        expect(still.deltaLeverage).toBeCloseTo(60_000 / 60_100, 9);
      }),
      { numRuns: 25 },
    );
  });
});

describe('vega in comparable units', () => {
  it('100 at 120 days is 50 in 30-day terms; a day at least', () => {
    expect(termWeightedVega(100, 120 / 365)).toBeCloseTo(50, 13);
    expect(termWeightedVega(100, 120 / 365, { power: 0 })).toBe(100);
    expect(termWeightedVega(1, 0)).toBe(termWeightedVega(1, 1 / 365));
    expect(termWeightedVega(100, 120 / 365, { power: 0.3 })).toBeCloseTo(100 * 0.25 ** 0.3, 12);
    expect(percentVega(6837.05725, 0.6)).toBeCloseTo(4102.23435, 9);
  });
});

describe('the directional summary', () => {
  it('of the worked call and a perpetual, by day and over equity', () => {
    const btc = coinMarket().underlyings['BTC']!;
    const market = { ...coinMarket(), underlyings: { BTC: { ...btc, fundingRatePerDay: 0.0003 } } };
    const positions = [position(option({ style: 'linear' }), 2), position(future(), -60_000, 60_000)];
    const a = account({ cash: { USD: 50_000 }, positions });
    const s = directionalSummary(a, market, { interestPerDay: -4 });
    expect(s.cashDelta).toBeCloseTo(60_000 * (2 * 0.5342697 - 1), 2);
    expect(s.vegaPerPoint).toBeCloseTo(2 * 68.3705725, 6);
    expect(s.termWeightedVegaPerPoint).toBeCloseTo(s.vegaPerPoint, 9);
    expect(s.carry.theta).toBeCloseTo((2 * -24955.259) / 365, 4);
    expect(s.carry.funding).toBeCloseTo(18, 12);
    expect(s.carryPerDay).toBeCloseTo(s.carry.theta + 18 - 4, 12);
    expect(s.perEquity.carryPerDay).toBeCloseTo(s.carryPerDay / s.equity, 15);
    expect(s.thetaPerGamma).toBeCloseTo(s.carry.theta / s.gammaPerPercent, 15);
    const both = [...positions, position(future(), 60_000, 60_000)];
    expect(fundingPerDay(both, market).perDay).toBe(0);
    expect(
      fundingPerDay([position(future({ style: 'linear' }), 2, 1)], market, { numeraire: 'USD' }).perDay,
    ).toBeCloseTo(-36, 12);
  });
});

describe('cash', () => {
  it('free, withdrawable and swept', () => {
    const state = { adjustedEquity: 100, initialMargin: 40, cash: 50 };
    expect(freeCollateral(state)).toBe(60);
    expect(withdrawable(state)).toBe(50);
    expect(withdrawable({ ...state, lockedGains: 25 })).toBe(35);
    expect(withdrawable({ ...state, adjustedEquity: 30 })).toBe(0);
    expect(liquidityBuffer({ ...state, stressedCall: 30 })).toBe(2);
  });

  it('a sweep leaves the buffer and is idempotent', () => {
    const money = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(money, money, money, money, money, (adjustedEquity, initialMargin, cash, minimumCash, marginCall) => {
        const state = { adjustedEquity, initialMargin, cash, minimumCash, marginCall };
        const { sweep, buffer, freeAfter } = cashSweep(state);
        expect(sweep).toBeGreaterThanOrEqual(0);
        if (sweep > 0) expect(freeAfter).toBeGreaterThanOrEqual(buffer - 1e-9);
        const again = cashSweep({ ...state, adjustedEquity: adjustedEquity - sweep, cash: cash - sweep });
        expect(again.sweep).toBeLessThan(1e-9);
      }),
    );
  });
});
