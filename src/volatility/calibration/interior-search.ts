/**
 * Neighbouring slices fitted together under the conditions against arbitrage, from inside: the semi-infinite problem
 *
 *   minimise  sum of costs   subject to   G_i(k) >= 0,   w_(i+1)(k) - w_i(k) >= 0   for every k,   wing slopes that do not fall
 *
 * by a logarithmic barrier (Fiacco & McCormick 1968),
 *
 *   minimise  sum of costs - tau sum ln c_j,   tau -> 0
 *
 * where c_j are the local minima over k of the two functions, each followed as the slices move (by the envelope theorem its gradient
 * is that at the minimum), and the differences of the wing slopes. Every step stays where all c_j > 0 and no further minimum below 0
 * shows on a net, so that the result is inside the conditions as far as points can tell; proving it is left to the certificates.
 * A condition couples two neighbours at most: the normal equations are banded.
 */
import { log } from '../../math/logarithm.js';
import { bandedSearch } from '../../math/least-squares/banded-search.js';
import type { BandedNormal } from '../../math/least-squares/banded-search.js';
import { lowDensities, lowGaps } from './arbitrage-points.js';
import type { FitQuotes } from './quotes.js';
import type { SviBox } from './svi-box.js';
import { sviNormal } from './svi-objective.js';
import {
  vertexAt,
  vertexBox,
  vertexCost,
  vertexDensityGradient,
  vertexDensitySlope,
  vertexSlope,
  vertexVarianceGradient,
  VERTEX_VARIABLES,
} from './svi-vertex.js';
import type { Vertex } from './svi-vertex.js';

/** A slice in the joint problem. */
export interface InteriorSlice {
  quotes: FitQuotes;
  box: SviBox;
  /** What the cost of the slice counts for beside the others. */
  weight: number;
}

export interface InteriorSearch {
  /** Five variables a slice. */
  y: Float64Array;
  /** Sum of the weighted costs. */
  cost: number;
  /** Weight of the barrier at the end: what each multiplier times its condition is. */
  tau: number;
  iterations: number;
  /** Whether every stage came to its minimum. */
  converged: boolean;
  /** False where the start is not inside the conditions: nothing was searched. */
  inside: boolean;
}

/** A condition on slice `slice`, or on it and the next one; k is where its minimum was last. */
interface Condition {
  kind: 'density' | 'gap' | 'right' | 'left';
  slice: number;
  k: number;
}

const N = VERTEX_VARIABLES;
const WIDTH = 2 * N - 1;
/** Local minima below these are conditions; G is 1/4 or more where nothing bends, and a gap is at most 1. */
const DENSITY_LIMIT = 0.3;
const GAP_LIMIT = 0.7;
const FALL = 0.4;
const STAGES = 16;
const STAGE_ITERATIONS = 40;
/** Part of the cost that the barrier may be worth at the end. */
const LAST_SHARE = 1e-4;

/** Searches from y, which is moved. `net` multiplies the points that are looked at between the conditions. */
export function interiorSearch(slices: readonly InteriorSlice[], y: Float64Array, net = 1): InteriorSearch {
  const { low, high } = vertexBox(slices.map(({ box }) => box));
  clamp(y, low, high);
  let cost = totalCost(slices, y);
  if (!isInside(slices, y, net) || !(cost < Infinity))
    return { y, cost, tau: 0, iterations: 0, converged: false, inside: false };

  let iterations = 0;
  let converged = true;
  let tau = 0;
  for (let stage = 0; stage < STAGES; stage++) {
    const conditions = conditionsAt(slices, y, net);
    if (stage === 0) tau = cost / conditions.length;
    else tau *= FALL;
    const search = bandedSearch(WIDTH, equations(slices, conditions, tau, net), y, low, high, {
      firstLambda: 1e-3,
      maxIterations: STAGE_ITERATIONS,
      costTolerance: 1e-6,
    });
    iterations += search.iterations;
    converged &&= search.converged;
    cost = totalCost(slices, y);
    if (tau * conditions.length <= LAST_SHARE * cost) break;
  }
  return { y, cost, tau, iterations, converged, inside: true };
}

let work = sviNormal(64);
const noGradient = new Float64Array(N);
const noMatrix = new Float64Array(N * N);

function totalCost(slices: readonly InteriorSlice[], y: Float64Array): number {
  return slices.reduce((sum, slice, i) => sum + costAt(slice, y, i), 0);
}

/** Moves y into the box of the slices. */
export function moveIntoBox(slices: readonly InteriorSlice[], y: Float64Array): void {
  const { low, high } = vertexBox(slices.map(({ box }) => box));
  clamp(y, low, high);
}

function clamp(y: Float64Array, low: Float64Array, high: Float64Array): void {
  for (let j = 0; j < y.length; j++) y[j] = Math.min(high[j]!, Math.max(low[j]!, y[j]!));
}

/** The weighted cost of slice i of y. */
export function costAt(slice: InteriorSlice, y: Float64Array, i: number): number {
  const { quotes, weight } = slice;
  if (work.weight.length < quotes.count) work = sviNormal(2 * quotes.count);
  return weight * vertexCost(quotes, y, N * i, work, noGradient, noMatrix);
}

function spanOf(slices: readonly InteriorSlice[], i: number): number {
  return Math.max(slices[i]!.box.span, slices[i + 1]?.box.span ?? 0);
}

