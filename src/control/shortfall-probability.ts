/**
 * The probability that a portfolio insured at multiplier m ends below its floor because it trades only at steps, or because of jumps.
 *
 *   one step, lognormal   P1 = Phi( [ln((m-1)/m) + r dt - (mu - volatility^2/2) dt] / (volatility sqrt(dt)) )
 *   n steps               1 - (1 - P1)^n
 *   jumps                 1 - exp(-lambda T P(jump <= -1/m))
 *
 * Balder, Brandl and Mahayni, "Effectiveness of CPPI strategies under discrete-time trading" (2009); Cont and Tankov, "Constant
 * proportion portfolio insurance in the presence of jumps in asset prices" (2009).
 */
import { requireFinite, requireNonNegative, requirePositive, requireWithin } from '../check.js';
import { InputError } from '../errors.js';
import { exp, expm1 } from '../math/exponential.js';
import { log1p } from '../math/logarithm.js';
import { inverseNormalCdf, normalCdf } from '../math/normal.js';

export interface GapModel {
  /** Growth rate of the risky asset and of the floor, per year, continuously compounded. */
  drift: number;
  rate: number;
  volatility: number;
  stepYears: number;
  /** Number of steps, 1 or more. */
  steps: number;
}

/** `step` for one step, `total` for all of them; both 0 for multipliers up to 1. Throws InputError on numbers out of range. */
export function localShortfallProbability(i: GapModel & { multiplier: number }): { step: number; total: number } {
  const m = requireNonNegative('multiplier', i.multiplier);
  const { mean, sd, steps } = checked(i);
  if (m <= 1) return { step: 0, total: 0 };
  const step = normalCdf((log1p(-1 / m) - mean) / sd);
  return { step, total: -expm1(steps * log1p(-step)) };
}

/** The multiplier at which the floor breaks within all steps with just that probability; Infinity where none is too large. */
export function multiplierAtShortfall(i: GapModel & { probability: number }): number {
  const total = requirePositive('probability', i.probability);
  if (total >= 1) throw new InputError('probability', total, 'below 1');
  const { mean, sd, steps } = checked(i);
  const step = -expm1(log1p(-total) / steps);
  const loss = mean + sd * inverseNormalCdf(step);
  return loss < 0 ? -1 / expm1(loss) : Infinity;
}

/** Mean and standard deviation of the log return of a step in excess of the floor's. */
function checked(i: GapModel): { mean: number; sd: number; steps: number } {
  const volatility = requirePositive('volatility', i.volatility);
  const dt = requirePositive('stepYears', i.stepYears);
  const excess = requireFinite('drift', i.drift) - requireFinite('rate', i.rate);
  if (!Number.isInteger(i.steps) || i.steps < 1) throw new InputError('steps', i.steps, 'a whole number, 1 or more');
  return { mean: (excess - 0.5 * volatility * volatility) * dt, sd: volatility * Math.sqrt(dt), steps: i.steps };
}

/**
 * With jumps `intensity` times a year on average under otherwise continuous trading; `jumpBelow(x)` is the probability that a jump's
 * simple return is at most x. Throws InputError on numbers out of range or a probability outside [0, 1].
 */
export function jumpShortfallProbability(i: {
  multiplier: number;
  intensity: number;
  years: number;
  jumpBelow: (simpleReturn: number) => number;
}): number {
  const m = requireNonNegative('multiplier', i.multiplier);
  const expected = requireNonNegative('intensity', i.intensity) * requireNonNegative('years', i.years);
  if (m <= 1) return 0;
  return -expm1(-expected * requireWithin('jumpBelow', i.jumpBelow(-1 / m), 0, 1));
}

/** The mean of the value below the floor after one step, in units of the cushion: E max(m (e^(rdt) - S'/S) - e^(rdt), 0). */
export function expectedGap(i: Omit<GapModel, 'steps'> & { multiplier: number }): number {
  const m = requireNonNegative('multiplier', i.multiplier);
  const { sd } = checked({ ...i, steps: 1 });
  if (m <= 1) return 0;
  // A put on the gross return struck where the cushion is gone.
  const strike = (1 - 1 / m) * exp(i.rate * i.stepYears);
  const forward = exp(i.drift * i.stepYears);
  const d2 = (i.drift * i.stepYears - i.rate * i.stepYears - log1p(-1 / m)) / sd - 0.5 * sd;
  return Math.max(m * (strike * normalCdf(-d2) - forward * normalCdf(-d2 - sd)), 0);
}
