/**
 * What a certificate can be asked about. A caller's mistake is a record that is no smile: a number that is not finite, |rho| >= 1,
 * sigma <= 0, b < 0, theta < 0, phi <= 0, or one variance below 0 for every k. A smile with arbitrage is not a mistake.
 */
import { requireFinite, requireNonNegative, requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import type { SabrParameters, SmileParameters, SsviSlice, SviParameters } from '../smile/parameters.js';
import type { HyperbolicSlice } from './hyperbola.js';

/** Two finite log-moneynesses, ascending. */
export function requireInterval(interval: readonly number[]): [number, number] {
  if (!Array.isArray(interval) || interval.length !== 2) throw new InputError('interval', interval, 'two numbers');
  const from = requireFinite('interval', interval[0]);
  const to = requireFinite('interval', interval[1]);
  if (!(from < to)) throw new InputError('interval', interval, 'ascending');
  return [from, to];
}

export function isSabrRecord(p: SmileParameters): p is SabrParameters {
  return typeof p === 'object' && (p as unknown) !== null && 'alpha' in p;
}

/** The parameters, checked and without any other field. */
export function requireHyperbolic(p: SmileParameters): HyperbolicSlice {
  if (typeof p !== 'object' || (p as unknown) === null) throw new InputError('parameters', p, 'a smile');
  if ('sigma' in p) return requireRawSvi(p);
  if ('theta' in p) return requireSsvi(p);
  throw new InputError('parameters', p, 'raw SVI (a, b, rho, m, sigma) or an SSVI slice (theta, rho, phi)');
}

function requireCorrelation(rho: number): number {
  requireFinite('rho', rho);
  if (!(Math.abs(rho) < 1)) throw new InputError('rho', rho, 'between -1 and 1');
  return rho;
}

function requireRawSvi(p: SviParameters): SviParameters {
  const slice = {
    a: requireFinite('a', p.a),
    b: requireNonNegative('b', p.b),
    rho: requireCorrelation(p.rho),
    m: requireFinite('m', p.m),
    sigma: requirePositive('sigma', p.sigma),
  };
  if (slice.b === 0 && slice.a < 0) throw new InputError('a', slice.a, '0 or more where b is 0');
  return slice;
}

function requireSsvi(p: SsviSlice): SsviSlice {
  return {
    theta: requireNonNegative('theta', p.theta),
    rho: requireCorrelation(p.rho),
    phi: requirePositive('phi', p.phi),
  };
}
