import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { linearProgram } from '../../src/math/linear-program.js';
import type { LinearProgram, LinearProgramResult } from '../../src/math/linear-program.js';
import { seededRandom } from '../../src/math/random.js';

type Solution = Extract<LinearProgramResult, { ok: true }>;

function solved(program: LinearProgram): Solution {
  const result = linearProgram(program);
  if (!result.ok) throw new Error(`expected an optimum, got ${result.reason}`);
  return result;
}

/** A dense row. */
const row = (values: number[], lower = -Infinity, upper = Infinity) => ({
  columns: values.map((_, j) => j),
  values,
  lower,
  upper,
});

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);

/** Bounds, signs of the duals, complementary slackness and the gap, each against the size of the program. */
function expectOptimal(program: LinearProgram, solution: Solution, tolerance = 1e-7): void {
  const n = program.objective.length;
  const { x, duals, reducedCosts, objective, gap } = solution;
  const between = (value: number, lower: number, upper: number, price: number, size: number): void => {
    const slack = tolerance * size;
    expect(value).toBeGreaterThanOrEqual(lower - slack);
    expect(value).toBeLessThanOrEqual(upper + slack);
    if (price > tolerance) expect(Math.abs(value - lower)).toBeLessThan(slack);
    if (price < -tolerance) expect(Math.abs(value - upper)).toBeLessThan(slack);
  };
  for (let j = 0; j < n; j++) {
    between(x[j]!, program.lower?.[j] ?? 0, program.upper?.[j] ?? Infinity, reducedCosts[j]!, 1 + Math.abs(x[j]!));
  }
  const costs = Array.from(program.objective);
  program.rows.forEach(({ columns, values, lower = -Infinity, upper = Infinity }, i) => {
    const terms = Array.from(columns, (j, e) => values[e]! * x[j]!);
    const size = terms.reduce((sum, term) => sum + Math.abs(term), 1);
    between(
      terms.reduce((sum, term) => sum + term, 0),
      lower,
      upper,
      duals[i]!,
      size,
    );
    Array.from(columns).forEach((j, e) => (costs[j]! -= values[e]! * duals[i]!));
  });
  costs.forEach((cost, j) => {
    expect(Math.abs(cost - reducedCosts[j]!)).toBeLessThan(tolerance * (1 + Math.abs(program.objective[j]!)));
  });
  expect(objective).toBeCloseTo(dot(program.objective, x), 9);
  expect(Math.abs(gap)).toBeLessThan(tolerance * (1 + Math.abs(objective)));
}

describe('known programs', () => {
  it('two products, three plants (Hillier and Lieberman, the Wyndor example)', () => {
    const program = {
      objective: [-3, -5],
      rows: [row([1, 0], -Infinity, 4), row([0, 2], -Infinity, 12), row([3, 2], -Infinity, 18)],
    };
    const solution = solved(program);
    expect(solution.x).toEqual([2, 6]);
    expect(solution.objective).toBe(-36);
    expect(solution.duals.map((y) => y + 0)).toEqual([0, -1.5, -1]);
    expect(solution.reducedCosts).toEqual([0, 0]);
    expect(solution.gap).toBe(0);
  });

  it('the diet of least cost: prices of the nutrients', () => {
    const program = { objective: [2, 3], rows: [row([1, 2], 10), row([3, 1], 12)] };
    const solution = solved(program);
    expectOptimal(program, solution, 1e-11);
    expect(solution.x.map((v) => Math.round(v * 1e10) / 1e10)).toEqual([2.8, 3.6]);
    expect(dot(solution.duals, [10, 12])).toBeCloseTo(16.4, 10);
  });

  it('equal rows, free variables, variables with an upper bound only and with both', () => {
    const program: LinearProgram = {
      objective: [1, -2, 0.5, -1],
      rows: [row([1, 1, 1, 0], 3, 3), row([1, -1, 0, 1], -4, 6)],
      lower: [-Infinity, -Infinity, -2, 0],
      upper: [Infinity, 5, 2, 1],
    };
    const solution = solved(program);
    expectOptimal(program, solution, 1e-11);
    expect(solution.objective).toBeCloseTo(-12, 10);
    expect(solution.x.map((v) => Math.round(v * 1e9) / 1e9)).toEqual([0, 5, -2, 1]);
  });

  it('a free variable between absolute values: the median', () => {
    const points = [3, -1, 8, 2, 10];
    // min sum |z - p|: variables z free, then the excess and the shortfall of each point.
    const rows = points.map((p, i) => ({ columns: [0, 1 + 2 * i, 2 + 2 * i], values: [1, -1, 1], lower: p, upper: p }));
    const objective = [0, ...points.flatMap(() => [1, 1])];
    const lower = [-Infinity, ...points.flatMap(() => [0, 0])];
    const solution = solved({ objective, rows, lower });
    expect(solution.x[0]).toBe(3);
    expect(solution.objective).toBe(4 + 5 + 1 + 7);
    expectOptimal({ objective, rows, lower }, solution, 1e-11);
  });

  it('no rows, no variables', () => {
    expect(solved({ objective: [1, -1], rows: [], upper: [5, 5] }).x).toEqual([0, 5]);
    expect(solved({ objective: [], rows: [] }).objective).toBe(0);
    expect(solved({ objective: [], rows: [row([], -1, 1)] }).duals).toEqual([0]);
  });

  it('entries of the same column add up', () => {
    const solution = solved({ objective: [1], rows: [{ columns: [0, 0], values: [1, 1], lower: 3 }] });
    expect(solution.x).toEqual([1.5]);
    expect(solution.duals).toEqual([0.5]);
  });
});

