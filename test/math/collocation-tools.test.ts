import { describe, expect, it } from 'vitest';
import { chebyshevBasis, chebyshevPoints } from '../../src/math/chebyshev.js';
import { cosPi, sinPi } from '../../src/math/cosine.js';
import { gaussLegendre } from '../../src/math/gauss-legendre.js';
import { eliminate } from '../../src/math/gaussian-elimination.js';

describe('cosine and sine of multiples of pi', () => {
  it('agree with the engine, and are exact where the value is', () => {
    for (let i = 0; i <= 1000; i++) {
      const x = i / 1000;
      expect(Math.abs(cosPi(x) - Math.cos(Math.PI * x))).toBeLessThan(5e-16);
      expect(Math.abs(sinPi(x) - Math.sin(Math.PI * x))).toBeLessThan(5e-16);
    }
    expect([cosPi(0), cosPi(0.5), cosPi(1), sinPi(0), sinPi(0.5), sinPi(1)]).toEqual([1, 0, -1, 0, 1, 0]);
  });
});

describe('Gauss-Legendre rules', () => {
  it.each([1, 2, 5, 16, 64, 300])('%i nodes integrate polynomials of degree 2n - 1', (count) => {
    const { nodes, weights } = gaussLegendre(count);
    const integral = (f: (x: number) => number): number => nodes.reduce((sum, x, i) => sum + weights[i]! * f(x), 0);
    for (const degree of [0, 1, count, 2 * count - 1]) {
      expect(Math.abs(integral((x) => x ** degree) * (degree + 1) - 1)).toBeLessThan(2e-14);
    }
    for (let i = 0; i < count; i++) {
      expect(nodes[i]).toBeGreaterThan(i === 0 ? 0 : nodes[i - 1]!);
      expect(Math.abs(nodes[i]! + nodes[count - 1 - i]! - 1)).toBeLessThan(3e-16);
    }
  });
});

describe('Chebyshev interpolation', () => {
  it('reproduces polynomials without a constant, at the points and between', () => {
    const points = chebyshevPoints(7);
    const values = Float64Array.from(points.subarray(1), (x) => x * (2 - 3 * x ** 2 + x ** 6));
    const basis = new Float64Array(9);
    for (let i = 0; i <= 50; i++) {
      const x = i / 50;
      chebyshevBasis(points, x, basis, 2);
      const value = values.reduce((sum, y, k) => sum + y * basis[k + 2]!, 0);
      expect(Math.abs(value - x * (2 - 3 * x ** 2 + x ** 6))).toBeLessThan(1e-14);
    }
    chebyshevBasis(points, points[3]!, basis, 0);
    expect(Array.from(basis.subarray(0, 7))).toEqual([0, 0, 1, 0, 0, 0, 0]);
  });
});

describe('elimination', () => {
  it('solves for several right sides, with a zero on the diagonal', () => {
    const system = Float64Array.from([0, 2, 1, 7, 1, 1, -1, 0, 2, 3, 1, -1, 13, 1, 0]);
    expect(eliminate(system, 3, 5)).toBe(true);
    const a = [
      [0, 2, 1],
      [1, -1, 0],
      [1, -1, 13],
    ];
    const b = [
      [7, 1],
      [2, 3],
      [1, 0],
    ];
    a.forEach((row, i) => {
      for (const k of [0, 1]) {
        const left = row.reduce((sum, value, j) => sum + value * system[5 * j + 3 + k]!, 0);
        expect(left).toBeCloseTo(b[i]![k]!, 12);
      }
    });
  });

  it('says so where the matrix is singular', () => {
    expect(eliminate(Float64Array.from([1, 2, 3, 2, 4, 5]), 2, 3)).toBe(false);
    expect(eliminate(Float64Array.from([NaN, 2, 3, 2, 4, 5]), 2, 3)).toBe(false);
  });
});
