import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { certifiedPieces, isSurelyNonNegative } from '../../src/math/bernstein.js';
import { isSurelySquareFree, signPatternByDescartes } from '../../src/math/descartes.js';
import { compare, dyadic, scaleByPowerOfTwo, toNumber, type Dyadic } from '../../src/math/dyadic.js';
import {
  derivative,
  evaluate,
  exactQuotient,
  multiplyPolynomials,
  positiveRemainder,
  primitivePart,
  reflect,
  reverse,
  signAt,
  signVariations,
  splitZeroRoot,
  toIntegerPolynomial,
  trim,
  type IntegerPolynomial,
} from '../../src/math/polynomial.js';
import { countRoots, refine, signPattern, squareFreePart, sturmSequence } from '../../src/math/real-roots.js';
import {
  addRounded,
  evaluateRounded,
  multiplyRounded,
  rounded,
  roundingBound,
} from '../../src/math/rounded-polynomial.js';

function product(...factors: bigint[][]): IntegerPolynomial {
  return factors.reduce<bigint[]>(
    (p, q) => {
      const result = new Array<bigint>(p.length + q.length - 1).fill(0n);
      p.forEach((x, i) => {
        q.forEach((y, j) => {
          result[i + j] = result[i + j]! + x * y;
        });
      });
      return result;
    },
    [1n],
  );
}

/** (d t - n), with the root n/d. */
const root = (n: number, d = 1): bigint[] => [BigInt(-n), BigInt(d)];

const ways = { sturm: signPattern, descartes: signPatternByDescartes };

describe.each(Object.entries(ways))('sign patterns by %s', (_, pattern) => {
  it('of polynomials with chosen roots', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.integer({ min: -40, max: 400 }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 3 })),
          { maxLength: 5 },
        ),
        fc.boolean(),
        fc.boolean(),
        (chosen, hasPair, flip) => {
          const factors = chosen.flatMap(([n, d, times]) => Array.from({ length: times }, () => root(n, d)));
          if (hasPair) factors.push([7n, -4n, 3n]);
          const p = product(...factors).map((c) => (flip ? -c : c));
          const { roots, signs, squareFree } = pattern(p);
          const positive = [...new Set(chosen.map(([n, d]) => n / d))].filter((x) => x > 0).sort((x, y) => x - y);
          expect(roots).toHaveLength(positive.length);
          roots.forEach(({ lower, upper }, i) => {
            expect(toNumber(lower)).toBeLessThanOrEqual(positive[i]!);
            expect(toNumber(upper)).toBeGreaterThanOrEqual(positive[i]!);
            const narrow = refine(squareFree, { lower, upper }, 60);
            expect(toNumber(narrow.upper)).toBeCloseTo(positive[i]!, 10);
          });
          const probes = [0, ...positive].map((x, i) => (positive[i] === undefined ? x + 1 : (x + positive[i]) / 2));
          expect(signs).toEqual(probes.map((x) => signAt(p, dyadic(x))));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('at dyadic roots, double roots, and roots far apart or close together', () => {
    const touching = product(root(1), root(1), root(3));
    expect(pattern(touching).signs).toEqual([-1, -1, 1]);
    expect(pattern(product(root(1), root(1))).signs).toEqual([1, 1]);
    expect(pattern(product(root(1, 2), root(1), root(2), root(4))).signs).toEqual([1, -1, 1, -1, 1]);
    const big = 2n ** 300n;
    const far = product([-1n, big], [-big, 1n]);
    expect(pattern(far).signs).toEqual([1, -1, 1]);
    const close = product([-big, big + 1n], [-big, big - 1n]);
    const { roots, signs } = pattern(close);
    expect(signs).toEqual([1, -1, 1]);
    expect(compare(roots[0]!.upper, roots[1]!.lower)).toBeLessThan(0);
  });

  it('of constants and of powers of t', () => {
    expect(pattern([5n])).toMatchObject({ roots: [], signs: [1] });
    expect(pattern([-5n])).toMatchObject({ roots: [], signs: [-1] });
    expect(pattern([0n, 0n, -3n])).toMatchObject({ roots: [], signs: [-1] });
    expect(pattern(product([0n, 1n], root(2)))).toMatchObject({ signs: [-1, 1] });
  });
});

