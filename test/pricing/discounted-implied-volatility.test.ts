/** Implied volatility of discounted and of coin prices: the price alone may limit it, not what it is divided by on the way. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { black76 } from '../../src/pricing/black76.js';
import { inverse } from '../../src/pricing/inverse.js';
import type { OptionType } from '../../src/pricing/option.js';
import { normalCdf } from '../reference/normal.js';
import { real, type Real } from '../reference/real.js';

interface Contract {
  type: OptionType;
  forward: number;
  strike: number;
  timeToExpiry: number;
  discountFactor: number;
}

/** The exact value in units of `per`, of the option and of the one out of the money, and the derivative by the volatility. */
function exactValue(contract: Contract, volatility: number, per: Real): { value: Real; other: number; vega: number } {
  const { type, timeToExpiry } = contract;
  const scale = real(contract.discountFactor).div(per);
  const [a, b] = [real(contract.forward).mul(scale), real(contract.strike).mul(scale)];
  const s = real(volatility).mul(real(timeToExpiry).sqrt());
  const d1 = a.div(b).ln().div(s).add(s.div(2));
  const call = a.mul(normalCdf(d1)).sub(b.mul(normalCdf(d1.sub(s))));
  const put = call.sub(a).add(b);
  const density = Math.exp(-0.5 * d1.toNumber() ** 2) / Math.sqrt(2 * Math.PI);
  return {
    value: type === 'call' ? call : put,
    other: Math.min(call.toNumber(), put.toNumber()),
    vega: a.toNumber() * density * Math.sqrt(timeToExpiry),
  };
}

const contracts = fc.record({
  type: fc.constantFrom<OptionType>('call', 'put'),
  forward: fc.double({ min: 10, max: 5000, noNaN: true }),
  // In deviations from the forward, into the money where above 0.
  depth: fc.double({ min: -3, max: 4, noNaN: true }),
  timeToExpiry: fc.double({ min: Math.log(1e-5), max: Math.log(3), noNaN: true }).map(Math.exp),
  volatility: fc.double({ min: 0.03, max: 1, noNaN: true }),
  discountFactor: fc.double({ min: 0.5, max: 1.2, noNaN: true }),
});

const MODELS = [
  { name: 'black76', model: black76, per: () => real(1) },
  { name: 'inverse', model: inverse, per: ({ forward }: Contract) => real(forward) },
];

describe.each(MODELS)('$name, discounted', ({ model, per }) => {
  it('is solved to a hundredth of what half an ulp of the price says, and 8 ulp of the well-determined volatility', () => {
    fc.assert(
      fc.property(contracts, ({ depth, volatility, ...rest }) => {
        const s = volatility * Math.sqrt(rest.timeToExpiry);
        const strike = rest.forward * Math.exp((rest.type === 'call' ? -depth : depth) * s);
        const contract = { ...rest, strike };
        const unit = per(contract);
        const price = exactValue(contract, volatility, unit).value.toNumber();
        const result = model.impliedVolatility(contract, price);
        if (!result.ok) throw new Error(result.reason);
        const { value, other, vega } = exactValue(contract, result.volatility, unit);
        const error = value.sub(real(price)).toNumber() / vega;
        const condition = 1 + other / (vega * volatility);
        const halfUlp = 2 ** (Math.floor(Math.log2(price)) - 53);
        expect(Math.abs((result.resolution * vega) / halfUlp - 1)).toBeLessThan(1e-6);
        // Taken back to Black's price it would be off by up to its resolution, and more where that has a larger ulp.
        const allowed = 0.01 * result.resolution + 8 * 2 ** -53 * result.volatility * condition;
        expect(Math.abs(error)).toBeLessThanOrEqual(allowed);
      }),
      { numRuns: 300, seed: 4 },
    );
  });
});

it('keeps the units of a failure: distances are discounted', () => {
  const contract = { type: 'call', forward: 120, strike: 100, timeToExpiry: 1, discountFactor: 0.5 } as const;
  expect(black76.impliedVolatility(contract, 9)).toEqual({
    ok: false,
    reason: 'below-intrinsic',
    distance: -1,
    bound: 0,
  });
  expect(black76.impliedVolatility(contract, 61)).toMatchObject({ reason: 'above-maximum', distance: 1 });
  expect(inverse.impliedVolatility(contract, 0.6)).toMatchObject({
    reason: 'above-maximum',
    distance: expect.closeTo(0.1, 15) as number,
  });
  const extreme = { ...contract, forward: 1e-210, strike: 1e-210 };
  const price = black76.price({ ...extreme, volatility: 0.4 });
  const result = black76.impliedVolatility(extreme, price);
  expect(result.ok && result.volatility).toBeCloseTo(0.4, 14);
});
