/**
 * A fitted smile around its parameters, as jets in the variables the fit left free and, last, in t: the total variance at each
 * quote's strike when the forward is multiplied by e^t, and the parameters themselves.
 *
 *   SVI     (a, R, L, m, ln sigma), R = b (1 + rho), L = b (1 - rho); on the floor of the variance a = v - sigma sqrt(R L)
 *   eSSVI   (theta, R, L), the wing slopes of w; theta is at its least value for (R, L) where a condition against arbitrage holds it
 *   SABR    (alpha, rho, nu), or (rho, nu) with alpha from the volatility at the forward, which is then a variable before t
 *
 * Variables at a bound are constants, but for SVI's m, whose bound moves with the quotes.
 */
import { InputError } from '../../errors.js';
import { add, constant, divide, exp, multiply, scale, shift, sqrt, subtract, variable } from '../../math/jet.js';
import type { Jet } from '../../math/jet.js';
import { log } from '../../math/logarithm.js';
import { leastSlope, leastTheta, toWingSlice } from '../smile/essvi-wings.js';
import type { SabrParameters, SsviSlice, SviParameters } from '../smile/parameters.js';
import { sabrAlphaJet, sabrVolatilityJet } from '../smile/sabr-jet.js';
import { isSabr, isSsvi, isSvi } from '../smile/smile.js';
import type { SliceFit } from './fit.js';
import { FLATTEST, STEEPEST } from './wing-normal.js';

export interface SmileJets {
  /** Number of free variables, which come first. */
  free: number;
  /** Whether the volatility at the forward is a variable of its own, between the free ones and t. */
  hasLevel: boolean;
  /** In the order of the fit's parameterNames. */
  parameters: Jet[];
  /** Total variance at the strike whose log-moneyness is k at t = 0. */
  variance(k: number): Jet;
}

/** The jets of a fit. Throws InputError on parameters of no known smile. */
export function smileJets(fit: SliceFit): SmileJets {
  const { parameters } = fit;
  if (isSvi(parameters)) return sviJets(parameters, fit.diagnostics.atBound);
  if (isSsvi(parameters)) return essviJets(parameters, fit.objective?.before);
  if (isSabr(parameters)) return sabrJets(parameters, fit);
  throw new InputError('fit.parameters', parameters, 'those of SVI, of an SSVI slice or of SABR');
}

/** The variables that are not held, then `more`, then t; what is held is a constant. */
function variables(
  held: readonly boolean[],
  more = 0,
): { free: number; t: Jet; place: (j: number, value: number) => Jet; extra: (value: number) => Jet } {
  const free = held.filter((at) => !at).length;
  const count = free + more + 1;
  return {
    free,
    t: variable(count, count - 1, 0),
    place: (j, value) =>
      held[j] === true ? constant(count, value) : variable(count, held.slice(0, j).filter((at) => !at).length, value),
    extra: (value) => variable(count, free, value),
  };
}

/** Raw SVI as jets in its free variables and, last, one more that it does not depend on. */
export interface SviJets {
  free: number;
  level: Jet;
  right: Jet;
  left: Jet;
  centre: Jet;
  width: Jet;
}

/** By the names that a fit's diagnostics have for bounds, in the order of the variables. */
export const SVI_BOUNDS = ['minimum variance', 'b(1+rho)', 'b(1-rho)', 'm', 'sigma'] as const;

/** `held` says which of (a, R, L, m, ln sigma) are at a bound; of a, that the least variance is. */
export function sviVariables({ a, b, rho, m, sigma }: SviParameters, held: readonly boolean[]): SviJets {
  const { free, place } = variables(held);
  const right = place(1, b * (1 + rho));
  const left = place(2, b * (1 - rho));
  const width = exp(place(4, log(sigma)));
  const floor = a + b * sigma * Math.sqrt((1 - rho) * (1 + rho));
  const level = held[0] === true ? shift(scale(multiply(width, sqrt(multiply(right, left))), -1), floor) : place(0, a);
  return { free, level, right, left, centre: place(3, m), width };
}

