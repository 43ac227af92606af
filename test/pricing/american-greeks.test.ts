import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { american, type AmericanGreeks, type AmericanOption } from '../../src/pricing/american.js';
import { blackScholes } from '../../src/pricing/black-scholes.js';

const put: AmericanOption = {
  type: 'put',
  spot: 90,
  strike: 100,
  timeToExpiry: 1,
  volatility: 0.25,
  rate: 0.05,
  dividendYield: 0.02,
};
const NAMES = ['price', 'delta', 'gamma', 'vega', 'theta', 'rho', 'dividendRho'] as const;

const options: [string, AmericanOption][] = [
  ['put', put],
  ['put without yield', { ...put, dividendYield: 0 }],
  ['put, q above r', { ...put, rate: 0.02, dividendYield: 0.08, spot: 80 }],
  ['put, negative yield', { ...put, dividendYield: -0.03 }],
  ['put near its boundary', { ...put, spot: 73 }],
  ['call', { ...put, type: 'call', spot: 110, rate: 0.03, dividendYield: 0.06 }],
  ['call, never exercised early', { ...put, type: 'call', dividendYield: 0 }],
  [
    'put between two edges that do not meet',
    { ...put, spot: 97, rate: -0.005, dividendYield: -0.01, timeToExpiry: 0.5 },
  ],
  ['put with two edges that have met', { ...put, spot: 85, rate: -0.02, dividendYield: -0.05, timeToExpiry: 6 }],
  ['call with two edges', { ...put, type: 'call', spot: 120, rate: -0.04, dividendYield: -0.015 }],
];

/** Five-point slope of the accurate price. */
function slope(
  option: AmericanOption,
  field: 'spot' | 'volatility' | 'timeToExpiry' | 'rate' | 'dividendYield',
  step: number,
): number {
  const at = (k: number): number => american.price({ ...option, [field]: option[field]! + k * step }, 'accurate');
  return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step);
}

