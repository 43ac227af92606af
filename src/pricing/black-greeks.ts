/**
 * Value and Greeks of a lognormal option in terms of its discounted legs, for every model that reduces to them.
 *
 *   A = U e^(-qT), B = K e^(-rT),  X = ln(A/B) = ln(U/K) + (r - q)T,  s = sigma sqrt(T),  d1 = X/s + s/2,  d2 = d1 - s
 *   V = omega [A N(omega d1) - B N(omega d2)]
 *
 * U is the spot, or a forward: then q = r = -ln(DF)/T, which holds the forward and r fixed as time passes. All derivatives are
 * products of w = A n(d1) = B n(d2), the two probabilities, and powers of d1/sigma, d2/sigma; the only exponential is the one
 * in w. Formulas: Haug, The Complete Guide to Option Pricing Formulas (2007), chapter 2, with the sign of dV/dt.
 */
import { expm1 } from '../math/exponential.js';
import { scaledGaussian } from '../math/mills.js';
import { DENOMINATOR, DIFFERENCE, FAR, NEAR, TAIL_RESULTS, tails } from '../math/tail-slope.js';
import { outOfTheMoney, SATURATION } from './black.js';
import type { Greeks } from './greeks.js';

/** What a lognormal model reads from its option, checked. */
export interface BlackTerms {
  isCall: boolean;
  /** Spot or forward, above 0. */
  underlying: number;
  /** 0 or more. */
  strike: number;
  /** Years, 0 or more. */
  timeToExpiry: number;
  /** 0 to Infinity. */
  volatility: number;
  rate: number;
  /** The rate itself where the underlying is a forward. */
  dividendYield: number;
  /** B/K = e^(-rT). */
  discountFactor: number;
  /** A = U e^(-qT). */
  discountedUnderlying: number;
  /** B = K e^(-rT). */
  discountedStrike: number;
  /** X = ln(A/B), formed from U and K; Infinity where K = 0. */
  logMoneyness: number;
}

const SMALLEST_NORMAL = 2 ** -1022;
const TWICE_INVERSE_SQRT_TWO_PI = 0.7978845608028654;

const tail = new Float64Array(TAIL_RESULTS);

/** s = sigma sqrt(T); 0 at T = 0 whatever the volatility, and where the product is too small for a double with all its digits. */
export function standardDeviation(volatility: number, timeToExpiry: number): number {
  if (timeToExpiry === 0) return 0;
  const s = volatility * Math.sqrt(timeToExpiry);
  return s < SMALLEST_NORMAL ? 0 : s;
}

/** A - B where it is worth exercising, in the direction of the option: 0 or more. */
function intrinsicValue(terms: BlackTerms): number {
  const x = terms.logMoneyness;
  if (terms.isCall !== x > 0 || x === 0) return 0;
  const a = terms.discountedUnderlying;
  const b = terms.discountedStrike;
  // Next to the money the difference of two rounded legs has fewer digits than their ratio, unless neither is discounted.
  if (x < 0.1 && x > -0.1 && (terms.rate !== 0 || terms.dividendYield !== 0)) return Math.abs(b * expm1(x));
  return Math.abs(a - b);
}

/** The discounted value. T = 0 and zero volatility give the intrinsic value, infinite volatility A for a call and B for a put. */
export function blackPrice(terms: BlackTerms): number {
  const x = terms.logMoneyness;
  const s = standardDeviation(terms.volatility, terms.timeToExpiry);
  if (s === Infinity) return terms.isCall ? terms.discountedUnderlying : terms.discountedStrike;
  const smaller = x > 0 ? terms.discountedStrike : terms.discountedUnderlying;
  return intrinsicValue(terms) + outOfTheMoney(smaller, Math.abs(x), s);
}

/**
 * Value and derivatives in U, sigma, time, r, q and K. Where s is 0 or infinite or no double holds the density, what it
 * multiplies is 0 and delta is the limit: 1 or 0, and on the strike one half, where the time Greeks are 0.
 */
