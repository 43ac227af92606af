/**
 * The exercise boundary to begin with: its behaviour next to expiry, bent towards its perpetual level.
 *
 *   y = ln(X/B),   y = Y (1 - e^(-c s / Y)),  s = sigma sqrt(tau),   Y = ln(X/B(inf))
 *
 *   r >= q:  c^2 = ln(12 + 10 sqrt(a) + 1.6 a) or 2 ln(25 + e), the lesser;  a = sigma^2 / (8 pi tau (r - q)^2),  e = 1 / (4 q sqrt(pi tau))
 *   r <  q:  c = 0.639, or what r = q would give for the distance from the strike, where that is more
 *
 * The leading logarithms are those of Evans, Kuske and Keller, American options on assets with dividends near expiry (2002), whose
 * constant for r < q is 0.4517 sqrt 2; the rest is read off solved boundaries. It is within a tenth of y as a rule: Newton's method
 * does the rest.
 */
import { exp } from '../../math/exponential.js';
import { log } from '../../math/logarithm.js';

const SHORT_SLOPE = 0.6388;

/**
 * ln(K/B) of a put without expiry: strike over perpetual boundary; Infinity where exercise never stops paying less. For negative
 * rates without perpetual boundary the real part of the complex one, which serves as the direction to bend to.
 */
export function perpetualDepth(rate: number, dividendYield: number, volatility: number): number {
  const variance = volatility * volatility;
  const drift = (rate - dividendYield) / variance - 0.5;
  const square = drift * drift + (2 * rate) / variance;
  const root = square > 0 ? Math.sqrt(square) : 0;
  // The negative root of the perpetual equation, without cancellation.
  const power = drift > 0 ? -(drift + root) : (-2 * rate) / variance / (root - drift);
  return power < 0 ? log(1 - 1 / power) : Infinity;
}

/** y of the put's upper edge of exercise, from its perpetual depth under the strike (`perpetual`) and ln(K/X) (`offset`). */
export function startingDepth(
  rate: number,
  dividendYield: number,
  volatility: number,
  timeToExpiry: number,
  perpetual: number,
  offset: number,
): number {
  const s = volatility * Math.sqrt(timeToExpiry);
  const long = bent(longSlope(rate, dividendYield, volatility, timeToExpiry, offset > 0) * s, perpetual);
  if (!(offset > 0)) return long;
  const short = bent(SHORT_SLOPE * s, perpetual - offset);
  return short > long - offset ? short : long - offset;
}

function bent(depth: number, limit: number): number {
  return limit > 1e3 * depth ? depth : limit * (1 - exp(-depth / limit));
}

function longSlope(
  rate: number,
  dividendYield: number,
  volatility: number,
  timeToExpiry: number,
  even: boolean,
): number {
  const carry = even ? 0 : rate - dividendYield;
  const a = (volatility * volatility) / (8 * Math.PI * timeToExpiry * carry * carry);
  const e = 1 / (4 * Math.abs(dividendYield) * Math.sqrt(Math.PI * timeToExpiry));
  const byCarry = a < 1e18 ? log(12 + 10 * Math.sqrt(a) + 1.6 * a) : Infinity;
  const byYield = e < 1e18 ? 2 * log(25 + e) : Infinity;
  const least = byCarry < byYield ? byCarry : byYield;
  return Math.sqrt(least < 80 ? least : 80);
}
