import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { quantoForward } from '../../src/pricing/quanto.js';
import { units } from '../../src/pricing/units.js';

const bad = [NaN, Infinity, -Infinity, '1', undefined, null];

describe('trader units', () => {
  it('rescales each Greek to the unit in its name', () => {
    expect(units.vegaPerPoint({ vega: 27.5 })).toBe(0.275);
    expect(units.thetaPerDay({ theta: -7.3 })).toBe(-0.02);
    expect(units.thetaPerDay({ theta: -252 }, 252)).toBe(-1);
    expect(units.rhoPerBasisPoint({ rho: 20 })).toBe(0.002);
    expect(units.cashDelta({ delta: -0.5 }, 100)).toBe(-50);
    expect(units.gammaPerPercent({ gamma: 0.02 }, 50)).toBe(0.5);
  });

  it('gives the dollar gamma per percent of a listed index book', () => {
    // S = K = 5000, 30 days, 15% volatility, 10,000 contracts of 100: gamma 0.00185495857, 463,739,642 USD per 1%.
    expect(units.gammaPerPercent({ gamma: 0.00185495857 * 10_000 * 100 }, 5000)).toBeCloseTo(463_739_642, -1);
  });

  it.each(bad)('refuses %s in every field', (value) => {
    const wrong = value as number;
    expect(() => units.vegaPerPoint({ vega: wrong })).toThrow(InputError);
    expect(() => units.thetaPerDay({ theta: wrong })).toThrow(InputError);
    if (value !== undefined) expect(() => units.thetaPerDay({ theta: 1 }, wrong)).toThrow(InputError);
    expect(() => units.rhoPerBasisPoint({ rho: wrong })).toThrow(InputError);
    expect(() => units.cashDelta({ delta: wrong }, 1)).toThrow(InputError);
    expect(() => units.cashDelta({ delta: 1 }, wrong)).toThrow(InputError);
    expect(() => units.gammaPerPercent({ gamma: wrong }, 1)).toThrow(InputError);
    expect(() => units.gammaPerPercent({ gamma: 1 }, wrong)).toThrow(InputError);
    expect(() => units.vegaPerPoint(wrong as unknown as { vega: number })).toThrow(InputError);
  });

  it('refuses a year without days', () => {
    for (const days of [0, -1]) expect(() => units.thetaPerDay({ theta: 1 }, days)).toThrow(InputError);
  });
});

describe('quantoForward', () => {
  const market = { volatility: 0.3, fxVolatility: 0.1, correlation: -0.4, timeToExpiry: 2 };

  it('moves the forward by the covariance of asset and exchange rate', () => {
    expect(quantoForward(100, market)).toBeCloseTo(100 * Math.exp(0.024), 12);
    expect(quantoForward(100, { ...market, correlation: 0 })).toBe(100);
    expect(quantoForward(100, { ...market, timeToExpiry: 0 })).toBe(100);
  });

  it.each([...bad, -1.5])('refuses %s in every field', (value) => {
    const wrong = value as number;
    if (value !== -1.5) expect(() => quantoForward(wrong, market)).toThrow(InputError);
    for (const field of ['volatility', 'fxVolatility', 'correlation', 'timeToExpiry']) {
      expect(() => quantoForward(100, { ...market, [field]: wrong })).toThrow(InputError);
    }
    expect(() => quantoForward(100, wrong as unknown as typeof market)).toThrow(InputError);
  });
});
