import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { bachelier } from '../../src/pricing/bachelier.js';
import { black76 } from '../../src/pricing/black76.js';
import { blackScholes } from '../../src/pricing/black-scholes.js';
import { displaced } from '../../src/pricing/displaced.js';
import type { GreekName, Greeks } from '../../src/pricing/greeks.js';
import {
  higherGreeks,
  mixedDerivative,
  type HigherGreeks,
  type JetModelName,
  type JetVariable,
} from '../../src/pricing/higher-greeks.js';
import type { DisplacedOption, ForwardOption, SpotOption } from '../../src/pricing/option.js';
import { differentiate } from '../reference/greeks.js';
import { real, relativeError, type Real } from '../reference/real.js';
import { blackScholesValue } from '../reference/values.js';

const types = ['call', 'put'] as const;
const spot: SpotOption = {
  type: 'call',
  spot: 100,
  strike: 105,
  timeToExpiry: 0.5,
  volatility: 0.25,
  rate: 0.03,
  dividendYield: 0.01,
};

const TABLE: Record<Exclude<GreekName, 'price'>, JetVariable[]> = {
  delta: ['underlying'],
  gamma: ['underlying', 'underlying'],
  vega: ['volatility'],
  theta: ['time'],
  rho: ['rate'],
  dividendRho: ['dividendYield'],
  vanna: ['underlying', 'volatility'],
  volga: ['volatility', 'volatility'],
  charm: ['underlying', 'time'],
  veta: ['volatility', 'time'],
  speed: ['underlying', 'underlying', 'underlying'],
  zomma: ['underlying', 'underlying', 'volatility'],
  color: ['underlying', 'underlying', 'time'],
  ultima: ['volatility', 'volatility', 'volatility'],
  dualDelta: ['strike'],
  dualGamma: ['strike', 'strike'],
};

/** Size of the terms of a derivative: what cancels in it is of this order. */
function sizeOf(
  by: readonly JetVariable[],
  at: Record<JetVariable, number>,
  value: number,
  density: number,
  d: number,
): number {
  return (value + density * (1 + d) ** (2 * by.length)) / by.reduce((product, name) => product * at[name], 1);
}

function expectTable(
  model: JetModelName,
  option: SpotOption | ForwardOption | DisplacedOption,
  closed: Greeks,
  s: number,
  d: number,
  scale: number,
): void {
  const T = option.timeToExpiry;
  const at: Record<JetVariable, number> = {
    underlying: scale * Math.min(s, 1),
    strike: scale * Math.min(s, 1),
    time: T,
    volatility: option.volatility,
    rate: 1 / T,
    dividendYield: 1 / T,
  };
  const density = scale * Math.min(s, 1) * Math.exp(-0.5 * Math.min(d * d, 600));
  for (const [name, by] of Object.entries(TABLE) as [Exclude<GreekName, 'price'>, JetVariable[]][]) {
    if (name === 'dividendRho' && model !== 'black-scholes') continue;
    const jet = mixedDerivative(model, option as SpotOption & DisplacedOption, by);
    const carried =
      name === 'theta' || name === 'charm' || name === 'veta' || name === 'color'
        ? Math.abs(closed.price) / at.underlying ** (by.length - 1)
        : 0;
    const size = Math.abs(closed[name]) + sizeOf(by, at, 0, density, Math.min(d, 35)) + carried;
    expect(Math.abs(jet - closed[name]), `${model} ${name}`).toBeLessThanOrEqual(1e-12 * size);
  }
}

