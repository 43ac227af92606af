/**
 * Discount and forward curves: plain immutable data in, factors and forwards out.
 *
 *   DF(T) = e^(-z(T) T),  F(T) = [S Q(T) - sum_{0 < t_i <= T} d_i DF(t_i) Q(T)/Q(t_i)] / DF(T)
 *
 * z is the continuously compounded zero rate, Q the growth lost to a continuous dividend yield (or a borrow fee or a foreign
 * rate), d_i the cash dividends. Between nodes ln DF is linear in time (the instantaneous forward rate is constant), from
 * ln DF(0) = 0 on; after the last node the last forward rate goes on. With interpolation 'linear-zero' it is z that is linear
 * between nodes, and flat outside them.
 *
 * A `Rate` is a number or a curve; zeroRate(rate, T) turns either into the flat rate that gives the same discount factor.
 * Sources: Hagan and West, Interpolation methods for curve construction (2006); Hull, Options, Futures (forwards on assets
 * with known income).
 */
import {
  requireArray,
  requireFinite,
  requireNonNegative,
  requireObject,
  requireOneOf,
  requirePositive,
} from '../check.js';
import { InputError } from '../errors.js';
import { exp } from '../math/exponential.js';
import { log } from '../math/logarithm.js';

export type CurveInterpolation = 'log-linear' | 'linear-zero';

/** A discount curve as data: nodes in years (ascending, above 0) and ln of the discount factor at each. */
export interface DiscountCurve {
  readonly interpolation: CurveInterpolation;
  readonly times: readonly number[];
  readonly logDiscountFactors: readonly number[];
}

/** A flat continuously compounded rate, or a curve. */
export type Rate = number | DiscountCurve;

export interface CashDividend {
  /** Years from now to the ex-dividend date. */
  timeToExDate: number;
  /** Per share, in the currency of the spot. */
  amount: number;
}

/** What a forward curve is made of. */
export interface ForwardCurve {
  readonly spot: number;
  readonly rate: Rate;
  /** Continuous: a dividend yield, a borrow fee, a foreign rate. */
  readonly dividendYield: Rate;
  /** In order of ex-dates; those at time 0 have already left the spot. */
  readonly dividends: readonly Readonly<CashDividend>[];
}

export type DiscountCurveInput = { times: readonly number[]; interpolation?: CurveInterpolation | undefined } & (
  | { zeroRates: readonly number[]; discountFactors?: undefined }
  | { discountFactors: readonly number[]; zeroRates?: undefined }
);

/**
 * A discount curve from zero rates (continuously compounded decimals) or discount factors at `times` (years, ascending, above
 * 0). Negative rates are fine. Throws an InputError for an empty or unordered curve, unequal lengths or a bad number.
 */
export function createDiscountCurve(input: DiscountCurveInput): DiscountCurve {
  requireObject('curve', input);
  const interpolation = requireOneOf('interpolation', input.interpolation ?? 'log-linear', [
    'log-linear',
    'linear-zero',
  ]);
  const times = requireArray('times', input.times).map((time, i) => requirePositive(`times[${i}]`, time));
  if (times.length === 0) throw new InputError('times', times, 'at least one time');
  times.forEach((time, i) => {
    if (i > 0 && !(time > times[i - 1]!)) throw new InputError(`times[${i}]`, time, 'above the time before it');
  });
  if ((input.zeroRates === undefined) === (input.discountFactors === undefined)) {
    throw new InputError('zeroRates', input.zeroRates, 'given where discountFactors is not, and missing where it is');
  }
  const logDiscountFactors =
    input.zeroRates !== undefined
      ? sameLength('zeroRates', input.zeroRates, times).map((r, i) => -requireFinite(`zeroRates[${i}]`, r) * times[i]!)
      : sameLength('discountFactors', input.discountFactors, times).map((factor, i) =>
          log(requirePositive(`discountFactors[${i}]`, factor)),
        );
  return Object.freeze({
    interpolation,
    times: Object.freeze(times),
    logDiscountFactors: Object.freeze(logDiscountFactors),
  });
}

