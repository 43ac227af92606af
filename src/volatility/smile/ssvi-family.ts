/**
 * Surface SVI: every slice of a surface from one correlation rho, its own at-the-money variance theta, and a curve phi(theta).
 *
 *   power-law    phi = eta / (theta^gamma (1 + theta)^(1 - gamma))                           eta (1 + |rho|) <= 2,  0 < gamma <= 1/2
 *   heston-like  phi = (1 - (1 - e^-x)/x) / x,   x = lambda theta                            lambda >= (1 + |rho|)/4
 *
 * On these domains theta phi rises and phi falls with theta, theta phi (1 + |rho|) <= 4 and theta phi^2 (1 + |rho|) <= 4: a surface
 * whose theta does not fall with expiry is free of butterfly and calendar arbitrage. Gatheral and Jacquier, "Arbitrage-free SVI
 * volatility surfaces" (2014), sections 4 and 5.
 *
 * By its wings, with R and L the limits of both wing slopes, the domain is a box and rho has no corner at 0:
 *
 *   power-law    R, L = eta (1 +- rho) <= 2        heston-like  R, L = (1 +- rho)/lambda <= 4
 *   (right, left) slope of w = m (R, L),    m = (theta/(1 + theta))^(1 - gamma) / 2    or    (1 - (1 - e^-x)/x) / 2
 */
import { requireArray, requireOneOf, requirePositive, requireWithin } from '../../check.js';
import { InputError } from '../../errors.js';
import { exp } from '../../math/exponential.js';
import { log, log1p } from '../../math/logarithm.js';
import type { SsviSlice } from './parameters.js';

export type SsviFamily = 'power-law' | 'heston-like';
export const ssviFamilies: readonly SsviFamily[] = ['power-law', 'heston-like'];

export type PowerLaw = { rho: number; eta: number; gamma: number };
export type HestonLike = { rho: number; lambda: number };
/** What all slices of a surface share. */
export type SsviCurve = PowerLaw | HestonLike;

export const SMALLEST_GAMMA = 1e-6;
export const LARGEST_GAMMA = 0.5;

/** The largest R and L of a family, less what the way to (rho, eta) or (rho, lambda) and back can round. */
export function largestWing(family: SsviFamily): number {
  return (family === 'power-law' ? 2 : 4) * (1 - 2 ** -40);
}

/** R, L and gamma (1/2 for the Heston-like family, which has none). */
export interface SsviWings {
  right: number;
  left: number;
  gamma: number;
}

export function toSsviCurve(family: SsviFamily, { right, left, gamma }: SsviWings): SsviCurve {
  const sum = right + left;
  const rho = (right - left) / sum;
  return family === 'power-law' ? { rho, eta: 0.5 * sum, gamma } : { rho, lambda: 2 / sum };
}

export function toSsviWings(curve: SsviCurve): SsviWings {
  const scale = 'eta' in curve ? curve.eta : 1 / curve.lambda;
  const gamma = 'eta' in curve ? curve.gamma : 0.5;
  return { right: scale * (1 + curve.rho), left: scale * (1 - curve.rho), gamma };
}

/** m and its derivatives in theta, R or L (they are equal) and gamma. */
export interface WingShare {
  value: number;
  byTheta: number;
  byWing: number;
  byGamma: number;
}

/** Fills `out` for theta > 0; `sum` is R + L. */
export function wingShare(family: SsviFamily, theta: number, sum: number, gamma: number, out: WingShare): void {
  if (family === 'power-law') {
    const logRatio = log(theta) - log1p(theta);
    const value = 0.5 * exp((1 - gamma) * logRatio);
    out.value = value;
    out.byTheta = (value * (1 - gamma)) / (theta * (1 + theta));
    out.byWing = 0;
    out.byGamma = -value * logRatio;
    return;
  }
  const x = (2 * theta) / sum;
  saturation(x);
  out.value = 0.5 * saturated;
  out.byTheta = saturatedSlope / sum;
  out.byWing = (-0.5 * x * saturatedSlope) / sum;
  out.byGamma = 0;
}

let saturated = 0;
let saturatedSlope = 0;

/** E = 1 - (1 - e^-x)/x and its derivative; below 1 by E = sum of -(-x)^j / (j + 1)!, j from 1. */
function saturation(x: number): void {
  if (x >= 1) {
    const decay = exp(-x);
    saturated = 1 - (1 - decay) / x;
    saturatedSlope = (1 - decay - x * decay) / (x * x);
    return;
  }
  let term = 0.5;
  saturated = 0;
  saturatedSlope = 0;
  for (let j = 1; j <= 18; j++) {
    saturatedSlope += j * term;
    term *= x;
    saturated += term;
    term /= -(j + 2);
  }
}

/** phi(theta), without checks. */
export function ssviPhi(curve: SsviCurve, theta: number): number {
  if ('eta' in curve) return curve.eta * exp(-curve.gamma * log(theta) - (1 - curve.gamma) * log1p(theta));
  const x = curve.lambda * theta;
  saturation(x);
  return saturated / x;
}

/**
 * The slices of a surface, theta in order of expiry. Each is an SSVI slice with phi = phi(theta), held between what the slice before
 * demands (phi not above its own, theta phi not below), which only rounding can miss. So every slice and every pair is proved free
 * of arbitrage for the doubles returned. Throws InputError for a curve outside its domain and for theta that are not above 0 or
 * fall.
 */
export function ssviSlices(curve: SsviCurve, theta: readonly number[]): SsviSlice[] {
  requireSsviCurve(curve);
  requireArray('theta', theta);
  const slices: SsviSlice[] = [];
  theta.forEach((value, i) => {
    requirePositive(`theta[${i}]`, value);
    const before = slices[i - 1];
    let phi = ssviPhi(curve, value);
    if (before !== undefined) {
      if (value < before.theta) throw new InputError(`theta[${i}]`, value, `not below that before, ${before.theta}`);
      const least = (1 + 2 ** -50) * ((before.theta * before.phi) / value);
      phi = Math.min(before.phi, Math.max(least, phi));
    }
    slices.push({ theta: value, rho: curve.rho, phi });
  });
  return slices;
}

/** Throws InputError unless the curve is in the domain of its family. */
export function requireSsviCurve(curve: SsviCurve): void {
  if (typeof curve !== 'object' || (curve as unknown) === null) throw new InputError('curve', curve, 'a record');
  requireWithin('rho', curve.rho, -1, 1);
  if (Math.abs(curve.rho) === 1) throw new InputError('rho', curve.rho, 'between -1 and 1');
  const spread = 1 + Math.abs(curve.rho);
  if ('eta' in curve) {
    requirePositive('eta', curve.eta);
    requireWithin('eta', curve.eta, 0, 2 / spread);
    requirePositive('gamma', curve.gamma);
    requireWithin('gamma', curve.gamma, 0, LARGEST_GAMMA);
  } else {
    requirePositive('lambda', curve.lambda);
    requireWithin('lambda', curve.lambda, spread / 4, Number.MAX_VALUE);
  }
}

export function requireSsviFamily(family: unknown): SsviFamily {
  return requireOneOf('family', family, ssviFamilies);
}
