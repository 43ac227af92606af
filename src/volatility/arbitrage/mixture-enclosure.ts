/**
 * The density of slices between two, in interval arithmetic. With w, w' and w'' linear in a share x of the later slice,
 *
 *   p = w^2 g = (w - k w'/2)^2 - w'^2 w/4 - w'^2 w^2/16 + w^2 w''/2
 *
 * is a polynomial of degree four in x for each k,
 *
 *   p = sum over j of C_j(k) (1 - x)^(4-j) x^j,   C_0 = p of the earlier slice,   C_4 = p of the later one,
 *
 * a sum of terms that are not negative where no C_j is: all slices between the two at once. The C_j are products of the linear
 * functions written as pairs (value of the earlier, value of the later) and multiplied like polynomials.
 *
 * Far from the money the same is written in y = 1/k, with W = w/k and p/k^2:
 *
 *   p/k^2 = (W - w'/2)^2 - y w'^2 W/4 - w'^2 W^2/16 + W^2 w''/2
 *
 * which is smooth up to y = 0, so that an interval of y that begins at 0 is a wing with its end at infinity. A left wing is the right
 * one of the slice turned around.
 */
import type { Interval } from '../../math/interval.js';
import { add, interval, multiply, square, subtract } from '../../math/interval.js';
import type { IntervalSeries } from '../../math/interval-series.js';
import {
  addSeries,
  constant,
  differentiate,
  divideSeries,
  multiplySeries,
  scaleSeries,
  squareRootSeries,
  squareSeries,
  subtractSeries,
  taylorForm,
  variable,
} from '../../math/interval-series.js';
import type { HyperbolicSlice } from './hyperbola.js';
import { isRawSvi } from './hyperbola.js';
import type { Enclosure } from './interval-search.js';

/** w = A + B (rho u + R), u = phi k + c, R = sqrt(u^2 + s), with what rounding leaves open of the constants. */
export interface EnclosedHyperbola {
  level: Interval;
  scale: Interval;
  rho: Interval;
  offset: Interval;
  squared: Interval;
  curvature: Interval;
}

export function enclosedHyperbola(p: HyperbolicSlice): EnclosedHyperbola {
  const rho = interval(p.rho);
  if (isRawSvi(p)) {
    return {
      level: interval(p.a),
      scale: interval(p.b),
      rho,
      offset: interval(-p.m),
      squared: square(interval(p.sigma)),
      curvature: interval(1),
    };
  }
  const squared = multiply(subtract(interval(1), rho), add(interval(1), rho));
  const half = multiply(interval(0.5), interval(p.theta));
  return { level: multiply(half, squared), scale: half, rho, offset: rho, squared, curvature: interval(p.phi) };
}

/** The slice with k and -k exchanged: u becomes -u, rho -rho. */
export function turned(h: EnclosedHyperbola): EnclosedHyperbola {
  const minus = (x: Interval): Interval => interval(-x.upper, -x.lower);
  return { ...h, rho: minus(h.rho), offset: minus(h.offset) };
}

/** A power of two of |k| beyond which u stays away from 0 in both slices. */
export function farFromTheMoney(slices: readonly EnclosedHyperbola[]): number {
  let far = 2 ** -10;
  for (const { offset, squared, curvature } of slices) {
    const length =
      (Math.max(Math.abs(offset.lower), Math.abs(offset.upper)) + Math.sqrt(squared.upper)) / curvature.lower;
    while (far < 4 * length) far *= 2;
  }
  return far;
}

/** Taylor coefficients of w (or W), w', w'' over a box, each to the second order. */
interface SliceSeries {
  w: IntervalSeries;
  dw: IntervalSeries;
  d2w: IntervalSeries;
}

const LENGTH = 5;
const ORDER = 3;

/** Taylor coefficients of w over a box of k, to the fourth order. */
export function hyperbolaVariance(h: EnclosedHyperbola, box: Interval): IntervalSeries {
  const k = variable(box, LENGTH);
  const u = addSeries(scaleSeries(k, h.curvature), constant(h.offset, LENGTH));
  const root = squareRootSeries(addSeries(squareSeries(u), constant(h.squared, LENGTH)));
  const shape = scaleSeries(addSeries(scaleSeries(u, h.rho), root), h.scale);
  return addSeries(shape, constant(h.level, LENGTH));
}

function nearSeries(h: EnclosedHyperbola, box: Interval): SliceSeries {
  const w = hyperbolaVariance(h, box);
  const dw = differentiate(w);
  return { w: w.slice(0, ORDER), dw: dw.slice(0, ORDER), d2w: differentiate(dw) };
}

