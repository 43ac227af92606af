import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attributeChanges, attributionOf, changeCauses } from '../../src/control/change-attribution.js';
import type { AttributedChange, ChangeCause } from '../../src/control/change-attribution.js';
import { diffReports } from '../../src/control/diff-reports.js';
import { InputError } from '../../src/errors.js';
import type { Account, Position } from '../../src/portfolio/account.js';
import { explainPnl } from '../../src/portfolio/explain-pnl.js';
import { exposureMetrics } from '../../src/portfolio/exposure.js';
import { netGreeks } from '../../src/portfolio/net-greeks.js';
import type { MarketSnapshot } from '../../src/portfolio/snapshot.js';
import { shiftMarket } from '../../src/risk/shift-market.js';
import type { Shift } from '../../src/risk/shift-market.js';
import { asOf, day, option, position, randomBook, smileExpiries, smileMarket } from '../portfolio/support.js';

const market = smileMarket();
const accountOf = (positions: Position[], cash = 2_000_000): Account => ({
  id: 'a',
  reportingCurrency: 'USD',
  cash: { USD: cash },
  positions,
});
const book = (seed: number) => randomBook(seed, 8, market);

/** The causes with a part of any number. */
function found(rows: readonly AttributedChange[]): ChangeCause[] {
  return changeCauses.filter((cause) => rows.some(({ parts }) => parts[cause] !== 0));
}

const volatilityUp: Shift = { factor: 'volatility', kind: 'absolute', size: 0.05 };
const spotUp: Shift = { factor: 'spot', underlying: 'BTC', kind: 'relative', size: 0.04 };
const dayOn: Shift = { factor: 'time', kind: 'set', size: asOf + day };

/** A surface of another day: other forwards, rates, volatilities, its own asOf. */
function laterMarket(days: number, spotFactor: number, volatilityFactor: number, carry: number): MarketSnapshot {
  const from = shiftMarket(market, [
    { factor: 'spot', underlying: 'BTC', kind: 'relative', size: spotFactor - 1 },
    { factor: 'volatility', kind: 'relative', size: volatilityFactor - 1 },
    { factor: 'rate', kind: 'absolute', size: carry },
    { factor: 'forward', kind: 'relative', size: carry / 10 },
    { factor: 'fx', underlying: 'EUR', kind: 'relative', size: carry },
  ]);
  const later = asOf + days * day;
  const underlyings = Object.fromEntries(
    Object.entries(from.underlyings).map(([name, own]) => {
      const slices = own.surface.slices.map((slice) => {
        const passed = (days * day) / (365 * day);
        const share = (slice.timeToExpiry - passed) / slice.timeToExpiry;
        const { parameters: p } = slice;
        if (!('m' in p)) throw new Error('SVI only');
        return {
          ...slice,
          timeToExpiry: slice.timeToExpiry - passed,
          varianceTime: slice.timeToExpiry - passed,
          parameters: { ...p, a: p.a * share, b: p.b * share },
        };
      });
      return [name, { ...own, surface: { ...own.surface, asOf: later, slices } }];
    }),
  );
  return { ...from, asOf: later, underlyings };
}

