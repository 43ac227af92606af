/**
 * Leverage that shrinks as an account falls from its peak, so that the value never falls below a part of the peak.
 *
 *   L = k (V - alpha M) / V,   M the running maximum of V
 *
 * This is constant-proportion insurance with the floor alpha M: it holds as long as no single step loses more than 1/k of the
 * exposure. Grossman and Zhou, "Optimal investment strategies for controlling drawdowns" (1993).
 */
import { requireArray, requireFinite, requireNonNegative, requirePositive, requireWithin } from '../check.js';
import { InputError } from '../errors.js';

/**
 * `alpha` in [0, 1) is the part of the peak to keep, `multiplier` k. `binding` is 'floor' where nothing above the floor is left and
 * the target is 0. Throws InputError on a value or peak not above 0, or a value above its peak.
 */
export function drawdownLeverage(i: { value: number; peak: number; alpha: number; multiplier: number }): {
  target: number;
  binding: 'none' | 'floor';
} {
  const value = requirePositive('value', i.value);
  const peak = requirePositive('peak', i.peak);
  if (value > peak) throw new InputError('value', value, `at most the peak, ${peak}`);
  const alpha = requireWithin('alpha', i.alpha, 0, 1);
  const multiplier = requireNonNegative('multiplier', i.multiplier);
  const cushion = value - alpha * peak;
  return cushion > 0 ? { target: (multiplier * cushion) / value, binding: 'none' } : { target: 0, binding: 'floor' };
}

/** From this drawdown on, leverage is multiplied by `scale`. */
export interface DrawdownRung {
  drawdown: number;
  scale: number;
}

/**
 * The stepwise alternative: the scale of the last rung whose drawdown has been reached, 1 before the first. `drawdown` is 1 - V/M.
 * Throws InputError where rungs do not rise in drawdown and fall in scale within [0, 1].
 */
export function drawdownScale(drawdown: number, rungs: readonly DrawdownRung[]): number {
  const depth = requireFinite('drawdown', drawdown);
  requireArray('rungs', rungs);
  let scale = 1;
  rungs.forEach((rung, k) => {
    const before = rungs[k - 1];
    requireWithin(`rungs[${k}].drawdown`, rung.drawdown, before?.drawdown ?? 0, 1);
    requireWithin(`rungs[${k}].scale`, rung.scale, 0, before?.scale ?? 1);
    if (depth >= rung.drawdown) scale = rung.scale;
  });
  return scale;
}
