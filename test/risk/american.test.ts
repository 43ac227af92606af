/** American options through scenarios, value at risk and margin: the engine's own values, and what early exercise adds. */
import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/portfolio/account.js';
import { accountEquity } from '../../src/portfolio/equity.js';
import { greekLadder } from '../../src/portfolio/ladder.js';
import { openMarket } from '../../src/portfolio/market-view.js';
import { netGreeks } from '../../src/portfolio/net-greeks.js';
import { greeksOf, valueInstrument } from '../../src/portfolio/valuation.js';
import { blackScholes } from '../../src/pricing/black-scholes.js';
import { scanMargin } from '../../src/risk/margin/scan.js';
import { pnlVectors, positionHoldings, positionPnl } from '../../src/risk/pnl-vectors.js';
import { gridMarkets, runScenarios, scenarioGrid, type GridSpec } from '../../src/risk/scenario.js';
import { shiftMarket } from '../../src/risk/shift-market.js';
import { historicalVaR } from '../../src/risk/value-at-risk/historical.js';
import { asOf, day, option, position, smileExpiries, smileMarket } from '../portfolio/support.js';

const market = smileMarket();
const [, , quarter, half] = smileExpiries as [number, number, number, number];
const share = (type: 'call' | 'put', strike: number, exercise: 'american' | 'european', expiry = half) =>
  option({
    underlying: 'SPX',
    style: 'linear',
    type,
    strike,
    expiry,
    exercise,
    id: `${exercise} ${type} ${strike} ${expiry}`,
  });

const grid: GridSpec = {
  spot: [-0.3, -0.1, 0, 0.05, 0.2],
  volatility: [-0.3, 0, 0.5],
  horizonDays: [0, 1, 30, 120],
  volatilityKind: 'relative',
};

const account: Account = {
  id: 'a',
  reportingCurrency: 'USD',
  cash: { USD: 1000, EUR: 500 },
  positions: [
    position(share('put', 5200, 'american'), -3, 100),
    position(share('put', 4700, 'american', quarter), 2, 50),
    position(share('call', 4600, 'american'), 1, 300),
    position(share('put', 5200, 'american'), 1, 90),
    position(share('put', 5200, 'european'), 2, 100),
  ],
};

describe('the values of a grid', () => {
  it.each(['sticky-strike', 'sticky-delta', { skewStickiness: 1.5 }] as const)(
    'are those of one market at a time to the last bit, under %o',
    (dynamics) => {
      const cells = gridMarkets(market, { ...grid, dynamics });
      const { instruments } = positionHoldings(account.positions, market);
      const { pnl, value } = pnlVectors({ instruments, currencies: [] }, market, cells, { numeraire: 'EUR' });
      instruments.forEach((instrument, row) => {
        if (instrument.kind !== 'option' || instrument.exercise !== 'american') return;
        const now = valueInstrument(instrument, market, 'EUR').value;
        expect(value[row]).toBe(now);
        cells.forEach((cell, c) => {
          expect(pnl[row * cells.length + c]).toBe(valueInstrument(instrument, cell, 'EUR').value - now);
        });
      });
    },
  );

  it('do not depend on which other markets there are', () => {
    const cells = gridMarkets(market, grid);
    const holdings = { instruments: [share('put', 5200, 'american')], currencies: [] };
    const { pnl } = pnlVectors(holdings, market, cells, { numeraire: 'USD' });
    cells.forEach((cell, c) => {
      expect(pnlVectors(holdings, market, [cell], { numeraire: 'USD' }).pnl[0]).toBe(pnl[c]);
    });
  });

  it('add up: positions to the portfolio, and the portfolio to the account valued again', () => {
    const tensor = scenarioGrid(account, market, grid);
    const cells = gridMarkets(market, grid);
    const { equity } = accountEquity(account, market, 'USD');
    const rows = account.positions.map((_, i) => positionPnl(tensor.vectors, tensor.holdings, i));
    cells.forEach((cell, c) => {
      expect(tensor.portfolio[c]).toBeCloseTo(accountEquity(account, cell, 'USD').equity - equity, 8);
      expect(rows.reduce((sum, row) => sum + row[c]!, 0)).toBeCloseTo(tensor.portfolio[c]!, 8);
    });
    const scenario = { name: 'down', shifts: [{ factor: 'spot', kind: 'relative', size: -0.3 }] } as const;
    const { scenarios } = runScenarios(account, market, [scenario]);
    const alone = account.positions.map(
      (one) => runScenarios({ ...account, cash: {}, positions: [one] }, market, [scenario]).scenarios[0]!.pnl,
    );
    alone.forEach((pnl, i) => {
      expect(scenarios[0]!.byPosition[i]).toBeCloseTo(pnl, 9);
    });
    expect(scenarios[0]!.pnl).toBeCloseTo(
      alone.reduce((sum, pnl) => sum + pnl, 0),
      9,
    );
  });

  it('hold what early exercise is worth: never less than the European option or the exercise', () => {
    const put = share('put', 5200, 'american');
    const european = share('put', 5200, 'european');
    let most = 0;
    for (const cell of gridMarkets(market, grid)) {
      const { value } = valueInstrument(put, cell, 'USD');
      const { spot } = cell.underlyings['SPX']!;
      if (cell.asOf === market.asOf) {
        const early = value - valueInstrument(european, cell, 'USD').value;
        expect(early).toBeGreaterThan(-1e-9);
        most = Math.max(most, early);
      }
      expect(value).toBeGreaterThanOrEqual(5200 - spot);
    }
    // 30% down it is exercised: the European put waits half a year for its 5200.
    expect(most).toBeGreaterThan(60);
    const down = shiftMarket(market, [{ factor: 'spot', kind: 'relative', size: -0.3 }]);
    expect(valueInstrument(put, down, 'USD').value).toBe(5200 - down.underlyings['SPX']!.spot);
    expect(greeksOf(put, down)).toMatchObject({ delta: -1, gamma: 0, vega: 0, theta: 0 });
  });
});

