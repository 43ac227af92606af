import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { InputError } from '../../src/errors.js';
import type { Account } from '../../src/portfolio/account.js';
import { accountEquity } from '../../src/portfolio/equity.js';
import type { LeveragedTokenInstrument } from '../../src/portfolio/instrument.js';
import type { MarketSnapshot } from '../../src/portfolio/snapshot.js';
import { valueInstrument } from '../../src/portfolio/valuation.js';
import {
  accountHoldings,
  excludedPositions,
  pnlVectors,
  portfolioPnl,
  portfolioValue,
  positionHoldings,
  positionPnl,
} from '../../src/risk/pnl-vectors.js';
import { shiftMarket, type Shift } from '../../src/risk/shift-market.js';
import {
  asOf,
  coinMarket,
  day,
  future,
  option,
  position,
  randomBook,
  smileExpiries,
  smileMarket,
} from '../portfolio/support.js';

const relative = (factor: Shift['factor'], size: number, underlying?: string): Shift => ({
  factor,
  kind: 'relative',
  size,
  underlying,
});
const days = (n: number): Shift => ({ factor: 'time', kind: 'absolute', size: n / 365 });

function gridCells(s: MarketSnapshot, dynamics: Parameters<typeof shiftMarket>[2] = 'sticky-strike'): MarketSnapshot[] {
  return [-0.4, -0.1, 0, 0.2].flatMap((x) =>
    [-0.3, 0, 0.5].flatMap((v) =>
      [0, 1, 10, 40].map((d) => shiftMarket(s, [relative('spot', x), relative('volatility', v), days(d)], dynamics)),
    ),
  );
}

const token: LeveragedTokenInstrument = {
  kind: 'leveraged-token',
  id: 'BTC3L',
  underlying: 'BTC',
  settlement: 'USD',
  multiplier: 1,
  targetLeverage: 3,
  nav: 10,
  leverage: 2.8,
};

function account(seed: number, count: number, s: MarketSnapshot): Account {
  return {
    id: 'a',
    reportingCurrency: 'USD',
    cash: { USD: 10_000, BTC: 2, EUR: -500, USDC: 1000 },
    borrowed: { ETH: 3 },
    accruedFunding: { BTC: 0.01 },
    positions: [...randomBook(seed, count, s), { id: 'token', instrument: token, quantity: 40 }],
  };
}

