import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { black76 } from '../../../src/pricing/black76.js';
import { displaced } from '../../../src/pricing/displaced.js';
import type { ForwardOption } from '../../../src/pricing/option.js';
import { calibrateSabr } from '../../../src/volatility/calibration/sabr.js';
import { smileDelta } from '../../../src/volatility/smile/dynamics.js';
import type { SmileDynamics, SmileSlopes } from '../../../src/volatility/smile/dynamics.js';
import type { SabrParameters } from '../../../src/volatility/smile/parameters.js';
import { sabr } from '../../../src/volatility/smile/sabr.js';
import { grid, sliceOf } from '../calibration/slices.js';

interface Case {
  option: ForwardOption;
  slope: number;
  curvature: number;
}

const cases = fc.record({
  type: fc.constantFrom('call' as const, 'put' as const),
  forward: fc.double({ min: 10, max: 1000, noNaN: true }),
  // In deviations of the forward.
  distance: fc.double({ min: -1.5, max: 1.5, noNaN: true }),
  timeToExpiry: fc.double({ min: 0.05, max: 2, noNaN: true }),
  volatility: fc.double({ min: 0.15, max: 1, noNaN: true }),
  discountFactor: fc.double({ min: 0.8, max: 1.02, noNaN: true }),
  slope: fc.double({ min: -0.3, max: 0.2, noNaN: true }),
  curvature: fc.double({ min: -0.2, max: 1, noNaN: true }),
});

function caseOf(c: typeof cases extends fc.Arbitrary<infer T> ? T : never): Case {
  const { distance, slope, curvature, ...rest } = c;
  const strike = c.forward * Math.exp(distance * c.volatility * Math.sqrt(c.timeToExpiry));
  return { option: { ...rest, strike }, slope, curvature };
}

/** First and second derivative of f at x by central differences of step h, each extrapolated from h and 2h. */
function differences(f: (x: number) => number, x: number, h: number): { first: number; second: number } {
  const [a, b, c, d, e] = [-2, -1, 0, 1, 2].map((n) => f(x + n * h)) as [number, number, number, number, number];
  return { first: (a - 8 * b + 8 * d - e) / (12 * h), second: (-a + 16 * b - 30 * c + 16 * d - e) / (12 * h * h) };
}

function expectDifferences(
  { option }: Case,
  smile: SmileSlopes,
  dynamics: SmileDynamics,
  valueAt: (forward: number) => number,
): void {
  const { delta, gamma } = smileDelta(option, smile, dynamics);
  const { forward } = option;
  const width = forward * option.volatility * Math.sqrt(option.timeToExpiry);
  const numbers = differences(valueAt, forward, 0.002 * width);
  expect(Math.abs(numbers.first - delta)).toBeLessThan(1e-6 * Math.max(Math.abs(delta), 0.1));
  expect(Math.abs(numbers.second - gamma)).toBeLessThan(1e-6 * Math.max(Math.abs(gamma), 0.1 / width));
}

