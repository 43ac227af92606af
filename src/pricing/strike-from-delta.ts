/**
 * The strike with a given FX delta at a given volatility.
 *
 *   plain deltas        K = F exp(s^2/2 - omega s N^-1(|delta|/q)), in closed form
 *   premium-adjusted    K = F exp(-omega s z - s^2/2), by Newton's method in z = omega d2 on
 *                       ln(|delta|/q) = -omega s z - s^2/2 + ln N(z)
 *
 * The right-hand side is concave in z, so Newton's method climbs to the root from below without ever overshooting. For a put
 * it is monotone. For a call it has a maximum where n(z) = s N(z): a larger delta is not reached by any strike, and of the two
 * strikes with a smaller one the market means the higher, on the branch where z is below that of the maximum.
 * Source: Reiswich and Wystup, FX volatility smile construction (2010).
 */
import { requireFinite, requireNonNegative, requireOneOf } from '../check.js';
import { InputError, type Failure } from '../errors.js';
import { exp } from '../math/exponential.js';
import { log } from '../math/logarithm.js';
import { inverseNormalCdf, mills, millsComplement, normalCdf } from '../math/normal.js';
import type { OnCurves } from './curves.js';
import { checkFxMarket, deltaRule, type DeltaConvention, type FxOption } from './fx-delta.js';

const LOG_SQRT_TWO_PI = 0.9189385332046727;
const MAXIMUM_STEPS = 200;

export type StrikeFromDelta =
  | { ok: true; strike: number }
  /** `maximumDelta` is the bound of the deltas within reach, with the sign of the option type. */
  | (Failure<'delta-unreachable'> & { maximumDelta: number });

/**
 * The strike at which an option of this type, expiry and volatility has the delta: between 0 and 1 for a call, negative for a
 * put. Without volatility or time it is the forward, the limit for every delta. A delta beyond what any strike gives is a
 * failure 'delta-unreachable' with the largest one; a number out of range or a delta of the wrong sign throws an InputError.
 */
export function strikeFromDelta(
  option: OnCurves<Omit<FxOption, 'strike'>>,
  delta: number,
  convention: DeltaConvention,
): StrikeFromDelta {
  const market = checkFxMarket(option);
  const type = requireOneOf('type', option.type, ['call', 'put']);
  const omega = type === 'call' ? 1 : -1;
  const volatility = requireNonNegative('volatility', option.volatility);
  if (!(omega * requireFinite('delta', delta) > 0)) {
    throw new InputError('delta', delta, type === 'call' ? 'above 0 for a call' : 'below 0 for a put');
  }
  const { factor, premiumAdjusted } = deltaRule(market, convention);
  const s = volatility * Math.sqrt(market.timeToExpiry);
  const probability = Math.abs(delta) / factor;

  const limit = premiumAdjusted ? (omega === 1 ? largestAdjustedCallDelta(s) : Infinity) : 1;
  // A maximum is reached, a bound is not.
  const reachable = premiumAdjusted ? probability <= limit : probability < limit;
  if (!reachable) return unreachable(delta, omega * factor * limit);

  const logMoneyness = premiumAdjusted
    ? adjustedLogStrike(omega, probability, s)
    : 0.5 * s * s - omega * s * inverseNormalCdf(probability);
  const carry = (market.domesticRate - market.foreignRate) * market.timeToExpiry;
  const strike = market.spot * exp(carry + logMoneyness);
  if (!(strike > 0 && strike < Infinity)) return unreachable(delta, omega * factor * limit);
  return { ok: true, strike };
}

function unreachable(delta: number, maximumDelta: number): StrikeFromDelta {
  return {
    ok: false,
    reason: 'delta-unreachable',
    message: `no strike has a delta of ${delta}; deltas go up to ${maximumDelta}`,
    value: delta,
    limit: maximumDelta,
    maximumDelta,
  };
}

/** ln N(z), down to where N itself underflows. */
function logNormalCdf(z: number): number {
  return z > -5 ? log(normalCdf(z)) : log(mills(-z)) - 0.5 * z * z - LOG_SQRT_TWO_PI;
}

/** n(z)/N(z). */
function hazard(z: number): number {
  return 1 / mills(-z);
}

/** z + n(z)/N(z), above 0, without cancellation where z is far below 0. */
function hazardExcess(z: number): number {
  return z < 0 ? millsComplement(-z) / mills(-z) : z + hazard(z);
}

/** z = d2 of the call whose premium-adjusted delta is largest: n(z) = s N(z), in logarithms, where the equation is concave. */
function largestDeltaPoint(s: number): number {
  let z = -s;
  for (let step = 0; step < MAXIMUM_STEPS; step++) {
    // ln(n/N) - ln s. Above 30, N(z) is 1 and n(z) may underflow.
    const excess = z > 30 ? -0.5 * z * z - LOG_SQRT_TWO_PI - log(s) : log(hazard(z) / s);
    const next = z + excess / hazardExcess(z);
    if (!(Math.abs(next - z) > 1e-15 * Math.abs(z))) return next;
    z = next;
  }
  return z;
}

/** The largest (K/F) N(d2) over all strikes. */
function largestAdjustedCallDelta(s: number): number {
  if (s === 0) return 1;
  const z = largestDeltaPoint(s);
  return exp(-s * z - 0.5 * s * s + logNormalCdf(z));
}

/**
 * A point below the root of the put: there the left-out part of s z - s^2/2 + ln N(z), negative in each case, is the excess.
 * (A call starts at the strike whose plain delta is wanted: its adjusted delta is smaller.)
 */
function putStart(probability: number, target: number, s: number): number {
  const withoutDistribution = (target + 0.5 * s * s) / s;
  const withoutStrike = Math.min(probability < 1 ? inverseNormalCdf(probability) : Infinity, 0.5 * s);
  return Math.max(withoutDistribution, withoutStrike);
}

/** ln(K/F) of the strike with (K/F) N(omega d2) = probability. */
function adjustedLogStrike(omega: 1 | -1, probability: number, s: number): number {
  if (s === 0) return 0;
  const target = log(probability);
  const top = omega === 1 ? largestDeltaPoint(s) : Infinity;
  let z =
    omega === 1 ? Math.min(inverseNormalCdf(Math.min(probability, 1)) - s, top) : putStart(probability, target, s);
  for (let step = 0; step < MAXIMUM_STEPS; step++) {
    const slope = hazard(z) - omega * s;
    const missing = target - (-omega * s * z - 0.5 * s * s + logNormalCdf(z));
    if (!(missing > 0) || !(slope > 0)) break;
    const next = Math.min(z + missing / slope, top);
    if (!(next > z)) break;
    z = next;
  }
  return -omega * s * z - 0.5 * s * s;
}
