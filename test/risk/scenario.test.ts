import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { InputError } from '../../src/errors.js';
import type { Account } from '../../src/portfolio/account.js';
import { accountEquity } from '../../src/portfolio/equity.js';
import { netGreeks } from '../../src/portfolio/net-greeks.js';
import { positionPnl } from '../../src/risk/pnl-vectors.js';
import { gridShifts, runScenarios, scenarioGrid, type GridSpec } from '../../src/risk/scenario.js';
import { shiftMarket } from '../../src/risk/shift-market.js';
import { depegTemplate, historicalStress, stressTemplates } from '../../src/risk/stress.js';
import { taylorGrid } from '../../src/risk/taylor-grid.js';
import {
  coinMarket,
  future,
  option,
  position,
  randomBook,
  smileExpiries,
  smileMarket,
  spot,
} from '../portfolio/support.js';

const grid: GridSpec = {
  spot: [-0.3, -0.1, 0, 0.1, 0.3],
  volatility: [-0.25, 0, 0.5],
  horizonDays: [0, 1, 10],
  volatilityKind: 'relative',
};

function account(seed: number, count = 20): Account {
  return {
    id: 'a',
    reportingCurrency: 'USD',
    cash: { USD: 50_000, BTC: 1 },
    positions: randomBook(seed, count, smileMarket()),
  };
}

