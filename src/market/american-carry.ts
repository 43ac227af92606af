/**
 * The carry that makes American calls and puts of one expiry agree: at each strike near the money the carry c = r - q at which both
 * have the same implied volatility, and a robust line through the forwards these carries give.
 *
 *   gap(c) = sigma_call(K; c) - sigma_put(K; c) = 0,   G_i = S e^(c_i T) = G + slope (K_i - middle)
 *
 * American prices have no parity: early exercise lifts both sides of C - P, but one volatility a strike remains. A line that is not
 * flat says that the rate or the dividends assumed are not the market's; the carry is that of its height at the
 * money. G is the forward, but for the cash dividends given.
 */
import { exp } from '../math/exponential.js';
import { log, logRatio } from '../math/logarithm.js';
import { robustLine } from '../math/robust-line.js';
import { medianOf, square } from '../math/summary.js';
import { american } from '../pricing/american.js';
import type { Accuracy, AmericanOption } from '../pricing/american.js';
import { createForwardCurve, forwardPrice } from '../pricing/curves.js';
import type { CashDividend } from '../pricing/curves.js';
import type { OptionType } from '../pricing/option.js';

/** One strike with both options quoted on both sides. */
export interface AmericanPair {
  strike: number;
  callBid: number;
  callAsk: number;
  putBid: number;
  putAsk: number;
}

/** What is known about the share besides its options. */
export interface CarryTerms {
  spot: number;
  timeToExpiry: number;
  rate: number;
  /** Standard deviation of the rate, a year. */
  rateError: number;
  /** Cash dividends, escrowed: their value is held in riskless cash. */
  dividends: readonly CashDividend[] | undefined;
  accuracy: Accuracy;
}

export interface AmericanCarry {
  /** r - q, a year: what the share earns less what it pays, besides the cash dividends given. */
  carry: number;
  standardDeviation: number;
  pairsUsed: number;
  /** Near-the-money pairs whose bid-ask volatilities overlap at this carry, and how many pairs there are. */
  equal: number;
  near: number;
  /** d G_i / d K_i: 0 where rate and dividends are the market's. */
  slope: number;
}

/** Pairs this many standard deviations of the price from the forward are near the money, and always the nearest few. */
const NEAR_WIDTH = 0.25;
const ALWAYS_NEAR = 4;
/** No more than this many pairs, spread over those near the money. */
const MOST_PAIRS = 16;
const MINIMUM_PAIRS = 2;
const OUTLIER_CUT = 4;
/** Doubt about the slope where the rate is known: dividends are not. */
const SLOPE_ERROR = 2e-3;
const MAXIMUM_STEPS = 40;

type PairCarry = { strike: number; grown: number; deviation: number };

/** The implied carry of the pairs, or how many of them say anything where they are fewer than two. */
export function americanCarry(pairs: readonly AmericanPair[], terms: CarryTerms): AmericanCarry | number {
  const near = nearTheMoney(pairs, terms);
  const found = near.flatMap((pair) => pairCarry(pair, terms) ?? []);
  if (found.length < MINIMUM_PAIRS) return found.length;
  const { spot, timeToExpiry, rateError } = terms;
  const middle = medianOf(found.map(({ grown }) => grown));
  const money = parityForward(pairs, terms);
  const unit = Math.max(...found.map(({ strike }) => Math.abs(strike - money))) || money;
  const usual = medianOf(found.map(({ deviation }) => deviation));
  const line = robustLine(
    Float64Array.from(found, ({ strike }) => (strike - money) / unit),
    Float64Array.from(found, ({ grown }) => grown - middle),
    Float64Array.from(found, ({ deviation }) => Math.max(deviation, 0.1 * usual, 1e-9 * middle)),
    {
      prior: {
        atIntercept: 0,
        atSlope: 1 / unit,
        target: 0,
        standardDeviation: Math.sqrt(square(SLOPE_ERROR) + square(rateError * timeToExpiry)),
      },
      outlierCut: OUTLIER_CUT,
    },
  );
  const grown = middle + line.intercept;
  const carry = logRatio(grown, spot) / timeToExpiry;
  return {
    carry,
    standardDeviation: Math.sqrt(line.covariance[0]) / (grown * timeToExpiry),
    pairsUsed: found.length - line.outlier.reduce((sum, one) => sum + one, 0),
    equal: near.filter((pair) => volatilitiesOverlap(pair, carry, terms)).length,
    near: near.length,
    slope: line.slope / unit,
  };
}

/** The forward of each pair by European parity: what exercise early is worth is missing, but it is near enough to choose strikes. */
export function parityForward(
  pairs: readonly AmericanPair[],
  { spot, rate, timeToExpiry }: Pick<CarryTerms, 'spot' | 'rate' | 'timeToExpiry'>,
): number {
  const nearest = [...pairs]
    .sort((a, b) => Math.abs(a.strike - spot) - Math.abs(b.strike - spot) || a.strike - b.strike)
    .slice(0, 5);
  return medianOf(nearest.map((pair) => pair.strike + exp(rate * timeToExpiry) * difference(pair)));
}

const difference = (pair: AmericanPair): number =>
  0.5 * (pair.callBid + pair.callAsk) - 0.5 * (pair.putBid + pair.putAsk);

