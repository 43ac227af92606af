/**
 * All slices of an eSSVI surface fitted at once, in the box of essvi-wings.ts where every point is free of arbitrage: three variables
 * a slice, started from the slices fitted one after another. A slice that has to give way then does so where it costs least.
 *
 * The quotes of slice s enter only through its (theta, R, L) =: y_s, and y_s only through the coordinates of slices 0 to s. So the
 * quotes are summed into ten numbers a slice, g_s and H_s, before the large problem is met: its gradient is the sum of B_s' g_s and
 * its Gauss-Newton matrix that of B_s' H_s B_s, with B_s = dy_s/dx of 3 rows.
 */
import { leastSquares } from '../../math/least-squares/least-squares.js';
import { normalSearch } from '../../math/least-squares/normal-search.js';
import type { NormalSearch } from '../../math/least-squares/normal-search.js';
import type { LeastSquaresFit, LeastSquaresProblem } from '../../math/least-squares/problem.js';
import { wingCoordinates, wingSlices } from '../smile/essvi-wings.js';
import type { WingSlice } from '../smile/essvi-wings.js';
import type { FitOptions } from './fit.js';
import type { FitQuotes } from './quotes.js';
import { FLATTEST, STEEPEST, WING_NORMAL, wingNormal, wingResiduals, wingSlopes } from './wing-normal.js';

export interface EssviSurfaceSearch extends NormalSearch {
  slices: WingSlice[];
}

/** Fits every slice together from `start`, slices that satisfy the conditions; where the ml engine fails, its failure. */
export function searchEssviSurface(
  quotes: readonly FitQuotes[],
  start: readonly WingSlice[],
  options: Pick<FitOptions, 'engine' | 'loss'>,
): EssviSurfaceSearch | Exclude<LeastSquaresFit, { ok: true }> {
  const problem = essviSurfaceProblem(quotes, start);
  const x = startingPoint(problem, start);
  if (options.engine === 'ml') {
    const { loss } = options;
    const fit = leastSquares(problem, { start: x, engine: 'ml', loss, costTolerance: 1e-10, stepTolerance: 1e-10 });
    if (!fit.ok) return fit;
    const { cost, iterations, termination } = fit;
    return { cost, iterations, termination, slices: wingSlices(fit.x) };
  }
  const point = Float64Array.from(x);
  const search = normalSearch(
    x.length,
    surfaceNormal(quotes),
    point,
    Float64Array.from(problem.lower!),
    new Float64Array(x.length).fill(Infinity),
    { firstLambda: 1e-3, maxIterations: 200, leastCost: 1e-24 * problem.residuals },
  );
  return { ...search, slices: wingSlices(point) };
}

/** Cost, gradient and Gauss-Newton matrix in the coordinates of the surface. */
function surfaceNormal(quotes: readonly FitQuotes[]): (x: Float64Array, normal: Float64Array) => number {
  const n = 3 * quotes.length;
  const toSlices = new Float64Array(n * n);
  const ofSlice = new Float64Array(WING_NORMAL);
  const product = new Float64Array(n * 3);
  return (x, normal) => {
    normal.fill(0);
    let cost = 0;
    const slices = wingSlices(x, toSlices);
    for (let s = 0; s < slices.length; s++) {
      const { theta, right, left } = slices[s]!;
      // Beyond Lee's bound there is no smile: an infinite cost refuses the step.
      if (!(right <= STEEPEST && left <= STEEPEST)) return Infinity;
      cost += wingNormal(quotes[s]!, theta, right, left, ofSlice);
      if (cost === Infinity) return Infinity;
      const [, g0, g1, g2, h00, h10, h11, h20, h21, h22] = ofSlice as unknown as SliceNumbers;
      const row = 3 * s * n;
      const columns = 3 * s + 3;
      for (let i = 0; i < columns; i++) {
        const b0 = toSlices[row + i]!;
        const b1 = toSlices[row + n + i]!;
        const b2 = toSlices[row + 2 * n + i]!;
        normal[1 + i]! += b0 * g0 + b1 * g1 + b2 * g2;
        product[3 * i] = b0 * h00 + b1 * h10 + b2 * h20;
        product[3 * i + 1] = b0 * h10 + b1 * h11 + b2 * h21;
        product[3 * i + 2] = b0 * h20 + b1 * h21 + b2 * h22;
      }
      let at = 1 + n;
      for (let i = 0; i < columns; i++) {
        const p0 = product[3 * i]!;
        const p1 = product[3 * i + 1]!;
        const p2 = product[3 * i + 2]!;
        for (let j = 0; j <= i; j++) {
          normal[at++]! += p0 * toSlices[row + j]! + p1 * toSlices[row + n + j]! + p2 * toSlices[row + 2 * n + j]!;
        }
      }
    }
    normal[0] = cost;
    return cost;
  };
}

/** What wingNormal writes. */
type SliceNumbers = [number, number, number, number, number, number, number, number, number, number];

/** The coordinates of `start`, inside the box. */
function startingPoint(problem: LeastSquaresProblem, start: readonly WingSlice[]): number[] {
  return Array.from(wingCoordinates(start), (value, i) => Math.max(value, problem.lower![i]!));
}

/** The same fit quote by quote, for a general engine. */
export function essviSurfaceProblem(quotes: readonly FitQuotes[], start: readonly WingSlice[]): LeastSquaresProblem {
  const n = 3 * quotes.length;
  const toSlices = new Float64Array(n * n);
  const slopes = new Float64Array(3);
  const lower = new Array<number>(n).fill(0);
  lower[0] = 1e-9 * start[0]!.theta;
  lower[1] = FLATTEST;
  lower[2] = FLATTEST;
  return {
    parameters: n,
    residuals: quotes.reduce((sum, { count }) => sum + count, 0),
    lower,
    deadzone: quotes.flatMap((slice) => Array.from({ length: slice.count }, (_, i) => slice.deadzone[i] ?? 0)),
    evaluate(x, r) {
      let row = 0;
      wingSlices(x).forEach((slice, s) => {
        wingResiduals(quotes[s]!, slice, r, row);
        row += quotes[s]!.count;
      });
    },
    jacobian(x, jacobian) {
      jacobian.fill(0);
      let row = 0;
      wingSlices(x, toSlices).forEach((slice, s) => {
        const thetaRow = 3 * s * n;
        for (let i = 0; i < quotes[s]!.count; i++, row++) {
          wingSlopes(quotes[s]!, slice, i, slopes);
          for (let j = 0; j < 3 * s + 3; j++) {
            jacobian[row * n + j] =
              slopes[0]! * toSlices[thetaRow + j]! +
              slopes[1]! * toSlices[thetaRow + n + j]! +
              slopes[2]! * toSlices[thetaRow + 2 * n + j]!;
          }
        }
      });
    },
  };
}