describe('finite differences of options priced again on the moved smile', () => {
  test.each<[SmileDynamics, number]>([
    ['sticky-strike', 1],
    ['sticky-delta', 0],
    ['local-vol', 2],
    [{ skewStickiness: 1.4 }, 1.4],
    [{ skewStickiness: -0.5 }, -0.5],
  ])('%o', (dynamics, ratio) => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const c = caseOf(drawn);
        const { option, slope, curvature } = c;
        expectDifferences(c, { slope, curvature }, dynamics, (forward) => {
          const along = (ratio - 1) * Math.log(forward / option.forward);
          const volatility = option.volatility + slope * along + 0.5 * curvature * along * along;
          return black76.price({ ...option, forward, volatility });
        });
      }),
      { numRuns: 60 },
    );
  });

  const sabrCases = fc.record({
    option: cases,
    beta: fc.oneof(fc.constantFrom(0, 0.5, 1), fc.double({ min: 0, max: 1, noNaN: true })),
    rho: fc.double({ min: -0.9, max: 0.9, noNaN: true }),
    nu: fc.oneof(fc.constant(0), fc.double({ min: 0.05, max: 1.2, noNaN: true })),
    shift: fc.constantFrom(0, 3, -2),
  });

  test.each(['sabr', 'bartlett'] as const)('%s', (dynamics) => {
    fc.assert(
      fc.property(sabrCases, ({ option: drawn, beta, rho, nu, shift }) => {
        const { option } = caseOf(drawn);
        const { forward: start, strike, timeToExpiry } = option;
        const alpha = option.volatility * (start + shift) ** (1 - beta);
        const p: SabrParameters = { forward: start, timeToExpiry, alpha, beta, rho, nu, shift };
        const volatilityAt = (forward: number): number => {
          // The integral of (F + shift)^-beta from the start.
          const om = 1 - beta;
          const ratio = Math.log((forward + shift) / (start + shift));
          const distance = om === 0 ? ratio : ((start + shift) ** om * Math.expm1(om * ratio)) / om;
          const moved = dynamics === 'bartlett' ? alpha + rho * nu * distance : alpha;
          return sabr.volatility({ ...p, forward, strike, alpha: moved });
        };
        const c = { option: { ...option, volatility: volatilityAt(start) }, slope: 0, curvature: 0 };
        expectDifferences(c, { ...c, sabr: p }, dynamics, (forward) =>
          displaced.price({ ...option, forward, shift, volatility: volatilityAt(forward) }),
        );
      }),
      { numRuns: 100 },
    );
  });

  test('minimum variance: along the solution of its differential equation', () => {
    const weights: [number, number, number] = [-0.23, 0.45, -0.55];
    fc.assert(
      fc.property(cases, (drawn) => {
        const c = caseOf(drawn);
        const { option } = c;
        const rate = (forward: number, volatility: number): number => {
          const delta = black76.greeks({ ...option, discountFactor: 1, forward, volatility }).delta;
          return (
            (weights[0] + weights[1] * delta + weights[2] * delta * delta) / (forward * Math.sqrt(option.timeToExpiry))
          );
        };
        expectDifferences(c, c, { minimumVariance: weights }, (forward) => {
          let [x, volatility] = [option.forward, option.volatility];
          const h = (forward - x) / 8;
          for (let i = 0; i < 8; i++, x += h) {
            const a = rate(x, volatility);
            const b = rate(x + h / 2, volatility + (h / 2) * a);
            const d = rate(x + h / 2, volatility + (h / 2) * b);
            const e = rate(x + h, volatility + h * d);
            volatility += (h / 6) * (a + 2 * b + 2 * d + e);
          }
          return black76.price({ ...option, forward, volatility });
        });
      }),
      { numRuns: 60 },
    );
  });
});