describe('pnlVectors', () => {
  it.each(['sticky-strike', 'sticky-delta', { skewStickiness: 1.5 }] as const)(
    'are the same by columns and one at a time, under %o',
    (dynamics) => {
      const s = smileMarket();
      const cells = gridCells(s, dynamics);
      const { instruments } = positionHoldings(randomBook(11, 80, s), s);
      const { pnl } = pnlVectors({ instruments, currencies: [] }, s, cells, { numeraire: 'USD' });
      instruments.forEach((instrument, row) => {
        if (instrument.kind !== 'option') return;
        const now = valueInstrument(instrument, s, 'USD').value;
        cells.forEach((cell, c) => {
          const then = valueInstrument(instrument, cell, 'USD').value;
          expect(Math.abs(pnl[row * cells.length + c]! - (then - now))).toBeLessThan(1e-12 * instrument.strike);
        });
      });
    },
  );

  it('add up to the change of the account’s equity, cash and debts in coin and all', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.double({ min: -0.7, max: 1.5, noNaN: true }), (seed, x) => {
        const s = smileMarket();
        const a = account(seed, 25, s);
        const cell = shiftMarket(s, [
          relative('spot', x),
          relative('volatility', 0.4),
          relative('fx', -0.05, 'USDC'),
          { factor: 'rate', kind: 'absolute', size: 0.02 },
          { factor: 'basis', kind: 'relative', size: 0.5 },
        ]);
        const holdings = accountHoldings(a, s);
        const vectors = pnlVectors(holdings, s, [cell], { numeraire: 'USD' });
        const { equity } = accountEquity(a, s, 'USD');
        const change = accountEquity(a, cell, 'USD').equity - equity;
        const gross = holdings.units.reduce((sum, units, i) => {
          const { underlying } = holdings.positions[i]!.instrument;
          return sum + Math.abs(units) * s.underlyings[underlying]!.spot;
        }, 1e5);
        expect(Math.abs(portfolioPnl(vectors, holdings)[0]! - change)).toBeLessThan(1e-10 * gross);
        expect(Math.abs(portfolioValue(vectors, holdings) - equity)).toBeLessThan(1e-11 * gross);
      }),
      { numRuns: 40 },
    );
  });

  it('are exactly zero where nothing moves', () => {
    const s = smileMarket();
    const a = account(3, 60, s);
    const holdings = accountHoldings(a, s);
    const same = structuredClone(s);
    const vectors = pnlVectors(holdings, s, [s, same, shiftMarket(s, [relative('spot', 0), days(0)])], {
      numeraire: 'USD',
    });
    expect(vectors.pnl.every((value) => value === 0)).toBe(true);
    expect(vectors.currencyPnl.every((value) => value === 0)).toBe(true);
    expect([...portfolioPnl(vectors, holdings)]).toEqual([0, 0, 0]);
  });

  it('are additive: positions add up to the portfolio, and books to their union', () => {
    const s = smileMarket();
    const cells = gridCells(s);
    const a = account(8, 40, s);
    const holdings = accountHoldings(a, s);
    const vectors = pnlVectors(holdings, s, cells, { numeraire: 'USD' });
    const total = portfolioPnl(vectors, holdings);
    const cashOnly = accountHoldings({ ...a, positions: [] }, s);
    const cash = portfolioPnl(pnlVectors(cashOnly, s, cells, { numeraire: 'USD' }), cashOnly);
    const rows = a.positions.map((_, i) => positionPnl(vectors, holdings, i));
    cells.forEach((_, c) => {
      const sum = rows.reduce((all, row) => all + row[c]!, cash[c]!);
      const gross = rows.reduce((all, row) => all + Math.abs(row[c]!), 1);
      expect(Math.abs(sum - total[c]!)).toBeLessThan(1e-12 * gross);
    });
    const part = (from: number, to: number): Float64Array => {
      const half = positionHoldings(a.positions.slice(from, to), s);
      return portfolioPnl(pnlVectors(half, s, cells, { numeraire: 'USD' }), half);
    };
    const [one, two] = [part(0, 17), part(17, 41)];
    cells.forEach((_, c) => {
      expect(one[c]! + two[c]! + cash[c]!).toBeCloseTo(total[c]!, 5);
    });
  });

  it('value each instrument once, however many hold it', () => {
    const s = coinMarket();
    const call = option();
    const positions = [position(call, 2), position(call, -5), position(structuredClone(call), 1)];
    const holdings = positionHoldings(positions, s);
    expect(holdings.instruments).toEqual([call]);
    expect([...holdings.held]).toEqual([-2]);
    expect([...holdings.index]).toEqual([0, 0, 0]);
  });

  it('take a future from its mark, gains so far as a balance: an inverse one in coin', () => {
    const s = coinMarket();
    const perpetual = future();
    const a: Account = {
      id: 'a',
      reportingCurrency: 'USD',
      cash: {},
      positions: [position(perpetual, 120_000, 50_000)],
    };
    const holdings = accountHoldings(a, s);
    expect(holdings.currencies).toEqual(['BTC']);
    expect(holdings.balances[0]).toBeCloseTo(120_000 / 50_000 - 120_000 / 60_000, 14);
    const down = shiftMarket(s, [relative('spot', -0.2)]);
    const vectors = pnlVectors(holdings, s, [down], { numeraire: 'USD' });
    const at = (price: number): number => 120_000 * (1 / 50_000 - 1 / price) * price;
    expect(portfolioPnl(vectors, holdings)[0]).toBeCloseTo(at(48_000) - at(60_000), 8);
  });

  it('pay funding over the days, settle what expires at the spot, and go through an expiry', () => {
    const s = smileMarket();
    const perpetual = future({ style: 'linear' });
    const inverse = future();
    const dated = future({ kind: 'future', style: 'linear', expiry: smileExpiries[1]! });
    const positions = [position(perpetual, 1, 60_000), position(inverse, 60_000, 60_000), position(dated, 1, 60_000)];
    const holdings = positionHoldings(positions, s);
    const cells = [shiftMarket(s, [days(10)]), shiftMarket(s, [days(31), relative('spot', 0.1)])];
    const { pnl } = pnlVectors(holdings, s, cells, { numeraire: 'USD' });
    expect(pnl[0]).toBeCloseTo(-10 * 0.0003 * 60_000, 9);
    expect(pnl[2]! * 60_000).toBeCloseTo(-10 * 0.0003 * 60_000, 9);
    const forward = s.underlyings['BTC']!.surface.slices[1]!.forward;
    expect(pnl[4]).toBe(0);
    expect(pnl[5]).toBeCloseTo(66_000 - forward, 8);
    const spike = shiftMarket(s, [days(1), { factor: 'funding', kind: 'set', size: 0.03, underlying: 'BTC' }]);
    expect(pnlVectors(holdings, s, [spike], { numeraire: 'USD' }).pnl[0]).toBeCloseTo(-1800, 9);
  });

  it('treat what is missing by the policy, and name it', () => {
    const s = smileMarket();
    const unknown = option({ underlying: 'XRP', style: 'linear' });
    const fine = option({ style: 'linear', expiry: smileExpiries[1]! });
    const positions = [position(unknown), position(fine)];
    const holdings = positionHoldings(positions, s);
    const cells = [shiftMarket(s, [relative('spot', 0.1)])];
    const run = (missing?: 'throw' | 'exclude' | 'intrinsic'): ReturnType<typeof pnlVectors> =>
      pnlVectors(holdings, s, cells, { numeraire: 'USD', missing });
    expect(() => run()).toThrow(InputError);
    const vectors = run('exclude');
    expect(vectors.pnl[0]).toBe(0);
    expect(vectors.pnl[1]).toBeGreaterThan(0);
    expect(excludedPositions(vectors, holdings)).toEqual([{ positionId: positions[0]!.id, reason: 'no-market' }]);
    // A market without a surface: the payoff at the spot.
    const bare = coinMarket();
    bare.underlyings['BTC']!.surface.slices.length = 0;
    const call = positionHoldings([position(option({ style: 'linear', strike: 50_000 }))], bare);
    const moved = shiftMarket(bare, [relative('spot', 0.1)]);
    const intrinsic = pnlVectors(call, bare, [moved], { numeraire: 'USD', missing: 'intrinsic' });
    expect(intrinsic.pnl[0]).toBeCloseTo(6000, 9);
    expect(intrinsic.missing).toEqual(['no-forward']);
    expect(() => pnlVectors({ instruments: [], currencies: ['GBP'] }, s, cells, { numeraire: 'USD' })).toThrow(
      InputError,
    );
  });

  it('reval American and quanto options, strikes of 0 and moved skews one at a time', () => {
    const s = smileMarket();
    const instruments = [
      option({
        underlying: 'SPX',
        style: 'linear',
        strike: 5000,
        type: 'put',
        expiry: smileExpiries[2]!,
        exercise: 'american',
      }),
      option({ strike: 0, expiry: smileExpiries[1]! }),
      option({
        underlying: 'SPX',
        style: 'quanto',
        settlement: 'EUR',
        strike: 5100,
        expiry: smileExpiries[1]!,
        fixedFx: 0.9,
        fxVolatility: 0.1,
        correlation: -0.4,
      }),
      option({ style: 'linear', strike: 70_000, expiry: smileExpiries[1]! }),
    ];
    const cell = shiftMarket(s, [relative('spot', -0.1), { ...relative('volatility', 0.3), skew: { width: 0.5 } }]);
    const { pnl } = pnlVectors({ instruments, currencies: [] }, s, [cell], { numeraire: 'USD' });
    instruments.forEach((instrument, i) => {
      const change = valueInstrument(instrument, cell, 'USD').value - valueInstrument(instrument, s, 'USD').value;
      expect(pnl[i]).toBeCloseTo(change, 9);
    });
    expect(pnl[1]).toBeCloseTo(-6000 * Math.exp(-0.04 * (30 / 365)), 8);
    expect(asOf + 30 * day).toBe(smileExpiries[1]);
  });
});
