/**
 * Raw SVI in the variables in which the domain and Lee's bounds are a box, y = (ln v, r, l, m, ln sigma):
 *
 *   w(k) = v + (r sqrt(z + u) - l sqrt(z - u))^2 / 2,    u = k - m,   z = sqrt(u^2 + sigma^2)
 *
 * v > 0 is the least variance, r^2 = b (1 + rho) and l^2 = b (1 - rho) are the slopes of the wings, below 2. With the gradients in
 * y of w, w' and w'' come those of the two conditions against arbitrage at a fixed k: the difference of two slices' w, and
 *
 *   G = h |h| - w'^2 (1/w + 1/4) / 4 + w''/2,   h = 1 - k w' / (2 w)
 *   dG = (k w' |h| / w^2 + w'^2 / (4 w^2)) dw - (k |h| / w + w' (1/w + 1/4) / 2) dw' + dw''/2
 *
 * G >= 0 for every k exactly where the density factor g, with h^2 for h |h|, is: a slice without arbitrage has h > 0 (Fukasawa
 * 2012). But g also grows as h falls below 0, away from such slices, and G does not.
 */
import { exp } from '../../math/exponential.js';
import { log } from '../../math/logarithm.js';
import type { SviParameters } from '../smile/parameters.js';
import type { FitQuotes } from './quotes.js';
import type { SviBox } from './svi-box.js';
import { evaluateSvi } from './svi-objective.js';
import type { SviNormal } from './svi-objective.js';

export const VERTEX_VARIABLES = 5;
const N = VERTEX_VARIABLES;

/** Lee's limit of 2 on the slopes, less what keeps g visibly above 0 in the wings. */
const STEEPEST = 2 * (1 - 2 ** -20);

/** Least variance and wing slopes over what the box of the fit allows: farther in, where proofs are not a matter of rounding. */
const VARIANCE_FLOOR = 1e3;
const SLOPE_FLOOR = 1e5;

/** The box of the variables of several slices; the wing slopes, which may not fall from one to the next, have one lower bound. */
export function vertexBox(boxes: readonly SviBox[]): { low: Float64Array; high: Float64Array } {
  const low = new Float64Array(N * boxes.length);
  const high = new Float64Array(N * boxes.length);
  const flattest = [1, 2].map((j) => Math.sqrt(SLOPE_FLOOR * Math.min(...boxes.map((box) => box.low[j]!))));
  boxes.forEach((box, i) => {
    low.set([log(VARIANCE_FLOOR * box.floor), ...flattest, box.low[3]!, box.low[4]!], N * i);
    high.set([Infinity, Math.sqrt(STEEPEST), Math.sqrt(STEEPEST), box.high[3]!, box.high[4]!], N * i);
  });
  return { low, high };
}

export function toVertex({ a, b, rho, m, sigma }: SviParameters, y: Float64Array, offset: number): void {
  const right = b * (1 + rho);
  const left = b * (1 - rho);
  y[offset] = log(Math.max(Number.MIN_VALUE, a + sigma * Math.sqrt(right * left)));
  y[offset + 1] = Math.sqrt(right);
  y[offset + 2] = Math.sqrt(left);
  y[offset + 3] = m;
  y[offset + 4] = log(sigma);
}

export function fromVertex(y: ArrayLike<number>, offset: number): SviParameters {
  const r = y[offset + 1]!;
  const l = y[offset + 2]!;
  const sigma = exp(y[offset + 4]!);
  const sum = r * r + l * l;
  return { a: exp(y[offset]!) - sigma * r * l, b: 0.5 * sum, rho: ((r - l) * (r + l)) / sum, m: y[offset + 3]!, sigma };
}

/** y as the variables (a, R, L, m, s) of the objective. */
export function vertexToSearchPoint(y: ArrayLike<number>, offset: number, x: Float64Array): void {
  const r = y[offset + 1]!;
  const l = y[offset + 2]!;
  x[0] = exp(y[offset]!) - exp(y[offset + 4]!) * r * l;
  x[1] = r * r;
  x[2] = l * l;
  x[3] = y[offset + 3]!;
  x[4] = y[offset + 4]!;
}

