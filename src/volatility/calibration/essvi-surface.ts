/**
 * All slices of an eSSVI surface fitted at once, in the box of essvi-wings.ts where every point is free of arbitrage: three variables
 * a slice, started from the slices fitted one after another. A slice that has to give way then does so where it costs least.
 */
import type { Matrix } from '../../math/matrix.js';
import { leastSquares } from '../../math/least-squares/least-squares.js';
import type { LeastSquaresFit, LeastSquaresProblem } from '../../math/least-squares/problem.js';
import { wingCoordinates, wingSlices } from '../smile/essvi-wings.js';
import type { WingSlice } from '../smile/essvi-wings.js';
import { FLATTEST, STEEPEST } from './essvi-slice.js';
import type { FitOptions } from './fit.js';
import type { FitQuotes } from './quotes.js';
import { quoteResidual, quoteSlope } from './svi-objective.js';

export interface EssviSurfaceSearch {
  slices: WingSlice[];
  /** Of (theta, R, L) of each slice. */
  covariances: Matrix[];
  fit: Extract<LeastSquaresFit, { ok: true }>;
}

/** Fits every slice together from `start`; where the search fails, the failure of the engine. */
export function searchEssviSurface(
  quotes: readonly FitQuotes[],
  start: readonly WingSlice[],
  options: Pick<FitOptions, 'engine' | 'loss'>,
): EssviSurfaceSearch | Exclude<LeastSquaresFit, { ok: true }> {
  const n = 3 * quotes.length;
  const rows = quotes.reduce((sum, { count }) => sum + count, 0);
  const toSlices = new Float64Array(n * n);
  const deadzone = quotes.flatMap((slice) => Array.from({ length: slice.count }, (_, i) => slice.deadzone[i] ?? 0));

  const lower = new Array<number>(n).fill(0);
  lower[0] = 1e-9 * start[0]!.theta;
  lower[1] = FLATTEST;
  lower[2] = FLATTEST;
  const problem: LeastSquaresProblem = {
    parameters: n,
    residuals: rows,
    lower,
    deadzone,
    evaluate(x, r) {
      let row = 0;
      const slices = wingSlices(x);
      slices.forEach((slice, s) => {
        // Beyond Lee's bound there is no smile: not a number refuses the step.
        const valid = slice.right <= STEEPEST && slice.left <= STEEPEST;
        const at = quotes[s]!;
        for (let i = 0; i < at.count; i++) r[row++] = valid ? quoteResidual(at, i, wingVariance(slice, at.k[i]!)) : NaN;
      });
    },
    jacobian(x, jacobian) {
      jacobian.fill(0);
      let row = 0;
      wingSlices(x, toSlices).forEach((slice, s) => {
        const at = quotes[s]!;
        const thetaRow = 3 * s * n;
        for (let i = 0; i < at.count; i++, row++) {
          const w = wingVariance(slice, at.k[i]!);
          if (at.target[i] !== at.target[i] && quoteResidual(at, i, w) === 0) continue;
          const slope = quoteSlope(at, i, w);
          const [byTheta, byRight, byLeft] = wingGradient(slice, at.k[i]!);
          for (let j = 0; j < 3 * s + 3; j++) {
            jacobian[row * n + j] =
              slope *
              (byTheta * toSlices[thetaRow + j]! +
                byRight * toSlices[thetaRow + n + j]! +
                byLeft * toSlices[thetaRow + 2 * n + j]!);
          }
        }
      });
    },
  };
  const coordinates = Array.from(wingCoordinates(start), (value, i) => Math.max(value, lower[i]!));
  const fit = leastSquares(problem, {
    start: coordinates,
    engine: options.engine,
    loss: options.loss,
    costTolerance: 1e-10,
    stepTolerance: 1e-10,
  });
  if (!fit.ok) return fit;
  const slices = wingSlices(fit.x, toSlices);
  const covariances = slices.map((_, s) => sandwich(toSlices, 3 * s, n, fit.covariance));
  return { slices, covariances, fit };
}

/** w = (theta + D k + Q) / 2 with D = R - L and Q = sqrt((theta + D k)^2 + 4 R L k^2). */
function wingVariance({ theta, right, left }: WingSlice, k: number): number {
  const line = theta + (right - left) * k;
  const product = 4 * right * left * k * k;
  const q = Math.sqrt(line * line + product);
  return line >= 0 ? 0.5 * (line + q) : (0.5 * product) / (q - line);
}

/** dw / d(theta, R, L) */
function wingGradient({ theta, right, left }: WingSlice, k: number): [number, number, number] {
  const line = theta + (right - left) * k;
  const inverse = 1 / Math.sqrt(line * line + 4 * right * left * k * k);
  const bySkew = 0.5 * k * (1 + theta * inverse);
  const bySum = 0.5 * (right + left) * k * k * inverse;
  return [0.5 * (1 + line * inverse), bySum + bySkew, bySum - bySkew];
}

/** B C B' of the three rows of B that begin at `row`. */
function sandwich(b: Float64Array, row: number, n: number, c: Matrix): Matrix {
  const half = [0, 1, 2].map((i) => c.map((line) => line.reduce((sum, v, j) => sum + v * b[(row + i) * n + j]!, 0)));
  return [0, 1, 2].map((i) =>
    [0, 1, 2].map((other) => half[i]!.reduce((sum, v, j) => sum + v * b[(row + other) * n + j]!, 0)),
  );
}
