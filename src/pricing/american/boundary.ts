/**
 * The edge of early exercise of a put with strike 1, as a function of time to expiry.
 *
 *   H(x) = ln^2(B/X) at x = sqrt(tau / T) is a polynomial through the collocation points;  b = ln B
 *
 * Delta of the premium is that of exercise on the boundary (Andersen, Lake and Offengenden call the equation A):
 *
 *   e^(-q tau) N(d+(tau, b)) + int q e^(-qt) N(d+(t, b - b_u)) dt  =  int e^(-rt - b) n(d-(t, b - b_u)) (r - q e^(b_u)) / (sigma sqrt t) dt
 *   d+-(t, z) = [z + (r - q) t] / (sigma sqrt t) +- sigma sqrt(t) / 2,   u = tau - t,   b_u = b(u)
 *
 * Both sides are positive. Next to expiry they are Gaussian in ln(B/X), so their logarithms are nearly linear in H, and Newton's
 * method on the logarithm of the ratio converges in a few steps from a rough start, where fixed-point sweeps gain one digit each.
 * The full matrix costs less than the integrands, because n(d-) is all that needs an exponential:
 *
 *   e^(-qt) n(d+) = e^(b_u - b) e^(-rt) n(d-),   N(-d) = n(d) M(d), M the Mills ratio
 *
 * With q < r < 0 exercise also has a lower edge. Seen from below it, exercise goes on for ever upwards: the strike's term drops
 * out, N becomes N - 1 (the left side is the integral of -q e^(-qt) N(-d+)), and the edge rises from X = r/q.
 * Andersen and Lake, Fast American option pricing: the double-boundary case (2021).
 */
import { exponentials } from '../../math/exponential.js';
import { eliminate } from '../../math/gaussian-elimination.js';
import { log } from '../../math/logarithm.js';
import { interpolate, type Collocation } from './collocation.js';
import { gaussians, hazardExcesses } from './node-columns.js';
import { perpetualDepth, startingDepth } from './start.js';

export type Edge = 'upper' | 'lower';

const INVERSE_SQRT_TWO_PI = 0.3989422804014327;
const MAXIMUM_STEPS = 40;

/** ln X, the edge at expiry: strike 1, or r/q where dividends would be lost above it. */
export function logEdgeAtExpiry(rate: number, dividendYield: number, edge: Edge): number {
  if (edge === 'lower') return log(rate / dividendYield);
  return dividendYield > rate && rate > 0 ? log(rate / dividendYield) : 0;
}

/**
 * Solves for H at the collocation points and leaves it in `grid.squares`. False where the iteration does not converge, which for
 * parameters that have such an edge on all of [0, T] has not been seen; `warm` begins from what is there.
 */
export function solveBoundary(
  grid: Collocation,
  rate: number,
  dividendYield: number,
  volatility: number,
  timeToExpiry: number,
  edge: Edge = 'upper',
  warm = false,
): boolean {
  if (!warm) {
    fillStart(grid, rate, dividendYield, volatility, timeToExpiry, edge);
    const { coarse } = grid;
    if (coarse !== undefined && solveBoundary(coarse, rate, dividendYield, volatility, timeToExpiry, edge)) {
      improveStart(grid, coarse);
    }
  }
  for (let step = 0; step < MAXIMUM_STEPS; step++) {
    assemble(grid, rate, dividendYield, volatility, timeToExpiry, edge, 1);
    if (!eliminate(grid.system, grid.count, grid.count + 1)) return false;
    const moved = takeStep(grid);
    if (moved <= grid.tolerance) return true;
    if (!(moved < Infinity)) return false;
  }
  return false;
}

function fillStart(
  { squares, starts, points, count }: Collocation,
  rate: number,
  dividendYield: number,
  volatility: number,
  timeToExpiry: number,
  edge: Edge,
): void {
  const offset = edge === 'upper' ? -logEdgeAtExpiry(rate, dividendYield, edge) : 0;
  const perpetual = perpetualDepth(rate, dividendYield, volatility);
  for (let i = 0; i < count; i++) {
    const x = points[i + 1]!;
    const tau = x * x * timeToExpiry;
    const depth =
      edge === 'lower'
        ? 0.6388 * volatility * Math.sqrt(tau)
        : startingDepth(rate, dividendYield, volatility, tau, perpetual, offset);
    squares[i] = depth * depth;
    starts[i] = depth * depth;
  }
}

/** The ratio of solution to start on the coarse points is smooth and near 1: interpolated, it multiplies the start on the fine ones. */
function improveStart({ squares, count, refinement }: Collocation, coarse: Collocation): void {
  const { squares: solved, starts, count: few } = coarse;
  for (let k = 0; k < few; k++) starts[k] = solved[k]! / starts[k]!;
  const first = starts[0]!;
  for (let i = 0; i < count; i++) {
    let ratio = first;
    for (let k = 1; k < few; k++) ratio += refinement[i * few + k]! * (starts[k]! - first);
    if (ratio > 0.1) squares[i]! *= ratio;
  }
}

