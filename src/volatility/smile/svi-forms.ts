/**
 * The other two ways to write a raw SVI slice (Gatheral & Jacquier 2014), both ways.
 *
 * Natural (delta, mu, rho, omega, zeta):
 *   w(k) = delta + omega/2 (1 + zeta rho (k - mu) + sqrt((zeta (k - mu) + rho)^2 + 1 - rho^2))
 *   a = delta + omega (1 - rho^2) / 2,  b = omega zeta / 2,  m = mu - rho / zeta,  sigma = sqrt(1 - rho^2) / zeta
 *
 * Jump-wings at expiry T, with w0 = w(0):
 *   v = w0 / T                              variance at the money
 *   psi = w'(0) / (2 sqrt w0)               skew at the money
 *   p = b (1 - rho) / sqrt w0               left slope
 *   c = b (1 + rho) / sqrt w0               right slope
 *   vMin = (a + b sigma sqrt(1 - rho^2)) / T
 *
 * Back from jump-wings, with beta = m / sqrt(m^2 + sigma^2) = rho - 2 psi sqrt(w0) / b and R0 = sqrt(m^2 + sigma^2):
 *   R0 = (v - vMin) T / (b [1 - rho beta - sqrt((1 - rho^2)(1 - beta^2))]),  m = beta R0,  sigma = R0 sqrt(1 - beta^2)
 *
 * The bracket is zero where beta = rho, that is psi = 0 and v = vMin: the smile's minimum is at the money and jump-wings do not
 * determine sigma. The curvature w''(0) does: w''(0) = b sigma^2 / R0^3 = b (1 - rho^2) / R0.
 */
