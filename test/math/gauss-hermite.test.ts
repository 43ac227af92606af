import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { cubeRoot } from '../../src/math/cube-root.js';
import { gaussHermite } from '../../src/math/gauss-hermite.js';

describe('gaussHermite', () => {
  it('has the tabulated nodes and weights', () => {
    const { nodes, weights } = gaussHermite(3);
    expect([...nodes]).toEqual([-Math.sqrt(3), 0, Math.sqrt(3)].map((z) => expect.closeTo(z, 15) as number));
    expect([...weights]).toEqual([1 / 6, 2 / 3, 1 / 6].map((w) => expect.closeTo(w, 15) as number));
  });

  it('is exact for the moments of the normal law below degree 2 n', () => {
    for (const n of [1, 2, 5, 9, 20, 31, 64]) {
      const { nodes, weights } = gaussHermite(n);
      let moment = 1;
      for (let power = 0; power < Math.min(2 * n, 30); power += 2) {
        const found = nodes.reduce((sum, z, i) => sum + weights[i]! * z ** power, 0);
        expect(Math.abs(found / moment - 1)).toBeLessThan(1e-11);
        moment *= power + 1;
      }
      for (let i = 0; i < n; i++) expect(nodes[i]).toBe(-nodes[n - 1 - i]! + 0);
    }
  });

  it('refuses counts it has no rule for', () => {
    for (const count of [0, 65, 2.5, NaN]) expect(() => gaussHermite(count)).toThrow(InputError);
  });
});

describe('cubeRoot', () => {
  it('is the cube root to the last digits, odd, with its limits', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-100, max: 1e100, noNaN: true }), (x) => {
        expect(Math.abs(cubeRoot(x) / Math.cbrt(x) - 1)).toBeLessThan(5e-16);
        expect(cubeRoot(-x)).toBe(-cubeRoot(x));
      }),
    );
    expect(cubeRoot(27)).toBe(3);
    expect(cubeRoot(0)).toBe(0);
    expect(cubeRoot(Infinity)).toBe(Infinity);
  });
});