describe('degenerate programs', () => {
  it("Beale's example, on which the textbook rule cycles", () => {
    const program = {
      objective: [-0.75, 150, -0.02, 6],
      rows: [
        row([0.25, -60, -0.04, 9], -Infinity, 0),
        row([0.5, -90, -0.02, 3], -Infinity, 0),
        row([0, 0, 1, 0], -Infinity, 1),
      ],
    };
    const solution = solved(program);
    expect(solution.objective).toBeCloseTo(-0.05, 10);
    expectOptimal(program, solution, 1e-10);
  });

  it.each([3, 6, 10])('Klee and Minty cube in %i dimensions', (n) => {
    const rows = Array.from({ length: n }, (_, i) =>
      row(
        Array.from({ length: n }, (_, j) => (j < i ? 2 ** (i - j + 1) : j === i ? 1 : 0)),
        -Infinity,
        5 ** (i + 1),
      ),
    );
    const program = { objective: Array.from({ length: n }, (_, j) => -(2 ** (n - 1 - j))), rows };
    const solution = solved(program);
    expect(solution.objective).toBeCloseTo(-(5 ** n), 4);
    expectOptimal(program, solution);
  });

  it('rows many times over and a vertex where all of them meet', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 6 }), (a) => {
        const rows = [0, 1, 2, 3].flatMap(() => [
          row(a, 1),
          row(
            a.map((value) => 2 * value),
            2,
          ),
          row(
            a.map(() => 1),
            0,
          ),
        ]);
        const program = { objective: a, rows };
        const solution = solved(program);
        expect(solution.objective).toBeCloseTo(1, 10);
        expectOptimal(program, solution, 1e-10);
      }),
    );
  });

  it('a transport plan: supplies and demands as equal rows that depend on each other', () => {
    const cost = [
      [4, 6, 9],
      [5, 3, 8],
    ];
    const supply = [40, 50];
    const demand = [30, 30, 30];
    const rows = [
      ...supply.map((s, i) =>
        row(
          [0, 1].flatMap((a) => demand.map(() => (a === i ? 1 : 0))),
          s,
          s,
        ),
      ),
      ...demand.map((d, j) =>
        row(
          [0, 1].flatMap(() => demand.map((_, b) => (b === j ? 1 : 0))),
          d,
          d,
        ),
      ),
    ];
    const program = { objective: cost.flat(), rows };
    const solution = solved(program);
    expect(solution.objective).toBeCloseTo(4 * 30 + 3 * 30 + 9 * 10 + 8 * 20, 9);
    expectOptimal(program, solution, 1e-9);
  });
});