it('the two ways agree on random polynomials of degree ten', () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), { minLength: 2, maxLength: 11 }), (p) => {
      fc.pre(trim(p).length > 0);
      const [a, b] = [signPattern(trim(p)), signPatternByDescartes(trim(p))];
      expect(a.signs).toEqual(b.signs);
      expect(a.roots).toHaveLength(b.roots.length);
    }),
    { numRuns: 200 },
  );
});

describe('integer polynomials', () => {
  it('evaluate at dyadic points', () => {
    const p = [3n, -5n, 0n, 2n];
    for (const x of [0, 1, -2.5, 0.1, 2 ** 70, -(2 ** -70)]) {
      const value: Dyadic = evaluate(p, dyadic(x));
      if (Math.abs(x) < 100 && Math.abs(x) > 1e-3) expect(toNumber(value)).toBeCloseTo(3 - 5 * x + 2 * x ** 3, 9);
      expect(signAt(p, dyadic(x))).toBe(Math.sign(3 - 5 * x + 2 * x ** 3));
    }
    expect(evaluate([], dyadic(3)).mantissa).toBe(0n);
  });

  it('derivatives, mirrors, factors, remainders', () => {
    expect(derivative([7n, 3n, 5n])).toEqual([3n, 10n]);
    expect(reverse([1n, 2n, 3n])).toEqual([3n, 2n, 1n]);
    expect(reflect([1n, 2n, 3n])).toEqual([1n, -2n, 3n]);
    expect(splitZeroRoot([0n, 0n, 4n, 1n])).toEqual({ rest: [4n, 1n], multiplicity: 2 });
    expect(trim([8n, -4n, 0n])).toEqual([2n, -1n]);
    expect(primitivePart([6n, -9n, 3n])).toEqual([2n, -3n, 1n]);
    expect(primitivePart([])).toEqual([]);
    expect(exactQuotient(product(root(1, 2), root(-3), root(5)), root(1, 2))).toEqual(product(root(-3), root(5)));
    expect(
      exactQuotient(
        product(root(2)).map((c) => -c),
        root(2),
      ),
    ).toEqual([-1n]);
    // t^2 = (t/2 + 1/4)(2 t - 1) + 1/4, times 4.
    expect(positiveRemainder([0n, 0n, 1n], [-1n, 2n])).toEqual([1n]);
    expect(positiveRemainder([0n, 0n, 1n], [1n, -2n])).toEqual([1n]);
    expect(signVariations([1n, 0n, -1n, -2n, 3n])).toBe(2);
    expect(multiplyPolynomials([], [dyadic(1)])).toEqual([]);
    expect(toIntegerPolynomial([dyadic(0.75), dyadic(0), dyadic(-1.5)])).toEqual([3n, 0n, -6n]);
  });

  it('Sturm sequences end in the common factor with the derivative', () => {
    const p = product(root(2), root(2), root(5));
    expect(
      primitivePart(sturmSequence(p).at(-1)!).map(
        (c) => c * BigInt(Math.sign(Number(sturmSequence(p).at(-1)!.at(-1)))),
      ),
    ).toEqual(root(2));
    expect(squareFreePart(p)).toEqual(product(root(2), root(5)));
    expect(isSurelySquareFree(p)).toBe(false);
    expect(isSurelySquareFree(product(root(2), root(5), [1n, 1n, 1n]))).toBe(true);
    expect(countRoots(p, dyadic(0), dyadic(3))).toBe(1);
    expect(countRoots(p, dyadic(1), dyadic(9))).toBe(2);
    expect(countRoots(p, dyadic(6), scaleByPowerOfTwo(dyadic(1), 90))).toBe(0);
  });
});

