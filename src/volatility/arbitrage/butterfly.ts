/**
 * Whether one slice is free of butterfly arbitrage, decided for the stored doubles.
 *
 *   free  <=>  w > 0,  g >= 0 for every k,  and the right wing rises slower than 2 k       (Roper 2010; Lee 2004)
 *
 * Raw SVI and SSVI are decided on the whole line by the sign of one polynomial (density-polynomial.ts), by cost: closed-form
 * conditions, signs of the coefficients, subdivision in doubles with rounding bounds, exact integers. g = 0 at single points is
 * allowed. SABR is decided on a stated interval by interval arithmetic (interval-search.ts).
 *
 * What counts as a caller's mistake: parameters that are no smile (not finite, |rho| >= 1, sigma <= 0, b < 0, theta < 0,
 * phi <= 0, or one variance below 0 for every k). A total variance that reaches 0 somewhere but not everywhere is refuted: options
 * there cost nothing while options farther out cost something. A total variance of 0 everywhere is intrinsic value, and free.
 */
import { InputError } from '../../errors.js';
import { compare, dyadic, multiply } from '../../math/dyadic.js';
import type { SmileParameters, SsviSlice } from '../smile/parameters.js';
import { certifyOnPart } from './butterfly-interval.js';
import { densityWitness, infiniteStrikeWitness, varianceWitness } from './butterfly-witness.js';
import type { Certificate } from './certificate.js';
import type { HyperbolicSlice } from './hyperbola.js';
import { exactHyperbola, isRawSvi, minimumSign } from './hyperbola.js';
import { negativeDensity } from './negative-density.js';
import { isSabrRecord, requireHyperbolic, requireInterval } from './requirements.js';
import { certifySabr } from './sabr-certificate.js';

export interface ButterflyOptions {
  /** Log-moneyness from .. to; SABR needs it, the others are decided for every k without it. */
  interval?: [number, number] | undefined;
}

/**
 * A certificate for one slice. Raw SVI and SSVI without an interval are always decided; 'undecided' is possible on an interval.
 * Throws InputError for parameters that are no smile, for an interval that is not ascending and finite, and for SABR without one.
 */
export function certifyButterfly(p: SmileParameters, o: ButterflyOptions = {}): Certificate {
  const domain = o.interval === undefined ? undefined : requireInterval(o.interval);
  if (isSabrRecord(p)) {
    if (domain === undefined) throw new InputError('interval', undefined, 'given for SABR: two log-moneynesses');
    return certifySabr(p, domain);
  }
  const slice = requireHyperbolic(p);
  const everywhere = certifyEverywhere(slice);
  if (domain === undefined) return everywhere;
  return everywhere.verdict === 'proved' ? { ...everywhere, domain } : certifyOnPart(slice, domain);
}

/** A slice of one variance for every k: b = 0, or theta = 0. */
export function isFlat(p: HyperbolicSlice): boolean {
  return isRawSvi(p) ? p.b === 0 : p.theta === 0;
}

/** The sign of (wing slope - 2) on the right or the left: b (1 +- rho) for raw SVI, theta phi (1 +- rho)/2 for SSVI. */
export function wingSign(p: HyperbolicSlice, right: boolean): number {
  const factor = right ? 1 + p.rho : 1 - p.rho;
  const slope = isRawSvi(p) ? p.b * factor : 0.5 * p.theta * p.phi * factor;
  // At most three roundings, 2^-51 of the slope.
  if (slope < 2 - 2 ** -48) return -1;
  if (slope > 2 + 2 ** -48) return 1;
  const h = exactHyperbola(p);
  return compare(multiply(multiply(h.curvature, h.scale), right ? h.plus : h.minus), dyadic(2));
}

/** Whether the smallest w is above, at or below 0, for a slice that is not flat. */
function smallestVarianceSign(p: HyperbolicSlice): number {
  if (!isRawSvi(p) || p.a >= 0) return 1;
  const edge = p.b * p.sigma * Math.sqrt((1 - p.rho) * (1 + p.rho));
  // At most six roundings; below 2^-900 a product may have lost digits.
  if (edge > 2 ** -900 && edge < 2 ** 900) {
    if (-p.a < edge * (1 - 2 ** -48)) return 1;
    if (-p.a > edge * (1 + 2 ** -48)) return -1;
  }
  return minimumSign(exactHyperbola(p));
}

function certifyEverywhere(p: HyperbolicSlice): Certificate {
  const base = { kind: 'butterfly' as const, domain: 'all-k' as const, parameters: [p] };
  if (isFlat(p)) return { ...base, verdict: 'proved', method: 'closed-form' };
  if (smallestVarianceSign(p) <= 0) {
    const witness = varianceWitness(p);
    return { ...base, verdict: 'refuted', method: 'closed-form', margin: witness.value, witness };
  }
  const right = wingSign(p, true);
  const tooSteep = right > 0 || wingSign(p, false) > 0;
  if (!tooSteep && right < 0 && !isRawSvi(p) && isInSufficientBox(p)) {
    return { ...base, verdict: 'proved', method: 'closed-form' };
  }
  const { method, found, stretches } = negativeDensity(p);
  if (found) {
    const witness = densityWitness(p, stretches);
    return { ...base, verdict: 'refuted', method: tooSteep ? 'closed-form' : method, margin: witness.value, witness };
  }
  if (right === 0) {
    return { ...base, verdict: 'refuted', method: 'closed-form', margin: 0, witness: infiniteStrikeWitness() };
  }
  return { ...base, verdict: 'proved', method };
}

/**
 * theta phi (1 + |rho|) <= 4 and theta phi^2 (1 + |rho|) <= 4 are sufficient for g >= 0 (Gatheral and Jacquier 2014, theorem 4.2;
 * proved for E in docs/maths-no-arbitrage.md). Decided exactly where doubles leave a doubt.
 */
export function isInSufficientBox({ theta, rho, phi }: SsviSlice): boolean {
  const slope = theta * phi * (1 + Math.abs(rho));
  const bend = slope * phi;
  if (slope > 4.000001 || bend > 4.000001) return false;
  if (slope < 3.999999 && bend < 3.999999 && bend > 0) return true;
  const { plus, minus, curvature } = exactHyperbola({ theta, rho, phi });
  const exactSlope = multiply(multiply(dyadic(theta), curvature), rho < 0 ? minus : plus);
  const four = dyadic(4);
  return compare(exactSlope, four) <= 0 && compare(multiply(exactSlope, curvature), four) <= 0;
}
