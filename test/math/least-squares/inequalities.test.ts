/** Least squares under linear inequalities: the conditions of Karush, Kuhn and Tucker, quadratic programs, NIST sets with a row added. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { leastSquares } from '../../../src/math/least-squares/least-squares.js';
import type { LeastSquaresProblem, LinearInequalities } from '../../../src/math/least-squares/problem.js';
import { quadraticProgram } from '../../../src/math/quadratic-program.js';
import { correctDigits, hasNistData, nistFolder, nistSets } from './nist-data.js';

/** r = A x - b, made a little non-linear by `bend`. */
function bentLinear(a: number[][], b: number[], bend: number): LeastSquaresProblem {
  const n = a[0]!.length;
  const inner = (row: number[], x: ArrayLike<number>): number => row.reduce((sum, v, j) => sum + v * x[j]!, 0);
  return {
    parameters: n,
    residuals: b.length,
    evaluate: (x, r) => {
      a.forEach((row, i) => {
        const u = inner(row, x);
        r[i] = u + bend * Math.sin(u) - b[i]!;
      });
    },
    jacobian: (x, jacobian) => {
      a.forEach((row, i) => {
        const slope = 1 + bend * Math.cos(inner(row, x));
        row.forEach((v, j) => (jacobian[i * n + j] = slope * v));
      });
    },
  };
}

function solved(problem: LeastSquaresProblem, start: number[]) {
  const fit = leastSquares(problem, { start });
  if (!fit.ok) throw new Error(fit.message);
  return fit;
}

function costAt(problem: LeastSquaresProblem, x: Float64Array): number {
  const r = new Float64Array(problem.residuals);
  problem.evaluate(x, r);
  return r.reduce((sum, value) => sum + value * value, 0) / 2;
}

function rowsAt({ rows, upper }: LinearInequalities, x: ArrayLike<number>): number[] {
  return rows.map((row, i) => row.reduce((sum, v, j) => sum + v * x[j]!, -upper[i]!));
}

/** Thousandths: with zeros and ties, without numbers that only rounding sees. */
const number = (limit: number, least = -limit): fc.Arbitrary<number> =>
  fc.integer({ min: 1000 * least, max: 1000 * limit }).map((value) => value / 1000);
const problems = fc.integer({ min: 2, max: 5 }).chain((n) =>
  fc.record({
    a: fc.array(fc.array(number(2), { minLength: n, maxLength: n }), { minLength: n + 3, maxLength: n + 3 }),
    b: fc.array(number(3), { minLength: n + 3, maxLength: n + 3 }),
    g: fc.array(fc.array(number(1), { minLength: n, maxLength: n }), { minLength: 1, maxLength: 4 }),
    room: fc.array(number(1, 0), { minLength: 4, maxLength: 4 }),
    sides: fc.array(fc.array(number(1), { minLength: n, maxLength: n }), { minLength: 40, maxLength: 40 }),
  }),
);

/** A diagonal keeps every problem determined; 0 is feasible. */
function prepare({ a, b, g, room }: { a: number[][]; b: number[]; g: number[][]; room: number[] }) {
  const n = g[0]!.length;
  const matrix = a.map((row, i) => row.map((v, j) => (i === j ? v + 4 : v)));
  const rows = g.map((row, i) => row.map((v, j) => (j === i % n ? v + 1.5 : v)));
  return { n, matrix, b, inequalities: { rows, upper: rows.map((_, i) => room[i]!) } };
}

