import { expect, it } from 'vitest';
import {
  addPairs,
  dividePair,
  exactProduct,
  exactSum,
  expm1OfProduct,
  scalePair,
} from '../../src/math/double-double.js';
import { ONE, real, type Real } from '../reference/real.js';
import { seededRandom } from './accuracy.js';

function exact({ high, low }: { high: number; low: number }): Real {
  return real(high).add(real(low));
}

it('sums and products of two doubles are exact, of pairs to 2^-100', () => {
  const random = seededRandom(5);
  for (let i = 0; i < 2000; i++) {
    const [a, b, c] = [random() - 0.5, 1e4 * random() * random(), 1e-3 * random()];
    expect(exact(exactSum(a, b)).eq(real(a).add(real(b)))).toBe(true);
    const product = exactProduct(a, b);
    expect(exact(product).eq(real(a).mul(real(b)))).toBe(true);
    const scaled = exact(scalePair(product, c));
    const expected = exact(product).mul(real(c));
    expect(scaled.sub(expected).div(expected).abs().toNumber()).toBeLessThan(2 ** -100);
    const quotient = exact(dividePair(product, c));
    const divided = exact(product).div(real(c));
    expect(quotient.sub(divided).div(divided).abs().toNumber()).toBeLessThan(2 ** -100);
    const sum = exact(addPairs(product, exactSum(b, c)));
    const size = Math.abs(a * b) + b;
    expect(sum.sub(exact(product)).sub(real(b)).sub(real(c)).abs().toNumber()).toBeLessThan(2 ** -100 * size);
  }
});

it('e^(rate time) - 1 keeps 60 bits, of itself near 0 and of e^(rate time) elsewhere', () => {
  const random = seededRandom(6);
  for (let i = 0; i < 3000; i++) {
    const rate = (random() - 0.5) * (i % 2 === 0 ? 0.5 : 1e-6 ** random() * 24);
    const time = i % 3 === 0 ? 1e-4 * random() : 4 * random();
    const expected = real(rate).mul(real(time)).exp().sub(ONE);
    const size = Math.abs(rate * time) < 0.5 ? Math.abs(Math.expm1(rate * time)) : Math.exp(rate * time);
    const error = exact(expm1OfProduct(rate, time)).sub(expected).abs().toNumber();
    expect(error, `${rate} ${time}`).toBeLessThanOrEqual(2 ** -60 * size);
  }
  expect(expm1OfProduct(0, 3)).toEqual({ high: 0, low: 0 });
});