function nearTheMoney(pairs: readonly AmericanPair[], terms: CarryTerms): AmericanPair[] {
  if (pairs.length === 0) return [];
  const forward = parityForward(pairs, terms);
  const distance = ({ strike }: AmericanPair): number => Math.abs(strike - forward);
  const byDistance = [...pairs].sort((a, b) => distance(a) - distance(b) || a.strike - b.strike);
  const straddle = medianOf(
    byDistance.slice(0, 3).map((p) => 0.5 * (p.callBid + p.callAsk + p.putBid + p.putAsk) - distance(p)),
  );
  // At the money a straddle is worth 2 n(0) standard deviations of the price.
  const width = NEAR_WIDTH * Math.sqrt(0.5 * Math.PI) * Math.max(straddle, 0);
  const near = byDistance.filter((pair, rank) => rank < ALWAYS_NEAR || distance(pair) <= width);
  near.sort((a, b) => a.strike - b.strike);
  const step = Math.max(1, (near.length - 1) / (MOST_PAIRS - 1));
  return near.filter((_, i) => i === 0 || Math.floor(i / step) > Math.floor((i - 1) / step));
}

/** An option at a carry, as the engines take it. */
export function americanOption(
  type: OptionType,
  strike: number,
  carry: number,
  { spot, timeToExpiry, rate, dividends }: Pick<CarryTerms, 'spot' | 'timeToExpiry' | 'rate' | 'dividends'>,
): Omit<AmericanOption, 'volatility'> {
  const dividendYield = rate - carry;
  return { type, spot, strike, timeToExpiry, rate, dividendYield, dividends, dividendModel: 'escrowed' };
}

/** Volatility and its derivative by price; undefined where the price has none. */
function implied(
  type: OptionType,
  strike: number,
  price: number,
  carry: number,
  terms: CarryTerms,
): { volatility: number; perPrice: number } | undefined {
  const found = american.impliedVolatility(americanOption(type, strike, carry, terms), price, terms.accuracy);
  return found.ok ? { volatility: found.volatility, perPrice: found.dVolatilityDPrice } : undefined;
}

/** What cash dividends to expiry are worth then, the share paying nothing else. */
function dividendsAtExpiry({ spot, rate, timeToExpiry, dividends }: CarryTerms): number {
  if (dividends === undefined) return 0;
  return spot * exp(rate * timeToExpiry) - forwardPrice(createForwardCurve({ spot, rate, dividends }), timeToExpiry);
}

/** The carry at which the mid prices of call and put have one volatility. Undefined where no carry makes them agree. */
function pairCarry(pair: AmericanPair, terms: CarryTerms): PairCarry | undefined {
  const { spot, timeToExpiry, rate } = terms;
  const { strike } = pair;
  const call = 0.5 * (pair.callBid + pair.callAsk);
  const put = 0.5 * (pair.putBid + pair.putAsk);
  if (call <= spot - strike || put <= strike - spot) return undefined;
  const start = strike + exp(rate * timeToExpiry) * (call - put) + dividendsAtExpiry(terms);
  if (!(start > 0)) return undefined;
  const halfCall = 0.5 * (pair.callAsk - pair.callBid);
  const halfPut = 0.5 * (pair.putAsk - pair.putBid);

  let lower = -Infinity;
  let upper = Infinity;
  let carry = log(start / spot) / timeToExpiry;
  let step = Math.max((halfCall + halfPut) / spot, 1e-5) / timeToExpiry;
  let before = NaN;
  let gapBefore = NaN;
  for (let i = 0; i < MAXIMUM_STEPS; i++) {
    const ofCall = implied('call', strike, call, carry, terms);
    const ofPut = implied('put', strike, put, carry, terms);
    if (!ofCall && !ofPut) return undefined;
    // The more it carries, the more the call is worth: without a volatility it is worth too much already.
    const gap = !ofCall ? -Infinity : !ofPut ? Infinity : ofCall.volatility - ofPut.volatility;
    if (gap > 0) lower = carry;
    else upper = carry;
    const secant = (gap - gapBefore) / (carry - before);
    let next = carry - gap / secant;
    if (gap === 0 || Math.abs(next - carry) * timeToExpiry < 1e-10) {
      const perGrown = Math.abs(secant) / (start * timeToExpiry);
      if (!ofCall || !ofPut || !(perGrown > 0)) return undefined;
      const width = Math.sqrt(square(halfCall * ofCall.perPrice) + square(halfPut * ofPut.perPrice));
      const grown = spot * exp((gap === 0 ? carry : next) * timeToExpiry);
      return { strike, grown, deviation: width / Math.sqrt(3) / perGrown };
    }
    if (!(next > lower && next < upper)) {
      if (lower === -Infinity) next = carry - step;
      else if (upper === Infinity) next = carry + step;
      else next = 0.5 * (lower + upper);
      step *= 2;
    }
    if (gap > -Infinity && gap < Infinity) {
      before = carry;
      gapBefore = gap;
    }
    carry = next;
  }
  return undefined;
}

/** Whether some volatility lies between bid and ask of both options. A side without a volatility is open. */
function volatilitiesOverlap(pair: AmericanPair, carry: number, terms: CarryTerms): boolean {
  const { strike } = pair;
  const at = (type: OptionType, price: number): number | undefined =>
    implied(type, strike, price, carry, terms)?.volatility;
  const callAsk = at('call', pair.callAsk);
  const putAsk = at('put', pair.putAsk);
  if (callAsk === undefined || putAsk === undefined) return false;
  const rounding = 1e-6 * callAsk;
  return (at('call', pair.callBid) ?? 0) <= putAsk + rounding && (at('put', pair.putBid) ?? 0) <= callAsk + rounding;
}