describe('a call on a share that pays nothing', () => {
  const spx = market.underlyings['SPX']!;
  const slices = spx.surface.slices.map((slice) => ({ ...slice, forward: spx.spot / slice.discountFactor }));
  const plain = { ...market, underlyings: { SPX: { ...spx, surface: { ...spx.surface, slices } } } };
  const call = share('call', 5100, 'american');
  const european = share('call', 5100, 'european');

  it('is the European call in every market of a grid', () => {
    const cells = gridMarkets(plain, { ...grid, horizonDays: [0] });
    const { instruments } = positionHoldings([position(call), position(european)], plain);
    const { pnl, value } = pnlVectors({ instruments, currencies: [] }, plain, cells, { numeraire: 'USD' });
    expect(Math.abs(value[0]! - value[1]!)).toBeLessThan(1e-9 * 5100);
    cells.forEach((_, c) => {
      expect(Math.abs(pnl[c]! - pnl[cells.length + c]!)).toBeLessThan(1e-9 * 5100);
    });
  });

  it('has its delta, gamma and vega; theta is at a still spot, not at a still forward', () => {
    const ours = greeksOf(call, plain);
    const theirs = greeksOf(european, plain);
    for (const name of ['price', 'delta', 'gamma', 'vega', 'dualDelta', 'dualGamma'] as const) {
      expect(Math.abs(ours[name] / theirs[name] - 1), name).toBeLessThan(1e-8);
    }
    // The forward of the expiry falls to the spot: r S delta a year of it.
    const rate = -Math.log(slices[3]!.discountFactor) / slices[3]!.timeToExpiry;
    expect(ours.theta).toBeCloseTo(theirs.theta - rate * 5000 * ours.delta, 5);
  });

  it('is Black-Scholes at a still rate after time has passed', () => {
    for (const cell of gridMarkets(plain, grid)) {
      const underlying = openMarket(cell).underlying('SPX')!;
      const expiry = underlying.expiry(half)!;
      const { timeToExpiry, rate } = expiry;
      const { volatility } = expiry.smile(5100)!;
      const terms = { type: 'call', spot: underlying.spot, strike: 5100, timeToExpiry, rate, volatility } as const;
      expect(Math.abs(valueInstrument(call, cell, 'USD').value - blackScholes.price(terms))).toBeLessThan(1e-8);
    }
  });
});

