/**
 * The trades that collect on an arbitrage. Strikes are multiples of the forward and credits are undiscounted fractions of it;
 * a slice knows its total variance only, so expiries are counted: 1 is the (earlier) slice, 2 the later one.
 *
 * Differences of prices are integrals of a quantity of one sign, so that a credit is right to many digits however small:
 *
 *   out-of-the-money price        = integral of phi(-k/v + v/2) dv from 0 to sqrt(w)
 *   butterfly with strikes K -+ h = integral of tent(x) C''(x) dx,   C''(x) = g phi(d2) / (x sqrt(w))
 */
import { binaryExponent, dyadic } from '../../math/dyadic.js';
import { exp as expDouble } from '../../math/exponential.js';
import { exp, interval } from '../../math/interval.js';
import { log, log1p } from '../../math/logarithm.js';
import { normalPdf } from '../../math/normal.js';
import { integrate } from '../../math/quadrature.js';
import type { Leg } from './certificate.js';

export interface Trade {
  readonly trade: Leg[];
  readonly credit: number;
}

/** Where no finite position in doubles collects: the strikes or the credit are beyond the doubles. */
export const noTrade: Trade = { trade: [], credit: 0 };

/** |k| up to which e^k and prices at it are looked at. */
export const largestLogStrike = 690;

const TOLERANCE = 1e-10;

/** Price of the out-of-the-money option at k between total variances, per unit of the forward. */
export function priceBetween(k: number, lowerVariance: number, upperVariance: number): number {
  const density = (v: number): number => (v > 0 ? normalPdf(-k / v + 0.5 * v) : k === 0 ? normalPdf(0) : 0);
  const from = Math.sqrt(lowerVariance);
  const to = Math.sqrt(upperVariance);
  // The price starts to grow where |k|/v falls below about 38.
  const start = Math.max(from, Math.min(to, Math.abs(k) / 39));
  return integrate(density, start, to, TOLERANCE, [0.5 * (start + to)]).value;
}

/** The strikes that are certain to lie within [e^lower, e^upper]. */
function strikeRange(lower: number, upper: number): [number, number] {
  const from = lower < -largestLogStrike ? expDouble(-largestLogStrike) : exp(interval(lower)).upper;
  const to = upper > largestLogStrike ? expDouble(largestLogStrike) : exp(interval(upper)).lower;
  return [from, to];
}

/**
 * One option each at K - h and K + h against two sold at K, all within a stretch where the density is negative. The payoff is a
 * tent, never negative; the price is the integral of the tent against the density, so it is negative.
 */
export function butterflyTrade(
  stretch: readonly [number, number],
  worst: number,
  density: (k: number) => SliceAt,
): Trade {
  if (Math.abs(worst) > largestLogStrike) return noTrade;
  const [from, to] = strikeRange(...stretch);
  // Next to an end of the stretch the centre gives way, so that there is room for the wings.
  const wanted = 0.25 * Math.min(to - from, expDouble(worst));
  let centre = Math.min(to - wanted, Math.max(from + wanted, expDouble(worst)));
  const room = Math.min(centre - from, to - centre, 0.5 * centre);
  // Strikes are multiples of a step that all three doubles hold exactly, so that the payoff outside them is exactly 0.
  const step = 2 ** (binaryExponent(dyadic(centre)) - 50);
  centre = Math.round(centre / step) * step;
  const half = Math.floor((0.9 * room) / step) * step;
  if (!(half >= 2 * step && centre - half >= from && centre + half <= to)) return noTrade;
  const middle = log(centre);
  // Over the distance y from the centre, so that strikes close together keep their digits.
  const tent = (y: number): number => {
    const k = middle + log1p(y / centre);
    const { g, w } = density(k);
    const root = Math.sqrt(w);
    return ((half - Math.abs(y)) * g * normalPdf(k / root + 0.5 * root)) / ((centre + y) * root);
  };
  // A stretch of few doubles is only resolved so far.
  const tolerance = Math.max(TOLERANCE, (2 ** -50 * (1 + Math.abs(middle)) * centre) / half);
  const credit = -integrate(tent, -half, half, tolerance, [0]).value;
  if (!(credit > 0)) return noTrade;
  const type = centre < 1 ? 'put' : 'call';
  const leg = (strike: number, quantity: number): Leg => ({ type, strike, timeToExpiry: 1, quantity });
  return { trade: [leg(centre - half, 1), leg(centre, -2), leg(centre + half, 1)], credit };
}

/** What a butterfly needs to know of the slice at k. */
export interface SliceAt {
  readonly g: number;
  readonly w: number;
}

/**
 * Where the total variance reaches 0 within [lower, upper], options there cost nothing more than intrinsic value, while options
 * farther out of the money still cost something: sell one of those against one bought at the edge.
 */
export function worthlessOptionTrade(zeros: readonly [number, number], totalVariance: (k: number) => number): Trade {
  const [lower, upper] = zeros;
  // Puts below the forward if the left edge is there, else calls: the right edge is then above the forward.
  const side = lower <= 0 ? -1 : 1;
  const edge = side < 0 ? lower : upper;
  if (Math.abs(edge) > largestLogStrike) return noTrade;
  const strike = expDouble(edge + side * 1e-9 * (1 + Math.abs(edge)));
  const near = log(strike);
  const bought = priceBetween(near, 0, Math.max(0, totalVariance(near)));
  let best = noTrade;
  for (let distance = 2 ** -10; distance <= 64; distance *= 2) {
    const soldStrike = expDouble(edge + side * distance);
    const k = log(soldStrike);
    if (Math.abs(k) > largestLogStrike) break;
    const credit = priceBetween(k, 0, Math.max(0, totalVariance(k))) - bought;
    if (credit > best.credit && credit > bought) {
      const type = side < 0 ? 'put' : 'call';
      best = {
        trade: [
          { type, strike: soldStrike, timeToExpiry: 1, quantity: -1 },
          { type, strike, timeToExpiry: 1, quantity: 1 },
        ],
        credit,
      };
    }
  }
  return best;
}

/**
 * One option sold at the earlier expiry against the same moneyness bought at the later one, where the later variance is less;
 * `variances` gives the later variance at k and how far the earlier one is above it.
 */
export function calendarTrade(k: number, variances: (k: number) => { later: number; excess: number }): Trade {
  if (Math.abs(k) > largestLogStrike) return noTrade;
  const strike = expDouble(k);
  const at = log(strike);
  const { later, excess } = variances(at);
  if (!(later >= 0 && excess > 0)) return noTrade;
  const root = Math.sqrt(later);
  // Next to each other the two roots lose their difference: there the price moves by phi(d1) times it.
  const credit =
    excess > 1e-6 * later
      ? priceBetween(at, later, later + excess)
      : (normalPdf(-at / root + 0.5 * root) * excess) / (2 * root);
  if (!(credit > 0)) return noTrade;
  const type = strike < 1 ? 'put' : 'call';
  return {
    trade: [
      { type, strike, timeToExpiry: 1, quantity: -1 },
      { type, strike, timeToExpiry: 2, quantity: 1 },
    ],
    credit,
  };
}
