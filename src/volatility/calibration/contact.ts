/**
 * Where SVI slices touch arbitrage: the conditions that hold a certified slice back, as functions of the free variables x,
 *
 *   density   min over k of G(k; x)                     G of svi-vertex.ts, where it is locally least
 *   gap       min over k of w_(i+1)(k; x) - w_i(k; x)
 *   right, left   R_(i+1) - R_i,  L_(i+1) - L_i          the gap at infinity
 *
 * each less a hair, so that what meets it with equality is proved free of arbitrage in doubles. With k where the minimum is,
 * the gradient is that at fixed k, and the Hessian carries the minimum along,
 *
 *   c = min_k g(k; x),   dc = g_x,   d2c = g_xx - g_xk g_xk^T / g_kk
 *
 * Bonnans and Shapiro, Perturbation Analysis of Optimization Problems (2000), section 5.4.
 */
import {
  add,
  derivative,
  divide,
  multiply,
  reciprocal,
  scale,
  shift,
  sqrt,
  subtract,
  variable,
} from '../../math/jet.js';
import type { Jet } from '../../math/jet.js';
import type { SviJets } from './smile-jets.js';

/** A condition on slice `slice` of several, or on it and the next one; k is where its minimum is or was last. */
export interface Contact {
  kind: 'density' | 'gap' | 'right' | 'left';
  slice: number;
  k: number;
}

export interface ContactDerivatives {
  contact: Contact;
  value: number;
  /** In the free variables of all slices. */
  gradient: Float64Array;
  /** Row-major. */
  hessian: Float64Array;
}

/** What is left of G, and of a gap for each unit of total variance, where slices touch. */
export const HAIR = 1e-9;
/** The wings keep a little more, or the gap would fall far out. */
const WING = 1 + 4 * HAIR;
const STEPS = 12;
/** Of the distance to the vertex. */
const CLOSE = 1e-10;

/** The condition around the slices, its k moved to the minimum; undefined where there is none near. */
export function contactDerivatives(
  contact: Contact,
  slices: readonly SviJets[],
  offsets: readonly number[],
  n: number,
): ContactDerivatives | undefined {
  const { kind, slice } = contact;
  const [own, later] = [slices[slice]!, slices[slice + 1]];
  const parts: [Jet, number, SviJets][] = [];
  if (kind === 'right' || kind === 'left') {
    parts.push([scale(own[kind], -WING), offsets[slice]!, own], [later![kind], offsets[slice + 1]!, later!]);
    return { contact, ...collect(parts, n, 0) };
  }
  let k = kind === 'gap' ? leastGap(own, later!, contact.k) : contact.k;
  for (let step = 0; step < STEPS; step++) {
    parts.length = 0;
    if (kind === 'density') parts.push([shift(density(own, k), -HAIR), offsets[slice]!, own]);
    else {
      parts.push([scale(variance(own, k), -1 - HAIR), offsets[slice]!, own]);
      parts.push([scale(variance(later!, k), 1 - HAIR), offsets[slice + 1]!, later!]);
    }
    const along = (...by: 'k'[]): number =>
      parts.reduce((sum, [jet, , { free }]) => sum + derivative(jet, ...by.map(() => free)), 0);
    const curvature = along('k', 'k');
    if (!(curvature > 0)) return undefined;
    const move = -along('k') / curvature;
    const length = own.width[0]! + Math.abs(k - own.centre[0]!);
    if (Math.abs(move) > 0.3 * length) return undefined;
    if (Math.abs(move) <= CLOSE * length) return { contact: { ...contact, k }, ...collect(parts, n, curvature) };
    k += move;
  }
  return undefined;
}

/** The minimum of the gap from k on, as far as doubles tell. */
function leastGap(own: SviJets, later: SviJets, from: number): number {
  let k = from;
  for (let step = 0; step < STEPS; step++) {
    const [d1, c1] = slopes(own, k);
    const [d2, c2] = slopes(later, k);
    const curvature = (1 - HAIR) * c2 - (1 + HAIR) * c1;
    const move = ((1 + HAIR) * d1 - (1 - HAIR) * d2) / curvature;
    const length = own.width[0]! + Math.abs(k - own.centre[0]!);
    if (!(curvature > 0) || Math.abs(move) > length) return from;
    k += move;
    if (Math.abs(move) <= CLOSE * length) break;
  }
  return k;
}

/** w' and w'' at k. */
function slopes({ right, left, centre, width }: SviJets, k: number): [number, number] {
  const u = k - centre[0]!;
  const z = Math.sqrt(u * u + width[0]! ** 2);
  const [up, down] = [right[0]!, left[0]!];
  return [0.5 * (up * (1 + u / z) - down * (1 - u / z)), (0.5 * (up + down) * width[0]! ** 2) / z ** 3];
}

/** The sum of the parts over all variables, with the minimum over k where the curvature in k is given. */
function collect(
  parts: readonly [Jet, number, SviJets][],
  n: number,
  curvature: number,
): Omit<ContactDerivatives, 'contact'> {
  const gradient = new Float64Array(n);
  const hessian = new Float64Array(n * n);
  const byK = new Float64Array(n);
  let value = 0;
  for (const [jet, offset, { free }] of parts) {
    value += jet[0]!;
    for (let a = 0; a < free; a++) {
      gradient[offset + a]! += derivative(jet, a);
      byK[offset + a]! += derivative(jet, a, free);
      for (let b = 0; b < free; b++) hessian[(offset + a) * n + offset + b]! += derivative(jet, a, b);
    }
  }
  if (curvature > 0) {
    for (let a = 0; a < n; a++) for (let b = 0; b < n; b++) hessian[a * n + b]! -= (byK[a]! * byK[b]!) / curvature;
  }
  return { value, gradient, hessian };
}

/** w with its last variable k. */
function variance(slice: SviJets, k: number): Jet {
  const { u, z } = along(slice, k);
  const { right, left, level } = slice;
  return add(level, scale(add(multiply(right, add(z, u)), multiply(left, subtract(z, u))), 0.5));
}

function along({ free, centre, width }: SviJets, k: number): { moneyness: Jet; u: Jet; z: Jet } {
  const moneyness = variable(free + 1, free, k);
  const u = subtract(moneyness, centre);
  return { moneyness, u, z: sqrt(add(multiply(u, u), multiply(width, width))) };
}

/** G = h |h| - w'^2 (1/w + 1/4) / 4 + w''/2,  h = 1 - k w' / (2w), with its last variable k. */
function density(slice: SviJets, k: number): Jet {
  const { moneyness, u, z } = along(slice, k);
  const { right, left, width } = slice;
  const w = variance(slice, k);
  const cosine = divide(u, z);
  const sum = add(right, left);
  const dw = scale(add(multiply(sum, cosine), subtract(right, left)), 0.5);
  const sine = divide(width, z);
  const bend = scale(divide(multiply(sum, multiply(sine, sine)), z), 0.5);
  const inverse = reciprocal(w);
  const h = shift(scale(multiply(moneyness, multiply(dw, inverse)), -0.5), 1);
  const square = scale(multiply(h, h), Math.sign(h[0]!));
  const loss = scale(multiply(multiply(dw, dw), shift(inverse, 0.25)), 0.25);
  return add(subtract(square, loss), scale(bend, 0.5));
}