describe('a bound far from everything', () => {
  /** Least expected shortfall of three assets over scenarios: weights, the quantile, excesses, and a variable that is not needed. */
  const shortfall = (width: number, cost = 0): LinearProgram => {
    const random = seededRandom(1);
    const scenarios = Array.from({ length: 60 }, () => [0, 0, 0].map(() => 0.002 + 0.05 * random.normal()));
    return {
      objective: [0, 0, 0, 1, ...scenarios.map(() => 1 / 3), cost],
      rows: [
        ...scenarios.map((returns, s) => ({ columns: [0, 1, 2, 3, 4 + s], values: [...returns, 1, 1], lower: 0 })),
        { columns: [0, 1, 2], values: [1, 1, 1], lower: 1, upper: 1 },
        { columns: [3, 64], values: [1, 1], lower: -1 },
      ],
      lower: [0, 0, 0, -Infinity, ...scenarios.map(() => 0), 0],
      upper: [...new Array<number>(64).fill(Infinity), width],
    };
  };
  const widths = [10, 1e3, 1e6, 1e9, 1e12, 1e15];
  const free = solved(shortfall(Infinity)).objective;

  it.each(widths)('a width of %d that binds nothing leaves every digit of the rest', (width) => {
    const { objective, gap } = solved(shortfall(width));
    expect(Math.abs(objective - free)).toBeLessThan(1e-11);
    expect(Math.abs(gap)).toBeLessThan(1e-11);
  });

  // The solver's own digits are shared between the bound and the rest: beyond 1e9 fewer are left.
  it.each([10, 1e3, 1e6, 1e9])('a width of %d that binds is kept, with its price', (width) => {
    const program = shortfall(width, -1 / width);
    const { x, objective, reducedCosts } = solved(program);
    expect(x[64]! / width).toBeCloseTo(1, 9);
    expect(objective).toBeCloseTo(free - 1, 7);
    expect(reducedCosts[64]! * width).toBeCloseTo(-1, 7);
  });

  it.each(widths)('a row that lets a sum reach %d takes nothing either', (width) => {
    const program = shortfall(Infinity);
    const rows = [...program.rows, { columns: [0, 1, 3], values: [1, 1, 1], lower: -width, upper: width }];
    const { objective, duals } = solved({ ...program, rows });
    expect(Math.abs(objective - free)).toBeLessThan(1e-11);
    expect(duals[62]).toBeCloseTo(0, 12);
  });

  it.each(widths)('beside %d a small contradiction is still one', (width) => {
    const rows = [row([1, 1, 0], 1.001), row([1, 0, 0], -Infinity, 0.5), row([0, 1, 0], -Infinity, 0.5)];
    const program = { objective: [1, 1, 1], rows, upper: [Infinity, Infinity, width] };
    expect(linearProgram(program)).toMatchObject({ ok: false, reason: 'infeasible' });
  });
});

describe('no answer', () => {
  it.each<[string, LinearProgram]>([
    ['rows that exclude each other', { objective: [1], rows: [row([1], 2), row([1], -Infinity, 1)] }],
    ['a row its variables cannot reach', { objective: [0, 0], rows: [row([-1, -1], 1)] }],
    ['bounds in the wrong order', { objective: [1], rows: [], lower: [2], upper: [1] }],
    ['a row in the wrong order', { objective: [1], rows: [row([1], 2, 1)] }],
    ['a row without entries', { objective: [1], rows: [row([0], 1)] }],
    ['both infeasible and unbounded below', { objective: [-1, 0], rows: [row([0, -1], 1)] }],
  ])('%s: infeasible', (_, program) => {
    expect(linearProgram(program)).toMatchObject({ ok: false, reason: 'infeasible' });
  });

  it.each<[string, LinearProgram]>([
    ['a variable with a price', { objective: [-1], rows: [] }],
    ['a free variable', { objective: [1], rows: [row([1], -Infinity, 3)], lower: [-Infinity] }],
    ['a direction between rows', { objective: [-1, -1], rows: [row([1, -1], -1, 1)] }],
  ])('%s: unbounded', (_, program) => {
    expect(linearProgram(program)).toMatchObject({ ok: false, reason: 'unbounded' });
  });

  it('random programs with a contradiction hidden in a sum of rows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 4, maxLength: 4 }), {
          minLength: 2,
          maxLength: 6,
        }),
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 6, maxLength: 6 }),
        (matrix, weights) => {
          // sum of weights (row_i x >= 1) together with (sum of weights row_i) x <= 0 cannot hold.
          const sum = [0, 1, 2, 3].map((j) => matrix.reduce((s, r, i) => s + weights[i]! * r[j]!, 0));
          const rows = [...matrix.map((r) => row(r, 1)), row(sum, -Infinity, 0)];
          const lower = [0, 1, 2, 3].map(() => -Infinity);
          expect(linearProgram({ objective: [1, 2, 3, 4], rows, lower })).toMatchObject({
            ok: false,
            reason: 'infeasible',
          });
        },
      ),
    );
  });
});

