/**
 * How the residual of a quote depends on the quote and on the forward, for the smile held still:
 *
 *   r = (y - b) c,   b = y(q),   c = 1 / (e dy/dsigma)
 *
 * q is the quoted volatility, or the side of a bound that the smile is beyond; y, e and the weights are those of quotes.ts. The
 * forward is multiplied by e^t at fixed strikes and quoted volatilities, so k falls by t.
 */
import { BLEND_SEPARATOR } from '../../market/slice-inputs.js';
import type { SliceInput } from '../../market/slice.js';
import { exp as exponential, expm1 } from '../../math/exponential.js';
import {
  add,
  divide,
  exp,
  fromGradient,
  multiply,
  normalCdf,
  normalPdf,
  scale,
  sqrt,
  subtract,
  variable,
  variablesOf,
} from '../../math/jet.js';
import type { Jet } from '../../math/jet.js';
import { hazardExcess, inverseGaussian, SQRT_TWO_PI } from '../../math/mills.js';
import { normalCdf as standardNormalCdf } from '../../math/normal.js';
import type { FitObjective } from './fit.js';
import { LEAST_VEGA, otmPrice, placeOf, spaceSlope, vega } from './quotes.js';
import type { FitQuotes, Space } from './quotes.js';

/** One entry a quote. */
export interface QuoteDerivatives {
  /** db/dq and db/dt. */
  target: Float64Array;
  targetByForward: Float64Array;
  /** Of ln c through dy/dsigma. */
  scale: Float64Array;
  scaleByForward: Float64Array;
  /** Of ln(1/e) of the quote itself, and of every quote together through the median of the weights. */
  weight: Float64Array;
  weightByForward: Float64Array;
  allWeights: Float64Array;
  allWeightsByForward: number;
}

/** `residual` are the residuals at the fit, by which the side of a bound is told. */
export function quoteDerivatives(
  slice: SliceInput,
  objective: FitObjective,
  quotes: FitQuotes,
  residual: Float64Array,
): QuoteDerivatives {
  const { count, time, space, k } = quotes;
  const result: QuoteDerivatives = {
    target: new Float64Array(count),
    targetByForward: new Float64Array(count),
    scale: new Float64Array(count),
    scaleByForward: new Float64Array(count),
    weight: new Float64Array(count),
    weightByForward: new Float64Array(count),
    allWeights: new Float64Array(count),
    allWeightsByForward: 0,
  };
  const byVega = objective.weights === 'vega';
  for (let i = 0; i < count; i++) {
    const target = slice.volatility[i]!;
    const bid = slice.volatilityBid[i]!;
    const ask = slice.volatilityAsk[i]!;
    const at = placeOf(target, bid, ask);
    const side = target === target ? target : residual[i]! > 0 ? ask : bid;
    if (target === target || residual[i] !== 0) {
      result.target[i] = spaceSlope(space, k[i]!, side, time);
      if (space === 'price') result.targetByForward[i] = -otmSlope(k[i]!, side * Math.sqrt(time));
    }
    // A bound may be measured at its other side.
    const own = at === side ? 1 : 0;
    result.scale[i] = -own * slopeOfLogSlope(space, k[i]!, at, time);
    result.scaleByForward[i] = space === 'price' ? slopeOfLogVega(k[i]!, at, time).byK : 0;
    if (byVega && vega(k[i]!, at, time) > LEAST_VEGA) {
      const { byVolatility, byK } = slopeOfLogVega(k[i]!, at, time);
      result.weight[i] = own * byVolatility;
      result.weightByForward[i] = -byK;
    }
  }
  if (byVega) medianOfWeights(slice, quotes, result);
  return result;
}

/** d/dk of the undiscounted out-of-the-money value per unit of forward, at the deviation s: -+ e^k N(+-d2). */
function otmSlope(k: number, s: number): number {
  const d2 = -k / s - 0.5 * s;
  return k < 0 ? exponential(k) * standardNormalCdf(-d2) : -exponential(k) * standardNormalCdf(d2);
}