describe('polynomials in doubles with rounding bounds', () => {
  const coefficient = fc.double({ noNaN: true, min: -8, max: 8 }).map((x) => (Math.abs(x) < 1e-6 ? 0 : x));
  const linear = fc.array(coefficient, { minLength: 1, maxLength: 4 });

  it('the bounds hold against exact arithmetic', () => {
    fc.assert(
      fc.property(
        linear,
        linear,
        linear,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        (a, b, c, t, reversed) => {
          const p = addRounded(multiplyRounded(rounded(a, 0), rounded(b, 0)), rounded(c, 0));
          const exactly = a.map(dyadic);
          const q = multiplyPolynomials(exactly, b.map(dyadic));
          const sum = Array.from(
            { length: p.coefficients.length },
            (_, i) => [q[i] ?? dyadic(0), dyadic(c[i] ?? 0)] as const,
          );
          const exact = sums(sum);
          p.coefficients.forEach((x, i) => {
            const bound = roundingBound(p.roundings) * p.magnitudes[i]!;
            expect(Math.abs(toNumber(difference(exact[i]!, x)))).toBeLessThanOrEqual(bound);
          });
          const at = { value: 0, error: 0 };
          const x = t < 1e-6 ? 0 : t;
          evaluateRounded(p, x, reversed, at);
          const ordered = reversed ? [...exact].reverse() : exact;
          const value = ordered.reduceRight((s, y) => plus(times(s, dyadic(x)), y), dyadic(0));
          expect(Math.abs(toNumber(difference(value, at.value)))).toBeLessThanOrEqual(at.error);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('certified pieces agree with exact patterns', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 9 }), (c) => {
        fc.pre(c.some((x) => x !== 0) && c.at(-1) !== 0 && c[0] !== 0);
        const p = rounded(c, 0);
        const exact = signPattern(trim(c.map(BigInt)));
        if (isSurelyNonNegative(p)) expect(exact.signs.every((sign) => sign > 0)).toBe(true);
        const pieces = certifiedPieces(p);
        if (pieces === undefined) return;
        expect(pieces.filter(({ kind }) => kind === 'root')).toHaveLength(exact.roots.length);
        const order = (x: number, reversed: boolean): number => (reversed ? 1 / x : x);
        pieces.forEach(({ kind, lower, upper, reversed, falls }) => {
          const [left, right] = reversed ? [upper, lower] : [lower, upper];
          const middle = dyadic(order(0.5 * (lower + upper), reversed));
          if (kind === 'positive') expect(signAt(c.map(BigInt), middle)).toBe(1);
          if (kind === 'negative') expect(signAt(c.map(BigInt), middle)).toBe(-1);
          if (kind === 'root' && left > 0 && right > 0) {
            expect(signAt(c.map(BigInt), dyadic(order(left, reversed)))).toBe(falls ? 1 : -1);
          }
        });
      }),
      { numRuns: 500 },
    );
  });

  it('a double root is left undecided', () => {
    expect(certifiedPieces(rounded([1, -2, 1], 0))).toBeUndefined();
    expect(certifiedPieces(rounded([9, -6, 1], 1))).toBeUndefined();
    expect(certifiedPieces(rounded([9, -6, 1 + 1e-9], 1))?.every(({ kind }) => kind === 'positive')).toBe(true);
  });
});

function plus(x: Dyadic, y: Dyadic): Dyadic {
  const exponent = Math.min(x.exponent, y.exponent);
  return {
    mantissa: (x.mantissa << BigInt(x.exponent - exponent)) + (y.mantissa << BigInt(y.exponent - exponent)),
    exponent,
  };
}

function times(x: Dyadic, y: Dyadic): Dyadic {
  return { mantissa: x.mantissa * y.mantissa, exponent: x.exponent + y.exponent };
}

function difference(exact: Dyadic, x: number): Dyadic {
  return plus(exact, dyadic(-x));
}

function sums(pairs: (readonly [Dyadic, Dyadic])[]): Dyadic[] {
  return pairs.map(([x, y]) => plus(x, y));
}