function sameLength(field: string, values: unknown, times: readonly number[]): readonly unknown[] {
  const list = requireArray(field, values);
  if (list.length !== times.length)
    throw new InputError(field, list.length, `as many values as times, ${times.length}`);
  return list;
}

/** ln DF(T) of a rate or curve; T in years, 0 or more. Throws an InputError otherwise. */
export function logDiscountFactor(rate: Rate, timeToExpiry: number, field = 'rate'): number {
  const time = requireNonNegative('timeToExpiry', timeToExpiry);
  if (typeof rate === 'number') return -requireFinite(field, rate) * time;
  const curve = requireCurve(field, rate);
  return curve.interpolation === 'linear-zero' ? -linearZeroRate(curve, time) * time : linearLogFactor(curve, time);
}

/** The discount factor to T years; 1 at T = 0. */
export function discountFactor(rate: Rate, timeToExpiry: number): number {
  return exp(logDiscountFactor(rate, timeToExpiry));
}

/**
 * The continuously compounded rate that gives the same discount factor at T; at T = 0 the limit, the instantaneous rate. The
 * Greeks of a spot model fed with it take this rate as flat: rho is the derivative by a parallel shift of the curve, and theta
 * holds the zero rate to expiry. `field` names the argument in an InputError.
 */
export function zeroRate(rate: Rate, timeToExpiry: number, field = 'rate'): number {
  if (typeof rate === 'number') return requireFinite(field, rate);
  const time = requireNonNegative('timeToExpiry', timeToExpiry);
  const curve = requireCurve(field, rate);
  if (curve.interpolation === 'linear-zero') return linearZeroRate(curve, time);
  // Below the first node every zero rate is the first node's; this also serves T = 0.
  return time <= curve.times[0]!
    ? -curve.logDiscountFactors[0]! / curve.times[0]!
    : -linearLogFactor(curve, time) / time;
}

/** The continuously compounded rate from one time to a later one, as both are discounted today. */
export function forwardRate(rate: Rate, from: number, to: number): number {
  requireNonNegative('from', from);
  if (!(requirePositive('to', to) > from)) throw new InputError('to', to, `above from, ${from}`);
  return (logDiscountFactor(rate, from) - logDiscountFactor(rate, to)) / (to - from);
}

function requireCurve(field: string, rate: unknown): DiscountCurve {
  const curve = typeof rate === 'object' && rate !== null ? (rate as Partial<DiscountCurve>) : {};
  const { times, logDiscountFactors } = curve;
  if (
    !Array.isArray(times) ||
    times.length === 0 ||
    !Array.isArray(logDiscountFactors) ||
    times.length !== logDiscountFactors.length
  ) {
    throw new InputError(field, rate, 'a finite number or a curve made by createDiscountCurve');
  }
  return curve as DiscountCurve;
}