/** A slice by v, r, l, m and sigma, for many values at one y. */
export interface Vertex {
  v: number;
  r: number;
  l: number;
  m: number;
  sigma: number;
}

export function vertexAt(y: ArrayLike<number>, offset: number): Vertex {
  return {
    v: exp(y[offset]!),
    r: y[offset + 1]!,
    l: y[offset + 2]!,
    m: y[offset + 3]!,
    sigma: exp(y[offset + 4]!),
  };
}

const point = new Float64Array(N);
const mixed = new Float64Array(N * N);

/**
 * The cost of a slice at y; its gradient (5) and Gauss-Newton matrix (5 x 5, row-major) in y are written where given.
 */
export function vertexCost(
  quotes: FitQuotes,
  y: ArrayLike<number>,
  offset: number,
  normal: SviNormal,
  gradient: Float64Array,
  matrix: Float64Array,
): number {
  vertexToSearchPoint(y, offset, point);
  const cost = evaluateSvi(quotes, point, normal);
  if (!(cost < Infinity)) return Infinity;
  const r = y[offset + 1]!;
  const l = y[offset + 2]!;
  const sigma = exp(y[offset + 4]!);
  // da = v dln v - sigma l dr - sigma r dl - sigma r l ds,  dR = 2 r dr,  dL = 2 l dl
  const v = exp(y[offset]!);
  const byR = -sigma * l;
  const byL = -sigma * r;
  const byS = byL * l;
  const g = normal.gradient;
  const h = normal.matrix;
  gradient[0] = v * g[0]!;
  gradient[1] = byR * g[0]! + 2 * r * g[1]!;
  gradient[2] = byL * g[0]! + 2 * l * g[2]!;
  gradient[3] = g[3]!;
  gradient[4] = byS * g[0]! + g[4]!;
  // mixed = H C by columns of C, then C' mixed.
  for (let i = 0; i < N; i++) {
    const h0 = h[packed(i, 0)]!;
    mixed[i * N] = v * h0;
    mixed[i * N + 1] = byR * h0 + 2 * r * h[packed(i, 1)]!;
    mixed[i * N + 2] = byL * h0 + 2 * l * h[packed(i, 2)]!;
    mixed[i * N + 3] = h[packed(i, 3)]!;
    mixed[i * N + 4] = byS * h0 + h[packed(i, 4)]!;
  }
  for (let j = 0; j < N; j++) {
    const h0 = mixed[j]!;
    matrix[j] = v * h0;
    matrix[N + j] = byR * h0 + 2 * r * mixed[N + j]!;
    matrix[2 * N + j] = byL * h0 + 2 * l * mixed[2 * N + j]!;
    matrix[3 * N + j] = mixed[3 * N + j]!;
    matrix[4 * N + j] = byS * h0 + mixed[4 * N + j]!;
  }
  return cost;
}

function packed(i: number, j: number): number {
  return i >= j ? (i * (i + 1)) / 2 + j : (j * (j + 1)) / 2 + i;
}

/** w at k. */
export function vertexVariance({ v, r, l, m, sigma }: Vertex, k: number): number {
  const u = k - m;
  const z = Math.sqrt(u * u + sigma * sigma);
  const [up, down] = u >= 0 ? [z + u, (sigma * sigma) / (z + u)] : [(sigma * sigma) / (z - u), z - u];
  const root = r * Math.sqrt(up) - l * Math.sqrt(down);
  return v + 0.5 * root * root;
}

/** dw/dk at k. */
export function vertexSlope({ r, l, m, sigma }: Vertex, k: number): number {
  const u = k - m;
  const cosine = u / Math.sqrt(u * u + sigma * sigma);
  return 0.5 * (r * r * (1 + cosine) - l * l * (1 - cosine));
}

