/**
 * The one interface of non-linear least squares: minimise half the sum of squared residuals over a box.
 * Two engines stand behind it: `trust-region` (ours) and `ml` (the ml-levenberg-marquardt package).
 */
import type { Failure } from '../../errors.js';
import type { Matrix } from '../matrix.js';

export interface LeastSquaresProblem {
  /** Number of parameters. */
  parameters: number;
  /** Number of residuals. */
  residuals: number;
  /** Writes the residuals at x into r (length `residuals`), already divided by their standard deviations. */
  evaluate(x: Float64Array, r: Float64Array): void;
  /** Writes dr/dx at x into j: row-major, `residuals` rows of `parameters`. Forward differences where it is missing. */
  jacobian?: ((x: Float64Array, j: Float64Array) => void) | undefined;
  lower?: number[] | undefined;
  upper?: number[] | undefined;
  /** Linear inequalities that x satisfies besides its bounds; engine 'trust-region' only. */
  inequalities?: LinearInequalities | undefined;
  /** Half-width of each residual's dead zone, for the loss 'spread-deadzone'; sqrt(3) where it is missing. */
  deadzone?: ArrayLike<number> | undefined;
}

/** rows x <= upper, row by row. */
export interface LinearInequalities {
  rows: Matrix;
  upper: number[];
}

export type Engine = 'trust-region' | 'ml';
export type Loss = 'l2' | 'huber' | 'cauchy' | 'spread-deadzone';
export type Termination = 'gradient' | 'step' | 'cost' | 'iterations';

export interface LeastSquaresOptions {
  start: number[];
  engine?: Engine | undefined;
  costTolerance?: number | undefined;
  stepTolerance?: number | undefined;
  gradientTolerance?: number | undefined;
  maxIterations?: number | undefined;
  loss?: Loss | undefined;
}

export type LeastSquaresFit =
  | {
      ok: true;
      x: Float64Array;
      /** Half the sum of (robust) squared residuals. */
      cost: number;
      covariance: Matrix;
      /** Condition number of the column-scaled Jacobian. */
      condition: number;
      /** Indices of parameters at a bound. */
      active: number[];
      /** Indices of the inequalities that hold x, where the problem has any. */
      activeRows?: number[] | undefined;
      iterations: number;
      termination: Termination;
    }
  | Failure<'not-finite-at-start' | 'rank-deficient' | 'no-convergence'>;