/** d ln(dy/dsigma) / dsigma */
function slopeOfLogSlope(space: Space, k: number, volatility: number, time: number): number {
  if (space === 'volatility') return 0;
  return space === 'variance' ? 1 / volatility : slopeOfLogVega(k, volatility, time).byVolatility;
}

/** With vega = n(d1) sqrt T: d ln vega / dsigma = d1 d2 / sigma, d ln vega / dk = d1 / (sigma sqrt T). */
function slopeOfLogVega(k: number, volatility: number, time: number): { byVolatility: number; byK: number } {
  const s = volatility * Math.sqrt(time);
  const d1 = 0.5 * s - k / s;
  return { byVolatility: (d1 * (d1 - s)) / volatility, byK: d1 / s };
}

/** Every 1/e is in proportion to the median of 1/vega over the targets: of the one or two quotes that make it. */
function medianOfWeights(slice: SliceInput, { count, k, time, volatility }: FitQuotes, out: QuoteDerivatives): void {
  const inverse = Array.from({ length: count }, (_, i) => 1 / Math.max(vega(k[i]!, volatility[i]!, time), LEAST_VEGA));
  const order = inverse
    .map((_, i) => i)
    .filter((i) => slice.volatility[i] === slice.volatility[i])
    .sort((a, b) => inverse[a]! - inverse[b]!);
  const middle = order.length >> 1;
  const makers = order.length % 2 === 1 ? [order[middle]!] : [order[middle - 1]!, order[middle]!];
  const sum = makers.reduce((total, i) => total + inverse[i]!, 0);
  for (const i of makers) {
    const share = inverse[i]! / sum;
    out.allWeights[i] = -share * out.weight[i]!;
    out.allWeightsByForward -= share * out.weightByForward[i]!;
  }
}

/** A quote's model value in the space of the fit, from the jet of its total variance, whose last variable is t. */
export function inSpaceOfFit({ space, time, k }: FitQuotes, i: number, w: Jet): Jet {
  if (space === 'variance') return w;
  if (space === 'volatility') return sqrt(scale(w, 1 / time));
  const t = variablesOf(w) - 1;
  const moneyness = variable(t + 1, t, -k[i]!);
  const s = sqrt(w);
  const distance = divide(moneyness, s);
  const half = scale(s, 0.5);
  const byVariance = divide(normalPdf(add(distance, half)), scale(s, 2));
  const d2 = subtract(distance, half);
  // Of a put below the forward and a call above it; the moneyness here is ln(F/K).
  const strike = exp(scale(moneyness, -1));
  const byMoneyness =
    k[i]! < 0 ? scale(multiply(strike, normalCdf(scale(d2, -1))), -1) : multiply(strike, normalCdf(d2));
  return fromGradient(otmPrice(k[i]!, s[0]!), [
    [byVariance, w],
    [byMoneyness, moneyness],
  ]);
}

/**
 * dsigma/dF of each quote at a fixed undiscounted price: -delta / vega of its out-of-the-money option, a ratio of Mills, or of a
 * point blended of call and put the mean of both. A bound moves like the side that is measured; a normal volatility by
 * Bachelier's formula. `displacement` is added to forward and strikes.
 */
export function volatilitiesByForward(
  input: SliceInput,
  isNormal: boolean,
  quotes: FitQuotes,
  displacement: number,
): number[] {
  const forward = input.forward + displacement;
  const root = Math.sqrt(quotes.time);
  return input.logMoneyness.map((k, i) => {
    const at = placeOf(input.volatility[i]!, input.volatilityBid[i]!, input.volatilityAsk[i]!);
    const s = at * root;
    const d = isNormal ? (-forward * expm1(k)) / s : 0.5 * s - k / s;
    const unit = isNormal ? root : forward * root;
    if (input.instrument[i]!.includes(BLEND_SEPARATOR)) return (0.5 * (millsRatio(d) - millsRatio(-d))) / unit;
    return (k < 0 ? millsRatio(d) : -millsRatio(-d)) / unit;
  });
}

/** N(-z) / n(z) */
function millsRatio(z: number): number {
  return z >= 0 ? 1 / (z + hazardExcess(z)) : standardNormalCdf(-z) * SQRT_TWO_PI * inverseGaussian(z);
}