describe('attributeChanges', () => {
  it('finds nothing between a snapshot and itself', () => {
    const seen = { account: accountOf(book(1)), snapshot: market };
    expect(attributeChanges(seen, structuredClone(seen))).toEqual([]);
  });

  it.each([
    ['time', [dayOn]],
    ['spot', [spotUp]],
    ['volatility', [volatilityUp]],
    ['rates', [{ factor: 'rate', kind: 'absolute', size: 0.01 }]],
    ['rates', [{ factor: 'fx', underlying: 'EUR', kind: 'relative', size: 0.02 }]],
    ['rates', [{ factor: 'forward', kind: 'relative', size: 0.001 }]],
  ] as [ChangeCause, Shift[]][])('gives a market that moved in %s alone to it (%j)', (cause, shifts) => {
    for (let seed = 1; seed <= 10; seed++) {
      const account = accountOf([...book(seed), position(option({ underlying: 'BTC', expiry: smileExpiries[1]! }), 3)]);
      const rows = attributeChanges({ account, snapshot: market }, { account, snapshot: shiftMarket(market, shifts) });
      for (const { path, parts, change } of rows) {
        const scale = Math.max(...changeCauses.map((name) => Math.abs(parts[name])), Math.abs(change));
        for (const other of changeCauses) {
          // Forwards read off a surface and put back leave a last digit.
          if (other !== cause) expect(Math.abs(parts[other]), path.join('.')).toBeLessThanOrEqual(1e-9 * scale + 1e-9);
        }
      }
    }
  });

  it('gives trades and deposits to themselves', () => {
    const before = { account: accountOf(book(2)), snapshot: market };
    const bought = [...before.account.positions, position(option({ underlying: 'BTC', expiry: smileExpiries[1]! }), 5)];
    const trades = attributeChanges(before, { account: accountOf(bought), snapshot: market });
    expect(found(trades)).toEqual(['positions']);
    const delta = attributionOf(trades, ['greeks', 'byUnderlying', 'BTC', 'delta'])!;
    const own = netGreeks(bought.slice(-1), market, { numeraire: 'USD' }).byUnderlying['BTC']!.delta;
    expect(delta.parts.positions).toBeCloseTo(own, 8);
    const deposit = attributeChanges(before, { account: accountOf(book(2), 2_100_000), snapshot: market });
    expect(found(deposit)).toEqual(['balances']);
    expect(attributionOf(deposit, ['equity'])).toMatchObject({ change: 100_000, parts: { balances: 100_000 } });
    expect(attributionOf(deposit, ['no', 'such'])).toBeUndefined();
  });

  it('adds up, for any book, market and trades', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 300 }),
        fc.integer({ min: 0, max: 5 }),
        fc.double({ min: 0.85, max: 1.15, noNaN: true }),
        fc.double({ min: 0.7, max: 1.4, noNaN: true }),
        fc.double({ min: -0.02, max: 0.02, noNaN: true }),
        (seed, days, spotFactor, volatilityFactor, carry) => {
          const before = { account: accountOf(book(seed)), snapshot: market };
          const later = laterMarket(days, spotFactor, volatilityFactor, carry);
          const positions = [...before.account.positions.slice(2), ...randomBook(seed + 1000, 2, market)].map(
            (p, i) => ({
              ...p,
              id: `p${i}`,
            }),
          );
          const after = { account: accountOf(positions, 1_900_000), snapshot: later };
          const rows = attributeChanges(before, after);
          for (const { path, before: from, after: to, change, parts, residual } of rows) {
            const size = changeCauses.reduce(
              (sum, cause) => sum + Math.abs(parts[cause]),
              Math.abs(from) + Math.abs(to),
            );
            const sum = changeCauses.reduce((total, cause) => total + parts[cause], residual);
            expect(Math.abs(sum - change), path.join('.')).toBeLessThanOrEqual(1e-12 * size);
            expect(Math.abs(residual), path.join('.')).toBeLessThanOrEqual(1e-12 * size);
          }
          const e = exposureMetrics(after.account, later);
          expect(attributionOf(rows, ['equity'])!.after).toBe(e.equity);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('agrees with the expansion by Greeks for small moves', () => {
    const account = accountOf([
      position(option({ style: 'linear', underlying: 'BTC', expiry: smileExpiries[2]! }), 10),
      position(
        option({ style: 'linear', underlying: 'BTC', expiry: smileExpiries[1]!, strike: 55_000, type: 'put' }),
        -4,
      ),
    ]);
    const small: Shift[] = [
      { factor: 'time', kind: 'set', size: asOf + day / 8 },
      { factor: 'spot', underlying: 'BTC', kind: 'relative', size: 0.001 },
      { factor: 'volatility', kind: 'absolute', size: 0.001 },
    ];
    const later = shiftMarket(market, small);
    const rows = attributeChanges({ account, snapshot: market }, { account, snapshot: later });
    const { parts } = explainPnl(account.positions, market, later, { numeraire: 'USD' });
    const equity = attributionOf(rows, ['equity'])!.parts;
    const scale = Math.abs(parts.delta) + Math.abs(parts.vega) + Math.abs(parts.theta);
    expect(Math.abs(equity.time - parts.theta)).toBeLessThan(1e-3 * scale);
    expect(Math.abs(equity.spot - parts.delta - parts.gamma)).toBeLessThan(1e-3 * scale);
    expect(Math.abs(equity.volatility - parts.vega)).toBeLessThan(1e-3 * scale);
    // The delta moves with the spot by gamma, with volatility by vanna, with time by charm.
    const greeks = netGreeks(account.positions, market, { numeraire: 'USD' }).byUnderlying['BTC']!;
    const delta = attributionOf(rows, ['greeks', 'byUnderlying', 'BTC', 'delta'])!.parts;
    expect(delta.spot / (greeks.gamma * 60)).toBeCloseTo(1, 1);
    expect(delta.volatility / (greeks.vanna * 0.001)).toBeCloseTo(1, 1);
    expect(delta.time / ((greeks.charm * 0.125) / 365)).toBeCloseTo(1, 1);
  });

  it('settles what expires at the old spot, in time, and takes any report', () => {
    const account = accountOf([
      position(option({ style: 'linear', underlying: 'BTC', expiry: smileExpiries[0]!, strike: 50_000 }), 1),
    ]);
    const later = shiftMarket(market, [{ factor: 'time', kind: 'set', size: asOf + 8 * day }, spotUp]);
    const rows = attributeChanges({ account, snapshot: market }, { account, snapshot: later });
    const equity = attributionOf(rows, ['equity'])!;
    const worth = exposureMetrics(account, market).equity;
    expect(equity.parts.time).toBeCloseTo(2_010_000 - worth, 6);
    expect(equity.parts.spot).toBeCloseTo(2_400, 6);
    const own = attributeChanges(
      { account, snapshot: market },
      { account, snapshot: later },
      { measure: (_, { underlyings }) => ({ spot: underlyings['BTC']!.spot }) },
    );
    expect(own).toEqual([
      {
        path: ['spot'],
        before: 60_000,
        after: 62_400,
        change: 2400,
        parts: { time: 0, spot: 2400, volatility: 0, rates: 0, positions: 0, balances: 0 },
        residual: 0,
      },
    ]);
  });

  it('stands beside the changes of a diff, with what the parts leave of each', () => {
    const before = { account: accountOf(book(5)), snapshot: market };
    const after = { account: accountOf(book(5).slice(1)), snapshot: laterMarket(1, 1.05, 1.1, 0) };
    const [first, second] = [before, after].map(({ account, snapshot }) => exposureMetrics(account, snapshot));
    const attribution = attributeChanges(before, after);
    const diff = diffReports(first!, { ...second!, marginUsage: 0.4 }, { attribution });
    const equity = diff.changes.find(({ path }) => path[0] === 'equity')!;
    expect(equity.parts).toEqual(attributionOf(attribution, ['equity'])!.parts);
    expect(Math.abs(equity.residual!)).toBeLessThan(1e-9 * Math.abs(second!.equity));
    const usage = diff.changes.find(({ path }) => path[0] === 'marginUsage')!;
    expect(usage.parts).toBeUndefined();
  });

  it('refuses time running backwards, another currency and records that are none', () => {
    const account = accountOf(book(1));
    const earlier = { account, snapshot: { ...market, asOf: asOf - day } };
    expect(() => attributeChanges({ account, snapshot: market }, earlier)).toThrow(/after.snapshot.asOf/);
    const euros = { account: { ...account, reportingCurrency: 'EUR' }, snapshot: market };
    expect(() => attributeChanges({ account, snapshot: market }, euros)).toThrow(/reportingCurrency must be 'USD'/);
    expect(() => attributeChanges(3 as never, euros)).toThrow(InputError);
  });
});
