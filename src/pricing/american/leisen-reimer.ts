/**
 * The binomial tree of Leisen and Reimer: probabilities by Peizer and Pratt's inversion, so that the strike stays at the centre of the
 * last step and the error falls like 1/n without waves; two trees are extrapolated. An independent check of the other engines.
 *
 *   p = P(d2, n), p' = P(d1, n),  u = e^(b dt) p'/p,  d = e^(b dt) (1 - p')/(1 - p),   n odd
 *   P(z, n) = 1/2 + sign(z)/2 sqrt(1 - e^(-(z / (n + 1/3 + 1/(10(n + 1))))^2 (n + 1/6)))
 *
 * Cash dividends of the affine models: the tree is that of S - D, and exercise takes S, before the dividend on an ex-date. Steps
 * ought to meet the ex-dates; where they do not the error is of the order of a step. A call exercised on an early ex-date alone leaves
 * waves of some 1e-5 of the strike at 1500 steps: a check, not an engine. Leisen and Reimer (1996).
 */
import { InputError } from '../../errors.js';
import { exp, expm1 } from '../../math/exponential.js';
import { log } from '../../math/logarithm.js';
import { escrowAt, type DividendSchedule } from './dividends.js';
import type { DifferenceProblem } from './finite-difference.js';

function peizerPratt(z: number, n: number): number {
  const ratio = z / (n + 1 / 3 + 0.1 / (n + 1));
  return 0.5 + 0.5 * Math.sign(z) * Math.sqrt(-expm1(-ratio * ratio * (n + 1 / 6)));
}

/** One tree of `steps` steps, an odd number. */
export function leisenReimerTree(problem: DifferenceProblem, steps: number): number {
  const { isCall, spot, strike, timeToExpiry, volatility, rate, dividendYield, dividends, exercise } = problem;
  if (!(Number.isInteger(steps) && steps % 2 === 1 && steps > 0)) throw new InputError('steps', steps, 'an odd number');
  if (dividends?.model === 'spot') throw new InputError('dividendModel', 'spot', 'affine or escrowed for a tree');
  const omega = isCall ? 1 : -1;
  const carry = rate - dividendYield;
  const random = spot - (dividends?.escrow ?? 0);
  const strikeLeft = strike - (dividends?.escrowAtExpiry ?? 0);
  const s = volatility * Math.sqrt(timeToExpiry);
  const dt = timeToExpiry / steps;
  const instant = 1e-9 * timeToExpiry;
  const z = strikeLeft > 0 ? (log(random / strikeLeft) + carry * timeToExpiry) / s : 6;
  const p = peizerPratt(z - 0.5 * s, steps);
  const p1 = peizerPratt(z + 0.5 * s, steps);
  const up = exp(carry * dt) * (p1 / p);
  const down = exp(carry * dt) * ((1 - p1) / (1 - p));
  const discountUp = exp(-rate * dt) * p;
  const discountDown = exp(-rate * dt) * (1 - p);
  const values = new Float64Array(steps + 1);
  const ratio = up / down;
  let level = random * exp(steps * log(down));
  const atExpiry = dividends?.escrowAtExpiry ?? 0;
  for (let j = 0; j <= steps; j++) {
    values[j] = Math.max(omega * (level + atExpiry - strike), 0);
    level *= ratio;
  }
  for (let step = steps; step >= 0; step--) {
    if (step < steps) {
      for (let j = 0; j <= step; j++) values[j] = discountUp * values[j + 1]! + discountDown * values[j]!;
    }
    if (exercise === 'european') continue;
    const t = step * dt;
    const lowest = random * exp(step * log(down));
    const after = dividends === undefined ? 0 : escrowAt(dividends, carry, t + instant);
    const paid = dividends === undefined ? 0 : amountNear(dividends, t, instant);
    // Just after the ex-date and, where this is one, with the dividend just before it.
    for (const dividend of paid > 0 ? [0, paid] : [0]) {
      const cash = after + dividend - strike;
      level = lowest;
      for (let j = 0; j <= step; j++) {
        const exercised = omega * (level + cash);
        if (exercised > values[j]!) values[j] = exercised;
        level *= ratio;
      }
    }
  }
  return values[0]!;
}

/** Cash paid within an instant of t. */
function amountNear({ times, amounts }: DividendSchedule, t: number, instant: number): number {
  return times.reduce((sum, time, i) => (Math.abs(time - t) <= instant ? sum + amounts[i]! : sum), 0);
}

/** Extrapolated from trees of n and 3n steps (n odd), which meet the same ex-dates, to no error of order 1/n. */
export function leisenReimer(problem: DifferenceProblem, steps = 501): number {
  return 1.5 * leisenReimerTree(problem, 3 * steps) - 0.5 * leisenReimerTree(problem, steps);
}