/** w at k, and dw/dy written into `gradient`. */
export function vertexVarianceGradient(vertex: Vertex, k: number, gradient: Float64Array): number {
  const { v, r, l, m, sigma } = vertex;
  const u = k - m;
  const z = Math.sqrt(u * u + sigma * sigma);
  const up = u >= 0 ? z + u : (sigma * sigma) / (z - u);
  const down = u >= 0 ? (sigma * sigma) / (z + u) : z - u;
  const root = r * Math.sqrt(up) - l * Math.sqrt(down);
  gradient[0] = v;
  gradient[1] = r * up - l * sigma;
  gradient[2] = l * down - r * sigma;
  gradient[3] = (0.5 * (l * l * down - r * r * up)) / z;
  gradient[4] = (0.5 * (r * r + l * l) * sigma * sigma) / z - r * l * sigma;
  return v + 0.5 * root * root;
}

/** G at k. */
export function vertexDensity(vertex: Vertex, k: number): number {
  const { r, l, m, sigma } = vertex;
  const u = k - m;
  const z = Math.sqrt(u * u + sigma * sigma);
  const cosine = u / z;
  const sine = sigma / z;
  const w = vertexVariance(vertex, k);
  const dw = 0.5 * (r * r * (1 + cosine) - l * l * (1 - cosine));
  const h = 1 - (k * dw) / (2 * w);
  return h * Math.abs(h) - 0.25 * dw * dw * (1 / w + 0.25) + (0.25 * (r * r + l * l) * sine * sine) / z;
}

/** dG/dk at k. */
export function vertexDensitySlope(vertex: Vertex, k: number): number {
  const { r, l, m, sigma } = vertex;
  const u = k - m;
  const z = Math.sqrt(u * u + sigma * sigma);
  const w = vertexVariance(vertex, k);
  const dw = 0.5 * (r * r * (1 + u / z) - l * l * (1 - u / z));
  const d2w = (0.5 * (r * r + l * l) * (sigma / z) ** 2) / z;
  const d3w = (-3 * d2w * (u / z)) / z;
  const h = 1 - (k * dw) / (2 * w);
  const dh = -(dw + k * d2w) / (2 * w) + (k * dw * dw) / (2 * w * w);
  return 2 * Math.abs(h) * dh - 0.5 * dw * d2w * (1 / w + 0.25) + (dw * dw * dw) / (4 * w * w) + 0.5 * d3w;
}

const byW = new Float64Array(N);

/** G at k, and dG/dy written into `gradient`. */
export function vertexDensityGradient(vertex: Vertex, k: number, gradient: Float64Array): number {
  const w = vertexVarianceGradient(vertex, k, byW);
  const { r, l, m, sigma } = vertex;
  const u = k - m;
  const z = Math.sqrt(u * u + sigma * sigma);
  const b = 0.5 * (r * r + l * l);
  const cosine = u / z;
  const sine = sigma / z;
  const dw = 0.5 * (r * r * (1 + cosine) - l * l * (1 - cosine));
  const bend = (sine * sine) / z;
  const d2w = b * bend;
  const h = 1 - (k * dw) / (2 * w);
  const size = Math.abs(h);
  const rest = 1 / w + 0.25;
  const byVariance = (k * dw * size) / (w * w) + (dw * dw) / (4 * w * w);
  const bySlope = -(k * size) / w - 0.5 * dw * rest;
  gradient[0] = byVariance * byW[0]!;
  gradient[1] = byVariance * byW[1]! + bySlope * r * (1 + cosine) + 0.5 * r * bend;
  gradient[2] = byVariance * byW[2]! - bySlope * l * (1 - cosine) + 0.5 * l * bend;
  gradient[3] = byVariance * byW[3]! - bySlope * d2w + (1.5 * d2w * cosine) / z;
  gradient[4] = byVariance * byW[4]! - bySlope * d2w * u + 0.5 * d2w * (2 - 3 * sine * sine);
  return h * size - 0.25 * dw * dw * rest + 0.5 * d2w;
}
