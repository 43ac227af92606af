/**
 * SVI slices that arbitrage may hold back, as one problem: the sum of their weighted costs and the conditions between and on them
 * (contact.ts), with first and second derivatives in the free variables of all slices.
 */
import type { SviParameters } from '../smile/parameters.js';
import { lowDensities, lowGaps } from './arbitrage-points.js';
import { contactDerivatives, HAIR } from './contact.js';
import type { Contact, ContactDerivatives } from './contact.js';
import type { FitQuotes } from './quotes.js';
import { saddleOf } from './saddle.js';
import { sviVariables } from './smile-jets.js';
import type { SviJets } from './smile-jets.js';
import { sviBox } from './svi-box.js';
import { sviCost } from './svi-cost.js';
import { toVertex, vertexAt, VERTEX_VARIABLES } from './svi-vertex.js';
import type { Vertex } from './svi-vertex.js';

/** A slice of a joint problem at its parameters. */
export interface JointSlice {
  quotes: FitQuotes;
  weight: number;
  parameters: SviParameters;
  /** Which of the five variables are at a bound: of a, that the least variance is. */
  held: readonly boolean[];
}

/** Costs and conditions of several slices around their parameters. */
export interface JointSystem {
  n: number;
  offsets: number[];
  /** How many variables of each slice are free. */
  free: number[];
  /** Of the sum of the weighted costs. */
  cost: number;
  gradient: Float64Array;
  hessian: Float64Array;
  conditions: ContactDerivatives[];
}

/** A condition without a minimum near its k is left out. */
export function jointSystem(slices: readonly JointSlice[], contacts: readonly Contact[]): JointSystem {
  const shapes = slices.map(shapeOf);
  const free = shapes.map((shape) => shape.free);
  const offsets = free.map((_, s) => free.slice(0, s).reduce((sum, count) => sum + count, 0));
  const n = free.reduce((sum, count) => sum + count, 0);
  const gradient = new Float64Array(n);
  const hessian = new Float64Array(n * n);
  let cost = 0;
  slices.forEach(({ quotes, weight, parameters, held }, s) => {
    const own = sviCost(quotes, parameters, held);
    const from = offsets[s]!;
    const count = free[s]!;
    cost += weight * own.cost;
    for (let a = 0; a < count; a++) {
      gradient[from + a] = weight * own.gradient[a]!;
      for (let b = 0; b < count; b++) hessian[(from + a) * n + from + b] = weight * own.hessian[a * count + b]!;
    }
  });
  const conditions: ContactDerivatives[] = [];
  for (const contact of contacts) {
    const condition = contactDerivatives(contact, shapes, offsets, n);
    if (condition !== undefined) conditions.push(condition);
  }
  return { n, offsets, free, cost, gradient, hessian, conditions };
}

function shapeOf({ parameters, held }: JointSlice): SviJets {
  return sviVariables(parameters, held);
}

/** The value of a condition; undefined where it has no minimum near its k. */
export function conditionValue(contact: Contact, slices: readonly JointSlice[]): number | undefined {
  const { slice, kind } = contact;
  const pair = slices.slice(slice, kind === 'density' ? slice + 1 : slice + 2).map(shapeOf);
  const offsets = [0, pair[0]!.free];
  const n = pair.reduce((sum, { free }) => sum + free, 0);
  return contactDerivatives({ ...contact, slice: 0 }, pair, offsets, n)?.value;
}

/** The multipliers that leave the least gradient, in the metric of the Hessian's diagonal. */
export function leastMultipliers({ n, gradient, hessian, conditions }: JointSystem): Float64Array | undefined {
  const diagonal = new Float64Array(n * n);
  for (let a = 0; a < n; a++) diagonal[a * n + a] = Math.abs(hessian[a * n + a]!);
  const saddle = saddleOf(
    n,
    diagonal,
    conditions.map((condition) => condition.gradient),
  );
  return saddle.ok ? saddle.multipliers(gradient) : undefined;
}

/** The Hessian of the Lagrangian with its conditions. */
export function lagrangian(
  { n, hessian, conditions }: JointSystem,
  multipliers: Float64Array,
): ReturnType<typeof saddleOf> {
  const bent = hessian.slice();
  conditions.forEach((condition, j) => {
    for (let at = 0; at < bent.length; at++) bent[at]! -= multipliers[j]! * condition.hessian[at]!;
  });
  return saddleOf(
    n,
    bent,
    conditions.map(({ gradient }) => gradient),
  );
}

/** Whether a condition moves slice i. */
export function concerns({ kind, slice }: Contact, i: number): boolean {
  return slice === i || (kind !== 'density' && slice + 1 === i);
}

/** Slices joined by conditions, each group in order. */
export function groups(count: number, contacts: readonly Contact[]): number[][] {
  const result: number[][] = [];
  for (let i = 0; i < count; i++) {
    const joined = i > 0 && contacts.some(({ kind, slice }) => kind !== 'density' && slice === i - 1);
    if (joined) result.at(-1)!.push(i);
    else result.push([i]);
  }
  return result;
}

/** Every place where G or a relative gap has a local minimum below a limit, and the wings that differ by less. */
export function contactsBelow(
  slices: readonly { parameters: SviParameters }[],
  spans: readonly number[],
  density: number,
  gap: number,
  net: number,
): Contact[] {
  const vertices = slices.map(({ parameters }): Vertex => {
    const y = new Float64Array(VERTEX_VARIABLES);
    toVertex(parameters, y, 0);
    return vertexAt(y, 0);
  });
  return vertices.flatMap((vertex, slice): Contact[] => {
    const span = spans[slice]!;
    const own = lowDensities(vertex, span, density, net).map((k) => ({ kind: 'density' as const, slice, k }));
    const later = vertices[slice + 1];
    if (later === undefined) return own;
    const both = Math.max(span, spans[slice + 1]!);
    const between = lowGaps(vertex, later, both, gap, net).map((k) => ({ kind: 'gap' as const, slice, k }));
    const wings = (
      [
        ['right', vertex.r, later.r],
        ['left', vertex.l, later.l],
      ] as const
    )
      .filter(([, first, second]) => second - first <= gap * (first + second))
      .map(([kind]) => ({ kind, slice, k: 0 }));
    return [...own, ...between, ...wings];
  });
}

/** Part of the hair by which a condition may differ from equality. */
const SAME = 0.01;
/** A net this much finer finds where slices touch. */
const TOUCHING_NET = 2;

/** The conditions that slices meet with equality, where a search has left them. */
export function touching(slices: readonly JointSlice[]): Contact[] {
  const spans = slices.map(({ quotes }) => sviBox(quotes).span);
  const shapes = slices.map(shapeOf);
  const near = contactsBelow(slices, spans, 2 * HAIR, 4 * HAIR, TOUCHING_NET);
  return jointSystem(slices, near)
    .conditions.filter(({ contact: { kind, slice, k }, value }) => {
      const size = kind === 'density' ? 1 : kind === 'gap' ? varianceAt(shapes[slice]!, k) : shapes[slice]![kind][0]!;
      return Math.abs(value) <= SAME * HAIR * size;
    })
    .map(({ contact }) => contact);
}

function varianceAt({ level, right, left, centre, width }: SviJets, k: number): number {
  const u = k - centre[0]!;
  const z = Math.sqrt(u * u + width[0]! ** 2);
  return level[0]! + 0.5 * (right[0]! * (z + u) + left[0]! * (z - u));
}
