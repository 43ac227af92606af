import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { quadraticProgram } from '../../src/math/quadratic-program.js';
import { linearProgram } from '../../src/math/linear-program.js';
import { seededRandom } from '../../src/math/random.js';

const infinite = (n: number, sign: number) => Array.from({ length: n }, () => sign * Infinity);

describe('quadraticProgram', () => {
  it('solves the example of Goldfarb and Idnani as the R package documents it', () => {
    // R, quadprog 1.5: solution 0.4761905 1.0476190 2.0952381, value -2.380952, Lagrangian 0.0000000 0.2380952 2.0952381.
    const solved = quadraticProgram({
      quadratic: [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
      linear: [0, -5, 0],
      rows: [
        { columns: [0, 1], values: [-4, -3], lower: -8 },
        { columns: [0, 1], values: [2, 1], lower: 2 },
        { columns: [1, 2], values: [-2, 1], lower: 0 },
      ],
      lower: infinite(3, -1),
    });
    if (!solved.ok) throw new Error(solved.message);
    [0.47619048, 1.04761905, 2.0952381].forEach((value, j) => {
      expect(solved.x[j]).toBeCloseTo(value, 7);
    });
    expect(solved.objective).toBeCloseTo(-2.38095238, 7);
    [0, 0.23809524, 2.0952381].forEach((value, i) => {
      expect(solved.duals[i]).toBeCloseTo(value, 7);
    });
    expect(solved.residual).toBeLessThan(1e-12);
  });

  it('meets the conditions of an optimum, or proves that there is none, on random programs', () => {
    const random = seededRandom(5);
    const counts = { ok: 0, infeasible: 0, unbounded: 0, 'no-convergence': 0 };
    for (let trial = 0; trial < 200; trial++) {
      const n = 1 + random.index(7);
      const whole = random.uniform() < 0.5;
      const draw = () => (whole ? random.index(7) - 3 : random.normal());
      const vector = () => Array.from({ length: n }, draw);
      const factors = Array.from({ length: random.index(n + 1) }, vector);
      const quadratic = vector().map((_, i) =>
        vector().map((__, j) => factors.reduce((sum, f) => sum + f[i]! * f[j]!, 0)),
      );
      const linear = vector();
      const columns = linear.map((_, j) => j);
      const rows = Array.from({ length: random.index(9) }, () => {
        const bound = draw();
        const kind = random.index(3);
        return {
          columns,
          values: vector(),
          lower: kind === 1 ? undefined : bound,
          upper: kind === 2 ? undefined : kind === 0 ? bound : bound + 2,
        };
      });
      const lower = linear.map(() => (random.uniform() < 0.5 ? -Infinity : -random.index(3)));
      const upper = linear.map(() => (random.uniform() < 0.5 ? Infinity : random.index(4)));
      const solved = quadraticProgram({ quadratic, linear, rows, lower, upper });
      counts[solved.ok ? 'ok' : solved.reason]++;
      if (!solved.ok) continue;
      const slack = 1e-6;
      rows.forEach((row, i) => {
        const value = row.values.reduce((sum, v, j) => sum + v * solved.x[j]!, 0);
        expect(value).toBeGreaterThan((row.lower ?? -Infinity) - slack);
        expect(value).toBeLessThan((row.upper ?? Infinity) + slack);
        if (row.lower !== row.upper && solved.duals[i]! > 1e-5) expect(value).toBeCloseTo(row.lower!, 4);
        if (row.lower !== row.upper && solved.duals[i]! < -1e-5) expect(value).toBeCloseTo(row.upper!, 4);
      });
      // Stationarity, with the multipliers as returned.
      linear.forEach((c, j) => {
        const gradient = quadratic[j]!.reduce((sum, h, k) => sum + h * solved.x[k]!, c);
        const held = rows.reduce((sum, row, i) => sum + row.values[j]! * solved.duals[i]!, 0);
        expect(Math.abs(gradient - held - solved.reducedCosts[j]!)).toBeLessThan(1e-6 * (1 + Math.abs(gradient)));
        if (lower[j]! < solved.x[j]! - 1e-5 && solved.x[j]! < upper[j]! - 1e-5) {
          expect(Math.abs(solved.reducedCosts[j]!)).toBeLessThan(1e-5);
        }
      });
    }
    expect(counts['no-convergence']).toBe(0);
    expect(Math.min(counts.ok, counts.infeasible, counts.unbounded)).toBeGreaterThan(10);
  });

  it('gives what the linear program gives where nothing curves', () => {
    const rows = [
      { columns: [0, 1], values: [1, 2], upper: 4 },
      { columns: [0, 1], values: [3, 1], upper: 6 },
    ];
    const linear = [-1, -1];
    const flat = quadraticProgram({
      quadratic: [
        [0, 0],
        [0, 0],
      ],
      linear,
      rows,
    });
    const lp = linearProgram({ objective: linear, rows });
    if (!flat.ok || !lp.ok) throw new Error('both have an optimum');
    expect(flat.objective).toBeCloseTo(lp.objective, 8);
    flat.duals.forEach((dual, i) => {
      expect(dual).toBeCloseTo(lp.duals[i]!, 8);
    });
  });

  it('prices a bound: the multiplier is the slope of the optimum in it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 3, noNaN: true }), fc.boolean(), (bound, equality) => {
        const at = (b: number) => {
          const solved = quadraticProgram({
            quadratic: [
              [2, 0.5],
              [0.5, 1],
            ],
            linear: [1, -0.3],
            rows: [{ columns: [0, 1], values: [1, 1], lower: b, upper: equality ? b : undefined }],
            lower: infinite(2, -1),
          });
          if (!solved.ok) throw new Error(solved.message);
          return solved;
        };
        const slope = (at(bound + 1e-4).objective - at(bound - 1e-4).objective) / 2e-4;
        expect(at(bound).duals[0]).toBeCloseTo(slope, 6);
      }),
      { numRuns: 30 },
    );
  });

  it('needs no scaling by the caller, bears repeated rows, no rows and a lone variable', () => {
    const row = { columns: [0, 1], values: [1e5, 1e5], lower: 1e5, upper: 1e5 };
    const solved = quadraticProgram({
      quadratic: [
        [1e-8, 0],
        [0, 1e8],
      ],
      linear: [0, 0],
      rows: [row, row, row],
      lower: infinite(2, -1),
    });
    if (!solved.ok) throw new Error(solved.message);
    expect(solved.x[0]).toBeCloseTo(1, 9);
    expect(solved.x[1]! / 1e-16).toBeCloseTo(1, 5);
    const free = quadraticProgram({ quadratic: [[2]], linear: [-3], rows: [], lower: [-Infinity] });
    expect(free).toMatchObject({ ok: true, x: [expect.closeTo(1.5, 12)] });
  });

  it('names a program without an answer', () => {
    const quadratic = [
      [1, -1],
      [-1, 1],
    ];
    const contradiction = [
      { columns: [0], values: [1], upper: 1 },
      { columns: [0], values: [1], lower: 2 },
    ];
    const lower = infinite(2, -1);
    expect(quadraticProgram({ quadratic, linear: [0, 0], rows: contradiction, lower })).toMatchObject({
      ok: false,
      reason: 'infeasible',
    });
    expect(quadraticProgram({ quadratic, linear: [-1, -1], rows: [], lower })).toMatchObject({
      ok: false,
      reason: 'unbounded',
    });
  });

  it('refuses matrices that are not symmetric or not convex, and shapes that differ', () => {
    const rows: [] = [];
    for (const quadratic of [
      [[1]],
      [
        [1, 2],
        [0, 1],
      ],
      [
        [1, 2],
        [2, 1],
      ],
      [
        [0, 1],
        [1, 0],
      ],
      [
        [-1, 0],
        [0, 1],
      ],
      [
        [NaN, 0],
        [0, 1],
      ],
    ]) {
      expect(() => quadraticProgram({ quadratic, linear: [0, 0], rows })).toThrow(InputError);
    }
    const program = { quadratic: [[1]], linear: [1], rows };
    expect(() => quadraticProgram({ ...program, lower: [0, 0] })).toThrow(InputError);
    expect(() => quadraticProgram({ ...program, upper: [NaN] })).toThrow(InputError);
    expect(() => quadraticProgram({ ...program, linear: [Infinity] })).toThrow(InputError);
    expect(() => quadraticProgram({ ...program, rows: [{ columns: [1], values: [1] }] })).toThrow(InputError);
    expect(() => quadraticProgram({ ...program, rows: [{ columns: [0], values: [] }] })).toThrow(InputError);
  });
});
