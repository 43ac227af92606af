import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { leastSquares } from '../../../src/math/least-squares/least-squares.js';
import { CAUCHY_SCALE, HUBER_LIMIT, lossInfluence, lossValue } from '../../../src/math/least-squares/loss.js';
import type { LeastSquaresProblem } from '../../../src/math/least-squares/problem.js';

const losses = ['l2', 'huber', 'cauchy', 'spread-deadzone'] as const;

/** A straight line through (t_i, y_i). */
function line(t: number[], y: number[]): LeastSquaresProblem {
  return {
    parameters: 2,
    residuals: t.length,
    evaluate: (x, r) => {
      t.forEach((value, i) => (r[i] = x[0]! + x[1]! * value - y[i]!));
    },
    jacobian: (_, j) => {
      t.forEach((value, i) => {
        j[2 * i] = 1;
        j[2 * i + 1] = value;
      });
    },
  };
}

/** y = x0 exp(-x1 t), as in a discharge. */
function decay(t: number[], y: number[]): LeastSquaresProblem {
  return {
    parameters: 2,
    residuals: t.length,
    evaluate: (x, r) => {
      t.forEach((value, i) => (r[i] = x[0]! * Math.exp(-x[1]! * value) - y[i]!));
    },
    jacobian: (x, j) => {
      t.forEach((value, i) => {
        j[2 * i] = Math.exp(-x[1]! * value);
        j[2 * i + 1] = -value * x[0]! * Math.exp(-x[1]! * value);
      });
    },
  };
}

/** Rows of a linear problem A x = b. */
function linear(a: number[][], b: number[], lower?: number[], upper?: number[]): LeastSquaresProblem {
  const n = a[0]!.length;
  return {
    parameters: n,
    residuals: b.length,
    evaluate: (x, r) => {
      a.forEach((row, i) => (r[i] = row.reduce((sum, value, j) => sum + value * x[j]!, -b[i]!)));
    },
    jacobian: (_, j) => {
      a.forEach((row, i) => {
        row.forEach((value, c) => (j[i * n + c] = value));
      });
    },
    lower,
    upper,
  };
}

const times = Array.from({ length: 21 }, (_, i) => i / 10);

