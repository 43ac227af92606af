import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffReports } from '../../src/control/diff-reports.js';
import { InputError } from '../../src/errors.js';
import type { Account } from '../../src/portfolio/account.js';
import { explainPnl } from '../../src/portfolio/explain-pnl.js';
import { exposureMetrics } from '../../src/portfolio/exposure.js';
import { day, moveSpot, randomBook, smileMarket } from '../portfolio/support.js';

const market = smileMarket();
const accountOf = (seed: number, cash = 2_000_000): Account => ({
  id: 'a',
  reportingCurrency: 'USD',
  cash: { USD: cash },
  positions: randomBook(seed, 10, market),
});

describe('diffReports', () => {
  it('finds nothing between a report and itself', () => {
    const e = exposureMetrics(accountOf(1), market);
    const diff = diffReports(e, structuredClone(e));
    expect(diff.changes).toEqual([]);
    expect(diff.equity).toMatchObject({ change: 0, causes: [] });
    for (const row of diff.leverage) expect(row.fromExposure + row.fromEquity).toBeCloseTo(0, 15);
  });

  it('explains the change of equity to the last cent, and what is not profit as from outside', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 300 }),
        fc.double({ min: 0.9, max: 1.1, noNaN: true }),
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: -50_000, max: 50_000 }),
        (seed, factor, days, deposit) => {
          const account = accountOf(seed);
          const later = { ...moveSpot(market, 'BTC', factor), asOf: market.asOf + days * day };
          const explanation = explainPnl(account.positions, market, later, { numeraire: 'USD' });
          const before = exposureMetrics(account, market);
          const after = exposureMetrics(accountOf(seed, 2_000_000 + deposit), later);
          const { equity, leverage } = diffReports(before, after, { explanation });
          const gross = equity.causes.reduce((sum, { amount }) => sum + Math.abs(amount), 1);
          const sum = equity.causes.reduce((total, { amount }) => total + amount, 0);
          expect(Math.abs(sum - equity.change)).toBeLessThan(1e-9 * gross);
          const outside = equity.causes.find(({ cause }) => cause === 'outside')?.amount ?? 0;
          // Funding is in the explanation and not yet paid in the account.
          expect(Math.abs(outside - (deposit - explanation.parts.funding))).toBeLessThan(1e-6 * gross);
          const sizes = equity.causes.map(({ amount }) => Math.abs(amount));
          expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
          for (const row of leverage) {
            expect(row.fromExposure + row.fromEquity).toBeCloseTo(row.after - row.before, 9);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('lists numbers that came, went and moved, but not within the tolerance', () => {
    const e = exposureMetrics(accountOf(2), market);
    const rest = { ...e, byUnderlying: { ...e.byUnderlying, NEW: { units: 1, notional: 2, deltaNotional: 2 } } };
    expect(diffReports(e, rest).changes.map(({ path, before, change }) => [path.join('.'), before, change])).toEqual([
      ['byUnderlying.NEW.units', undefined, 1],
      ['byUnderlying.NEW.notional', undefined, 2],
      ['byUnderlying.NEW.deltaNotional', undefined, 2],
    ]);
    expect(diffReports(rest, e).changes.map(({ after }) => after)).toEqual([undefined, undefined, undefined]);
    const moved = { ...e, equity: e.equity * 1.001 };
    expect(diffReports(e, moved).changes).toHaveLength(1);
    expect(diffReports(e, moved, { relativeTolerance: 0.01 }).changes).toEqual([]);
    expect(() => diffReports(e, moved, { relativeTolerance: -1 })).toThrow(InputError);
    expect(() => diffReports(e, 3 as never)).toThrow(InputError);
  });

  it('gives no parts of a leverage that is infinite', () => {
    const before = exposureMetrics(accountOf(3), market);
    const after = exposureMetrics(accountOf(3, -1e9), market);
    const diff = diffReports(before, after);
    expect(after.insolvent).toBe(true);
    expect(diff.leverage[0]).toMatchObject({ after: Infinity, fromExposure: NaN, fromEquity: NaN });
    expect(diff.changes.find(({ path }) => path[0] === 'grossLeverage')?.change).toBe(Infinity);
  });
});