describe('properties', () => {
  test('sticky strike is Black, and delta is linear in the stickiness ratio', () => {
    fc.assert(
      fc.property(cases, fc.double({ min: -3, max: 3, noNaN: true }), (drawn, ratio) => {
        const { option, slope, curvature } = caseOf(drawn);
        const at = (r: number): number => smileDelta(option, { slope, curvature }, { skewStickiness: r }).delta;
        const { delta, gamma } = black76.greeks(option);
        expect(smileDelta(option, { slope, curvature }, 'sticky-strike')).toEqual({ delta, gamma });
        expect(Math.abs(at(ratio) - (at(0) + ratio * (at(1) - at(0))))).toBeLessThan(1e-13 * (1 + Math.abs(ratio)));
      }),
    );
  });

  test('put-call parity: deltas differ by the discount factor under every rule of the strike alone', () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { option, slope, curvature } = caseOf(drawn);
        const p = { forward: option.forward, timeToExpiry: option.timeToExpiry, alpha: option.volatility };
        const smile = { slope, curvature, sabr: { ...p, beta: 1, rho: -0.4, nu: 0.8 } };
        for (const rule of ['sticky-delta', 'local-vol', 'sabr', 'bartlett'] as const) {
          const call = smileDelta({ ...option, type: 'call' }, smile, rule);
          const put = smileDelta({ ...option, type: 'put' }, smile, rule);
          expect(call.delta - put.delta).toBeCloseTo(option.discountFactor!, 12);
          expect(Math.abs(call.gamma - put.gamma)).toBeLessThan(1e-9 * (Math.abs(call.gamma) + 1 / option.forward));
        }
      }),
    );
  });

  // What is left of the dependence is mostly that fits of different beta are not the same smile.
  test("Bartlett's delta hardly depends on beta where SABR's own does", () => {
    const smiles = fc.record({
      timeToExpiry: fc.double({ min: 0.1, max: 0.5, noNaN: true }),
      level: fc.double({ min: 0.15, max: 0.5, noNaN: true }),
      rho: fc.double({ min: -0.6, max: 0.2, noNaN: true }),
      nu: fc.double({ min: 0.4, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(smiles, ({ timeToExpiry, level, rho, nu }) => {
        const truth = { forward: 100, timeToExpiry, alpha: 10 * level, beta: 0.5, rho, nu };
        const width = level * Math.sqrt(timeToExpiry);
        const slice = sliceOf({
          timeToExpiry,
          logMoneyness: grid(-width, width, 15),
          volatilityAt: (k) => sabr.volatility({ ...truth, strike: 100 * Math.exp(k) }),
        });
        const deltas = [0, 0.5, 1].map((beta) => {
          const fit = calibrateSabr(slice, { beta });
          if (!fit.ok) throw new Error(fit.message);
          const volatility = sabr.volatility({ ...fit.parameters, strike: 100 });
          const option = { type: 'call', forward: 100, strike: 100, timeToExpiry, volatility } as const;
          const smile = { slope: 0, curvature: 0, sabr: fit.parameters };
          return (['bartlett', 'sabr'] as const).map((rule) => smileDelta(option, smile, rule).delta);
        });
        const spread = (rule: number): number =>
          Math.max(...deltas.map((row) => row[rule]!)) - Math.min(...deltas.map((row) => row[rule]!));
        expect(spread(0)).toBeLessThan(spread(1) / 6);
      }),
      { numRuns: 40 },
    );
  });
});

describe('limits and mistakes', () => {
  const option: ForwardOption = { type: 'call', forward: 100, strike: 90, timeToExpiry: 0.5, volatility: 0.3 };
  const smile = { slope: -0.1, curvature: 0.2 };
  const p = { forward: 100, timeToExpiry: 0.5, alpha: 0.3, beta: 1, rho: -0.3, nu: 0.5 };

  test('without time or volatility the delta is that of the payoff', () => {
    const rules: SmileDynamics[] = ['sticky-delta', 'local-vol', { minimumVariance: [1, 1, 1] }, 'bartlett'];
    for (const rule of rules) {
      const sabrAtExpiry = { ...p, timeToExpiry: 0 };
      const expired = smileDelta({ ...option, timeToExpiry: 0 }, { ...smile, sabr: sabrAtExpiry }, rule);
      expect(expired).toEqual({ delta: 1, gamma: 0 });
      expect(smileDelta({ ...option, volatility: 0 }, { ...smile, sabr: p }, rule)).toEqual({ delta: 1, gamma: 0 });
    }
  });

  test.each<[string, SmileSlopes, unknown]>([
    ['slope', { ...smile, slope: NaN }, 'sticky-delta'],
    ['curvature', { ...smile, curvature: Infinity }, 'sticky-delta'],
    ['dynamics', smile, 'sticky'],
    ['dynamics', smile, null],
    ['dynamics', smile, {}],
    ['skewStickiness', smile, { skewStickiness: NaN }],
    ['minimumVariance', smile, { minimumVariance: [1, 2] }],
    ['minimumVariance[1]', smile, { minimumVariance: [1, NaN, 2] }],
    ['sabr', smile, 'sabr'],
    ['sabr.forward', { ...smile, sabr: { ...p, forward: 101 } }, 'bartlett'],
    ['sabr.timeToExpiry', { ...smile, sabr: { ...p, timeToExpiry: 1 } }, 'sabr'],
    ['alpha', { ...smile, sabr: { ...p, alpha: 0 } }, 'sabr'],
  ])('%s is named', (field, slopes, dynamics) => {
    let thrown: unknown;
    try {
      smileDelta(option, slopes, dynamics as SmileDynamics);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(InputError);
    expect((thrown as InputError).field).toBe(field);
  });
});
