/**
 * Option values to 50 digits and more, straight from their definitions: Black (undiscounted and in normalised form), generalised
 * Black-Scholes, Bachelier, displaced and coin-settled. omega = +1 for a call, -1 for a put; s = sigma sqrt(T).
 *
 *   out-of-the-money value / min(F, K) = phi(h - t) [M(h - t) - M(h + t)],  x = |ln(F/K)|, h = x/s, t = s/2
 *
 * Every argument is a double (taken at its exact binary value), a decimal string or a real.
 */
import { mills, normalCdf, normalDensity } from './normal.js';
import { HALF, ONE, real, ZERO, type Real, type RealLike } from './real.js';

export type OptionType = 'call' | 'put';

function maximum(a: Real, b: Real): Real {
  return a.gt(b) ? a : b;
}

/** sigma sqrt(T). */
export function totalVolatility(volatility: RealLike, timeToExpiry: RealLike): Real {
  return real(volatility).mul(real(timeToExpiry).sqrt());
}

/** The undiscounted intrinsic value. */
export function intrinsicValue(type: OptionType, forward: RealLike, strike: RealLike): Real {
  const difference = real(forward).sub(real(strike));
  return maximum(type === 'call' ? difference : difference.neg(), ZERO);
}

/** b / b'(s) = M(h - t) - M(h + t): the value in units of its own slope in s. x = |ln(F/K)|. */
export function scaledBlack(x: RealLike, s: RealLike): Real {
  const total = real(s);
  const h = real(x).abs().div(total);
  const t = total.mul(HALF);
  return mills(h.sub(t)).sub(mills(h.add(t)));
}

/** Out-of-the-money Black value over min(F, K), undiscounted; x = |ln(F/K)|. */
export function otmBlack(x: RealLike, s: RealLike): Real {
  const total = real(s);
  const h = real(x).abs().div(total);
  return normalDensity(h.sub(total.mul(HALF))).mul(scaledBlack(x, s));
}

/** 1 - otmBlack(x, s), without the cancellation: Phi(h - t) + e^x Phi(-h - t). */
export function otmBlackComplement(x: RealLike, s: RealLike): Real {
  const total = real(s);
  const h = real(x).abs().div(total);
  const t = total.mul(HALF);
  return normalDensity(h.sub(t)).mul(mills(t.sub(h)).add(mills(h.add(t))));
}

/** b(x, s) = e^(x/2) N(x/s + s/2) - e^(-x/2) N(x/s - s/2): a call over sqrt(F K), x = ln(F/K). */
export function normalisedBlack(x: RealLike, s: RealLike): Real {
  const moneyness = real(x);
  const root = moneyness.mul(HALF).exp();
  const otm = otmBlack(moneyness, s);
  if (!moneyness.gt(0)) return otm.mul(root);
  return root.sub(ONE.div(root)).add(otm.div(root));
}

/** Out-of-the-money Black value (call above the forward, put below), undiscounted. */
export function otmBlackValue(forward: RealLike, strike: RealLike, volatility: RealLike, timeToExpiry: RealLike): Real {
  const f = real(forward);
  const k = real(strike);
  return otmBlack(f.div(k).ln(), totalVolatility(volatility, timeToExpiry)).mul(f.lt(k) ? f : k);
}

/** Black value, undiscounted. */
export function blackValue(
  type: OptionType,
  forward: RealLike,
  strike: RealLike,
  volatility: RealLike,
  timeToExpiry: RealLike,
): Real {
  return intrinsicValue(type, forward, strike).add(otmBlackValue(forward, strike, volatility, timeToExpiry));
}

/** Generalised Black-Scholes value with continuously compounded rate and dividend yield. */
export function blackScholesValue(
  type: OptionType,
  spot: RealLike,
  strike: RealLike,
  volatility: RealLike,
  timeToExpiry: RealLike,
  rate: RealLike,
  dividendYield: RealLike,
): Real {
  const time = real(timeToExpiry);
  const forward = real(spot).mul(real(rate).sub(real(dividendYield)).mul(time).exp());
  return blackValue(type, forward, strike, volatility, time).mul(real(rate).mul(time).neg().exp());
}

/** Bachelier value, undiscounted: (omega (F - K))^+ + v phi(d) [1 - |d| M(|d|)], v = sigma sqrt(T), d = (F - K) / v. */
export function bachelierValue(
  type: OptionType,
  forward: RealLike,
  strike: RealLike,
  volatility: RealLike,
  timeToExpiry: RealLike,
): Real {
  const v = totalVolatility(volatility, timeToExpiry);
  const d = real(forward).sub(real(strike)).abs().div(v);
  const otm = v.mul(normalDensity(d)).mul(ONE.sub(d.mul(mills(d))));
  return intrinsicValue(type, forward, strike).add(otm);
}

/** Displaced lognormal value, undiscounted: Black on F + shift and K + shift. */
export function displacedValue(
  type: OptionType,
  forward: RealLike,
  strike: RealLike,
  shift: RealLike,
  volatility: RealLike,
  timeToExpiry: RealLike,
): Real {
  return blackValue(type, real(forward).add(real(shift)), real(strike).add(real(shift)), volatility, timeToExpiry);
}

/** Coin-settled value in coin, undiscounted: Black(F, K) / F. */
export function inverseValue(
  type: OptionType,
  forward: RealLike,
  strike: RealLike,
  volatility: RealLike,
  timeToExpiry: RealLike,
): Real {
  return blackValue(type, forward, strike, volatility, timeToExpiry).div(real(forward));
}

/** Black value by the textbook formula, from two distribution functions: an independent check of the forms above. */
export function textbookBlackValue(
  type: OptionType,
  forward: RealLike,
  strike: RealLike,
  volatility: RealLike,
  timeToExpiry: RealLike,
): Real {
  const omega = type === 'call' ? 1 : -1;
  const f = real(forward);
  const k = real(strike);
  const s = totalVolatility(volatility, timeToExpiry);
  const d1 = f.div(k).ln().div(s).add(s.mul(HALF));
  const d2 = d1.sub(s);
  return f
    .mul(normalCdf(d1.mul(omega)))
    .sub(k.mul(normalCdf(d2.mul(omega))))
    .mul(omega);
}
