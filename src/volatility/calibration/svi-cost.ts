/**
 * The cost of a raw SVI slice with its gradient and full Hessian in (a, R, L, m, s = ln sigma), R and L the slopes of the wings, in
 * closed form. With u = k - m, z = sqrt(u^2 + sigma^2), q = sigma^2 / z:
 *
 *   w = a + [R (z + u) + L (z - u)] / 2
 *   w_m = -[R (u/z + 1) + L (u/z - 1)] / 2     w_s = (R + L) q / 2
 *   w_mm = (R + L) q / (2 z^2)   w_ms = (R + L) u q / (2 z^2)   w_ss = (R + L) q (2 - q/z) / 2
 *
 * On the floor of the variance a = v - sigma sqrt(R L) follows from the others, and its variable is left out.
 */
import { exp } from '../../math/exponential.js';
import { lossInfluence, lossSlope, lossValue } from '../../math/least-squares/loss.js';
import type { SviParameters } from '../smile/parameters.js';
import { quoteResidual, quoteSlope } from './quotes.js';
import type { FitQuotes } from './quotes.js';

const N = 5;

export interface SviCost {
  cost: number;
  gradient: Float64Array;
  /** Row-major. */
  hessian: Float64Array;
}

/** In the variables that are not held, in order; `held` has one entry for each of the five, that of a for the floor. */
export function sviCost(quotes: FitQuotes, p: SviParameters, held: readonly boolean[]): SviCost {
  const { a, b, rho, m, sigma } = p;
  const right = b * (1 + rho);
  const left = b * (1 - rho);
  const sum = right + left;
  const gradient = new Float64Array(N);
  const hessian = new Float64Array(N * N);
  const first = new Float64Array(N);
  const second = new Float64Array(N * N);
  first[0] = 1;
  let cost = 0;
  for (let i = 0; i < quotes.count; i++) {
    const k = quotes.k[i]!;
    const u = k - m;
    const z = Math.sqrt(u * u + sigma * sigma);
    const cosine = u / z;
    const q = (sigma * sigma) / z;
    const w = a + 0.5 * (right * (z + u) + left * (z - u));
    const r = quoteResidual(quotes, i, w);
    if (Number.isNaN(quotes.volatility[i]!) && r === 0) continue;
    const psi = lossInfluence(quotes.loss, r, quotes.deadzone[i]);
    const slope = lossSlope(quotes.loss, r, quotes.deadzone[i]);
    cost += 0.5 * lossValue(quotes.loss, r, quotes.deadzone[i]);
    const byW = quoteSlope(quotes, i, w);
    const outer = slope * byW * byW + psi * byW * slopeOfLogSlope(quotes, k, w);
    first[1] = 0.5 * (z + u);
    first[2] = 0.5 * (z - u);
    first[3] = -0.5 * (right * (cosine + 1) + left * (cosine - 1));
    first[4] = 0.5 * sum * q;
    set(second, 1, 3, -0.5 * (cosine + 1));
    set(second, 2, 3, -0.5 * (cosine - 1));
    set(second, 1, 4, 0.5 * q);
    set(second, 2, 4, 0.5 * q);
    set(second, 3, 3, (0.5 * sum * q) / (z * z));
    set(second, 3, 4, (0.5 * sum * u * q) / (z * z));
    set(second, 4, 4, 0.5 * sum * q * (2 - q / z));
    for (let c = 0; c < N; c++) {
      gradient[c]! += psi * byW * first[c]!;
      for (let d = 0; d < N; d++) {
        hessian[c * N + d]! += outer * first[c]! * first[d]! + psi * byW * second[c * N + d]!;
      }
    }
  }
  const whole = { cost, gradient, hessian };
  return kept(held[0] === true ? onFloor(whole, right, left, sigma) : whole, held);
}

function set(matrix: Float64Array, i: number, j: number, value: number): void {
  matrix[i * N + j] = value;
  matrix[j * N + i] = value;
}

/** d ln(dr/dw) / dw */
function slopeOfLogSlope({ space }: FitQuotes, k: number, w: number): number {
  if (space === 'variance') return 0;
  if (space === 'volatility') return -0.5 / w;
  const s = Math.sqrt(w);
  return -0.5 / w - (0.5 * s - k / s) * (0.25 / s + (0.5 * k) / (w * s));
}

/** The same along a = v - e^s sqrt(R L). */
function onFloor({ cost, gradient, hessian }: SviCost, right: number, left: number, sigma: number): SviCost {
  const root = sigma * Math.sqrt(right * left);
  const slopes = [0, -root / (2 * right), -root / (2 * left), 0, -root];
  const bends = new Float64Array(N * N);
  set(bends, 1, 1, root / (4 * right * right));
  set(bends, 2, 2, root / (4 * left * left));
  set(bends, 1, 2, -root / (4 * right * left));
  set(bends, 1, 4, -root / (2 * right));
  set(bends, 2, 4, -root / (2 * left));
  set(bends, 4, 4, -root);
  const to = new Float64Array(N * N);
  for (let c = 1; c < N; c++) {
    for (let d = 1; d < N; d++) {
      to[c * N + d] =
        hessian[c * N + d]! +
        slopes[c]! * hessian[d]! +
        hessian[c * N]! * slopes[d]! +
        slopes[c]! * slopes[d]! * hessian[0]! +
        gradient[0]! * bends[c * N + d]!;
    }
  }
  return { cost, gradient: gradient.map((value, c) => value + slopes[c]! * gradient[0]!), hessian: to };
}

function kept({ cost, gradient, hessian }: SviCost, held: readonly boolean[]): SviCost {
  const free = [0, 1, 2, 3, 4].filter((c) => held[c] !== true);
  return {
    cost,
    gradient: Float64Array.from(free, (c) => gradient[c]!),
    hessian: Float64Array.from(
      free.flatMap((c) => free.map((d) => c * N + d)),
      (at) => hessian[at]!,
    ),
  };
}

/** Variables of the search moved by a share of the entries of `step`; undefined outside the domain. */
export function movedSvi(
  { a, b, rho, m, sigma }: SviParameters,
  held: readonly boolean[],
  step: (variable: number) => number,
): SviParameters | undefined {
  const x = [a, b * (1 + rho), b * (1 - rho), m, 0];
  const floor = a + sigma * Math.sqrt(x[1]! * x[2]!);
  let at = 0;
  for (let c = 0; c < N; c++) if (held[c] !== true) x[c]! += step(at++);
  const [level, right, left, centre, s] = x as [number, number, number, number, number];
  const width = sigma * exp(s);
  if (!(right > 0 && left > 0 && width > 0 && width < Infinity)) return undefined;
  const lifted = held[0] === true ? floor - width * Math.sqrt(right * left) : level;
  const total = right + left;
  return { a: lifted, b: total / 2, rho: (right - left) / total, m: centre, sigma: width };
}
