/**
 * Where the search of an SVI slice begins. For given (m, s) the smile w = a + R p + L q is linear in (a, R, L), and the best of
 * those under 0 < R < 2, 0 < L < 2 and a + sigma sqrt(R L) >= v is a small convex problem (De Marco & Martini 2009; here with
 * Lee's bound of 2). What is left is a function of two variables, looked at on a fixed grid that follows the quotes:
 * m across the quoted interval, sigma in ratios of its length.
 */
import { exp } from '../../math/exponential.js';
import { log } from '../../math/logarithm.js';
import { normalStep } from '../../math/least-squares/normal-step.js';
import type { FitQuotes } from './quotes.js';
import type { SviBox } from './svi-box.js';
import type { SviNormal } from './svi-objective.js';

const innerLow = new Float64Array(2);
const innerHigh = new Float64Array(2);
const innerStep = new Float64Array(2);
const coneGradient = new Float64Array(2);
const coneMatrix = new Float64Array(3);

/**
 * The quotes as a linear problem in total variance before there is a model: the volatility error to first order, a bound only
 * taking no part.
 */
export function firstLinearQuotes(quotes: FitQuotes, normal: SviNormal): void {
  for (let i = 0; i < quotes.count; i++) {
    const volatility = quotes.volatility[i]!;
    const root = 1 / (2 * volatility * quotes.time * quotes.deviation[i]!);
    const hasTarget = volatility === volatility;
    normal.weight[i] = hasTarget ? root * root : 0;
    normal.target[i] = hasTarget ? volatility * volatility * quotes.time : 0;
  }
}

/**
 * Completes x = (a, R, L, m, s) from its m and s; returns the cost in the linear problem. With a `stride` above 1 only every
 * so many quotes are looked at.
 */
export function completeSlopes(quotes: FitQuotes, linear: SviNormal, box: SviBox, x: Float64Array, stride = 1): number {
  const { count, k } = quotes;
  const { weight, target } = linear;
  const m = x[3]!;
  const sigma = exp(x[4]!);
  const variance = sigma * sigma;
  // prettier-ignore
  let s0 = 0, sp = 0, sq = 0, spp = 0, spq = 0, sqq = 0, st = 0, stp = 0, stq = 0, stt = 0;
  for (let i = stride >> 1; i < count; i += stride) {
    const u = k[i]! - m;
    const z = Math.sqrt(u * u + variance);
    const p = 0.5 * (z + u);
    const q = 0.5 * (z - u);
    const c = weight[i]!;
    const t = target[i]!;
    const cp = c * p;
    const cq = c * q;
    const ct = c * t;
    s0 += c;
    sp += cp;
    sq += cq;
    spp += cp * p;
    spq += cp * q;
    sqq += cq * q;
    st += ct;
    stp += cp * t;
    stq += cq * t;
    stt += ct * t;
  }
  // With a eliminated, a convex quadratic in R and L: its minimum is inside the box, or the best of the four edges has it.
  const mean = 1 / s0;
  const pp = spp - sp * sp * mean;
  const pq = spq - sp * sq * mean;
  const qq = sqq - sq * sq * mean;
  const tp = stp - sp * st * mean;
  const tq = stq - sq * st * mean;
  const determinant = pp * qq - pq * pq;
  let right = (tp * qq - tq * pq) / determinant;
  let left = (tq * pp - tp * pq) / determinant;
  const lowR = box.low[1]!;
  const lowL = box.low[2]!;
  const highR = box.high[1]!;
  const highL = box.high[2]!;
  if (!(determinant > 1e-13 * pp * qq && right > lowR && right < highR && left > lowL && left < highL)) {
    let least = Infinity;
    for (let edge = 0; edge < 4; edge++) {
      let r = edge === 0 ? lowR : highR;
      let l = edge === 2 ? lowL : highL;
      if (edge < 2) l = qq > 0 ? Math.min(highL, Math.max(lowL, (tq - pq * r) / qq)) : lowL;
      else r = pp > 0 ? Math.min(highR, Math.max(lowR, (tp - pq * l) / pp)) : lowR;
      const value = r * (0.5 * pp * r + pq * l - tp) + l * (0.5 * qq * l - tq);
      if (value < least) {
        least = value;
        right = r;
        left = l;
      }
    }
  }
  x[0] = (st - right * sp - left * sq) * mean;
  x[1] = right;
  x[2] = left;
  if (x[0] + sigma * Math.sqrt(right * left) < box.floor) {
    solveOnFloor(box, x, sigma, s0, sp, sq, spp, spq, sqq, st, stp, stq);
  }
  return startCost(x, s0, sp, sq, spp, spq, sqq, st, stp, stq, stt);
}