function farSeries(h: EnclosedHyperbola, box: Interval): SliceSeries {
  const y = variable(box, ORDER);
  const u = addSeries(constant(h.curvature, ORDER), scaleSeries(y, h.offset));
  const ySquared = squareSeries(y);
  const root = squareRootSeries(addSeries(squareSeries(u), scaleSeries(ySquared, h.squared)));
  const rising = scaleSeries(addSeries(scaleSeries(u, h.rho), root), h.scale);
  const w = addSeries(scaleSeries(y, h.level), rising);
  const slope = multiply(h.curvature, h.scale);
  const dw = scaleSeries(addSeries(constant(h.rho, ORDER), divideSeries(u, root)), slope);
  const bend = multiply(multiply(slope, h.curvature), h.squared);
  const cube = multiplySeries(root, squareSeries(root));
  const d2w = scaleSeries(divideSeries(multiplySeries(y, ySquared), cube), bend);
  return { w, dw, d2w };
}

/** A polynomial in the share, homogeneous in (1 - x, x): coefficient j belongs to x^j. */
type Mixed = readonly IntervalSeries[];

function product(p: Mixed, q: Mixed): Mixed {
  return Array.from({ length: p.length + q.length - 1 }, (_, n) => {
    let sum: IntervalSeries | undefined;
    for (let i = Math.max(0, n - q.length + 1); i <= Math.min(n, p.length - 1); i++) {
      const term = multiplySeries(p[i]!, q[n - i]!);
      sum = sum === undefined ? term : addSeries(sum, term);
    }
    return sum!;
  });
}

/** Times (1 - x) + x, which is 1. */
function raised(p: Mixed): Mixed {
  return Array.from({ length: p.length + 1 }, (_, n) =>
    n === 0 ? p[0]! : n === p.length ? p[n - 1]! : addSeries(p[n - 1]!, p[n]!),
  );
}

function scaled(p: Mixed, factor: Interval): Mixed {
  return p.map((c) => scaleSeries(c, factor));
}

/** C_0 .. C_4 from the two ends; `position` is k, or 1 in the wing, where the third term has the factor `y`. */
function coefficients(ends: readonly SliceSeries[], position: IntervalSeries, y: IntervalSeries | undefined): Mixed {
  const w = ends.map((end) => end.w);
  const dw = ends.map((end) => end.dw);
  const d2w = ends.map((end) => end.d2w);
  const straight = ends.map((end) =>
    subtractSeries(end.w, scaleSeries(multiplySeries(position, end.dw), interval(0.5))),
  );
  const steep = product(dw, dw);
  const wide = product(w, w);
  const third = product(steep, y === undefined ? w : w.map((c) => multiplySeries(c, y)));
  const terms = [
    raised(raised(product(straight, straight))),
    scaled(raised(third), interval(-0.25)),
    scaled(product(steep, wide), interval(-0.0625)),
    scaled(raised(product(wide, d2w)), interval(0.5)),
  ];
  return terms.reduce((sum, term) => sum.map((c, j) => addSeries(c, term[j]!)));
}

/** The ends of the shares from `from` to `to`, both exact. */
function part([earlier, later]: readonly [SliceSeries, SliceSeries], from: number, to: number): SliceSeries[] {
  const mix = (x: IntervalSeries, y: IntervalSeries, share: number): IntervalSeries =>
    share === 0 ? x : share === 1 ? y : addSeries(scaleSeries(x, interval(1 - share)), scaleSeries(y, interval(share)));
  return [from, to].map((share) => ({
    w: mix(earlier.w, later.w, share),
    dw: mix(earlier.dw, later.dw, share),
    d2w: mix(earlier.d2w, later.d2w, share),
  }));
}

/** Shares of the later slice, dyadic, and how the enclosure is made: by second-order or mean-value forms. */
export interface MixtureOptions {
  from: number;
  to: number;
  order: 1 | 2;
  wing: boolean;
}

/**
 * The least of the coefficients over a box of k, or of y = 1/k in the right wing; without C_0 at share 0 and without C_4 at share 1,
 * which are the slices themselves and decided exactly.
 */
export function mixtureEnclosure(
  earlier: EnclosedHyperbola,
  later: EnclosedHyperbola,
  { from, to, order, wing }: MixtureOptions,
): Enclosure {
  const one = constant(interval(1), ORDER);
  const at = (box: Interval): Mixed => {
    const series = wing ? farSeries : nearSeries;
    const x = variable(box, ORDER);
    return coefficients(
      part([series(earlier, box), series(later, box)], from, to),
      wing ? one : x,
      wing ? x : undefined,
    );
  };
  const first = from === 0 ? 1 : 0;
  const last = to === 1 ? 3 : 4;
  return (box) => {
    const over = at(box);
    const middle = interval(0.5 * (box.lower + box.upper));
    const thin = box.lower === box.upper ? undefined : at(middle);
    const h = subtract(box, middle);
    let least = interval(Infinity);
    for (let j = first; j <= last; j++) {
      const wide = over[j]!;
      const value = thin === undefined ? wide[0]! : taylorForm(thin[j]!, wide, h, order);
      least = interval(Math.min(least.lower, value.lower), Math.min(least.upper, value.upper));
    }
    return least;
  };
}