/** A program with a known feasible point, bounded because its variables are. */
const boundedProgram = fc
  .record({
    n: fc.integer({ min: 1, max: 12 }),
    m: fc.integer({ min: 0, max: 16 }),
    seed: fc.array(fc.integer({ min: -12, max: 12 }), { minLength: 600, maxLength: 600 }),
  })
  .map(({ n, m, seed }) => {
    let at = 0;
    const next = (): number => seed[at++ % seed.length]!;
    const point = Array.from({ length: n }, () => next() / 4);
    const kind = (): number => Math.abs(next()) % 4;
    const rows = Array.from({ length: m }, () => {
      const values = Array.from({ length: n }, () => (kind() === 0 ? 0 : next()));
      const value = dot(values, point);
      const shape = kind();
      const from = shape === 0 ? value : shape === 1 ? -Infinity : value - Math.abs(next());
      const to = shape === 0 ? value : shape === 2 ? Infinity : value + Math.abs(next());
      return row(values, from, to);
    });
    const program: LinearProgram = {
      objective: Array.from({ length: n }, next),
      rows,
      lower: point.map((value) => value - Math.abs(next())),
      upper: point.map((value) => value + Math.abs(next())),
    };
    return { program, point };
  });

describe('random programs', () => {
  it('strong duality, signs of the duals and complementary slackness', () => {
    fc.assert(
      fc.property(boundedProgram, ({ program, point }) => {
        const solution = solved(program);
        expectOptimal(program, solution);
        expect(solution.objective).toBeLessThanOrEqual(dot(program.objective, point) + 1e-7);
      }),
      { numRuns: 400 },
    );
  });

  it('the same program in other units has the same answer', () => {
    fc.assert(
      fc.property(
        boundedProgram,
        fc.array(fc.integer({ min: -10, max: 10 }), { minLength: 12, maxLength: 12 }),
        fc.array(fc.integer({ min: -10, max: 10 }), { minLength: 16, maxLength: 16 }),
        ({ program }, columns, rows) => {
          const unit = (j: number): number => 2 ** columns[j]!;
          const scaled: LinearProgram = {
            objective: Array.from(program.objective, (c, j) => c * unit(j)),
            rows: program.rows.map(({ values, lower, upper }, i) => {
              const s = 2 ** rows[i]!;
              return row(
                Array.from(values, (value, j) => value * unit(j) * s),
                lower! * s,
                upper! * s,
              );
            }),
            lower: Array.from(program.lower!, (value, j) => value / unit(j)),
            upper: Array.from(program.upper!, (value, j) => value / unit(j)),
          };
          expect(Math.abs(solved(scaled).objective - solved(program).objective)).toBeLessThan(1e-6);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('a covering program and the packing program that is its dual', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 8, maxLength: 8 }), {
          minLength: 1,
          maxLength: 20,
        }),
        (matrix) => {
          const covered = matrix.filter((r) => r.some((value) => value > 0));
          const cover = solved({ objective: [1, 2, 3, 4, 5, 6, 7, 8], rows: covered.map((r) => row(r, 1)) });
          const pack = solved({
            objective: covered.map(() => -1),
            rows: [1, 2, 3, 4, 5, 6, 7, 8].map((cost, j) =>
              row(
                covered.map((r) => r[j]!),
                -Infinity,
                cost,
              ),
            ),
          });
          expect(cover.objective).toBeCloseTo(-pack.objective, 8);
        },
      ),
    );
  });
});

describe('wrong arguments', () => {
  it.each<[string, LinearProgram]>([
    ['objective[1]', { objective: [1, NaN], rows: [] }],
    ['rows[0].values.length', { objective: [1], rows: [{ columns: [0], values: [1, 2] }] }],
    ['rows[0].values[0]', { objective: [1], rows: [{ columns: [0], values: [Infinity] }] }],
    ['rows[0].columns[0]', { objective: [1], rows: [{ columns: [1], values: [1] }] }],
    ['rows[0].columns[0]', { objective: [1], rows: [{ columns: [0.5], values: [1] }] }],
    ['rows[0].lower', { objective: [1], rows: [{ columns: [0], values: [1], lower: NaN }] }],
    ['rows[0].upper', { objective: [1], rows: [{ columns: [0], values: [1], upper: -Infinity }] }],
    ['lower.length', { objective: [1], rows: [], lower: [0, 0] }],
    ['upper[0]', { objective: [1], rows: [], upper: [NaN] }],
    ['rows', { objective: [1], rows: {} as [] }],
  ])('%s', (field, program) => {
    expect(() => linearProgram(program)).toThrow(InputError);
    expect(() => linearProgram(program)).toThrow(expect.objectContaining({ field }));
  });
});