describe('the table of seventeen from the jet', () => {
  const state = fc.record({
    type: fc.constantFrom(...types),
    level: fc.double({ min: 0.5, max: 5000, noNaN: true }),
    deviations: fc.double({ min: -8, max: 8, noNaN: true }),
    timeToExpiry: fc.double({ min: 2e-6, max: 10, noNaN: true }),
    volatility: fc.double({ min: 0.02, max: 3, noNaN: true }),
    rate: fc.double({ min: -0.05, max: 0.2, noNaN: true }),
    dividendYield: fc.double({ min: -0.05, max: 0.2, noNaN: true }),
  });

  it('in every model', () => {
    fc.assert(
      fc.property(state, ({ type, level, deviations, timeToExpiry, volatility, rate, dividendYield }) => {
        const s = volatility * Math.sqrt(timeToExpiry);
        const common = { type, timeToExpiry, volatility };
        const d = Math.abs(deviations) + s;
        const discountFactor = Math.exp(-rate * timeToExpiry);
        const forward = level * Math.exp((rate - dividendYield) * timeToExpiry);
        fc.pre(deviations * s > -7);
        const strike = forward * Math.exp(deviations * s);
        const stock: SpotOption = { ...common, spot: level, strike, rate, dividendYield };
        expectTable(
          'black-scholes',
          stock,
          blackScholes.greeks(stock),
          s,
          Math.abs(deviations),
          Math.max(level, strike) * (1 + d),
        );
        const future: ForwardOption = { ...common, forward, strike, discountFactor };
        expectTable(
          'black76',
          future,
          { ...black76.greeks(future) },
          s,
          Math.abs(deviations),
          Math.max(forward, strike) * (1 + d),
        );
        const shifted: DisplacedOption = { ...future, shift: 0.3 * forward, strike: 1.3 * strike - 0.3 * forward };
        expectTable(
          'displaced',
          shifted,
          displaced.greeks(shifted),
          s,
          Math.abs(deviations),
          1.3 * Math.max(forward, strike) * (1 + d),
        );
        const normal: ForwardOption = {
          ...future,
          forward: forward - level,
          strike: forward - level + deviations * s * level,
          volatility: volatility * level,
        };
        expectTable('bachelier', normal, bachelier.greeks(normal), s, Math.abs(deviations), level / Math.max(1, s));
      }),
      { numRuns: 60 },
    );
  });
});

