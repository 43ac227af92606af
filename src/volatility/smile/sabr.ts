/**
 * SABR's expansions for the implied volatility. With om = 1 - beta, L = ln(F/K) and shifted F, K where a shift is given,
 * each form is
 *
 *   volatility = M (alpha / A) q(z) Theta,   z = nu B L / alpha,   q(z) = z / chi(z),   Theta = 1 + T E
 *   chi(z)     = integral from 0 to z of du / R(u),   R(u) = sqrt(1 - 2 rho u + u^2)
 *
 *   obloj   A = B = (F^om - K^om) / (om L)                 M = 1        Obloj (2008), the default
 *   hagan   A = G (1 + om^2 L^2/24 + om^4 L^4/1920), B = G  M = 1        Hagan et al. (2002), G = (F K)^(om/2)
 *   normal  A = B as obloj                                 M = (F-K)/L  normal volatility, Hagan et al. (2002)
 *
 *   E (Black)  = om^2 alpha^2/(24 G^2)          + rho beta nu alpha/(4 G) + (2 - 3 rho^2) nu^2/24
 *   E (normal) = beta (beta-2) alpha^2/(24 G^2) + rho beta nu alpha/(4 G) + (2 - 3 rho^2) nu^2/24
 *
 * With beta = 0 the normal form is alpha q(nu (F-K)/alpha) Theta and holds for any sign of F and K.
 */
import { requireFinite, requireNonNegative, requireOneOf, requirePositive, requireWithin } from '../../check.js';
import { InputError } from '../../errors.js';
import { exp, expm1 } from '../../math/exponential.js';
import { log, log1p, logRatio } from '../../math/logarithm.js';
import type { SabrParameters } from './parameters.js';

export type SabrForm = 'obloj' | 'hagan' | 'normal';
export const sabrForms: readonly SabrForm[] = ['obloj', 'hagan', 'normal'];

/** |rho| stays at or below this: chi diverges at z = 1 as rho tends to 1. */
export const maximumSabrCorrelation = 0.9995;

/** The volatility and its derivatives, filled by `evaluateSabr`. */
export interface SabrPoint {
  volatility: number;
  dAlpha: number;
  /** NaN where the forward or the strike is not positive: the power F^beta has no derivative there. */
  dBeta: number;
  dRho: number;
  dNu: number;
  /** At fixed strike. */
  dForward: number;
  /** At fixed forward. */
  dStrike: number;
}

export const sabr = {
  /**
   * Implied volatility at p.strike: Black (a decimal) for 'obloj' and 'hagan', normal (in price units) for 'normal'.
   * Throws InputError on parameters out of their domain, and where the expansion gives no positive volatility.
   */
  volatility(p: SabrParameters & { strike: number }, o: { form?: SabrForm | undefined } = {}): number {
    const form = o.form === undefined ? 'obloj' : requireOneOf('form', o.form, sabrForms);
    requireSabr(p, form);
    requireFinite('strike', p.strike);
    if (!anySign(p, form) && !(p.strike + (p.shift ?? 0) > 0)) {
      throw new InputError('strike', p.strike, 'above minus the shift');
    }
    const point = newSabrPoint();
    evaluateSabr(p, p.strike, form, point);
    if (!(point.volatility > 0 && point.volatility < Infinity)) {
      throw new InputError('parameters', p, 'in the range where the SABR expansion gives a positive volatility');
    }
    return point.volatility;
  },
};

/** Whether the form takes forwards and strikes of any sign. */
function anySign(p: SabrParameters, form: SabrForm): boolean {
  return form === 'normal' && p.beta === 0;
}

/** Throws InputError unless alpha > 0, 0 <= beta <= 1, |rho| <= 0.9995, nu >= 0, T >= 0 and the shifted forward is positive. */
export function requireSabr(p: SabrParameters, form: SabrForm): void {
  requireFinite('forward', p.forward);
  requireNonNegative('timeToExpiry', p.timeToExpiry);
  requirePositive('alpha', p.alpha);
  requireWithin('beta', p.beta, 0, 1);
  requireWithin('rho', p.rho, -maximumSabrCorrelation, maximumSabrCorrelation);
  requireNonNegative('nu', p.nu);
  if (p.shift !== undefined) requireFinite('shift', p.shift);
  if (!anySign(p, form) && !(p.forward + (p.shift ?? 0) > 0)) {
    throw new InputError('forward', p.forward, 'above minus the shift');
  }
}

export function newSabrPoint(): SabrPoint {
  return { volatility: 0, dAlpha: 0, dBeta: 0, dRho: 0, dNu: 0, dForward: 0, dStrike: 0 };
}

const shape: SabrShape = { q: 0, qz: 0, qRho: 0 };