describe('leastSquares', () => {
  it('fits a line exactly as the normal equations do, with their covariance', () => {
    const t = [0, 1, 2, 3, 4];
    const fit = leastSquares(line(t, [1.1, 2.9, 5.2, 7.1, 8.8]), { start: [0, 0] });
    expect(fit.ok).toBe(true);
    if (!fit.ok) return;
    expect(fit.x[0]).toBeCloseTo(1.1, 12);
    expect(fit.x[1]).toBeCloseTo(1.96, 12);
    // (J'J)^-1 for n = 5, sum t = 10, sum t^2 = 30; chi-square per degree of freedom is below one.
    expect(fit.covariance[0]![0]).toBeCloseTo(30 / 50, 12);
    expect(fit.covariance[0]![1]).toBeCloseTo(-10 / 50, 12);
    expect(fit.covariance[1]![1]).toBeCloseTo(5 / 50, 12);
    expect(fit.active).toEqual([]);
  });

  it.each(['trust-region', 'ml'] as const)('%s finds a decay without noise, with and without derivatives', (engine) => {
    const problem = decay(
      times,
      times.map((t) => 3 * Math.exp(-1.7 * t)),
    );
    for (const jacobian of [problem.jacobian, undefined]) {
      const fit = leastSquares({ ...problem, jacobian }, { start: [1, 0.1], engine });
      expect(fit.ok).toBe(true);
      if (!fit.ok) continue;
      expect(fit.x[0]).toBeCloseTo(3, 9);
      expect(fit.x[1]).toBeCloseTo(1.7, 9);
    }
  });

  it('agrees between the engines, for every loss', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.5, max: 5, noNaN: true }),
        fc.double({ min: 0.2, max: 2, noNaN: true }),
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 21, maxLength: 21 }),
        fc.constantFrom('l2' as const, 'huber' as const),
        (height, rate, noise, loss) => {
          const data = times.map((t, i) => (height * Math.exp(-rate * t) + 0.02 * noise[i]!) / 0.02);
          const problem = decay(times, data);
          const start = [height / 0.02, rate * 1.3];
          const ours = leastSquares(problem, { start, loss });
          const theirs = leastSquares(problem, { start, loss, engine: 'ml', maxIterations: 2000 });
          expect(ours.ok && theirs.ok).toBe(true);
          if (!ours.ok || !theirs.ok) return;
          expect(Math.abs(ours.cost - theirs.cost)).toBeLessThanOrEqual(1e-9 * (1 + ours.cost));
          for (let j = 0; j < 2; j++) expect(Math.abs(ours.x[j]! / theirs.x[j]! - 1)).toBeLessThan(1e-5);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('meets the Karush-Kuhn-Tucker conditions in a box, inside which it stays', () => {
    const number = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }).chain((n) =>
          fc.record({
            a: fc.array(fc.array(number, { minLength: n, maxLength: n }), { minLength: n + 3, maxLength: n + 3 }),
            b: fc.array(number, { minLength: n + 3, maxLength: n + 3 }),
            width: fc.array(fc.double({ min: 0.05, max: 1, noNaN: true }), { minLength: n, maxLength: n }),
          }),
        ),
        ({ a, b, width }) => {
          const n = width.length;
          // A unit block keeps the problem well posed.
          const rows = [...a, ...width.map((_, j) => width.map((__, c) => (c === j ? 1 : 0)))];
          const right = [...b, ...width.map(() => 0)];
          const lower = width.map((w) => -w);
          const problem = linear(rows, right, lower, width);
          const fit = leastSquares(problem, { start: width.map(() => 0) });
          expect(fit.ok).toBe(true);
          if (!fit.ok) return;
          const r = new Float64Array(right.length);
          problem.evaluate(fit.x, r);
          for (let j = 0; j < n; j++) {
            expect(fit.x[j]).toBeGreaterThanOrEqual(lower[j]!);
            expect(fit.x[j]).toBeLessThanOrEqual(width[j]!);
            const gradient = rows.reduce((sum, row, i) => sum + row[j]! * r[i]!, 0);
            if (fit.x[j] === lower[j]) expect(gradient).toBeGreaterThan(-1e-6);
            else if (fit.x[j] === width[j]) expect(gradient).toBeLessThan(1e-6);
            else expect(Math.abs(gradient)).toBeLessThan(1e-6);
            if (fit.active.includes(j)) expect(fit.covariance[j]![j]).toBe(0);
            else expect(fit.covariance[j]![j]).toBeGreaterThan(0);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is not misled by entries whose squares underflow', () => {
    const width = [0.05, 0.05, 0.05, 0.05, 0.05, 0.05];
    const rows = [
      [0, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0],
      [0, 0, -6.833641691065763e-65, -2.0423688070537285, 0, 3.0319970062685657e-49],
      [0, 0, 0, 0, 0, -1.818002753328658e-102],
      [0, -1.5862136483222808e-117, 2.784465982421506e-133, 2.9951148030375556, 0, 0],
      [0, 0, 0, 0, 0, 0],
      [0, 0, 3.2619107129388555e-104, 0, -1.1161634147801347e-117, 0],
      [0, 0, 0, 5.593164408552491e-82, -1.2765539394252797e-75, 0],
      [2.8401721883330945e-161, 8.697811489577594e-164, 0.7338332900942002, 0, 0, 0],
      ...width.map((_, j) => width.map((__, c) => (c === j ? 1 : 0))),
    ];
    const right = rows.map(() => 0);
    const problem = linear(
      rows,
      right,
      width.map((w) => -w),
      width,
    );
    const fit = leastSquares(problem, { start: width.map(() => 0) });
    expect(fit.ok).toBe(true);
    expect(fit.ok && fit.condition).toBeLessThan(3);
  });

  it('leaves a bound that the minimum does not want, though the start lies on it', () => {
    const problem = {
      ...decay(
        times,
        times.map((t) => 3 * Math.exp(-1.7 * t)),
      ),
      lower: [0, 0],
      upper: [10, 1.5],
    };
    const fit = leastSquares(problem, { start: [0, 1.5] });
    expect(fit.ok).toBe(true);
    if (!fit.ok) return;
    expect(fit.active).toEqual([1]);
    expect(fit.x[1]).toBe(1.5);
  });

  it('steps back from points where the residuals are not finite', () => {
    // ln(x) = 0 from far away: a full Newton step from 20 lands below zero.
    const fit = leastSquares(
      { parameters: 1, residuals: 1, evaluate: (x, r) => (r[0] = Math.log(x[0]!)) },
      { start: [20] },
    );
    expect(fit.ok).toBe(true);
    if (fit.ok) expect(fit.x[0]).toBeCloseTo(1, 10);
  });

  it('gives the same bits for the same input', () => {
    const problem = decay(
      times,
      times.map((t) => 3 * Math.exp(-1.7 * t) + Math.sin(9 * t) / 50),
    );
    const one = leastSquares(problem, { start: [1, 0.1], loss: 'cauchy' });
    const two = leastSquares(problem, { start: [1, 0.1], loss: 'cauchy' });
    expect(one).toEqual(two);
  });

  it.each(['huber', 'cauchy'] as const)('%s is not moved by an outlier as least squares is', (loss) => {
    const data = times.map((t) => 2 + 3 * t);
    data[15] = 500;
    const fit = leastSquares(line(times, data), { start: [2, 3], loss });
    const plain = leastSquares(line(times, data), { start: [2, 3] });
    expect(fit.ok && plain.ok).toBe(true);
    if (!fit.ok || !plain.ok) return;
    expect(Math.abs(fit.x[0]! + fit.x[1]! * 2 - 8)).toBeLessThan(0.5);
    expect(Math.abs(plain.x[0]! + plain.x[1]! * 2 - 8)).toBeGreaterThan(10);
  });

  it('lets a residual inside its dead zone pull a hundredth as hard', () => {
    const data = [0, 10];
    const constant: LeastSquaresProblem = {
      parameters: 1,
      residuals: 2,
      evaluate: (x, r) => {
        data.forEach((y, i) => (r[i] = x[0]! - y));
      },
      deadzone: [20, 0],
    };
    const fit = leastSquares(constant, { start: [0], loss: 'spread-deadzone' });
    // 0.01 x + 1.01 (x - 10) = 0
    expect(fit.ok && fit.x[0]).toBeCloseTo(10.1 / 1.02, 10);
  });

  describe('names what went wrong', () => {
    const problem = line([0, 1, 2], [0, 1, 2]);
    it('not finite at the start', () => {
      const bad = leastSquares(
        { parameters: 1, residuals: 1, evaluate: (x, r) => (r[0] = Math.sqrt(x[0]!)) },
        { start: [-1] },
      );
      expect(bad).toMatchObject({ ok: false, reason: 'not-finite-at-start' });
      const ml = leastSquares(
        { parameters: 1, residuals: 1, evaluate: (x, r) => (r[0] = Math.sqrt(x[0]!)) },
        { start: [-1], engine: 'ml' },
      );
      expect(ml).toMatchObject({ ok: false, reason: 'not-finite-at-start' });
    });
    it('rank deficient', () => {
      expect(leastSquares(line([1, 1, 1], [0, 1, 2]), { start: [0, 0] })).toMatchObject({
        ok: false,
        reason: 'rank-deficient',
      });
      expect(leastSquares(line([1], [2]), { start: [0, 0] })).toMatchObject({ ok: false, reason: 'rank-deficient' });
    });
    it('no convergence', () => {
      const fit = leastSquares(
        decay(
          times,
          times.map((t) => 3 * Math.exp(-1.7 * t)),
        ),
        { start: [1, 0.1], maxIterations: 2 },
      );
      expect(fit).toMatchObject({ ok: false, reason: 'no-convergence', value: 2, limit: 2 });
      const broken = leastSquares({ ...problem, jacobian: (_, j) => j.fill(NaN) }, { start: [0, 0] });
      expect(broken).toMatchObject({ ok: false, reason: 'no-convergence' });
    });
    it.each([
      ['start', () => leastSquares(problem, { start: [1] })],
      ['start[1]', () => leastSquares({ ...problem, upper: [5, 5] }, { start: [1, 6] })],
      ['start[0]', () => leastSquares(problem, { start: [NaN, 0] })],
      ['lower', () => leastSquares({ ...problem, lower: [1] }, { start: [1, 1] })],
      ['lower[0]', () => leastSquares({ ...problem, lower: [2, 0], upper: [1, 1] }, { start: [1, 1] })],
      ['parameters', () => leastSquares({ ...problem, parameters: 0 }, { start: [] })],
      ['residuals', () => leastSquares({ ...problem, residuals: 0.5 }, { start: [1, 1] })],
      ['costTolerance', () => leastSquares(problem, { start: [1, 1], costTolerance: -1 })],
      ['maxIterations', () => leastSquares(problem, { start: [1, 1], maxIterations: 0 })],
      ['engine', () => leastSquares(problem, { start: [1, 1], engine: 'other' as 'ml' })],
      ['loss', () => leastSquares(problem, { start: [1, 1], loss: 'other' as 'l2' })],
      ['deadzone', () => leastSquares({ ...problem, deadzone: [1] }, { start: [1, 1] })],
    ])('%s', (field, call) => {
      let thrown: unknown;
      try {
        call();
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(InputError);
      expect((thrown as InputError).field).toBe(field);
    });
  });
});

describe('losses', () => {
  it.each(losses)('%s: the influence is half the derivative of the loss, and both are zero at zero', (loss) => {
    expect(lossValue(loss, 0)).toBe(0);
    expect(lossInfluence(loss, 0)).toBe(0);
    for (const r of [-7, -2, -1, -0.3, 0.2, 1, 1.5, 2, 4, 30]) {
      const h = 1e-5;
      const slope = (lossValue(loss, r + h) - lossValue(loss, r - h)) / (2 * h);
      expect(lossInfluence(loss, r)).toBeCloseTo(slope / 2, 7);
      expect(lossValue(loss, r)).toBe(lossValue(loss, -r));
    }
  });
  it('joins its pieces', () => {
    expect(lossValue('huber', HUBER_LIMIT)).toBeCloseTo(HUBER_LIMIT ** 2, 14);
    expect(lossValue('cauchy', 1e-3)).toBeCloseTo(1e-6, 11);
    expect(lossValue('cauchy', CAUCHY_SCALE)).toBeCloseTo(CAUCHY_SCALE ** 2 * Math.LN2, 12);
    expect(lossValue('spread-deadzone', 3, 2)).toBeCloseTo(1 + 0.09, 14);
  });
});