describe('scenarioGrid', () => {
  it('has the worked option in its cells: the call of the worked numbers against Black by hand', () => {
    const s = coinMarket();
    const a: Account = {
      id: 'a',
      reportingCurrency: 'USD',
      cash: {},
      positions: [position(option({ style: 'linear' }), 2)],
    };
    const tensor = scenarioGrid(a, s, { ...grid, spot: [0], volatility: [0], horizonDays: [0, 30] });
    expect(tensor.instruments).toEqual([a.positions[0]!.instrument.id]);
    // 4112.36443 is the call's worth; at the money it ends worthless.
    expect([...tensor.portfolio]).toEqual([0, expect.closeTo(-2 * 4112.36443, 4)]);
    expect(tensor.pnl[1]).toBeCloseTo(-4112.36443, 5);
    expect(tensor.worst).toEqual({ pnl: tensor.portfolio[1], cell: [0, 0, 1] });
    expect(tensor.equityNow).toBeCloseTo(2 * 4112.36443, 4);
    expect(tensor.equity[1]).toBeCloseTo(0, 9);
  });

  it('is zero in the cell where nothing moves, and adds up by position', () => {
    fc.assert(
      fc.property(fc.nat(1e6), (seed) => {
        const a = account(seed);
        const tensor = scenarioGrid({ ...a, cash: {} }, smileMarket(), grid);
        const still = tensor.portfolio[(2 * 3 + 1) * 3];
        expect(still).toBe(0);
        const rows = a.positions.map((_, i) => positionPnl(tensor.vectors, tensor.holdings, i));
        tensor.portfolio.forEach((pnl, c) => {
          const sum = rows.reduce((all, row) => all + row[c]!, 0);
          const gross = rows.reduce((all, row) => all + Math.abs(row[c]!), 1);
          expect(Math.abs(sum - pnl)).toBeLessThan(1e-12 * gross);
          expect(tensor.worst.pnl).toBeLessThanOrEqual(pnl);
        });
        const [i, j, k] = tensor.worst.cell;
        expect(tensor.portfolio[(i * 3 + j) * 3 + k]).toBe(tensor.worst.pnl);
      }),
      { numRuns: 4 },
    );
  });

  it('has the equity, the margin and the Greeks of each cell', () => {
    const s = smileMarket();
    const a = account(4);
    const margin = (_: Account, m: typeof s) => ({
      initialMargin: m.underlyings['BTC']!.spot,
      maintenanceMargin: 0.5 * m.underlyings['BTC']!.spot,
    });
    const tensor = scenarioGrid(a, s, { ...grid, horizonDays: [0], greeks: true, margin });
    gridShifts({ ...grid, horizonDays: [0] }).forEach((shifts, c) => {
      const market = shiftMarket(s, shifts);
      const { equity } = accountEquity(a, market, 'USD');
      expect(Math.abs(tensor.equity[c]! - equity)).toBeLessThan(1e-9 * Math.abs(equity) + 1e-5);
      expect(tensor.margin!.initial[c]).toBe(market.underlyings['BTC']!.spot);
      expect(tensor.margin!.ratio[c]).toBe(
        tensor.equity[c]! > 0 ? tensor.margin!.maintenance[c]! / tensor.equity[c]! : Infinity,
      );
      expect(tensor.greeks![c]).toEqual(netGreeks(a.positions, market, { numeraire: 'USD' }).total);
    });
    expect(scenarioGrid(a, s, grid).margin).toBeUndefined();
  });

  it('has the term rule, absolute vols, one underlying and the dynamics', () => {
    const s = smileMarket();
    const a = account(6);
    const spec: GridSpec = {
      ...grid,
      volatilityKind: 'absolute',
      underlying: 'BTC',
      dynamics: 'sticky-delta',
      term: { shortPower: 0.3, longPower: 0.13 },
    };
    const tensor = scenarioGrid(a, s, spec);
    gridShifts(spec).forEach((shifts, c) => {
      const market = shiftMarket(s, shifts, 'sticky-delta');
      const change = accountEquity(a, market, 'USD').equity - accountEquity(a, s, 'USD').equity;
      const perpetuals = a.positions.filter(
        (p) => p.instrument.kind === 'perpetual' && p.instrument.underlying === 'BTC',
      );
      if (perpetuals.length === 0 || shifts[0]!.size === 0) expect(tensor.portfolio[c]).toBeCloseTo(change, 4);
    });
    const eth = { ...a, cash: {}, positions: a.positions.filter((p) => p.instrument.underlying === 'ETH') };
    expect(scenarioGrid(eth, s, { ...spec, horizonDays: [0] }).portfolio.every((pnl) => pnl === 0)).toBe(true);
  });

  it('is the theta of the book to first order where only time passes', () => {
    const s = smileMarket();
    const positions = randomBook(21, 40, s).filter(({ instrument }) => instrument.kind === 'option');
    const a: Account = { id: 'a', reportingCurrency: 'USD', cash: {}, positions };
    const { thetaPerDay } = netGreeks(positions, s, { numeraire: 'USD' }).total;
    const at = (days: number): number =>
      scenarioGrid(a, s, { ...grid, spot: [0], volatility: [0], horizonDays: [days] }).portfolio[0]! / days;
    const [coarse, fine] = [at(0.02) - thetaPerDay, at(0.01) - thetaPerDay];
    expect(Math.abs(fine)).toBeLessThan(0.01 * Math.abs(thetaPerDay));
    expect(coarse / fine).toBeCloseTo(2, 1);
  });

  it.each<[Partial<GridSpec>, string]>([
    [{ spot: [] }, 'spot'],
    [{ horizonDays: [-1] }, 'horizonDays[0]'],
    [{ volatility: [NaN] }, 'volatility[0]'],
    [{ volatilityKind: 'set' as 'relative' }, 'volatilityKind'],
    [{ spot: [-1] }, 'spot[0]'],
  ])('throws for %o', (wrong, field) => {
    const run = (): unknown => scenarioGrid(account(1), smileMarket(), { ...grid, ...wrong });
    expect(run).toThrow(expect.objectContaining({ field }));
  });
});

