import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkLimits } from '../../src/control/limits.js';
import type { Limit } from '../../src/control/limits.js';
import { InputError } from '../../src/errors.js';
import type { Account } from '../../src/portfolio/account.js';
import { exposureMetrics } from '../../src/portfolio/exposure.js';
import { future, position, randomBook, smileMarket } from '../portfolio/support.js';

const market = smileMarket();
const book = (seed: number): Account => ({
  id: 'a',
  reportingCurrency: 'USD',
  cash: { USD: 2_000_000 },
  positions: randomBook(seed, 12, market),
});

const sample = { equity: 100, byUnderlying: { X: { units: 3, notional: 30, deltaNotional: 30 } }, grossLeverage: 2.5 };
const only = (limit: Limit, report: object = sample) => checkLimits(report, [limit])[0]!;

describe('checkLimits', () => {
  it('says how far a number is from its levels, on either side', () => {
    const limit: Limit = { metric: 'grossLeverage', op: '<=', warn: 2, hard: 3 };
    expect(only(limit)).toEqual({
      metric: 'grossLeverage',
      value: 2.5,
      status: 'warn',
      headroom: 0.5,
      headroomToWarn: -0.5,
    });
    expect(only({ ...limit, warn: 2.5 }).status).toBe('ok');
    expect(only({ ...limit, warn: 1, hard: 2 })).toMatchObject({ status: 'breach', headroom: -0.5 });
    expect(only({ metric: 'equity', op: '>=', warn: 120, hard: 90 })).toMatchObject({ status: 'warn', headroom: 10 });
    expect(only({ metric: 'equity', op: '>=', warn: 120, hard: 110 })).toMatchObject({
      status: 'breach',
      headroom: -10,
    });
    const short = { ...sample, net: -7 };
    expect(only({ metric: 'net', op: 'abs<=', warn: 5, hard: 8 }, short)).toMatchObject({
      status: 'warn',
      headroom: 1,
      value: -7,
    });
  });

  it('reads any depth, infinities written out, names with dots, and nothing held where that is meant', () => {
    expect(only({ metric: 'byUnderlying.X.units', op: '<=', warn: 3, hard: 4 }).status).toBe('ok');
    expect(only({ metric: ['a.b'], op: '<=', warn: 1, hard: 1 }, { 'a.b': 1 }).status).toBe('ok');
    expect(only({ metric: 'l', op: '<=', warn: 1, hard: 5 }, { l: 'Infinity' })).toMatchObject({
      value: Infinity,
      status: 'breach',
      headroom: -Infinity,
    });
    expect(only({ metric: 'byUnderlying.Y.units', op: '<=', warn: 1, hard: 2, absent: 'zero' }).value).toBe(0);
    expect(() => only({ metric: 'byUnderlying.Y.units', op: '<=', warn: 1, hard: 2 })).toThrow(InputError);
    expect(() => only({ metric: 'byUnderlying', op: '<=', warn: 1, hard: 2 })).toThrow(InputError);
    expect(() => only({ metric: 'constructor.length', op: '<=', warn: 1, hard: 2 })).toThrow(InputError);
    expect(() => only({ metric: 'equity', op: '<=', warn: 3, hard: 2 })).toThrow(InputError);
    expect(() => only({ metric: 'equity', op: '>=', warn: 1, hard: 2 })).toThrow(InputError);
    expect(() => only({ metric: 'equity', op: '<' as '<=', warn: 1, hard: 2 })).toThrow(InputError);
    expect(() => only({ metric: 'equity', op: '<=', warn: NaN, hard: 2 })).toThrow(InputError);
  });

  it('cures a delta breach with the smallest trade, in whole lots where asked', () => {
    const limit: Limit = { metric: 'byUnderlying.X.deltaNotional', op: 'abs<=', warn: 10, hard: 12 };
    expect(only(limit).cure).toEqual([{ underlying: 'X', units: -1.8, notional: -18 }]);
    expect(checkLimits(sample, [limit], { lots: { X: 0.5 } })[0]!.cure).toEqual([
      { underlying: 'X', units: -2, notional: -20 },
    ]);
    expect(only({ metric: 'grossLeverage', op: '<=', warn: 1, hard: 2 }).cure).toBeUndefined();
    expect(() => checkLimits(sample, [limit], { lots: { X: 0 } })).toThrow(InputError);
  });

  it('a report with the cure in it keeps the limit, and half the cure does not', () => {
    const metrics = ['deltaLeverage', 'netDeltaNotional', 'effectiveLeverage', 'byUnderlying.BTC.deltaNotional'];
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 500 }),
        fc.constantFrom(...metrics),
        fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        (seed, metric, part) => {
          const account = book(seed);
          const before = exposureMetrics(account, market);
          const probe: Limit = { metric, op: 'abs<=', warn: 0, hard: Infinity, absent: 'zero' };
          const [{ value } = { value: 0 }] = checkLimits(before, [probe]);
          if (before.insolvent || Math.abs(value) < 1e-6) return;
          const hard = part * Math.abs(value);
          const limit: Limit = { metric, op: 'abs<=', warn: hard, hard };
          const [check] = checkLimits(before, [limit]);
          expect(check).toMatchObject({ status: 'breach' });
          const withTrades = (share: number) => {
            const trades = check!.cure!.map(({ underlying, notional }) => {
              // Sized by its notional: units are at the price of the report, whose quotes may be in a stablecoin.
              const price = market.underlyings[underlying]!.spot;
              return position(future({ underlying, style: 'linear' }), (share * notional) / price, price);
            });
            const after = exposureMetrics({ ...account, positions: [...account.positions, ...trades] }, market);
            return checkLimits(after, [limit])[0]!;
          };
          const size = Math.abs(value);
          expect(Math.abs(withTrades(1).headroom)).toBeLessThan(1e-9 * size);
          expect(withTrades(0.5).headroom).toBeLessThan(-0.4 * (size - hard) + 1e-9 * size);
        },
      ),
      { numRuns: 60 },
    );
  });
});
