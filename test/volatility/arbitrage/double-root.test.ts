/**
 * A density that touches 0 at a double and nowhere else: the polynomial of degree ten
 *
 *   D(t) = (4 t - 5)^2 (t^2 + 1)^3 (t^2 + t + 1)
 *
 * has its double root at t = 5/4 exactly; on the slice with sigma = 1 and m = 0 that is k = (t - 1/t)/2 = 9/40. What floating point
 * can only call a doubt the exact steps decide, and a change of the last bit of one coefficient either way as well.
 */
import { describe, expect, it } from 'vitest';
import { certifiedPieces } from '../../../src/math/bernstein.js';
import { signPatternByDescartes } from '../../../src/math/descartes.js';
import { compare, dyadic } from '../../../src/math/dyadic.js';
import type { IntegerPolynomial } from '../../../src/math/polynomial.js';
import { signPattern } from '../../../src/math/real-roots.js';
import { rounded } from '../../../src/math/rounded-polynomial.js';
import { exactNegativeDensity } from '../../../src/volatility/arbitrage/negative-density.js';
import { svi } from './reference.js';

function product(...factors: IntegerPolynomial[]): bigint[] {
  return factors.reduce<bigint[]>(
    (p, q) => {
      const result = new Array<bigint>(p.length + q.length - 1).fill(0n);
      p.forEach((x, i) => {
        q.forEach((y, j) => {
          result[i + j]! += x * y;
        });
      });
      return result;
    },
    [1n],
  );
}

const circle = [1n, 0n, 1n];
const positive = [circle, circle, circle, [1n, 1n, 1n]];
const touching = product([-5n, 4n], [-5n, 4n], ...positive);
const slice = svi(0.1, 0.2, 0, 0, 1);
const isolations = [
  ['Sturm', signPattern],
  ['Descartes', signPatternByDescartes],
] as const;

/** Times 2^200, with the least that integers allow added to the coefficient of t^5: `by` times 2^-200 of its unit. */
function shifted(p: IntegerPolynomial, by: bigint): bigint[] {
  return p.map((c, j) => (c << 200n) + (j === 5 ? by : 0n));
}

describe.each(isolations)('a double root that is a double, isolated by %s', (_, isolate) => {
  it('is one root between two positive stretches, and no negative density', () => {
    expect(touching.length).toBe(11);
    const { roots, signs } = isolate(touching);
    expect(signs).toEqual([1, 1]);
    expect(compare(roots[0]!.lower, dyadic(1.25))).toBeLessThanOrEqual(0);
    expect(compare(roots[0]!.upper, dyadic(1.25))).toBeGreaterThanOrEqual(0);
    expect(exactNegativeDensity(slice, touching, isolate)).toEqual({
      method: 'sturm-exact',
      found: false,
      stretches: [],
    });
  });

  it('is free of roots with one unit of 2^-200 more', () => {
    expect(isolate(shifted(touching, 1n))).toMatchObject({ roots: [], signs: [1] });
    expect(exactNegativeDensity(slice, shifted(touching, 1n), isolate).found).toBe(false);
  });

  it('is negative on a stretch that holds no double with one unit less, and found', () => {
    const { found, stretches } = exactNegativeDensity(slice, shifted(touching, -1n), isolate);
    expect(found).toBe(true);
    expect(stretches.length).toBe(1);
    const [above, below] = stretches[0]!;
    expect(above).toBeGreaterThan(below);
    expect(above).toBeCloseTo(9 / 40, 14);
    expect(below).toBeCloseTo(9 / 40, 14);
  });

  it('is negative on a stretch of doubles where the change is larger', () => {
    const { stretches } = exactNegativeDensity(slice, shifted(touching, -(1n << 180n)), isolate);
    const [lower, upper] = stretches[0]!;
    expect(lower).toBeLessThan(9 / 40);
    expect(upper).toBeGreaterThan(9 / 40);
    expect(upper - lower).toBeLessThan(0.01);
  });

  it('beside a change of sign, and as an end of a negative stretch', () => {
    // (t - 2) (4 t - 5)^2: negative on both sides of 5/4, where it is 0.
    const { roots, signs } = isolate(product([-2n, 1n], [-5n, 4n], [-5n, 4n], ...positive.slice(1)));
    expect(roots.length).toBe(2);
    expect(signs).toEqual([-1, -1, 1]);
    // Of fourth order it is one root as well.
    const fourth = product([-5n, 4n], [-5n, 4n], [-5n, 4n], [-5n, 4n], ...positive.slice(1));
    expect(isolate(fourth)).toMatchObject({ signs: [1, 1] });
    // Of third order the sign changes.
    expect(isolate(product([-5n, 4n], [-5n, 4n], [-5n, 4n], circle)).signs).toEqual([-1, 1]);
  });
});

it('is left to the exact steps by the one in doubles', () => {
  expect(certifiedPieces(rounded(touching.map(Number), 0))).toBeUndefined();
});