function startCost(
  x: Float64Array,
  s0: number,
  sp: number,
  sq: number,
  spp: number,
  spq: number,
  sqq: number,
  st: number,
  stp: number,
  stq: number,
  stt: number,
): number {
  const a = x[0]!;
  const r = x[1]!;
  const l = x[2]!;
  const linear = a * st + r * stp + l * stq;
  return 0.5 * (stt + a * a * s0 + r * r * spp + l * l * sqq) + a * r * sp + a * l * sq + r * l * spq - linear;
}

/** The constrained minimum where the least variance is on its floor: Newton in the roots of the slopes. */
function solveOnFloor(
  box: SviBox,
  x: Float64Array,
  sigma: number,
  s0: number,
  sp: number,
  sq: number,
  spp: number,
  spq: number,
  sqq: number,
  st: number,
  stp: number,
  stq: number,
): void {
  let r = Math.sqrt(x[1]!);
  let l = Math.sqrt(x[2]!);
  const lowR = Math.sqrt(box.low[1]!);
  const lowL = Math.sqrt(box.low[2]!);
  const highR = Math.sqrt(box.high[1]!);
  const highL = Math.sqrt(box.high[2]!);
  for (let i = 0; i < 12; i++) {
    const a = box.floor - sigma * r * l;
    const right = r * r;
    const left = l * l;
    const ga = a * s0 + right * sp + left * sq - st;
    const gr = a * sp + right * spp + left * spq - stp;
    const gl = a * sq + right * spq + left * sqq - stq;
    // d(a, R, L)/dr = (-sigma l, 2 r, 0), d/dl = (-sigma r, 0, 2 l)
    coneGradient[0] = -sigma * l * ga + 2 * r * gr;
    coneGradient[1] = -sigma * r * ga + 2 * l * gl;
    const hrr = sigma * sigma * left * s0 - 4 * sigma * l * r * sp + 4 * right * spp;
    const hll = sigma * sigma * right * s0 - 4 * sigma * l * r * sq + 4 * left * sqq;
    const hrl = sigma * sigma * r * l * s0 - 2 * sigma * left * sq - 2 * sigma * right * sp + 4 * r * l * spq;
    coneMatrix[0] = hrr;
    coneMatrix[1] = hrl;
    coneMatrix[2] = hll;
    innerLow[0] = lowR - r;
    innerLow[1] = lowL - l;
    innerHigh[0] = highR - r;
    innerHigh[1] = highL - l;
    const fall = normalStep(2, coneMatrix, coneGradient, 1e-9, innerLow, innerHigh, innerStep);
    if (!(fall > 0)) break;
    r += innerStep[0]!;
    l += innerStep[1]!;
    if (Math.abs(innerStep[0]!) <= 1e-6 * r && Math.abs(innerStep[1]!) <= 1e-6 * l) break;
  }
  x[1] = Math.min(box.high[1]!, Math.max(box.low[1]!, r * r));
  x[2] = Math.min(box.high[2]!, Math.max(box.low[2]!, l * l));
  x[0] = box.floor - sigma * Math.sqrt(x[1] * x[2]);
}

/** A point of the grid: `place` 0 is the lowest quoted log-moneyness, 1 the highest; `ratio` is sigma over their distance. */
export function setStart(box: SviBox, place: number, ratio: number, x: Float64Array): void {
  const lowest = box.low[3]! + 2 * box.span;
  x[3] = lowest + place * box.span;
  x[4] = log(ratio * box.span);
}