describe('beyond the table', () => {
  it('has the worked third-order figures', () => {
    const found = higherGreeks('black-scholes', spot);
    const close = (value: number, expected: number): void => {
      expect(Math.abs(value / expected - 1)).toBeLessThan(1e-13);
    };
    close(found.vannaVolatility, -2.6852938351802007);
    close(found.dualVanna, -0.19646753937704947);
    close(found.crossGamma, -0.021202908162021753);
    close(found.probabilityInTheMoney, 0.37346594874165484 / Math.exp(-0.015));
    close(found.elasticity, (0.4456372919675483 * 100) / 5.349804578881075);
  });

  const by: Record<Exclude<keyof HigherGreeks, 'probabilityInTheMoney' | 'elasticity'>, number[]> = {
    // Spot, strike, time, volatility, rate, yield.
    thetaDecay: [0, 0, 2, 0, 0, 0],
    charmDecay: [1, 0, 2, 0, 0, 0],
    vetaDecay: [0, 0, 2, 1, 0, 0],
    vannaDecay: [1, 0, 1, 1, 0, 0],
    volgaDecay: [0, 0, 1, 2, 0, 0],
    vannaVolatility: [1, 0, 0, 2, 0, 0],
    crossGamma: [1, 1, 0, 0, 0, 0],
    dualVanna: [0, 1, 0, 1, 0, 0],
    dualCharm: [0, 1, 1, 0, 0, 0],
    dualSpeed: [0, 3, 0, 0, 0, 0],
    dualZomma: [0, 2, 0, 1, 0, 0],
    dualColor: [0, 2, 1, 0, 0, 0],
    deltaRho: [1, 0, 0, 0, 1, 0],
    vera: [0, 0, 0, 1, 1, 0],
    rhoConvexity: [0, 0, 0, 0, 2, 0],
    rhoDecay: [0, 0, 1, 0, 1, 0],
    deltaDividendRho: [1, 0, 0, 0, 0, 1],
    dividendVera: [0, 0, 0, 1, 0, 1],
    dividendRhoConvexity: [0, 0, 0, 0, 0, 2],
  };
  it('agrees with 50-digit differentiation', () => {
    for (const option of [{ ...spot, type: 'put' as const, strike: 80, volatility: 0.6, timeToExpiry: 1.5 }]) {
      const found = higherGreeks('black-scholes', option);
      const value = (...x: Real[]): Real => blackScholesValue(option.type, x[0]!, x[1]!, x[3]!, x[2]!, x[4]!, x[5]!);
      const point = [option.spot, option.strike, option.timeToExpiry, option.volatility, 0.03, 0.01];
      for (const [name, orders] of Object.entries(by) as [keyof typeof by, number[]][]) {
        const exact = differentiate(value, point, orders);
        const signed = orders[2] === 1 ? exact.neg() : exact;
        expect(relativeError(found[name], signed), name).toBeLessThan(2e-13);
      }
    }
  });

  it('is homogeneous, and the second-order forms of Euler hold', () => {
    for (const type of types) {
      const option = { ...spot, type };
      const gamma = mixedDerivative('black-scholes', option, ['underlying', 'underlying']);
      const cross = mixedDerivative('black-scholes', option, ['strike', 'underlying']);
      const dualGamma = mixedDerivative('black-scholes', option, ['strike', 'strike']);
      expect(100 * gamma + 105 * cross).toBeCloseTo(0, 14);
      expect(100 * cross + 105 * dualGamma).toBeCloseTo(0, 14);
    }
  });

  it('holds the forward in forward models, where rho is -T V to every order', () => {
    for (const model of ['black76', 'bachelier', 'displaced'] as const) {
      const option: DisplacedOption = {
        type: 'put',
        forward: 100,
        strike: 90,
        timeToExpiry: 2,
        volatility: model === 'bachelier' ? 20 : 0.2,
        discountFactor: 0.9,
        shift: 10,
      };
      const found = higherGreeks(model, option);
      const price = { black76, bachelier, displaced }[model].price(option);
      expect(found.rhoConvexity).toBeCloseTo(4 * price, 11);
      expect(found.deltaRho).toBeCloseTo(-2 * mixedDerivative(model, option, ['underlying']), 13);
      expect([found.deltaDividendRho, found.dividendVera, found.dividendRhoConvexity]).toEqual([0, 0, 0]);
      expect(found.elasticity).toBeCloseTo((mixedDerivative(model, option, ['underlying']) * 100) / price, 11);
    }
  });
});