export function blackGreeks(terms: BlackTerms): Greeks {
  const { isCall, underlying: U, strike: K, timeToExpiry: T, volatility: sigma, rate: r, dividendYield: q } = terms;
  const x = terms.logMoneyness;
  const s = standardDeviation(sigma, T);
  const a = terms.discountedUnderlying;
  const b = terms.discountedStrike;
  const h = Math.abs(x) / s;
  const t = 0.5 * s;
  const z = h - t;
  const smaller = x > 0 ? b : a;
  const level = scaledGaussian(0.5 * smaller, z);
  const w = TWICE_INVERSE_SQRT_TWO_PI * level;
  if (!(w > 0 && s > 0)) return limitGreeks(terms, s);

  // 1/m at both ends, at |z| where the value is formed from its shortfall: near and far are the smaller and larger of A and B
  // times their tails, and the value out of the money is the difference.
  const saturated = z < SATURATION;
  tails(saturated ? -z : z, h + t, saturated ? h + h : s, saturated ? t : h, tail);
  const inverse = 1 / tail[DENOMINATOR]!;
  const far = level * (tail[FAR]! * inverse);
  let near = level * (tail[NEAR]! * inverse);
  let nearRest = smaller - near;
  // Divided as outOfTheMoney does, so that both give the same bits.
  let value = level * (s * (tail[DIFFERENCE]! / tail[DENOMINATOR]!));
  if (saturated) {
    const swap = near;
    near = nearRest;
    nearRest = swap;
    value = smaller - level * ((tail[NEAR]! + tail[FAR]!) / tail[DENOMINATOR]!);
  }

  // A N(omega d1) and B N(omega d2).
  const underlyingPart = x > 0 ? (isCall ? a - far : far) : isCall ? near : nearRest;
  const strikePart = x > 0 ? (isCall ? nearRest : near) : isCall ? far : b - far;
  const omega = isCall ? 1 : -1;

  const ratio = x / s;
  const d1 = ratio + t;
  const d2 = ratio - t;
  const product = d1 * d2;
  // dd1/dT = (r - q)/s - d2/(2T) = pull/(2T), with ln(K/U) in the place of ln(U/K): one fraction, however small T is.
  const pull = (2 * (r - q) * T - x) / s + t;
  const d1PerVolatility = d1 / sigma;
  const d2PerVolatility = d2 / sigma;
  const density = w / U;
  const gamma = density / (U * s);
  const root = Math.sqrt(T);
  const vega = w * root;
  const delta = (omega * underlyingPart) / U;
  const price = intrinsicValue(terms) + value;
  // omega (q A N(d1) - r B N(d2)): with one rate it is that rate times the value, without the difference.
  const carried = r === q ? r * price : omega * (q * underlyingPart - r * strikePart);
  return {
    price,
    delta,
    gamma,
    vega,
    theta: carried - (w * sigma) / (2 * root),
    rho: omega * T * strikePart,
    dividendRho: -omega * T * underlyingPart,
    vanna: -density * d2PerVolatility,
    volga: vega * d1 * d2PerVolatility,
    charm: q * delta - (density * pull) / (2 * T),
    veta: w * (q * root + (d1 * pull - 1) / (2 * root)),
    speed: -(gamma * (d1 / s + 1)) / U,
    zomma: (gamma * (product - 1)) / sigma,
    color: gamma * (q + (d1 * pull + 1) / (2 * T)),
    ultima: -(vega * (d1PerVolatility * (d2 * (1 - product) + d1) + d2PerVolatility * d2)) / sigma,
    dualDelta: (-omega * strikePart) / K,
    dualGamma: w / K / (K * s),
  };
}

/** The Greeks without diffusion: exercise is certain, impossible, or (on the strike, s = 0) even. */
function limitGreeks(terms: BlackTerms, s: number): Greeks {
  const { isCall, underlying: U, timeToExpiry: T, rate: r, dividendYield: q } = terms;
  const x = terms.logMoneyness;
  const onStrike = s === 0 && x === 0;
  // d1 and d2 are infinite, of the sign of x where s is too small, apart where s is too large; K = 0 comes first.
  const saturated = s > 0 && Math.abs(x) / s < 0.5 * s && x < Infinity;
  const above1 = saturated || x > 0;
  const above2 = !saturated && x > 0;
  const chance1 = onStrike ? 0.5 : above1 === isCall ? 1 : 0;
  const chance2 = onStrike ? 0.5 : above2 === isCall ? 1 : 0;
  // Signed legs omega A N(omega d1) and omega B N(omega d2); 0 - 0 rather than -0.
  const leg1 = chance1 * terms.discountedUnderlying;
  const leg2 = chance2 * terms.discountedStrike;
  const underlyingPart = isCall ? leg1 : 0 - leg1;
  const strikePart = isCall ? leg2 : 0 - leg2;
  const dualDelta = chance2 * terms.discountFactor;
  const delta = underlyingPart / U;
  return {
    price: saturated ? (isCall ? terms.discountedUnderlying : terms.discountedStrike) : intrinsicValue(terms),
    delta,
    gamma: 0,
    vega: 0,
    theta: onStrike ? 0 : q * underlyingPart - r * strikePart,
    rho: T * strikePart,
    dividendRho: 0 - T * underlyingPart,
    vanna: 0,
    volga: 0,
    charm: onStrike ? 0 : q * delta,
    veta: 0,
    speed: 0,
    zomma: 0,
    color: 0,
    ultima: 0,
    dualDelta: isCall ? 0 - dualDelta : dualDelta,
    dualGamma: 0,
  };
}