describe('taylorGrid', () => {
  const positions = [
    position(option({ style: 'linear', strike: 62_000, expiry: smileExpiries[2]! }), 3),
    position(option({ strike: 55_000, type: 'put', expiry: smileExpiries[3]! }), -5),
    position(option({ underlying: 'ETH', style: 'linear', strike: 3100, expiry: smileExpiries[2]! }), 40),
    position(option({ underlying: 'ETH', strike: 3000, settlement: 'ETH', expiry: smileExpiries[1]! }), -20),
    position(future({ underlying: 'BTC' }), 30_000, 58_000),
    position(spot('BTC'), 0.4),
  ];
  const a: Account = { id: 'a', reportingCurrency: 'USD', cash: { BTC: 0.5, USD: 100 }, positions };
  const s = smileMarket();
  // Time of the second order in the other moves, so that its own square is of the fourth.
  const cell = (h: number): GridSpec => ({
    spot: [h],
    volatility: [2 * h],
    horizonDays: [1000 * h * h],
    volatilityKind: 'relative',
  });
  const error = (spec: GridSpec): number => taylorGrid(a, s, spec, scenarioGrid(a, s, spec)).maximumError!;

  it.each(['sticky-strike', 'sticky-delta', { skewStickiness: 0.5 }] as const)(
    'has a remainder of third order under %o: half the move, an eighth of it',
    (dynamics) => {
      for (const h of [0.02, -0.02]) {
        const ratio =
          error({ ...cell(h), horizonDays: [0], dynamics }) / error({ ...cell(h / 2), horizonDays: [0], dynamics });
        expect(ratio).toBeGreaterThan(6.5);
        expect(ratio).toBeLessThan(9.5);
      }
    },
  );

  it('has the same order where time passes as the square of the move', () => {
    const ratio = error(cell(0.004)) / error(cell(0.002));
    expect(ratio).toBeGreaterThan(6.5);
    expect(ratio).toBeLessThan(9.5);
  });

  it('says where its error is largest', () => {
    const full = scenarioGrid(a, s, grid);
    const fast = taylorGrid(a, s, grid, full);
    const errors = fast.portfolio.map((value, c) => Math.abs(value - full.portfolio[c]!));
    expect(fast.maximumError).toBe(Math.max(...errors));
    const [i, j, k] = fast.worstCell!;
    expect(errors[(i * 3 + j) * 3 + k]).toBe(fast.maximumError);
    expect(taylorGrid(a, s, grid).maximumError).toBeUndefined();
    expect(() => taylorGrid(a, s, cell(0.1), full)).toThrow(InputError);
  });
});

describe('runScenarios and the templates', () => {
  it('values every template by name, the worst among them', () => {
    const s = smileMarket();
    const a = account(12);
    const run = runScenarios(a, s, [...stressTemplates, depegTemplate('USDC')]);
    expect(run.scenarios.map(({ name }) => name)).toEqual([...stressTemplates.map(({ name }) => name), 'depeg-USDC']);
    run.scenarios.forEach((scenario) => {
      expect(run.worst.pnl).toBeLessThanOrEqual(scenario.pnl);
      expect(scenario.equity).toBeCloseTo(run.equityNow + scenario.pnl, 6);
    });
    expect(run.scenarios.find(({ name }) => name === 'liquidity-gone')!.pnl).toBe(0);
    expect(stressTemplates.every(({ source }) => source === undefined)).toBe(true);
    expect(() => runScenarios(a, s, [])).toThrow(InputError);
  });

  it('asks for margin in each scenario', () => {
    const a = account(2, 3);
    const run = runScenarios(a, smileMarket(), [{ name: 'one', shifts: [] }], {
      margin: () => ({ initialMargin: 2, maintenanceMargin: 1 }),
    });
    expect(run.worst.margin).toEqual({ initial: 2, maintenance: 1, ratio: 1 / run.equityNow });
  });

  it('applies the returns of past days to the market of now', () => {
    const s = smileMarket();
    const a = account(31);
    const rows = [
      [0, 0],
      [Math.log(0.9), 0.1],
      [Math.log(1.05), -0.02],
    ];
    const stress = historicalStress(a, s, { factors: ['spot:BTC', 'volatility:BTC'], rows });
    expect(stress.pnl[0]).toBe(0);
    const market = shiftMarket(s, [
      { factor: 'spot', underlying: 'BTC', kind: 'relative', size: -0.1 },
      { factor: 'volatility', underlying: 'BTC', kind: 'absolute', size: 0.1 },
    ]);
    const change = accountEquity(a, market, 'USD').equity - accountEquity(a, s, 'USD').equity;
    expect(stress.pnl[1]).toBeCloseTo(change, 4);
    expect(stress.worst.pnl).toBe(Math.min(...stress.pnl));
    for (const factors of [['spot'], ['weather:BTC'], ['spot:BTC', 'spot:BTC']])
      expect(() => historicalStress(a, s, { factors, rows: [factors.map(() => 0)] })).toThrow(InputError);
    expect(() => historicalStress(a, s, { factors: ['spot:BTC'], rows: [] })).toThrow(InputError);
    expect(() => historicalStress(a, s, { factors: ['spot:BTC'], rows: [[1, 2]] })).toThrow(InputError);
    expect(() => historicalStress(a, s, { factors: ['spot:BTC'], rows: [[NaN]] })).toThrow(InputError);
  });
});