/** Volatility and gradient at `strike`, without checks; the gradient is that of ln(volatility) times the volatility. */
export function evaluateSabr(p: SabrParameters, strike: number, form: SabrForm, out: SabrPoint): void {
  const { timeToExpiry, alpha, beta, rho, nu } = p;
  const forward = p.forward + (p.shift ?? 0);
  const shifted = strike + (p.shift ?? 0);
  if (anySign(p, form) && !(forward > 0 && shifted > 0)) {
    evaluateNormalBeta0(p, strike, out);
    return;
  }
  sabrGeometry(forward, shifted, beta, form, geometry);
  const { l, logG, g, a, aL, aOm, b, bL, bOm, m, mL, mG } = geometry;
  const om = 1 - beta;
  const normal = form === 'normal';

  const z = (nu * g * b * l) / alpha;
  sabrShape(z, rho, shape);
  const { q, qz, qRho } = shape;
  const ratio = qz / q;

  const level = ((normal ? beta * (beta - 2) : om * om) * alpha * alpha) / (24 * g * g);
  const skew = (rho * beta * nu * alpha) / (4 * g);
  const curvature = ((2 - 3 * rho * rho) * nu * nu) / 24;
  const theta = 1 + timeToExpiry * (level + skew + curvature);
  const t = timeToExpiry / theta;

  const volatility = ((m * alpha) / (g * a)) * q * theta;
  // d/dln(F) and d/dln(K) split into the part through L (opposite signs) and the part through G and M (equal signs).
  const zL = nu === 0 ? 0 : (nu * g * b * (1 + l * bL)) / alpha;
  const throughL = mL - aL + ratio * zL;
  const throughG = mG - 0.5 * om + 0.5 * om * (ratio * z - t * (2 * level + skew));
  const levelBeta = normal ? ((2 * beta - 2) * alpha * alpha) / (24 * g * g) : (-2 * om * alpha * alpha) / (24 * g * g);
  const skewBeta = (rho * nu * alpha) / (4 * g);
  out.volatility = volatility;
  out.dAlpha = volatility * (1 / alpha - (ratio * z) / alpha + t * ((2 * level + skew) / alpha));
  out.dNu =
    volatility * ((ratio * g * b * l) / alpha + t * ((rho * beta * alpha) / (4 * g) + ((2 - 3 * rho * rho) * nu) / 12));
  out.dRho = volatility * (qRho / q + t * ((beta * nu * alpha) / (4 * g) - 0.25 * rho * nu * nu));
  out.dBeta =
    volatility * (logG + aOm - ratio * z * (logG + bOm) + t * (levelBeta + skewBeta + (2 * level + skew) * logG));
  out.dForward = (volatility * (throughG + throughL)) / forward;
  out.dStrike = (volatility * (throughG - throughL)) / shifted;
}

/** What F, K and beta alone decide, with logarithmic derivatives in L and om. */
export interface SabrGeometry {
  /** ln(F/K) */
  l: number;
  /** ln(F K) / 2 */
  logG: number;
  /** (F K)^(om/2) */
  g: number;
  /** A / G */
  a: number;
  aL: number;
  aOm: number;
  /** B / G */
  b: number;
  bL: number;
  bOm: number;
  m: number;
  mL: number;
  /** Logarithmic derivative of M in F at fixed L: 1/2 for the normal form, 0 else. */
  mG: number;
}

const geometry = newSabrGeometry();

export function newSabrGeometry(): SabrGeometry {
  return { l: 0, logG: 0, g: 0, a: 0, aL: 0, aOm: 0, b: 0, bL: 0, bOm: 0, m: 0, mL: 0, mG: 0 };
}

/** Fills `out` for a shifted forward and strike above 0. */
export function sabrGeometry(forward: number, strike: number, beta: number, form: SabrForm, out: SabrGeometry): void {
  const om = 1 - beta;
  const l = logRatio(forward, strike);
  const logG = 0.5 * (log(forward) + log(strike));
  out.l = l;
  out.logG = logG;
  out.g = exp(om * logG);
  if (form === 'hagan') {
    const u = om * om * l * l;
    const a = 1 + u / 24 + (u * u) / 1920;
    const slope = (1 / 12 + u / 480) / a;
    out.a = a;
    out.aL = slope * om * om * l;
    out.aOm = slope * om * l * l;
    out.b = 1;
    out.bL = 0;
    out.bOm = 0;
  } else {
    const y = 0.5 * om * l;
    out.a = sinhc(y);
    out.aL = 0.5 * om * dLogSinhc(y);
    out.aOm = 0.5 * l * dLogSinhc(y);
    out.b = out.a;
    out.bL = out.aL;
    out.bOm = out.aOm;
  }
  const normal = form === 'normal';
  out.m = normal ? exp(logG) * sinhc(0.5 * l) : 1;
  out.mL = normal ? 0.5 * dLogSinhc(0.5 * l) : 0;
  out.mG = normal ? 0.5 : 0;
}

function evaluateNormalBeta0(
  { forward, timeToExpiry, alpha, rho, nu }: SabrParameters,
  strike: number,
  out: SabrPoint,
): void {
  const z = (nu * (forward - strike)) / alpha;
  sabrShape(z, rho, shape);
  const { q, qz, qRho } = shape;
  const curvature = ((2 - 3 * rho * rho) * nu * nu) / 24;
  const theta = 1 + timeToExpiry * curvature;
  const toForward = nu * qz * theta;
  out.volatility = alpha * q * theta;
  out.dAlpha = (q - z * qz) * theta;
  out.dNu = (forward - strike) * qz * theta + (alpha * q * timeToExpiry * (2 - 3 * rho * rho) * nu) / 12;
  out.dRho = alpha * (qRho * theta - 0.25 * q * timeToExpiry * rho * nu * nu);
  out.dBeta = NaN;
  out.dForward = toForward;
  out.dStrike = -toForward;
}