/** Index of the segment (i - 1, i) that holds `time`, between 1 and the last node. */
function segment(times: readonly number[], time: number): number {
  let low = 1;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function linearLogFactor({ times, logDiscountFactors }: DiscountCurve, time: number): number {
  if (time <= times[0]! || times.length === 1) return logDiscountFactors[0]! * (time / times[0]!);
  const i = segment(times, time);
  return interpolate(times, logDiscountFactors, i, time);
}

function linearZeroRate({ times, logDiscountFactors }: DiscountCurve, time: number): number {
  const zero = (i: number): number => -logDiscountFactors[i]! / times[i]!;
  const last = times.length - 1;
  if (time <= times[0]!) return zero(0);
  if (time >= times[last]!) return zero(last);
  const i = segment(times, time);
  const weight = (time - times[i - 1]!) / (times[i]! - times[i - 1]!);
  return zero(i - 1) + weight * (zero(i) - zero(i - 1));
}

/** The line through nodes i - 1 and i, taken from the nearer end so that nodes are met exactly. */
function interpolate(times: readonly number[], values: readonly number[], i: number, time: number): number {
  const [t0, t1, y0, y1] = [times[i - 1]!, times[i]!, values[i - 1]!, values[i]!];
  const slope = (y1 - y0) / (t1 - t0);
  return time - t0 < t1 - time ? y0 + slope * (time - t0) : y1 + slope * (time - t1);
}

/**
 * A forward curve: spot above 0, rate and dividend yield as numbers or discount curves (0 where missing), cash dividends of 0
 * or more at times of 0 or more, in any order. Throws an InputError otherwise.
 */
export function createForwardCurve(input: {
  spot: number;
  rate?: Rate | undefined;
  dividendYield?: Rate | undefined;
  dividends?: readonly CashDividend[] | undefined;
}): ForwardCurve {
  requireObject('curve', input);
  const { rate = 0, dividendYield = 0, dividends = [] } = input;
  zeroRate(rate, 0, 'rate');
  zeroRate(dividendYield, 0, 'dividendYield');
  const listed = requireArray('dividends', dividends).map((entry, i) => {
    const { timeToExDate, amount } = requireObject(`dividends[${i}]`, entry);
    return Object.freeze({
      timeToExDate: requireNonNegative(`dividends[${i}].timeToExDate`, timeToExDate),
      amount: requireNonNegative(`dividends[${i}].amount`, amount),
    });
  });
  listed.sort((a, b) => a.timeToExDate - b.timeToExDate);
  return Object.freeze({
    spot: requirePositive('spot', input.spot),
    rate,
    dividendYield,
    dividends: Object.freeze(listed),
  });
}

/** dF(T)/dS = Q(T)/DF(T): multiply a forward delta by it for a spot delta, a forward gamma by its square. */
export function forwardSpotSensitivity(curve: ForwardCurve, timeToExpiry: number): number {
  requireObject('curve', curve);
  return exp(logDiscountFactor(curve.dividendYield, timeToExpiry) - logDiscountFactor(curve.rate, timeToExpiry));
}

/**
 * The forward for delivery in T years. Dividends up to and including T are taken out; one that would leave nothing of the
 * spot throws an InputError.
 */
export function forwardPrice(curve: ForwardCurve, timeToExpiry: number): number {
  const growth = forwardSpotSensitivity(curve, timeToExpiry);
  let spot = curve.spot;
  for (const { timeToExDate, amount } of curve.dividends) {
    if (timeToExDate > timeToExpiry) break;
    if (timeToExDate > 0) spot -= amount / forwardSpotSensitivity(curve, timeToExDate);
  }
  if (!(spot > 0)) throw new InputError('dividends', spot, 'worth less than the spot');
  return spot * growth;
}

/** The flat dividend yield that gives the forward of the curve at T (above 0): r(T) - ln(F/S)/T. */
export function impliedDividendYield(curve: ForwardCurve, timeToExpiry: number): number {
  const time = requirePositive('timeToExpiry', timeToExpiry);
  return zeroRate(curve.rate, time) - log(forwardPrice(curve, time) / curve.spot) / time;
}

/** The methods of a curve, for those who prefer them to functions: factors and forwards at a time in years. */
export interface CurveView {
  discountFactor(timeToExpiry: number): number;
  zeroRate(timeToExpiry: number): number;
  forward(timeToExpiry: number): number;
}

/** View of a forward curve: discountFactor(T), zeroRate(T) and forward(T). */
export function openCurve(curve: ForwardCurve): CurveView {
  requireObject('curve', curve);
  return Object.freeze({
    discountFactor: (timeToExpiry: number) => discountFactor(curve.rate, timeToExpiry),
    zeroRate: (timeToExpiry: number) => zeroRate(curve.rate, timeToExpiry),
    forward: (timeToExpiry: number) => forwardPrice(curve, timeToExpiry),
  });
}

/** An option record with curves allowed wherever it takes a flat rate. */
export type OnCurves<Option> = {
  [Field in keyof Option]: Field extends 'rate' | 'dividendYield' | 'domesticRate' | 'foreignRate'
    ? Option[Field] | DiscountCurve
    : Option[Field];
};