/** Whether no condition is violated on the net. */
export function isInside(slices: readonly InteriorSlice[], y: Float64Array, net = 1): boolean {
  for (let i = 0; i + 1 < slices.length; i++) {
    if (!(y[N * (i + 1) + 1]! > y[N * i + 1]! && y[N * (i + 1) + 2]! > y[N * i + 2]!)) return false;
  }
  const vertices = slices.map((_, i) => vertexAt(y, N * i));
  return vertices.every((vertex, i) => {
    if (lowDensities(vertex, slices[i]!.box.span, 0, net).length > 0) return false;
    const later = vertices[i + 1];
    return later === undefined || lowGaps(vertex, later, spanOf(slices, i), 0, net).length === 0;
  });
}

function conditionsAt(slices: readonly InteriorSlice[], y: Float64Array, net: number): Condition[] {
  const vertices = slices.map((_, i) => vertexAt(y, N * i));
  return slices.flatMap(({ box }, slice): Condition[] => {
    const densities = lowDensities(vertices[slice]!, box.span, DENSITY_LIMIT, net);
    const own = densities.map((k) => ({ kind: 'density' as const, slice, k }));
    if (slice + 1 === slices.length) return own;
    const gaps = lowGaps(vertices[slice]!, vertices[slice + 1]!, spanOf(slices, slice), GAP_LIMIT, net);
    return [
      ...own,
      ...gaps.map((k) => ({ kind: 'gap' as const, slice, k })),
      { kind: 'right', slice, k: 0 },
      { kind: 'left', slice, k: 0 },
    ];
  });
}

const first = new Float64Array(N);
const second = new Float64Array(N);

/** c at y, its gradients in the slice and in the next one in `first` and `second`. */
function conditionValue({ kind, slice, k: from }: Condition, y: Float64Array, vertices: readonly Vertex[]): number {
  const vertex = vertices[slice]!;
  if (kind === 'density') {
    const k = descend((x) => vertexDensitySlope(vertex, x), from, vertex);
    return vertexDensityGradient(vertex, k, first);
  }
  if (kind === 'gap') {
    const later = vertices[slice + 1]!;
    const k = descend((x) => vertexSlope(later, x) - vertexSlope(vertex, x), from, vertex);
    const w2 = vertexVarianceGradient(later, k, second);
    const w1 = vertexVarianceGradient(vertex, k, first);
    const sum = w1 + w2;
    // c = (w2 - w1)/(w1 + w2)
    for (let j = 0; j < N; j++) {
      first[j]! *= (-2 * w2) / (sum * sum);
      second[j]! *= (2 * w1) / (sum * sum);
    }
    return (w2 - w1) / sum;
  }
  const at = N * slice;
  const j = kind === 'right' ? 1 : 2;
  const [s1, s2] = [y[at + j]!, y[at + N + j]!];
  first.fill(0);
  second.fill(0);
  // c = ln(s2 / s1)
  first[j] = -1 / s1;
  second[j] = 1 / s2;
  return log(s2 / s1);
}

const DESCENT_STEPS = 12;

/** The local minimum below `from`, by Newton steps on the slope, each no longer than part of the way to the vertex. */
function descend(slope: (k: number) => number, from: number, { m, sigma }: Vertex): number {
  let k = from;
  for (let i = 0; i < DESCENT_STEPS; i++) {
    const length = sigma + Math.abs(k - m);
    const h = 1e-5 * length;
    const here = slope(k);
    const curvature = (slope(k + h) - slope(k - h)) / (2 * h);
    const longest = 0.3 * length;
    const step = curvature > 0 ? Math.min(longest, Math.max(-longest, -here / curvature)) : -Math.sign(here) * longest;
    k += step;
    if (Math.abs(step) < 1e-7 * length) break;
  }
  return k;
}

/** Cost and normal equations of the slices and of the barrier; Infinity outside the conditions. */
function equations(
  slices: readonly InteriorSlice[],
  conditions: readonly Condition[],
  tau: number,
  net: number,
): (y: Float64Array, normal: BandedNormal) => number {
  const gradient = new Float64Array(N);
  const matrix = new Float64Array(N * N);
  const normalOfSlice = sviNormal(slices.reduce((count, { quotes }) => Math.max(count, quotes.count), 0));
  const stride = WIDTH + 1;
  return (y, normal) => {
    normal.gradient.fill(0);
    normal.band.fill(0);
    let cost = 0;
    const vertices = slices.map((_, i) => vertexAt(y, N * i));
    for (const condition of conditions) {
      const c = conditionValue(condition, y, vertices);
      if (!(c > 0)) return Infinity;
      cost -= tau * log(c);
      const pull = -tau / c;
      const stiffness = tau / (c * c);
      const at = N * condition.slice;
      const pair = condition.kind !== 'density';
      for (let i = 0; i < N; i++) {
        normal.gradient[at + i]! += pull * first[i]!;
        for (let j = 0; j <= i; j++) normal.band[(at + i) * stride + i - j]! += stiffness * first[i]! * first[j]!;
        if (!pair) continue;
        const row = at + N + i;
        normal.gradient[row]! += pull * second[i]!;
        for (let j = 0; j <= i; j++) normal.band[row * stride + i - j]! += stiffness * second[i]! * second[j]!;
        for (let j = 0; j < N; j++) normal.band[row * stride + N + i - j]! += stiffness * second[i]! * first[j]!;
      }
    }
    if (!isInside(slices, y, net)) return Infinity;
    for (let s = 0; s < slices.length; s++) {
      const { quotes, weight } = slices[s]!;
      const at = N * s;
      const sliceCost = vertexCost(quotes, y, at, normalOfSlice, gradient, matrix);
      if (!(sliceCost < Infinity)) return Infinity;
      cost += weight * sliceCost;
      for (let i = 0; i < N; i++) {
        normal.gradient[at + i]! += weight * gradient[i]!;
        for (let j = 0; j <= i; j++) normal.band[(at + i) * stride + i - j]! += weight * matrix[i * N + j]!;
      }
    }
    return cost;
  };
}
