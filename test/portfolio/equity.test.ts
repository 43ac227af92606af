/** The equity identity, haircuts that spare debts, and what of it is free. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/portfolio/account.js';
import { accountEquity, adjustedEquity, collateralValue } from '../../src/portfolio/equity.js';
import { coinMarket, future, option, position, spot } from './support.js';

const account = (o: Partial<Account> = {}): Account => ({
  id: 'a',
  reportingCurrency: 'USD',
  cash: {},
  positions: [],
  ...o,
});
const market = {
  ...coinMarket(),
  fx: [
    { base: 'USDT', quote: 'USD', rate: 1 },
    { base: 'EUR', quote: 'USD', rate: 1.1 },
  ],
};

describe('equity', () => {
  it('adds what is held, gained and accrued, less what is owed, by currency', () => {
    const a = account({
      cash: { BTC: 2, USD: 1_000, EUR: -500 },
      borrowed: { USD: 300 },
      accruedInterest: { USD: 7 },
      accruedFunding: { BTC: -0.01 },
      positions: [
        position(option(), 3),
        position(future(), 60_000, 50_000),
        position(future({ style: 'linear' }), -2, 61_000),
        position(spot('BTC'), 0.5),
      ],
    });
    const { equity, rows } = accountEquity(a, market, 'USD');
    const row = (currency: string) => rows.find((other) => other.currency === currency)!;
    const coinOptions = 3 * 0.06853940717;
    expect(row('BTC')).toMatchObject({ cash: 2, spot: 0.5, funding: -0.01, borrowed: 0 });
    expect(row('BTC').options).toBeCloseTo(coinOptions, 9);
    expect(row('BTC').futures).toBeCloseTo(0.2, 14);
    expect(row('BTC').equity).toBeCloseTo(2.69 + coinOptions, 9);
    expect(row('USD')).toMatchObject({ cash: 1_000, futures: 2_000, borrowed: 300, interest: 7, equity: 2_693 });
    expect(row('EUR')).toMatchObject({ equity: -500, reported: -550 });
    expect(equity).toBeCloseTo(60_000 * (2.69 + coinOptions) + 2_693 - 550, 4);
    expect(accountEquity(a, market, 'BTC').equity).toBeCloseTo(equity / 60_000, 10);
  });

  it('a balance without a rate is an error, and so is an unknown reporting currency', () => {
    expect(() => accountEquity(account({ cash: { XYZ: 1 } }), market, 'USD')).toThrow(
      expect.objectContaining({ field: 'cash.XYZ' }) as Error,
    );
    expect(() => accountEquity(account({ cash: { BTC: 1 } }), market, 'XYZ')).toThrow(
      expect.objectContaining({ field: 'currency' }) as Error,
    );
  });

  it('lists the positions it could not value', () => {
    const a = account({ cash: { USD: 5 }, positions: [position(option({ underlying: 'DOGE' }), 1)] });
    expect(() => accountEquity(a, market, 'USD')).toThrow(
      expect.objectContaining({ field: 'underlyings.DOGE' }) as Error,
    );
    const { equity, excluded } = accountEquity(a, market, 'USD', { missing: 'exclude' });
    expect(equity).toBe(5);
    expect(excluded).toEqual([{ positionId: a.positions[0]!.id, reason: 'no-market' }]);
  });
});

describe('collateral', () => {
  it('counts 1 BTC at 60,000 with factor 0.95 and -10,000 USDT as 47,000', () => {
    const a = account({
      cash: { BTC: 1, USDT: -10_000 },
      collateral: { BTC: [{ upTo: Infinity, factor: 0.95 }], USDT: [{ upTo: Infinity, factor: 0.5 }] },
    });
    const { adjusted, rows } = adjustedEquity(a, market);
    expect(adjusted).toBe(47_000);
    expect(rows).toEqual([
      { currency: 'BTC', equity: 1, reported: 60_000, adjusted: 57_000 },
      { currency: 'USDT', equity: -10_000, reported: -10_000, adjusted: -10_000 },
    ]);
  });

  it('is cut tier by tier, and nothing counts above the last', () => {
    const tiers = [
      { upTo: 10, factor: 1 },
      { upTo: 30, factor: 0.5 },
    ];
    expect([5, 10, 20, 30, 100, -5].map((balance) => collateralValue(balance, tiers))).toEqual([5, 10, 15, 20, 20, -5]);
  });

  it('is at most the equity, rises with a balance and is concave in it, and continuous where tiers meet', () => {
    const tier = fc.record({
      size: fc.double({ min: 0.1, max: 100, noNaN: true }),
      cut: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const balance = fc.double({ min: -50, max: 300, noNaN: true });
    fc.assert(
      fc.property(fc.array(tier, { minLength: 1, maxLength: 4 }), balance, balance, (steps, x, y) => {
        let upTo = 0;
        let factor = 1;
        const tiers = steps.map(({ size, cut }) => ({ upTo: (upTo += size), factor: (factor *= cut) }));
        const value = (b: number): number => collateralValue(b, tiers);
        expect(value(x)).toBeLessThanOrEqual(x + 1e-12);
        const [low, high] = [Math.min(x, y), Math.max(x, y)];
        expect(value(high)).toBeGreaterThanOrEqual(value(low) - 1e-12);
        if (low > 0) expect(value((low + high) / 2)).toBeGreaterThanOrEqual((value(low) + value(high)) / 2 - 1e-10);
        for (const { upTo: edge } of tiers) expect(value(edge * (1 + 1e-12))).toBeCloseTo(value(edge), 8);
        expect(
          collateralValue(
            x,
            tiers.map((t) => ({ ...t, upTo: t.upTo * 1e9, factor: 1 })),
          ),
        ).toBeCloseTo(x, 9);
      }),
    );
  });

  it.each([
    ['collateral.BTC[0].factor', [{ upTo: 1, factor: 1.2 }]],
    ['collateral.BTC[0].factor', [{ upTo: 1, factor: -0.1 }]],
    [
      'collateral.BTC[1].upTo',
      [
        { upTo: 1, factor: 0.9 },
        { upTo: 1, factor: 0.8 },
      ],
    ],
    [
      'collateral.BTC[1].factor',
      [
        { upTo: 1, factor: 0.5 },
        { upTo: 2, factor: 0.8 },
      ],
    ],
  ])('refuses %s', (field, tiers) => {
    expect(() => adjustedEquity(account({ cash: { BTC: 1 }, collateral: { BTC: tiers } }), market)).toThrow(
      expect.objectContaining({ field }) as Error,
    );
  });
});
