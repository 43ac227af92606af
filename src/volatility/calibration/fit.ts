/** What every calibration takes and gives back. */
import type { Failure, Rejection } from '../../errors.js';
import type { Instant } from '../../market/quote.js';
import type { SliceInput } from '../../market/slice.js';
import type { Engine, Loss, Termination } from '../../math/least-squares/problem.js';
import type { Matrix } from '../../math/matrix.js';
import type { Certificate } from '../arbitrage/certificate.js';
import type { SmileParameters, SsviSlice, SviParameters } from '../smile/parameters.js';

export type ModelName = 'svi' | 'essvi' | 'ssvi' | 'sabr';

export interface FitOptions {
  /** Default 'trust-region'. */
  engine?: Engine | undefined;
  arbitrage?: 'certify' | 'report' | undefined;
  /** Default 'l2'. */
  loss?: Loss | undefined;
  start?: SmileParameters | undefined;
  /** SABR's exponent, fixed in the fit. */
  beta?: number | undefined;
  /** Default 'spread': 1 / standardDeviation. */
  weights?: 'spread' | 'equal' | 'vega' | undefined;
  /** Weights each quote also by its distance to the neighbouring strikes, so that a cluster of strikes does not dominate. */
  densityCorrection?: boolean | undefined;
  /** SABR's expansion; with 'normal' the slice's volatilities are normal ones. */
  form?: 'obloj' | 'hagan' | 'normal' | undefined;
  /** SABR's displacement. */
  shift?: number | undefined;
  /** What the residual is measured in. Default 'volatility'. */
  space?: 'volatility' | 'variance' | 'price' | undefined;
}

/** What a fit minimised, as far as its slice and its parameters do not tell. */
export interface FitObjective extends Pick<FitOptions, 'loss' | 'weights' | 'densityCorrection' | 'space' | 'form'> {
  /** SABR: alpha was eliminated by the volatility at the forward. */
  exactAtm?: boolean | undefined;
  /** eSSVI: the slice of the expiry before, which bounds this one. */
  before?: SsviSlice | undefined;
  /** SVI moved by certification: the fit it was, and what its cost counted for beside its neighbours'. */
  moved?: { from: SviParameters; weight: number } | undefined;
}

export interface FitDiagnostics {
  /** Root mean square of model less target volatility, in basis points (1e-4). */
  rmseBp: number;
  maxErrorBp: number;
  /** The same root mean square with each error divided by its quote's half-spread. */
  rmseHalfSpreads: number;
  /** Share of two-sided quotes whose bid-ask interval holds the model volatility. */
  shareInsideSpread: number;
  quotesUsed: number;
  chiSquarePerDof: number;
  /** Condition number of the column-scaled Jacobian. */
  condition: number;
  /** The direction the quotes determine least, by parameter name; unit length. */
  weakDirection: Record<string, number>;
  atBound: string[];
  iterations: number;
  starts: number;
  termination: Termination;
  /** What the quotes were too few to tell and the expiries it was taken from. */
  borrowed?: { parameters: string[]; from: Instant[] } | undefined;
  /** Timing is the caller's. */
  milliseconds?: never;
}

export interface SliceFit<P = SmileParameters> {
  ok: true;
  model: ModelName;
  parameters: P;
  parameterNames: string[];
  /** In the order of parameterNames. */
  covariance: Matrix;
  interval95: Record<string, [number, number]>;
  input: SliceInput;
  /** Needed to differentiate the fit; least squares of volatilities by their standard deviations where missing. */
  objective?: FitObjective | undefined;
  /** Model less target volatility, in basis points; NaN where the quote is only a bound. */
  residualBp: number[];
  residualHalfSpreads: number[];
  diagnostics: FitDiagnostics;
  butterfly?: Certificate | undefined;
  rejected: Rejection[];
}

export type FitFailure = Failure<
  'too-few-quotes' | 'no-convergence' | 'not-certifiable' | 'empty-chain' | 'american-not-de-americanised'
> & { rejected: Rejection[] };
