/**
 * Implied volatility to 50 digits: Newton's method on the logarithm of the price, kept inside a bracket whose ends are known to
 * price below and above the target, and bisected where a step leaves it. Slow and independent of the library.
 */
import { bachelierValue, otmBlack, otmBlackComplement, scaledBlack } from './values.js';
import { mills } from './normal.js';
import { HALF, ONE, PI, real, ZERO, type Real, type RealLike } from './real.js';

const TOLERANCE = real('1e-56');

/** The root of an increasing g on (0, Infinity). `step(s)` is Newton's proposal; `near` an estimate that is checked, not trusted. */
function bracketedRoot(g: (s: Real) => Real, step: (s: Real, value: Real) => Real, near: RealLike): Real {
  let s = real(near);
  let lower: Real = ZERO;
  let upper: Real | undefined;
  for (let i = 0; i < 400; i++) {
    const value = g(s);
    if (value.isZero()) return s;
    if (value.isNegative()) lower = s;
    else upper = s;
    let next = step(s, value);
    const outside = !next.isFinite() || next.lte(lower) || (upper !== undefined && next.gte(upper));
    if (outside) next = upper === undefined ? s.mul(2) : lower.isZero() ? s.div(2) : lower.mul(upper).sqrt();
    if (next.sub(s).abs().lt(TOLERANCE.mul(s))) return next;
    s = next;
  }
  throw new Error('no convergence');
}

/** The s = sigma sqrt(T) at which otmBlack(x, s) = p, 0 < p < 1. */
export function impliedTotalVolatility(x: RealLike, p: RealLike, near?: number): Real {
  const moneyness = real(x).abs();
  const price = real(p);
  if (!price.gt(0) || !price.lt(1)) throw new RangeError('the price must lie between 0 and 1');
  const start = near ?? (Math.sqrt(2 * moneyness.toNumber()) || 1);
  if (price.lt(HALF)) {
    // ln b(s) - ln p; slope 1 / scaledBlack.
    return bracketedRoot(
      (s) => otmBlack(moneyness, s).div(price).ln(),
      (s, value) => s.sub(value.mul(scaledBlack(moneyness, s))),
      start,
    );
  }
  // ln(1 - p) - ln(1 - b(s)); slope phi(h - t) / (1 - b).
  const complement = ONE.sub(price);
  return bracketedRoot(
    (s) => complement.div(otmBlackComplement(moneyness, s)).ln(),
    (s, value) => {
      const h = moneyness.div(s);
      const t = s.mul(HALF);
      return s.sub(value.mul(mills(t.sub(h)).add(mills(h.add(t)))));
    },
    start,
  );
}

/** The Black volatility of an undiscounted out-of-the-money value (call above the forward, put below). */
export function impliedBlackVolatility(
  forward: RealLike,
  strike: RealLike,
  timeToExpiry: RealLike,
  otmValue: RealLike,
  near?: number,
): Real {
  const f = real(forward);
  const k = real(strike);
  const root = real(timeToExpiry).sqrt();
  const p = real(otmValue).div(f.lt(k) ? f : k);
  return impliedTotalVolatility(f.div(k).ln(), p, near === undefined ? undefined : near * root.toNumber()).div(root);
}

/** The Bachelier volatility of an undiscounted out-of-the-money value. */
export function impliedBachelierVolatility(
  forward: RealLike,
  strike: RealLike,
  timeToExpiry: RealLike,
  otmValue: RealLike,
  near?: number,
): Real {
  const root = real(timeToExpiry).sqrt();
  const distance = real(forward).sub(real(strike)).abs();
  const value = real(otmValue);
  if (distance.isZero()) return value.mul(PI.mul(2).sqrt()).div(root);
  // In units of |F - K|: value of unit distance and v = sigma sqrt(T) / |F - K|; b / b'(v) = v (1 - d M(d)), d = 1/v.
  const target = value.div(distance);
  const start = near === undefined ? 1 : real(near).mul(root).div(distance);
  const v = bracketedRoot(
    (u) => bachelierValue('call', 0, 1, u, 1).div(target).ln(),
    (u, g) => {
      const d = ONE.div(u);
      return u.sub(g.mul(u).mul(ONE.sub(d.mul(mills(d)))));
    },
    start,
  );
  return v.mul(distance).div(root);
}
