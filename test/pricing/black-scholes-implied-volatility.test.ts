/** Implied volatility of spot options next to the strike: the price alone may limit it, not a rounded forward. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blackScholes } from '../../src/pricing/black-scholes.js';
import type { OptionType } from '../../src/pricing/option.js';
import { real, type Real } from '../reference/real.js';
import { normalCdf } from '../reference/normal.js';

interface Contract {
  type: OptionType;
  spot: number;
  strike: number;
  timeToExpiry: number;
  rate: number;
  dividendYield: number;
}

/** The exact value at the double `volatility`, and its derivative by it. */
function exactValue(contract: Contract, volatility: number): { value: Real; vega: number } {
  const [S, K, T, r, q] = [
    real(contract.spot),
    real(contract.strike),
    real(contract.timeToExpiry),
    real(contract.rate),
    real(contract.dividendYield),
  ];
  const s = real(volatility).mul(T.sqrt());
  const d1 = S.div(K).ln().add(r.sub(q).mul(T)).div(s).add(s.div(2));
  const a = S.mul(q.mul(T).neg().exp());
  const b = K.mul(r.mul(T).neg().exp());
  const omega = contract.type === 'call' ? 1 : -1;
  const value = a
    .mul(normalCdf(d1.mul(omega)))
    .sub(b.mul(normalCdf(d1.sub(s).mul(omega))))
    .mul(omega);
  const density = Math.exp(-0.5 * d1.toNumber() ** 2) / Math.sqrt(2 * Math.PI);
  return { value, vega: a.toNumber() * density * Math.sqrt(contract.timeToExpiry) };
}

/** What is left of the price at the solution, as a change of volatility: the solution's error but for a second order. */
function errorOf(contract: Contract, price: number, solution: number): { error: number; vega: number } {
  const { value, vega } = exactValue(contract, solution);
  return { error: value.sub(real(price)).toNumber() / vega, vega };
}

describe('a call in the money next to the strike', () => {
  const contract: Contract = {
    type: 'call',
    spot: 111.6916,
    strike: 111.3811,
    timeToExpiry: 5.08e-4,
    rate: 0.03,
    dividendYield: 0.17,
  };

  it('is solved to what the price resolves', () => {
    const result = blackScholes.impliedVolatility(contract, 0.30268);
    if (!result.ok) throw new Error(result.reason);
    const { error } = errorOf(contract, 0.30268, result.volatility);
    expect(Math.abs(error)).toBeLessThanOrEqual(result.resolution + 8 * 2 ** -53 * result.volatility);
  });
});

const near = fc.record({
  type: fc.constantFrom<OptionType>('call', 'put'),
  spot: fc.double({ min: 10, max: 5000, noNaN: true }),
  // In deviations from the forward, into the money where above 0.
  depth: fc.double({ min: -3, max: 4, noNaN: true }),
  timeToExpiry: fc.double({ min: Math.log(1e-5), max: Math.log(3), noNaN: true }).map(Math.exp),
  volatility: fc.double({ min: 0.03, max: 1, noNaN: true }),
  rate: fc.double({ min: -0.1, max: 0.2, noNaN: true }),
  dividendYield: fc.double({ min: -0.1, max: 0.2, noNaN: true }),
});

describe('options near the strike', () => {
  it('are solved to half an ulp of the price and 8 ulp of the well-determined volatility', () => {
    fc.assert(
      fc.property(near, ({ depth, volatility, ...rest }) => {
        const s = volatility * Math.sqrt(rest.timeToExpiry);
        const carry = (rest.rate - rest.dividendYield) * rest.timeToExpiry;
        const strike = rest.spot * Math.exp(carry + (rest.type === 'call' ? -depth : depth) * s);
        const contract = { ...rest, strike };
        const price = exactValue(contract, volatility).value.toNumber();
        const result = blackScholes.impliedVolatility(contract, price);
        if (!result.ok) throw new Error(result.reason);
        const { error, vega } = errorOf(contract, price, result.volatility);
        const other = blackScholes.price({ ...contract, type: rest.type === 'call' ? 'put' : 'call', volatility });
        const condition = 1 + Math.min(other, price) / (vega * volatility);
        const halfUlp = 2 ** (Math.floor(Math.log2(price)) - 53);
        expect(Math.abs((result.resolution * vega) / halfUlp - 1)).toBeLessThan(1e-6);
        expect(Math.abs(error)).toBeLessThanOrEqual(result.resolution + 8 * 2 ** -53 * result.volatility * condition);
      }),
      { numRuns: 400, seed: 3 },
    );
  });
});
