import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import type { Instrument } from '../../../src/portfolio/instrument.js';
import { deribitPortfolioMargin } from '../../../src/risk/margin/deribit-portfolio.js';
import type { DeribitPortfolioParameters } from '../../../src/risk/margin/deribit-portfolio.js';
import { deribitStandardMargin } from '../../../src/risk/margin/deribit-standard.js';
import { regTMargin } from '../../../src/risk/margin/reg-t.js';
import { scanMargin } from '../../../src/risk/margin/scan.js';
import { spanMargin, spanRequirement } from '../../../src/risk/margin/span.js';
import { account, expiryIn, flatMarket, option, perpetual } from './books.js';

const standard = { a: 0.02, b: 0.01, inc: 0.00005 };

/** The sample of Deribit's API reference. */
const bitcoin: DeribitPortfolioParameters = {
  priceRange: 0.16,
  volUp: 0.5,
  volDown: 0.25,
  shortPower: 0.3,
  longPower: 0.13,
  minVolatilityForShockUp: 0.5,
  extendedTableFactor: 1,
  extendedDampener: 100_000,
  annualisedMoveRisk: 0.075,
  minAnnualisedMove: 0.01,
  deltaTotalLiqShockThreshold: 20_000_000,
  maxDeltaShock: 0.1,
  mInc: 0.00005,
  mmFactor: 0.8,
};
const ether: DeribitPortfolioParameters = {
  ...bitcoin,
  priceRange: 0.18,
  volUp: 0.4,
  extendedDampener: 200_000,
  annualisedMoveRisk: 0.05,
  minAnnualisedMove: 0.005,
  mInc: 0.000004,
};