/** q(z) = z / chi(z) with its derivatives in z and rho. */
export interface SabrShape {
  q: number;
  qz: number;
  qRho: number;
}

/** Below this |z| the slope of q would cancel in the closed form. */
const NEAR_MONEY = 0.02;
/** Beyond this |z| the logarithm of the quotient is as good and quicker. */
const QUOTIENT = 0.1;
/** Below this 1/z may be no double, and q differs from 1 by nothing a double shows. */
const AT_MONEY = 1e-100;

/**
 * q(z) = z / chi(z) and its derivatives, |rho| < 1. With s = (z - 2 rho) / (R + 1), so that R - 1 = z s,
 *
 *   chi = ln(1 + z (1 + s) / (1 - rho)) = -ln(1 - z (1 - s) / (1 + rho)),   dchi/dz = 1/R,
 *   dchi/drho = z^2 (1 + rho s) / ((1 - rho^2) R (R + 1)),
 *
 * of the two logarithms the one that does not cancel; away from z = 0 as that of a quotient. 1/R is the generating function of the
 * Legendre polynomials, so that near 0 chi/z is the sum of P_n(rho) z^n / (n + 1), which gives the slope of q there.
 */
export function sabrShape(z: number, rho: number, out: SabrShape): void {
  if (z < AT_MONEY && z > -AT_MONEY) {
    out.q = 1;
    out.qz = -0.5 * rho;
    out.qRho = -0.5 * z;
    return;
  }
  const beyond = z - rho;
  const rest = (1 - rho) * (1 + rho);
  const r = Math.sqrt(rest + beyond * beyond);
  const shifted = r + 1;
  let chi: number;
  if (z < QUOTIENT && z > -QUOTIENT) {
    const lift = beyond - rho;
    chi =
      beyond < 0
        ? -log1p((z * (lift - shifted)) / (shifted * (1 + rho)))
        : log1p((z * (lift + shifted)) / (shifted * (1 - rho)));
  } else chi = beyond < 0 ? logRatio(1 + rho, r - beyond) : logRatio(r + beyond, 1 - rho);
  // One division for 1 / chi, 1 / R and 1 / (R (R + 1)^2 (1 - rho^2)).
  const common = shifted * shifted * rest;
  const denominator = r * common;
  const inverse = 1 / (denominator * chi);
  const perChi = denominator * inverse;
  const perDenominator = chi * inverse;
  const q = z * perChi;
  out.q = q;
  out.qz = z < NEAR_MONEY && z > -NEAR_MONEY ? slopeNearMoney(z, rho, q) : (1 - q * common * perDenominator) * perChi;
  out.qRho = -q * q * z * (shifted + rho * (beyond - rho)) * perDenominator;
}

/** -q^2 d(chi/z)/dz by eight Legendre polynomials. */
function slopeNearMoney(z: number, rho: number, q: number): number {
  const p2 = 1.5 * rho * rho - 0.5;
  const p3 = (5 * rho * p2 - 2 * rho) / 3;
  const p4 = (7 * rho * p3 - 3 * p2) / 4;
  const p5 = (9 * rho * p4 - 4 * p3) / 5;
  const p6 = (11 * rho * p5 - 5 * p4) / 6;
  const p7 = (13 * rho * p6 - 6 * p5) / 7;
  const p8 = (15 * rho * p7 - 7 * p6) / 8;
  let slope = (7 / 8) * p7 + z * (8 / 9) * p8;
  slope = (6 / 7) * p6 + z * slope;
  slope = (5 / 6) * p5 + z * slope;
  slope = (4 / 5) * p4 + z * slope;
  slope = (3 / 4) * p3 + z * slope;
  slope = (2 / 3) * p2 + z * slope;
  return -q * q * (0.5 * rho + z * slope);
}

/** sinh(y) / y */
function sinhc(y: number): number {
  if (Math.abs(y) > 0.3) {
    const e = expm1(Math.abs(y));
    return (0.5 * (e + e / (e + 1))) / Math.abs(y);
  }
  const u = y * y;
  return 1 + (u / 6) * (1 + (u / 20) * (1 + (u / 42) * (1 + (u / 72) * (1 + (u / 110) * (1 + u / 156)))));
}

/** d ln(sinh(y)/y) / dy = coth(y) - 1/y */
function dLogSinhc(y: number): number {
  if (Math.abs(y) > 0.3) return 1 + 2 / expm1(2 * y) - 1 / y;
  const u = y * y;
  const sinhcSlope = (y / 3) * (1 + (u / 10) * (1 + (u / 28) * (1 + (u / 54) * (1 + (u / 88) * (1 + u / 130)))));
  return sinhcSlope / sinhc(y);
}