describe('time', () => {
  const put = share('put', 5050, 'american');
  const worth = (days: number): number =>
    valueInstrument(put, shiftMarket(market, [{ factor: 'time', kind: 'absolute', size: days / 365 }]), 'USD').value;

  it('passes by theta: one day with all else still', () => {
    const { theta } = greeksOf(put, market);
    expect((worth(0.01) - worth(0)) / 0.01).toBeCloseTo(theta / 365, 3);
    const daily = scenarioGrid({ ...account, cash: {}, positions: [position(put, 10)] }, market, {
      ...grid,
      spot: [0],
      volatility: [0],
      horizonDays: [0, 1],
    }).portfolio;
    expect(daily[0]).toBe(0);
    expect(Math.abs(daily[1]! / ((10 * theta) / 365) - 1)).toBeLessThan(0.01);
  });

  it('ends at the payoff at the spot', () => {
    const days = (half - asOf) / day;
    for (const size of [days, days + 20]) {
      const after = shiftMarket(market, [
        { factor: 'time', kind: 'absolute', size: size / 365 },
        { factor: 'spot', kind: 'relative', size: -0.1 },
      ]);
      expect(valueInstrument(put, after, 'USD')).toEqual({ value: 550, settlementValue: 550, expired: true });
      const { instruments } = positionHoldings([position(put)], market);
      const { pnl } = pnlVectors({ instruments, currencies: [] }, market, [after], { numeraire: 'USD' });
      expect(pnl[0]).toBe(550 - worth(0));
    }
    // A minute before, what is left of it is a tick over the exercise at most.
    expect(worth(days - 1e-3)).toBeGreaterThanOrEqual(50);
    expect(worth(days - 1e-3)).toBeLessThan(50.1);
  });
});

describe('sums', () => {
  it('of Greeks and ladders are those of the positions', () => {
    const total = netGreeks(account.positions, market, { numeraire: 'USD' }).total;
    const each = account.positions.map((one) => netGreeks([one], market, { numeraire: 'USD' }).total);
    const ladder = greekLadder(
      account.positions,
      market,
      {
        expiryYears: [0.1, 0.4],
        moneyness: { axis: 'strike', nodes: [4600, 5000, 5400] },
        rule: 'tent',
        greeks: ['delta', 'vega'],
      },
      { numeraire: 'USD' },
    );
    const cells = (greek: number): number => ladder.cell.filter((_, i) => i % 2 === greek).reduce((a, b) => a + b, 0);
    const unit = (name: 'delta' | 'vega'): number =>
      account.positions.reduce(
        (sum, { instrument, quantity }) => sum + quantity * greeksOf(instrument, market)[name],
        0,
      );
    expect(cells(0)).toBeCloseTo(unit('delta'), 9);
    expect(cells(1)).toBeCloseTo(unit('vega'), 7);
    for (const [name, value] of Object.entries(total)) {
      if (typeof value !== 'number') continue;
      const sum = each.reduce((s, one) => s + one[name as keyof typeof one], 0);
      expect(Math.abs(sum - value), name).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(value)));
    }
  });
});

describe('risk and margin', () => {
  it('value at risk is of the book valued again', () => {
    const moves = Array.from({ length: 40 }, (_, i) => [0.03 * Math.sin(i), 0.02 * Math.cos(2 * i)]);
    const returns = { factors: ['spot:SPX', 'volatility:SPX'], kind: 'simple', rows: moves } as const;
    const { pnl } = historicalVaR(account, market, { ...returns, factors: [...returns.factors] }, { confidence: 0.9 });
    const { equity } = accountEquity(account, market, 'USD');
    moves.slice(0, 8).forEach(([spot, volatility], i) => {
      const cell = shiftMarket(market, [
        { factor: 'spot', kind: 'relative', size: spot!, underlying: 'SPX' },
        { factor: 'volatility', kind: 'absolute', size: volatility!, underlying: 'SPX' },
      ]);
      expect(pnl[i]).toBeCloseTo(accountEquity(account, cell, 'USD').equity - equity, 7);
    });
  });

  it('house rules scan the engine’s values', () => {
    const rules = {
      cells: [
        { move: -0.2, volatility: 0.3, weight: 1 },
        { move: 0.2, volatility: 0, weight: 1 },
      ],
      minimumDelta: { net: 0, hedged: 0 },
      maintenanceFraction: 0.5,
    };
    const put = share('put', 5200, 'american');
    const short = { ...account, cash: {}, positions: [position(put, -2, 100)] };
    const { initialMargin, excluded } = scanMargin(short, market, rules);
    const cell = shiftMarket(market, [
      { factor: 'spot', kind: 'relative', size: -0.2 },
      { factor: 'volatility', kind: 'relative', size: 0.3 },
    ]);
    const loss = 2 * (valueInstrument(put, cell, 'USD').value - valueInstrument(put, market, 'USD').value);
    expect(initialMargin).toBeCloseTo(loss, 8);
    expect(excluded).toEqual([]);
  });
});