/** H moves by Newton's step, but keeps a quarter of itself; the largest step in ln B, NaN where one is not a number. */
function takeStep({ squares, system, count }: Collocation): number {
  const width = count + 1;
  let largest = 0;
  for (let i = 0; i < count; i++) {
    const before = squares[i]!;
    const step = system[i * width + count]!;
    if (!(Math.abs(step) < Infinity)) return NaN;
    let after = before + step;
    if (after < 0.25 * before) after = 0.25 * before;
    else if (after > 4 * before) after = 4 * before;
    const moved = Math.abs(Math.sqrt(after) - Math.sqrt(before));
    squares[i] = after;
    if (moved > largest) largest = moved;
  }
  return largest;
}

/**
 * Writes [dF/dH | -F] to `grid.system`, F_i the logarithm of the left over the right side at point i; with `sides` 3 the columns to
 * the right are instead -dF by volatility, rate and dividend yield with H held. Where a side is not positive (far from the solution
 * only) the row is that of their plain difference.
 */
export function assemble(
  grid: Collocation,
  r: number,
  q: number,
  sigma: number,
  timeToExpiry: number,
  edge: Edge,
  sides: 1 | 3,
): void {
  const { count, inner, innerBasis, points, squares, system, byNode, atPoints, atInner } = grid;
  const nodes = inner.count;
  const width = count + sides;
  const base = logEdgeAtExpiry(r, q, edge);
  const lower = edge === 'lower';
  const sign = lower ? 1 : -1;
  const withYield = q !== 0 || sides === 3;
  // How ln X moves with r and q.
  const baseByRate = base < 0 ? 1 / r : 0;
  const baseByYield = base < 0 ? -1 / q : 0;
  const drift = r - q - 0.5 * sigma * sigma;
  const rootTime = Math.sqrt(timeToExpiry);
  fillPoints(grid, base, sign, rootTime, sigma, drift, q);
  fillNodes(grid, base, sign, rootTime, sigma, drift, r, q);
  exponentials(atInner.density, count * nodes);
  if (withYield) {
    exponentials(atInner.level, count * nodes);
    exponentials(atInner.decay, count * nodes);
    hazardExcesses(atInner.plusExcess, count * nodes);
  }
  for (let i = 0; i < count; i++) {
    const rootTau = rootTime * points[i + 1]!;
    const tau = rootTau * rootTau;
    const s = sigma * rootTau;
    const invB = atPoints.level[i]!;
    let left = 0;
    let leftByB = 0;
    let right = 0;
    let rightByB = 0;
    let leftBySigma = 0;
    let leftByRate = 0;
    let leftByYield = 0;
    let rightBySigma = 0;
    let rightByRate = 0;
    let rightByYield = 0;
    if (!lower) {
      const minus = atPoints.minus[i]!;
      const plus = minus + s;
      const discount = atPoints.decay[i]!;
      const density = discount * INVERSE_SQRT_TWO_PI * atPoints.density[i]!;
      const excess = atPoints.plusExcess[i]!;
      left = plus < 0 ? density / (excess - plus) : discount - density / (plus + excess);
      leftByB = density / s;
      if (sides === 3) {
        leftBySigma = (-density * minus) / sigma;
        leftByRate = (density * rootTau) / sigma + leftByB * baseByRate;
        leftByYield = (-density * rootTau) / sigma - tau * left + leftByB * baseByYield;
      }
    }
    for (let j = 0; j < nodes; j++) {
      const sine = inner.sine[j]!;
      const spread = s * sine;
      const t = tau * sine * sine;
      const weight = tau * inner.weight[j]!;
      const at = i * nodes + j;
      const minus = atInner.minus[at]!;
      const plus = minus + spread;
      const perSpread = 1 / spread;
      // e^(-rt) n(d-) / B and, times e^(b_u), e^(-qt) n(d+).
      const density = INVERSE_SQRT_TWO_PI * invB * atInner.density[at]!;
      let c = r;
      let edgeDensity = 0;
      if (withYield) {
        const level = atInner.level[at]!;
        c = r - q * level;
        const perYield = weight * density * level;
        edgeDensity = q * perYield;
        const tail = perYield / (Math.abs(plus) + atInner.plusExcess[at]!);
        const whole = weight * atInner.decay[at]!;
        // e^(-qt) N(d+), less one for the lower edge.
        const cumulative = plus > 0 !== lower ? (lower ? tail - whole : whole - tail) : lower ? -tail : tail;
        left += q * cumulative;
        if (sides === 3) {
          const rootT = rootTau * sine;
          leftBySigma -= (edgeDensity * minus) / sigma;
          leftByRate += (edgeDensity * rootT) / sigma;
          leftByYield += (1 - q * t) * cumulative - (edgeDensity * rootT) / sigma;
        }
      }
      const scaled = weight * density * perSpread;
      const term = scaled * c;
      const pull = minus * perSpread;
      right += term;
      const edgePart = edgeDensity * perSpread;
      leftByB += edgePart;
      rightByB -= term * (1 + pull);
      if (sides === 3) {
        const perRate = (minus * rootTau * sine) / sigma;
        const level = atInner.level[at]!;
        rightBySigma += (term * (minus * plus - 1)) / sigma;
        rightByRate += scaled - term * (t + perRate) - scaled * r * baseByRate;
        rightByYield += term * perRate - scaled * level - scaled * r * baseByYield;
      }
      // By b_u, left and right, over d b_u = sign dh / (2 root).
      const root = atInner.depth[at]!;
      const perSquare = root > 0 ? (0.5 * sign) / root : 0;
      byNode[2 * j] = -edgePart * perSquare;
      byNode[2 * j + 1] = (term * pull - edgePart) * perSquare;
    }
    const logs = left > 0 && right > 0;
    const perLeft = logs ? 1 / left : 1;
    const perRight = logs ? 1 / right : 1;
    const row = i * width;
    for (let k = 0; k < width; k++) system[row + k] = 0;
    for (let j = 0; j < nodes; j++) {
      const factor = byNode[2 * j]! * perLeft - byNode[2 * j + 1]! * perRight;
      const from = (i * nodes + j) * count;
      for (let k = 0; k < count; k++) system[row + k]! += factor * innerBasis[from + k]!;
    }
    system[row + i]! += ((leftByB * perLeft - rightByB * perRight) * sign * 0.5) / Math.sqrt(squares[i]!);
    if (sides === 1) system[row + count] = logs ? -log(left * perRight) : right - left;
    else {
      system[row + count] = rightBySigma * perRight - leftBySigma * perLeft;
      system[row + count + 1] = rightByRate * perRight - leftByRate * perLeft;
      system[row + count + 2] = rightByYield * perRight - leftByYield * perLeft;
    }
  }
}