describe('under linear inequalities', () => {
  it('a linear problem has the answer of the quadratic program', () => {
    fc.assert(
      fc.property(problems, (drawn) => {
        const { n, matrix, b, inequalities } = prepare(drawn);
        const lower = new Array<number>(n).fill(-0.4);
        const upper = new Array<number>(n).fill(0.3);
        const fit = solved({ ...bentLinear(matrix, b, 0), inequalities, lower, upper }, new Array<number>(n).fill(0));
        const sum = (f: (row: number[], i: number) => number): number =>
          matrix.reduce((total, row, i) => total + f(row, i), 0);
        const indices = Array.from({ length: n }, (_, j) => j);
        const program = quadraticProgram({
          quadratic: indices.map((i) => indices.map((j) => sum((row) => row[i]! * row[j]!))),
          linear: indices.map((j) => -sum((row, i) => row[j]! * b[i]!)),
          rows: inequalities.rows.map((row, i) => ({
            columns: indices,
            values: row,
            upper: inequalities.upper[i]!,
          })),
          lower,
          upper,
        });
        if (!program.ok) throw new Error(program.message);
        program.x.forEach((value, j) => {
          expect(Math.abs(fit.x[j]! - value)).toBeLessThan(1e-7);
        });
      }),
      { numRuns: 200 },
    );
  });

  it('the result is feasible, stationary up to multipliers of the right sign, and no feasible point nearby is better', () => {
    fc.assert(
      fc.property(problems, (drawn) => {
        const { n, matrix, b, inequalities } = prepare(drawn);
        const problem = { ...bentLinear(matrix, b, 0.4), inequalities };
        const fit = solved(problem, new Array<number>(n).fill(0));
        const values = rowsAt(inequalities, fit.x);
        values.forEach((value, i) => {
          expect(value).toBeLessThan(1e-11);
          if (fit.activeRows!.includes(i)) expect(value).toBeGreaterThan(-1e-11);
        });
        for (const length of [1e-1, 1e-3, 1e-5]) {
          for (const side of drawn.sides) {
            const near = fit.x.map((value, j) => value + length * side[j]!);
            if (rowsAt(inequalities, near).some((value) => value > 0)) continue;
            expect(costAt(problem, near)).toBeGreaterThanOrEqual(fit.cost * (1 - 1e-12) - 1e-18);
          }
        }
        // -gradient = the active rows by multipliers that are not negative: a quadratic program of its own.
        const r = new Float64Array(problem.residuals);
        const jacobian = new Float64Array(problem.residuals * n);
        problem.evaluate(fit.x, r);
        problem.jacobian!(fit.x, jacobian);
        const gradient = Array.from({ length: n }, (_, j) =>
          r.reduce((s, value, i) => s + value * jacobian[i * n + j]!, 0),
        );
        const size = Math.hypot(...gradient, 1);
        const active = fit.activeRows!.map((i) => inequalities.rows[i]!);
        if (active.length === 0) {
          expect(Math.hypot(...gradient)).toBeLessThan(1e-6 * size);
          return;
        }
        const program = quadraticProgram({
          quadratic: active.map((row) => active.map((other) => row.reduce((s, v, j) => s + v * other[j]!, 0))),
          linear: active.map((row) => row.reduce((s, v, j) => s + v * gradient[j]!, 0)),
          rows: [],
          lower: active.map(() => 0),
        });
        if (!program.ok) throw new Error(program.message);
        const left = gradient.map((value, j) => active.reduce((s, row, i) => s + program.x[i]! * row[j]!, value));
        expect(Math.hypot(...left)).toBeLessThan(1e-6 * size);
      }),
      { numRuns: 200 },
    );
  });

  it('a row across one variable is a bound, with its covariance', () => {
    const problem = bentLinear([[1, 2], [3, -1], [0.5, 1], [2, 2]], [4, 1, 3, 5], 0.2); // prettier-ignore
    const byRow = solved({ ...problem, inequalities: { rows: [[2, 0]], upper: [1] } }, [0, 0]);
    const byBound = solved({ ...problem, upper: [0.5, Infinity] }, [0, 0]);
    expect(byRow.activeRows).toEqual([0]);
    expect(byBound.active).toEqual([0]);
    byBound.x.forEach((value, j) => {
      expect(byRow.x[j]).toBeCloseTo(value, 12);
    });
    byBound.covariance.forEach((row, i) => {
      row.forEach((value, j) => {
        expect(byRow.covariance[i]![j]).toBeCloseTo(value, 12);
      });
    });
  });

  it('moves along a row to a better corner', () => {
    // Nearest to (2, 1) under x + y <= 1, x <= 0.75 and from the corner (0, 1).
    const fit = solved(
      { ...bentLinear([[1, 0], [0, 1], [0, 0]], [2, 1, 0], 0), inequalities: { rows: [[1, 1], [1, 0]], upper: [1, 0.75] } }, // prettier-ignore
      [0, 1],
    );
    expect(fit.x[0]).toBeCloseTo(0.75, 12);
    expect(fit.x[1]).toBeCloseTo(0.25, 12);
    expect(fit.activeRows).toEqual([0, 1]);
    expect(fit.covariance).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it('rows without effect change nothing', () => {
    const problem = bentLinear([[1, 2], [3, -1], [0.5, 1], [2, 2]], [4, 1, 3, 5], 0.2); // prettier-ignore
    const free = solved(problem, [0, 0]);
    const loose = solved({ ...problem, inequalities: { rows: [[1, 1]], upper: [100] } }, [0, 0]);
    loose.x.forEach((value, j) => {
      expect(value).toBeCloseTo(free.x[j]!, 11);
    });
    expect(loose.activeRows).toEqual([]);
    expect(free.activeRows).toBeUndefined();
  });

  const one = bentLinear([[1, 0], [0, 1]], [1, 1], 0); // prettier-ignore
  it.each([
    ['inequalities.upper', { rows: [[1, 1]], upper: [] }, {}],
    ['inequalities.rows[0]', { rows: [[1]], upper: [1] }, {}],
    ['inequalities.rows[0]', { rows: [[0, 0]], upper: [1] }, {}],
    ['inequalities.rows[0]', { rows: [[1, NaN]], upper: [1] }, {}],
    ['inequalities.upper[0]', { rows: [[1, 1]], upper: [Infinity] }, {}],
    ['start', { rows: [[1, 1]], upper: [-1] }, {}],
    ['inequalities', { rows: [[1, 1]], upper: [1] }, { engine: 'ml' as const }],
  ])('bad %s are refused', (field, inequalities, options) => {
    const call = (): unknown => leastSquares({ ...one, inequalities }, { start: [0, 0], ...options });
    expect(call).toThrow(InputError);
    expect(call).toThrow(field);
  });
});

describe.skipIf(!hasNistData)(`NIST sets with a row added (skipped where ${nistFolder} is missing)`, () => {
  const names = ['Misra1a', 'Chwirut2', 'DanWood', 'Misra1d', 'Rat42', 'Thurber'];
  const sets = hasNistData ? nistSets().filter(({ name }) => names.includes(name)) : [];

  it.each(sets)('$name: on the row, the fit with that parameter replaced', ({ problem, certified }) => {
    const n = problem.parameters;
    // The sum of the parameters in units of the certified ones, held a hundredth below what they have.
    const upper = 0.99 * n;
    const inequalities = { rows: [certified.map((value) => 1 / value)], upper: [upper] };
    const start = certified.map((value) => 0.98 * value);
    const fit = solved({ ...problem, inequalities }, start);
    expect(fit.activeRows).toEqual([0]);
    const last = (x: ArrayLike<number>): number =>
      certified[n - 1]! * certified.slice(0, -1).reduce((sum, value, j) => sum - x[j]! / value, upper);
    const whole = (x: Float64Array): Float64Array => Float64Array.from([...x, last(x)]);
    const full = new Float64Array(problem.residuals * n);
    const reduced: LeastSquaresProblem = {
      parameters: n - 1,
      residuals: problem.residuals,
      evaluate: (x, r) => {
        problem.evaluate(whole(x), r);
      },
      jacobian: (x, jacobian) => {
        problem.jacobian!(whole(x), full);
        for (let i = 0; i < problem.residuals; i++) {
          for (let j = 0; j < n - 1; j++) {
            jacobian[i * (n - 1) + j] = full[i * n + j]! - (full[i * n + n - 1]! * certified[n - 1]!) / certified[j]!;
          }
        }
      },
    };
    const expected = solved(reduced, start.slice(0, -1));
    expect(correctDigits(fit.x, Array.from(whole(expected.x)))).toBeGreaterThan(6);
    for (let i = 0; i < n - 1; i++) {
      expect(fit.covariance[i]![i]! / expected.covariance[i]![i]!).toBeCloseTo(1, 5);
    }
  });
});