describe('limits', () => {
  it('are those of the discounted payoff at the forward, one half on the strike', () => {
    for (const still of [
      { volatility: 0 },
      { timeToExpiry: 0 },
      { timeToExpiry: 0, volatility: Infinity },
      { volatility: 1e-90 },
    ]) {
      const itm = higherGreeks('black76', {
        type: 'call',
        forward: 3,
        strike: 2,
        timeToExpiry: 1,
        volatility: 1,
        ...still,
      });
      expect(itm).toMatchObject({ probabilityInTheMoney: 1, elasticity: 3, crossGamma: 0, vannaVolatility: 0 });
      const otm = higherGreeks('black76', {
        type: 'put',
        forward: 3,
        strike: 2,
        timeToExpiry: 1,
        volatility: 1,
        ...still,
      });
      expect(otm).toMatchObject({ probabilityInTheMoney: 0, elasticity: -Infinity });
      const even: ForwardOption = { type: 'call', forward: 3, strike: 3, timeToExpiry: 1, volatility: 1, ...still };
      expect(higherGreeks('black76', even)).toMatchObject({ probabilityInTheMoney: 0.5, thetaDecay: 0, dualCharm: 0 });
      expect(mixedDerivative('black76', even, ['underlying'])).toBe(0.5);
      expect(mixedDerivative('black76', even, ['time'])).toBeCloseTo(0, 15);
      if (still.volatility !== Infinity) {
        expect(mixedDerivative('bachelier', even, ['underlying'])).toBe(0.5);
        expect(mixedDerivative('bachelier', { ...even, strike: 2 }, ['strike'])).toBe(-1);
      }
    }
    const wide = { ...spot, volatility: Infinity };
    expect(higherGreeks('black-scholes', wide)).toMatchObject({ probabilityInTheMoney: 0, crossGamma: 0 });
    expect(mixedDerivative('black-scholes', { ...wide, type: 'put' }, ['strike'])).toBeCloseTo(Math.exp(-0.015), 15);
    expect(mixedDerivative('black-scholes', { ...spot, strike: 0 }, ['underlying'])).toBeCloseTo(Math.exp(-0.005), 15);
    expect(
      higherGreeks('bachelier', { type: 'call', forward: 0, strike: 1e9, timeToExpiry: 1, volatility: 1 }).elasticity,
    ).toBe(0);
  });

  it('are never NaN: numbers, or an error where volatility or time take them out of the range of doubles', () => {
    const wide = fc.oneof(
      fc.constantFrom(0, 5e-324, 1e-100, 1e-20, 1, 1e6, Infinity),
      fc.double({ min: 0, max: 20, noNaN: true }),
    );
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 1e5, noNaN: true }),
        fc.oneof(fc.constant(0), fc.double({ min: 1e-9, max: 1e5, noNaN: true })),
        wide,
        wide,
        fc.constantFrom(...types),
        (forward, strike, volatility, time, type) => {
          const timeToExpiry = time === Infinity ? 30 : time;
          for (const model of ['black76', 'bachelier'] as const) {
            if (model === 'bachelier' && volatility === Infinity) continue;
            for (const k of [strike, forward]) {
              const option = { type, forward, strike: k, timeToExpiry, volatility };
              const found = withinRange(() => higherGreeks(model, option));
              if (found === undefined) expect(Math.min(volatility, timeToExpiry)).toBeLessThan(1e-40);
              for (const [name, value] of Object.entries(found ?? {}) as [string, number][])
                expect(value, name).not.toBeNaN();
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** Undefined where the call says that derivatives leave the range of doubles. */
function withinRange<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof InputError && error.field === 'option') return undefined;
    throw error;
  }
}

describe('bad input', () => {
  it('is refused by the model, field by field', () => {
    for (const wrong of [NaN, -Infinity, '1']) {
      for (const field of Object.keys(spot)) {
        expect(() => higherGreeks('black-scholes', { ...spot, [field]: wrong }), field).toThrow(InputError);
        expect(() => mixedDerivative('black-scholes', { ...spot, [field]: wrong }, []), field).toThrow(InputError);
      }
    }
    expect(() => higherGreeks('black76', undefined as unknown as ForwardOption)).toThrow(InputError);
    expect(() =>
      higherGreeks('bachelier', { type: 'call', forward: 1, strike: 1, timeToExpiry: 1, volatility: Infinity }),
    ).toThrow('volatility');
  });

  it('names no model, variable or order that is not there', () => {
    expect(() => higherGreeks('heston' as 'black76', spot as unknown as ForwardOption)).toThrow('model');
    expect(() => mixedDerivative('black-scholes', spot, ['spot' as JetVariable])).toThrow('by');
    expect(() => mixedDerivative('black-scholes', spot, ['time', 'time', 'time', 'time'])).toThrow('by');
    expect(() => mixedDerivative('black-scholes', spot, undefined as unknown as JetVariable[])).toThrow('by');
    const forward: ForwardOption = { type: 'call', forward: 1, strike: 1, timeToExpiry: 1, volatility: 1 };
    expect(() => mixedDerivative('black76', forward, ['dividendYield'])).toThrow('dividendYield');
    expect(real(mixedDerivative('black76', forward, [])).toNumber()).toBe(black76.price(forward));
  });
});
