/**
 * The fit of an expiry whose prices stay while time passes. A price tells total variance, not volatility:
 *
 *   w(k) stays,   volatility * c,   c = sqrt(T before / T now)
 *
 * SVI and SSVI are total variances and keep their parameters. SABR keeps its own with alpha * c, nu * c: z, rho and the products
 * alpha^2 T, alpha nu T and nu^2 T of its expansion stay. (The deviation's floor of one basis point is scaled with the rest.)
 */
import { varianceTime, yearFraction } from '../../market/clock.js';
import type { VarianceClock } from '../../market/clock.js';
import type { Instant } from '../../market/quote.js';
import type { SliceInput } from '../../market/slice.js';
import type { Matrix } from '../../math/matrix.js';
import { isSabr } from '../smile/smile.js';
import type { SliceFit } from './fit.js';

/** The quotes of an expiry as they are at `asOf`, before it: the same prices, the volatilities they then imply. */
export function carriedInput(input: SliceInput, asOf: Instant, clock: VarianceClock): SliceInput {
  const timeToExpiry = yearFraction(asOf, input.expiry);
  if (timeToExpiry === input.timeToExpiry) return input;
  const scale = Math.sqrt(input.timeToExpiry / timeToExpiry);
  const scaled = (values: readonly number[]): number[] => values.map((value) => scale * value);
  return {
    ...input,
    timeToExpiry,
    varianceTime: varianceTime(clock, asOf, input.expiry),
    volatilityBid: scaled(input.volatilityBid),
    volatilityAsk: scaled(input.volatilityAsk),
    volatility: scaled(input.volatility),
    standardDeviation: scaled(input.standardDeviation),
  };
}

/** The fit of `carriedInput`; that of SABR without its certificate, which was of other parameters. */
export function carriedFit(fit: SliceFit, asOf: Instant, clock: VarianceClock): SliceFit {
  const input = carriedInput(fit.input, asOf, clock);
  if (input === fit.input) return fit;
  const scale = Math.sqrt(fit.input.timeToExpiry / input.timeToExpiry);
  const carried: SliceFit = {
    ...fit,
    input,
    residualBp: fit.residualBp.map((value) => scale * value),
    diagnostics: {
      ...fit.diagnostics,
      rmseBp: scale * fit.diagnostics.rmseBp,
      maxErrorBp: scale * fit.diagnostics.maxErrorBp,
    },
  };
  const { parameters: p } = fit;
  if (!isSabr(p)) return carried;
  const scales = fit.parameterNames.map((name) => (name === 'rho' ? 1 : scale));
  const covariance: Matrix = fit.covariance.map((row, i) => row.map((value, j) => scales[i]! * scales[j]! * value));
  const interval95 = Object.fromEntries(
    fit.parameterNames.map((name, i): [string, [number, number]] => {
      const [low, high] = fit.interval95[name]!;
      return [name, [scales[i]! * low, scales[i]! * high]];
    }),
  );
  const parameters = { ...p, timeToExpiry: input.timeToExpiry, alpha: scale * p.alpha, nu: scale * p.nu };
  return { ...carried, parameters, covariance, interval95, butterfly: undefined };
}
