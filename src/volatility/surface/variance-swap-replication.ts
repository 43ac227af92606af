/**
 * Discrete replication of a variance swap by a static portfolio of options. The log payoff
 *
 *   f(S) = 2/T [ (S - X)/X - ln(S/X) ]
 *
 * is approximated from above by straight lines between the strikes: puts below the boundary X, calls above it, each weight the
 * change of slope at its strike. With the options' value Pi the fair annualised variance is
 *
 *   2/T [ (r - q) T - (S/X e^((r-q) T) - 1) - ln(X/S) ] + e^(r T) Pi
 *
 * Demeterfi, Derman, Kamal and Zou, "More than you ever wanted to know about volatility swaps" (1999), section "Replicating
 * variance swaps: practical". The outermost line on each side keeps the spacing of the last two strikes.
 */
import { requireArray, requireFinite, requireNonNegative, requireOneOf, requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import { exp } from '../../math/exponential.js';
import { logRatio } from '../../math/logarithm.js';
import { blackScholes } from '../../pricing/black-scholes.js';
import type { OptionType } from '../../pricing/option.js';

/**
 * Fair variance (annualised, a decimal squared) and the number of each option held, in the order given. The boundary is the
 * greatest put strike unless given; puts must lie at or below it and calls at or above it, two of each at least.
 * Throws InputError where they do not, or on a strike listed twice on one side.
 */
export function replicateVarianceSwap(i: {
  spot: number;
  rate: number;
  dividendYield?: number | undefined;
  timeToExpiry: number;
  boundary?: number | undefined;
  options: { type: OptionType; strike: number; volatility: number }[];
}): { variance: number; weights: number[] } {
  const spot = requirePositive('spot', i.spot);
  const rate = requireFinite('rate', i.rate);
  const dividendYield = i.dividendYield === undefined ? 0 : requireFinite('dividendYield', i.dividendYield);
  const timeToExpiry = requirePositive('timeToExpiry', i.timeToExpiry);
  requireArray('options', i.options);
  i.options.forEach((option, at) => {
    requireOneOf(`options[${at}].type`, option.type, ['call', 'put']);
    requirePositive(`options[${at}].strike`, option.strike);
    requireNonNegative(`options[${at}].volatility`, option.volatility);
  });
  const outwards = (type: OptionType): number[] =>
    i.options
      .map((_, at) => at)
      .filter((at) => i.options[at]!.type === type)
      .sort((a, b) => (type === 'call' ? 1 : -1) * (i.options[a]!.strike - i.options[b]!.strike));
  const puts = outwards('put');
  const calls = outwards('call');
  if (puts.length < 2 || calls.length < 2) {
    throw new InputError('options', i.options, 'at least two puts and two calls');
  }
  const greatestPut = i.options[puts[0]!]!.strike;
  const boundary = i.boundary === undefined ? greatestPut : requirePositive('boundary', i.boundary);
  if (greatestPut > boundary || i.options[calls[0]!]!.strike < boundary) {
    throw new InputError('boundary', boundary, 'between the greatest put strike and the least call strike');
  }

  const payoff = (s: number): number => (2 / timeToExpiry) * ((s - boundary) / boundary - logRatio(s, boundary));
  const weights = new Array<number>(i.options.length).fill(0);
  for (const side of [puts, calls]) {
    const strikes = side.map((at) => i.options[at]!.strike);
    const last = strikes.length - 1;
    strikes.push(2 * strikes[last]! - strikes[last - 1]!);
    if (!(strikes[last + 1]! > 0)) strikes[last + 1] = 0.5 * strikes[last]!;
    let slopeSoFar = 0;
    side.forEach((at, n) => {
      const width = Math.abs(strikes[n + 1]! - strikes[n]!);
      if (width === 0) throw new InputError(`options[${at}].strike`, strikes[n], 'listed once on its side');
      const slope = (payoff(strikes[n + 1]!) - payoff(strikes[n]!)) / width;
      weights[at] = slope - slopeSoFar;
      slopeSoFar = slope;
    });
  }
  let value = 0;
  i.options.forEach((option, at) => {
    value += weights[at]! * blackScholes.price({ ...option, spot, timeToExpiry, rate, dividendYield });
  });
  const carry = (rate - dividendYield) * timeToExpiry;
  const forwardPart = carry - ((spot / boundary) * exp(carry) - 1) - logRatio(boundary, spot);
  return { variance: (2 / timeToExpiry) * forwardPart + exp(rate * timeToExpiry) * value, weights };
}