const books = fc
  .array(
    fc.tuple(
      fc.constantFrom<Instrument>(
        option('call', 60_000),
        option('call', 72_000),
        option('put', 50_000),
        option('put', 60_000, { days: 90 }),
        perpetual(),
      ),
      fc.integer({ min: -20, max: 20 }).map((quantity) => quantity / 4),
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((rows) =>
    rows.map(([instrument, quantity]): [Instrument, number] => [
      instrument,
      instrument.kind === 'option' ? quantity : 1e4 * quantity,
    ]),
  );
const market = flatMarket(60_000, 0.6, [30, 90]);

describe('deribitStandardMargin', () => {
  it('has the worked figures of short options', () => {
    const of = (instrument: Instrument) => deribitStandardMargin(account([[instrument, -1]]), market, standard);
    const call = of(option('call', 66_000));
    expect(call.currency).toBe('BTC');
    expect(call.initialMargin).toBeCloseTo(0.1327026, 7);
    expect(call.maintenanceMargin).toBeCloseTo(0.1077026, 7);
    const put = of(option('put', 54_000));
    expect(put.initialMargin).toBeCloseTo(0.1269157, 7);
    expect(put.maintenanceMargin).toBeCloseTo(0.1019157, 7);
    const atm = of(option('call', 60_000));
    expect(atm.initialMargin).toBeCloseTo(0.2185394, 7);
    expect(atm.maintenanceMargin).toBeCloseTo(0.1435394, 7);
  });

  it('has the published figures of linear perpetuals', () => {
    const of = (size: number, price: number, parameters: typeof standard) =>
      deribitStandardMargin(account([[perpetual('linear'), size]], { price }), flatMarket(price), parameters);
    expect(of(350, 100_000, standard).initialMargin).toBeCloseTo(1_312_500, 6);
    expect(of(350, 100_000, standard).maintenanceMargin).toBeCloseTo(962_500, 6);
    expect(of(25, 100_000, standard).initialMargin).toBeCloseTo(53_125, 6);
    expect(of(25, 100_000, standard).maintenanceMargin).toBeCloseTo(28_125, 6);
    // 6000 SOL: 2% + 6000 slopes of 1/120000 make 7%.
    expect(of(-6000, 200, { ...standard, inc: 0.05 / 6000 }).initialMargin).toBeCloseTo(84_000, 6);
  });

  it('asks nothing for long options, sums positions and nets those in one instrument', () => {
    const long = deribitStandardMargin(account([[option('put', 54_000), 5]]), market, standard);
    expect([long.initialMargin, long.maintenanceMargin]).toEqual([0, 0]);
    const call = option('call', 66_000);
    const hedged = deribitStandardMargin(
      account([
        [call, -3],
        [call, 3],
      ]),
      market,
      standard,
    );
    expect(hedged.initialMargin).toBe(0);
    const two = deribitStandardMargin(
      account([
        [call, -1],
        [call, -3],
      ]),
      market,
      standard,
    );
    expect(two.initialMargin).toBeCloseTo(4 * 0.1327026, 6);
    expect(two.positions!['p1']!.initial).toBeCloseTo(3 * two.positions!['p0']!.initial, 12);
  });

  it('takes the same shares of the index for options in dollars', () => {
    const of = (style: 'linear' | 'inverse') =>
      deribitStandardMargin(account([[option('call', 66_000, { style }), -1]]), market, standard);
    expect(of('linear').currency).toBe('USDC');
    expect(of('linear').initialMargin).toBeCloseTo(60_000 * of('inverse').initialMargin, 8);
  });
});

describe('deribitPortfolioMargin', () => {
  it('reproduces the published sample of a perpetual and a future', () => {
    const index = 65_666.19;
    const future: Instrument = {
      ...{ id: 'BTC-FUTURE', underlying: 'BTC', settlement: 'BTC', multiplier: 1 },
      ...{ kind: 'future', style: 'inverse', expiry: expiryIn(1) },
    };
    // Sizes in coin, as dollars at the mark.
    const book = account(
      [
        [perpetual(), 0.314538364 * index],
        [future, -0.001187534 * index],
      ],
      { price: index },
    );
    const result = deribitPortfolioMargin(book, flatMarket(index), bitcoin);
    expect(result.currency).toBe('BTC');
    expect(result.components['scan']!.initial).toBeCloseTo(0.05968587238, 9);
    expect(result.worstScenario!.pnl).toBeCloseTo(-0.05968587238, 9);
    expect(result.components['rollShock']!.initial).toBeCloseTo(0.00315725898, 9);
    expect(result.initialMargin).toBeCloseTo(0.06284313136, 9);
    // What the sample adds for open orders and market maker protection is not the risk matrix.
    expect(result.initialMargin + 0.06 + 0.000018212).toBeCloseTo(0.122861343, 8);
    expect(result.maintenanceMargin).toBeCloseTo(0.050274505, 8);
    const alone = deribitPortfolioMargin(account([[perpetual(), 0.314538364 * index]]), flatMarket(index), bitcoin);
    expect(alone.worstScenario!.pnl).toBeCloseTo(-0.05991206933, 9);
  });

  it('reproduces the sample of a short ether perpetual', () => {
    const result = deribitPortfolioMargin(account([[perpetual(), -2500]]), flatMarket(2500), ether);
    expect(result.components['scan']!.initial).toBeCloseTo(0.152542373, 9);
    expect(result.initialMargin).toBeCloseTo(0.157542373, 9);
    expect(result.maintenanceMargin).toBeCloseTo(0.126033898, 9);
  });

  it('has the worked figures of short calls', () => {
    const result = deribitPortfolioMargin(account([[option('call', 72_000), -10]]), market, bitcoin);
    expect(result.components['scan']!.initial).toBeCloseTo(0.7411964214, 9);
    expect(result.worstScenario!.label).toBe('+16%, volatility up');
    expect(result.components['rollShock']!.initial).toBeCloseTo(0.0165050261, 9);
    expect(result.initialMargin).toBeCloseTo(0.7577014474, 9);
    expect(result.maintenanceMargin).toBeCloseTo(0.606161158, 9);
  });

  it('brings the far cells of an inverse perpetual to the edge of the table', () => {
    // Without damping every extended cell of a perpetual is its P&L at the edge.
    const undamped = { ...bitcoin, extendedDampener: 0 };
    const position = account([[perpetual(), 60_000]]);
    const near = deribitPortfolioMargin(position, market, bitcoin);
    expect(deribitPortfolioMargin(position, market, undamped).initialMargin).toBeCloseTo(near.initialMargin, 12);
  });

  it('charges large books by their delta', () => {
    const size = 1000;
    const result = deribitPortfolioMargin(account([[perpetual(), size * 60_000]]), market, bitcoin);
    const rate = Math.min(0.1, 0.00005 * (size - 20e6 / 60_000));
    expect(result.components['deltaShock']!.initial).toBeCloseTo(rate * size, 9);
  });

  const undamped = { ...bitcoin, extendedDampener: 0, maxDeltaShock: 0 };
  const requirement = (rows: [Instrument, number][]) => deribitPortfolioMargin(account(rows), market, undamped);

  it('is sub-additive and homogeneous without damping, and 0 for a position and its offset', () => {
    fc.assert(
      fc.property(books, books, fc.integer({ min: 2, max: 5 }), (first, second, times) => {
        const both = requirement([...first, ...second]).initialMargin;
        const apart = requirement(first).initialMargin + requirement(second).initialMargin;
        expect(both).toBeLessThanOrEqual(apart * (1 + 1e-12) + 1e-12);
        const scaled = requirement(first.map(([instrument, quantity]) => [instrument, times * quantity]));
        expect(scaled.initialMargin).toBeCloseTo(times * requirement(first).initialMargin, 9);
        const flat = requirement(
          first.flatMap(([instrument, quantity]) => [
            [instrument, quantity],
            [instrument, -quantity],
          ]),
        );
        expect(flat.initialMargin).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it('never asks less at first than to maintain, in any engine', () => {
    fc.assert(
      fc.property(books, (rows) => {
        const book = account(rows);
        for (const result of [
          deribitPortfolioMargin(book, market, bitcoin),
          deribitStandardMargin(book, market, standard),
          scanMargin(book, market, 'paradex'),
        ]) {
          expect(result.initialMargin).toBeGreaterThanOrEqual(result.maintenanceMargin - 1e-15);
          expect(result.maintenanceMargin).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('is in dollars for books settled in dollars', () => {
    const linear = deribitPortfolioMargin(account([[perpetual('linear'), -1]], { price: 60_000 }), market, bitcoin);
    expect(linear.currency).toBe('USDC');
    // 16% up, and the roll shock of 1%.
    expect(linear.initialMargin).toBeCloseTo(0.17 * 60_000, 8);
  });

  it('lists what has no market and refuses what it cannot margin', () => {
    const strange = { ...option('call', 60_000), id: 'x', underlying: 'XYZ' };
    const result = deribitPortfolioMargin(account([[strange, 1]]), market, bitcoin);
    expect(result.excluded).toEqual([{ positionId: 'p0', reason: 'no-market' }]);
    expect(result.initialMargin).toBe(0);
    expect(() => deribitPortfolioMargin(account([]), market, { ...bitcoin, priceRange: 2 })).toThrow(InputError);
    expect(() => deribitPortfolioMargin(account([]), market, { ...bitcoin, volUp: NaN })).toThrow(InputError);
    const american = { ...option('call', 60_000, { style: 'linear' }), exercise: 'american' as const };
    expect(() => deribitPortfolioMargin(account([[american, 1]]), market, bitcoin)).toThrow(InputError);
  });
});

describe('scanMargin', () => {
  const straddle = account([
    [option('call', 60_000, { style: 'linear' }), -1],
    [option('put', 60_000, { style: 'linear' }), -1],
  ]);

  it('finds the far cells of a short straddle', () => {
    const result = scanMargin(straddle, market, 'paradex');
    expect(result.components['scan']!.initial).toBeCloseTo(9336.809, 3);
    expect(result.worstScenario!.label).toContain('spot 5,');
    expect(result.maintenanceMargin).toBe(0.5 * result.initialMargin);
    const at = (move: number) =>
      scanMargin(straddle, market, {
        cells: [{ move, volatility: 0.4, weight: 0.16 / move }],
        maintenanceFraction: 0.5,
      }).initialMargin;
    expect(at(4)).toBeCloseTo(9271.011, 3);
    expect(at(3)).toBeCloseTo(9161.348, 3);
    expect(at(2)).toBeCloseTo(8942.024, 3);
  });

  it('charges net short options by strike and a minimum of delta', () => {
    const cells = [{ move: 0, volatility: 0, weight: 1 }];
    const call = option('call', 60_000, { style: 'linear' });
    const put = option('put', 60_000, { style: 'linear' });
    const rules = { cells, shortOptionCharge: 0.01, maintenanceFraction: 0.8 };
    // 10 long calls and 20 short puts of a strike are 10 net short options.
    const mixed = scanMargin(
      account([
        [call, 10],
        [put, -20],
      ]),
      market,
      rules,
    );
    expect(mixed.initialMargin).toBeCloseTo(0.01 * 10 * 60_000, 8);
    const hedged = scanMargin(
      account(
        [
          [perpetual('linear'), 3],
          [call, -2],
        ],
        { price: 60_000 },
      ),
      market,
      { cells, minimumDelta: { net: 0.02, hedged: 0.01 }, maintenanceFraction: 0.5 },
    );
    const delta = 0.5342697;
    const net = 3 - 2 * delta;
    expect(hedged.initialMargin).toBeCloseTo((0.02 * net + 0.01 * (4 * delta)) * 60_000, 0);
  });

  it('refuses rules that are none', () => {
    expect(() => scanMargin(straddle, market, { cells: [], maintenanceFraction: 1 })).toThrow(InputError);
    const cells = [{ move: -1, volatility: 0, weight: 1 }];
    expect(() => scanMargin(straddle, market, { cells, maintenanceFraction: 1 })).toThrow(InputError);
  });
});

describe('spanMargin', () => {
  it('adds up the textbook covered write', () => {
    const thirds = [0, 0, 1, 1, -1, -1, 2, 2, -2, -2, 3, 3, -3, -3];
    // A long future gains a third of 10,000 a step, in the extremes two ranges at 35%.
    const future = [...thirds.map((step) => (step * 10_000) / 3), 7000, -7000];
    const combined = [
      -460, 610, 690, 1600, -2060, -990, 1460, 2130, -4130, -3240, 1940, 2360, -6620, -6010, 3870, -5500,
    ];
    const call = combined.map((profit, s) => future[s]! - profit);
    const result = spanMargin({
      positions: [
        { quantity: 1, riskArray: future },
        { quantity: -1, riskArray: call },
      ],
    });
    result.combined.forEach((profit, s) => {
      expect(profit).toBeCloseTo(combined[s]!, 9);
    });
    expect(result.scanRisk).toBeCloseTo(6620, 9);
    expect(result.scenario).toBe(13);
  });

  it('adds spreads and delivery, takes off credits, and never asks less than the short option minimum', () => {
    const charges = { scanRisk: 6620, intraCommodity: 300, delivery: 80, interCommodityCredit: 1000 };
    expect(spanRequirement({ scanRisk: 6620 })).toEqual({ risk: 6620, requirement: 6620, excess: 0 });
    expect(spanRequirement(charges).risk).toBe(6000);
    expect(spanRequirement({ ...charges, shortOptions: { contracts: 10, minimum: 700 } }).risk).toBe(7000);
    expect(spanRequirement({ ...charges, netOptionValue: 2500 }).requirement).toBe(3500);
    expect(spanRequirement({ ...charges, netOptionValue: -500 }).requirement).toBe(6500);
    expect(spanRequirement({ ...charges, netOptionValue: 6100 })).toEqual({ risk: 6000, requirement: 0, excess: 100 });
    expect(() => spanRequirement({ scanRisk: -1 })).toThrow(InputError);
  });

  it('refuses arrays of another length', () => {
    expect(() => spanMargin({ positions: [{ quantity: 1, riskArray: [1, 2] }] })).toThrow(InputError);
  });
});

describe('regTMargin', () => {
  it('has the worked figures', () => {
    expect(regTMargin({ type: 'call', strike: 105, spot: 100, premium: 2 }).initialMargin).toBeCloseTo(17, 12);
    expect(regTMargin({ type: 'put', strike: 95, spot: 100, premium: 1.5 }).initialMargin).toBeCloseTo(16.5, 12);
    // A broad index, far out of the money: the floor.
    expect(regTMargin({ type: 'put', strike: 80, spot: 100, premium: 0.5, index: true }).initialMargin).toBe(8.5);
    expect(() => regTMargin({ type: 'put', strike: 0, spot: 100, premium: 0.5 })).toThrow(InputError);
  });
});