/** At the collocation points: b, 1/B, d-, e^(-q tau), and of d+ its Gaussian and hazard. */
function fillPoints(
  { count, points, squares, atPoints }: Collocation,
  base: number,
  sign: number,
  rootTime: number,
  sigma: number,
  drift: number,
  q: number,
): void {
  const { edge, level, minus, decay, density, plusExcess } = atPoints;
  for (let i = 0; i < count; i++) {
    const rootTau = rootTime * points[i + 1]!;
    const tau = rootTau * rootTau;
    const s = sigma * rootTau;
    const b = base + sign * Math.sqrt(squares[i]!);
    edge[i] = b;
    level[i] = -b;
    minus[i] = (b + drift * tau) / s;
    decay[i] = -q * tau;
    density[i] = minus[i]! + s;
    plusExcess[i] = Math.abs(density[i]!);
  }
  exponentials(level, count);
  exponentials(decay, count);
  gaussians(density, count);
  hazardExcesses(plusExcess, count);
}

/** At the inner nodes of each point: the boundary met there, d-, and the exponents of e^(-rt - d-^2/2), e^(b_u) and e^(-qt). */
function fillNodes(
  { count, points, squares, inner, innerBasis, atPoints, atInner }: Collocation,
  base: number,
  sign: number,
  rootTime: number,
  sigma: number,
  drift: number,
  r: number,
  q: number,
): void {
  const { depth, minus, density, level, decay, plusExcess } = atInner;
  const nodes = inner.count;
  for (let i = 0; i < count; i++) {
    const rootTau = rootTime * points[i + 1]!;
    const tau = rootTau * rootTau;
    const s = sigma * rootTau;
    const b = atPoints.edge[i]!;
    for (let j = 0; j < nodes; j++) {
      const at = i * nodes + j;
      const sine = inner.sine[j]!;
      const h = interpolate(innerBasis, at * count, squares, count);
      const root = h > 0 ? Math.sqrt(h) : 0;
      const bu = base + sign * root;
      const spread = s * sine;
      const t = tau * sine * sine;
      const d = (b - bu + drift * t) / spread;
      depth[at] = root;
      minus[at] = d;
      density[at] = -r * t - 0.5 * d * d;
      level[at] = bu;
      decay[at] = -q * t;
      plusExcess[at] = Math.abs(d + spread);
    }
  }
}