/** The jets of an SVI slice with the bounds of these names. */
export function sviJets(p: SviParameters, atBound: readonly string[]): SmileJets {
  const held = SVI_BOUNDS.map((name) => atBound.includes(name));
  const { free, level, right, left, centre: own, width } = sviVariables(p, held);
  const t = variable(free + 1, free, 0);
  const centre = held[3] === true ? subtract(own, t) : own;
  const slope = add(right, left);
  const tilt = subtract(right, left);
  const square = multiply(width, width);
  return {
    free,
    hasLevel: false,
    parameters: [level, scale(slope, 0.5), divide(tilt, slope), centre, width],
    variance(k) {
      const u = shift(scale(add(t, centre), -1), k);
      const z = sqrt(add(multiply(u, u), square));
      return add(level, scale(add(multiply(slope, z), multiply(tilt, u)), 0.5));
    },
  };
}

/** Within this part of a bound a slice is on it. */
const ON_BOUND = 1e-12;

function essviJets(parameters: SsviSlice, before: SsviSlice | undefined): SmileJets {
  const wings = toWingSlice(parameters);
  const earlier = before && toWingSlice(before);
  const isHeld = (slope: number, least: number): boolean =>
    slope - least <= ON_BOUND * slope || slope >= STEEPEST * (1 - ON_BOUND);
  const least = leastTheta(wings.right, wings.left, earlier);
  const held = [
    wings.theta - least <= ON_BOUND * wings.theta,
    isHeld(wings.right, earlier === undefined ? FLATTEST : leastSlope(earlier.right)),
    isHeld(wings.left, earlier === undefined ? FLATTEST : leastSlope(earlier.left)),
  ];
  const { free, t, place } = variables(held);
  const right = place(1, wings.right);
  const left = place(2, wings.left);
  const sum = add(right, left);
  const tilt = subtract(right, left);
  let theta: Jet;
  if (held[0] === true) {
    const byCalendar = earlier === undefined ? 0 : earlier.theta / (earlier.right + earlier.left);
    const steeper = wings.right >= wings.left ? right : left;
    const bound = byCalendar > 0.5 * steeper[0]! ? sum : multiply(sum, steeper);
    theta = scale(bound, wings.theta / bound[0]!);
  } else theta = place(0, wings.theta);
  const steep = scale(multiply(right, left), 4);
  return {
    free,
    hasLevel: false,
    parameters: [theta, divide(tilt, sum), divide(sum, theta)],
    variance(k) {
      const moneyness = shift(scale(t, -1), k);
      const line = add(theta, multiply(tilt, moneyness));
      const bend = multiply(steep, multiply(moneyness, moneyness));
      const q = sqrt(add(multiply(line, line), bend));
      return line[0]! >= 0 ? scale(add(line, q), 0.5) : scale(divide(bend, subtract(q, line)), 0.5);
    },
  };
}

function sabrJets(p: SabrParameters, fit: SliceFit): SmileJets {
  const { atBound } = fit.diagnostics;
  const { timeToExpiry, beta } = p;
  const frame = {
    form: fit.objective?.form ?? 'obloj',
    beta,
    timeToExpiry,
    forward: p.forward + (p.shift ?? 0),
  } as const;
  const hasLevel = fit.objective?.exactAtm === true;
  // With alpha eliminated its place is taken by the level.
  const held = [hasLevel || atBound.includes('alpha'), atBound.includes('rho'), atBound.includes('nu')];
  const { free, t, place, extra } = variables(held, hasLevel ? 1 : 0);
  const rho = place(1, p.rho);
  const nu = place(2, p.nu);
  let alpha = place(0, p.alpha);
  if (hasLevel) {
    const still = scale(t, 0);
    const level = sabrVolatilityJet(frame, 0, still, alpha, shift(still, p.rho), shift(still, p.nu))[0]!;
    alpha = sabrAlphaJet(frame, extra(level), t, p.alpha, rho, nu);
  }
  return {
    free,
    hasLevel,
    parameters: [alpha, rho, nu],
    variance(k) {
      const volatility = sabrVolatilityJet(frame, k, t, alpha, rho, nu);
      return scale(multiply(volatility, volatility), timeToExpiry);
    },
  };
}