describe('Greeks are the derivatives of the price', () => {
  it.each(options)('%s', (_name, option) => {
    const greeks = american.greeks(option, 'accurate');
    const within = (value: number, expected: number, tolerance: number): void => {
      expect(Math.abs(value - expected), `${value} against ${expected}`).toBeLessThan(tolerance);
    };
    within(greeks.price, american.price(option, 'accurate'), 2e-7);
    within(greeks.delta, slope(option, 'spot', 0.1), 2e-6);
    within(greeks.vega, slope(option, 'volatility', 2e-3), 2e-4);
    within(greeks.theta, -slope(option, 'timeToExpiry', 5e-3), 2e-4);
    within(greeks.rho, slope(option, 'rate', 1e-4), 2e-3);
    within(greeks.dividendRho, slope(option, 'dividendYield', 1e-4), 2e-3);
    const bump = (k: number): number => american.greeks({ ...option, spot: option.spot + 0.02 * k }, 'accurate').delta;
    within(greeks.gamma, (bump(1) - bump(-1)) / 0.04, 2e-6);
  });

  it.each(options)('%s: the presets agree to their accuracy', (_name, option) => {
    const accurate = american.greeks(option, 'accurate');
    for (const [accuracy, tolerance] of [['default', 1e-5] as const, ['fast', 1e-3] as const]) {
      const greeks = american.greeks(option, accuracy);
      for (const name of NAMES) expect(Math.abs(greeks[name] - accurate[name]), name).toBeLessThan(100 * tolerance);
    }
  });

  it('scaling time: sigma/2 vega = -T theta - r rho - q dividendRho, though theta comes from the equation', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('call' as const, 'put' as const),
        fc.double({ min: 60, max: 160, noNaN: true }),
        fc.double({ min: 0.05, max: 3, noNaN: true }),
        fc.double({ min: 0.08, max: 0.8, noNaN: true }),
        fc.double({ min: -0.03, max: 0.1, noNaN: true }),
        fc.double({ min: -0.03, max: 0.1, noNaN: true }),
        (type, spot, timeToExpiry, volatility, rate, dividendYield) => {
          const option = { ...put, type, spot, timeToExpiry, volatility, rate, dividendYield };
          const { vega, theta, rho, dividendRho } = american.greeks(option, 'accurate');
          const sum = 0.5 * volatility * vega + timeToExpiry * theta + rate * rho + dividendYield * dividendRho;
          expect(Math.abs(sum)).toBeLessThan(2e-5);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('at the boundary', () => {
  it('pastes smoothly: the value is K - B and delta -1', () => {
    for (const [, option] of options.slice(0, 5)) {
      const boundary = american.exerciseBoundary(option);
      const edge = boundary[boundary.length - 1]!.spot;
      const greeks = american.greeks({ ...option, spot: edge * (1 + 1e-6) }, 'accurate');
      expect(Math.abs(greeks.price - (option.strike - edge * (1 + 1e-6)))).toBeLessThan(1e-6);
      expect(Math.abs(greeks.delta + 1)).toBeLessThan(1e-4);
      // The equation of the continuation region at the edge: gamma = 2 (rK - qB) / (sigma B)^2.
      const gamma =
        (2 * (option.rate! * option.strike - option.dividendYield! * edge)) / (option.volatility * edge) ** 2;
      expect(Math.abs(greeks.gamma / gamma - 1)).toBeLessThan(1e-2);
    }
  });

  it('a put exercised now moves with the spot alone', () => {
    const zeros = { gamma: 0, vega: 0, theta: 0, rho: 0, dividendRho: 0 };
    expect(american.greeks({ ...put, spot: 50 })).toEqual({ price: 50, delta: -1, ...zeros });
    const call = american.greeks({ ...put, type: 'call', spot: 500, dividendYield: 0.1 });
    expect(call.price).toBeCloseTo(400, 10);
    expect(call).toEqual({ ...call, delta: 1, ...zeros });
  });
});

describe('limits', () => {
  it('a call without yield has the European Greeks', () => {
    const call: AmericanOption = { ...put, type: 'call', dividendYield: 0 };
    const european = blackScholes.greeks(call);
    const greeks = american.greeks(call);
    for (const name of NAMES) expect(Math.abs(greeks[name] - european[name])).toBeLessThan(1e-10);
  });

  it('at expiry: in, out of and at the money', () => {
    const at = (spot: number): AmericanGreeks => american.greeks({ ...put, spot, timeToExpiry: 0 });
    expect(at(90)).toMatchObject({ price: 10, delta: -1, gamma: 0, vega: 0, theta: 0 });
    expect(at(110)).toMatchObject({ price: 0, delta: 0, theta: 0 });
    expect(at(100)).toMatchObject({ price: 0, delta: -0.5, theta: 0 });
  });

  it('without volatility the Greeks are those of the known path', () => {
    for (const [type, spot, rate, dividendYield] of [
      ['put', 90, 0.05, 0.1],
      ['put', 95, 0.05, 0.02],
      ['call', 104, 0.05, 0.02],
      ['put', 120, 0.02, 0.3],
      ['call', 90, -0.02, -0.3],
    ] as const) {
      const option: AmericanOption = { ...put, type, spot, rate, dividendYield, volatility: 0 };
      const greeks = american.greeks(option);
      expect(greeks.delta).toBeCloseTo(slope(option, 'spot', 1e-3), 7);
      expect(greeks.theta).toBeCloseTo(-slope(option, 'timeToExpiry', 1e-4), 6);
      expect(greeks.rho).toBeCloseTo(slope(option, 'rate', 1e-5), 5);
      expect(greeks.dividendRho).toBeCloseTo(slope(option, 'dividendYield', 1e-5), 5);
    }
  });

  it('at infinite volatility and strike 0', () => {
    expect(american.greeks({ ...put, volatility: Infinity })).toMatchObject({ price: 100, delta: 0, rho: 0, theta: 0 });
    const negative = american.greeks({ ...put, volatility: Infinity, rate: -0.02 });
    expect(negative.rho).toBeCloseTo(-negative.price, 12);
    expect(negative.theta).toBeCloseTo(-0.02 * negative.price, 12);
    const call = american.greeks({ ...put, type: 'call', volatility: Infinity, dividendYield: -0.02 });
    expect(call.delta).toBeCloseTo(Math.exp(0.02), 12);
    expect(call.dividendRho).toBeCloseTo(-call.price, 12);
    expect(american.greeks({ ...put, type: 'call', strike: 0 })).toMatchObject({ price: 90, delta: 1, gamma: 0 });
    expect(american.greeks({ ...put, strike: 0 })).toMatchObject({ price: 0, delta: 0 });
  });
});