import { requireFinite, requireNonNegative, requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import type { Failure } from '../../errors.js';
import type { SviParameters } from './parameters.js';
import { requireSvi, sviDerivatives, sviMinimumVariance } from './raw-svi.js';

export type NaturalSvi = { delta: number; mu: number; rho: number; omega: number; zeta: number };

/** v and vMin are annual variances; psi, p and c are per root of w(0). */
export type JumpWings = { v: number; psi: number; p: number; c: number; vMin: number; timeToExpiry: number };

export type SviFromJumpWings =
  { ok: true; parameters: SviParameters } | Failure<'sigma-undetermined' | 'slope-out-of-range'>;

/** Below this the bracket of R0 is rounding, not information. */
const LEAST_BRACKET = 1e-13;

/** Raw to natural. Throws InputError for parameters outside the domain. */
export function toNatural(p: SviParameters): NaturalSvi {
  requireSvi(p);
  const complement = (1 - p.rho) * (1 + p.rho);
  const root = Math.sqrt(complement);
  const zeta = root / p.sigma;
  const omega = (2 * p.b) / zeta;
  return { delta: p.a - (omega * complement) / 2, mu: p.m + p.rho / zeta, rho: p.rho, omega, zeta };
}

/** Natural to raw. Throws InputError unless omega >= 0, zeta > 0, |rho| < 1 and the least variance is 0 or more. */
export function fromNatural(n: NaturalSvi): SviParameters {
  requireFinite('delta', n.delta);
  requireFinite('mu', n.mu);
  requireFinite('rho', n.rho);
  requireNonNegative('omega', n.omega);
  requirePositive('zeta', n.zeta);
  if (!(Math.abs(n.rho) < 1)) throw new InputError('rho', n.rho, 'between -1 and 1');
  const complement = (1 - n.rho) * (1 + n.rho);
  const raw = {
    a: n.delta + (n.omega * complement) / 2,
    b: (n.omega * n.zeta) / 2,
    rho: n.rho,
    m: n.mu - n.rho / n.zeta,
    sigma: Math.sqrt(complement) / n.zeta,
  };
  requireSvi(raw);
  return raw;
}

/** Raw to jump-wings. Throws InputError for parameters outside the domain, or without variance at the money. */
export function toJumpWings(p: SviParameters, timeToExpiry: number): JumpWings {
  requireSvi(p);
  requirePositive('timeToExpiry', timeToExpiry);
  const { w, dw } = sviDerivatives(p, 0);
  if (!(w > 0)) throw new InputError('w(0)', w, 'above 0: jump-wings are relative to the variance at the money');
  const root = Math.sqrt(w);
  return {
    v: w / timeToExpiry,
    psi: dw / (2 * root),
    p: (p.b * (1 - p.rho)) / root,
    c: (p.b * (1 + p.rho)) / root,
    vMin: sviMinimumVariance(p) / timeToExpiry,
    timeToExpiry,
  };
}

/**
 * Jump-wings to raw. `sigma-undetermined` where the minimum is at the money and `curvature`, w''(0), is not given;
 * `slope-out-of-range` where the skew at the money is not between the slopes of the wings, so that no hyperbola has them.
 * Throws InputError unless 0 <= vMin <= v, v > 0, the slopes are not negative and not both zero.
 */
export function fromJumpWings(j: JumpWings, o: { curvature?: number | undefined } = {}): SviFromJumpWings {
  const { v, psi, p, c, vMin, timeToExpiry } = checkJumpWings(j);
  const root = Math.sqrt(v * timeToExpiry);
  const b = (root * (c + p)) / 2;
  const rho = (c - p) / (c + p);
  const beta = rho - (2 * psi * root) / b;
  if (!(Math.abs(rho) < 1)) {
    return slopeOutOfRange('one wing is flat: rho would be one in size', rho, Math.sign(rho));
  }
  if (!(Math.abs(beta) < 1)) {
    return slopeOutOfRange('the skew at the money is not between the slopes of the wings', beta, Math.sign(beta));
  }
  // 1 - cos of the angle between the two: zero where beta = rho, without cancellation.
  const rhoRoot = Math.sqrt((1 - rho) * (1 + rho));
  const betaRoot = Math.sqrt((1 - beta) * (1 + beta));
  const sine = rho * betaRoot - beta * rhoRoot;
  const cosine = rho * beta + rhoRoot * betaRoot;
  const bracket = cosine > 0 ? (sine * sine) / (1 + cosine) : 1 - cosine;
  const rise = (v - vMin) * timeToExpiry;
  if (bracket > LEAST_BRACKET && !(rise > 0)) {
    return slopeOutOfRange('the least variance is at the money, so the skew there must be 0', psi, 0);
  }
  let distance: number;
  if (bracket > LEAST_BRACKET) distance = rise / (b * bracket);
  else if (o.curvature !== undefined) distance = (b * betaRoot * betaRoot) / requirePositive('curvature', o.curvature);
  else {
    return {
      ok: false,
      reason: 'sigma-undetermined',
      message: 'the minimum of the smile is at the money: its curvature there is needed to determine sigma',
      value: bracket,
      limit: LEAST_BRACKET,
    };
  }
  const sigma = distance * betaRoot;
  const parameters = { a: vMin * timeToExpiry - b * sigma * rhoRoot, b, rho, m: beta * distance, sigma };
  return { ok: true, parameters };
}

function checkJumpWings(j: JumpWings): JumpWings {
  requirePositive('v', j.v);
  requireFinite('psi', j.psi);
  requireNonNegative('p', j.p);
  requireNonNegative('c', j.c);
  requireNonNegative('vMin', j.vMin);
  requirePositive('timeToExpiry', j.timeToExpiry);
  if (j.vMin > j.v) throw new InputError('vMin', j.vMin, `at most v, ${j.v}`);
  if (j.p + j.c === 0) throw new InputError('p + c', 0, 'above 0');
  return j;
}

function slopeOutOfRange(message: string, value: number, limit: number): Failure<'slope-out-of-range'> {
  return { ok: false, reason: 'slope-out-of-range', message, value, limit };
}
