/**
 * SVI slices that arbitrage holds back, taken from near by to the very minimum of their costs under the conditions c_j >= 0,
 *
 *   grad C = sum lambda_j grad c_j,   lambda_j >= 0,   c_j >= 0,   lambda_j c_j = 0
 *
 * The primal-dual interior-point method goes most of the way, with the full Hessian of the Lagrangian (Nocedal and Wright, Numerical
 * Optimization (2006), 19.3),
 *
 *   [H_L + sum (lambda_j / c_j) grad c_j grad c_j'] p = -(grad C - sum (tau / c_j) grad c_j),   tau -> 0
 *
 * and tells which conditions are met with equality; Newton's method on x and their multipliers goes the rest (18.1).
 */
import { CholeskyDecomposition, Matrix as Dense } from 'ml-matrix';
import { lossValue } from '../../math/least-squares/loss.js';
import { log } from '../../math/logarithm.js';
import type { SviParameters } from '../smile/parameters.js';
import { smileDerivatives } from '../smile/smile.js';
import { HAIR } from './contact.js';
import type { Contact } from './contact.js';
import type { InteriorSearch, InteriorSlice } from './interior-search.js';
import {
  concerns,
  conditionValue,
  contactsBelow,
  groups,
  jointSystem,
  lagrangian,
  leastMultipliers,
} from './joint-system.js';
import type { JointSlice, JointSystem } from './joint-system.js';
import { quoteResidual } from './quotes.js';
import { SVI_BOUNDS } from './smile-jets.js';
import { movedSvi } from './svi-cost.js';
import { fromVertex, toVertex, vertexBox, VERTEX_VARIABLES } from './svi-vertex.js';

const N = VERTEX_VARIABLES;
/** Local minima below these may hold a slice back. */
const LOW_DENSITY = 0.3;
const SMALL_GAP = 0.7;
const INTERIOR_STEPS = 60;
/** Part of the cost that the barrier may be worth when it has told the conditions apart. */
const LAST_SHARE = 1e-11;
const FALL = 0.1;
/** Fall that a step promises, in units of tau for each condition, below which tau falls. */
const CENTRED = 1;
/** Part of a condition that a step leaves. */
const LEFT = 0.01;
const HALVINGS = 12;
/** Part of a step from which it counts as whole. */
const LONG = 0.7;
/** Part of the barrier function that its rounding may be. */
const ROUNDING = 1e-12;
const NEWTON_STEPS = 12;
/** Length of a Newton step, in standard errors over the misfit in them, after which the next one would be rounding. */
const SETTLED = 1e-7;
const ROUNDS = 6;
/** Part of its cost by which a minimum may be above the point it was sought from. */
const WORSE = 1e-6;
/** A condition met this closely has to be taken in. */
const MET = 0.5 * HAIR;

export interface JointMinimum {
  parameters: SviParameters[];
  /** Names of the variables of each slice at a bound. */
  atBound: string[][];
}

/**
 * The minimum near where a search with a barrier ended: each slice as fitted where it is `proved` to be free as it is and touches
 * nothing. Undefined where none is found.
 */
export function jointMinimum(
  fitted: readonly (InteriorSlice & { parameters: SviParameters })[],
  { y, tau, cost }: InteriorSearch,
  proved: readonly boolean[],
  net: number,
): JointMinimum | undefined {
  if (!(tau > 0)) return undefined;
  const bounds = vertexBox(fitted.map(({ box }) => box));
  const spans = fitted.map(({ box }) => box.span);
  const start = fitted.map(({ quotes, weight }, i): JointSlice => {
    const own = y.slice(N * i, N * (i + 1));
    const held = SVI_BOUNDS.map((_, j) => own[j]! <= bounds.low[N * i + j]! || own[j]! >= bounds.high[N * i + j]!);
    return { quotes, weight, parameters: fromVertex(own, 0), held };
  });
  const interior = interiorPoint(start, spans, tau, net);
  if (interior === undefined) return undefined;
  const slices = [...interior.slices];
  let contacts = interior.active;
  let unsettled = slices.map((slice, i) => {
    if (!proved[i]! || contacts.some((contact) => concerns(contact, i))) return true;
    slices[i] = { ...slice, parameters: fitted[i]!.parameters, held: SVI_BOUNDS.map(() => false) };
    return false;
  });
  for (let round = 0; round < ROUNDS; round++) {
    for (const members of groups(slices.length, contacts)) {
      if (!members.some((i) => unsettled[i])) continue;
      const first = members[0]!;
      const own = contacts.filter((contact) => members.some((i) => concerns(contact, i)));
      const found = newton(
        members.map((i) => slices[i]!),
        own.map((contact) => ({ ...contact, slice: contact.slice - first })),
      );
      if (found === undefined) return undefined;
      members.forEach((i, at) => (slices[i] = found.slices[at]!));
      const kept = found.contacts.map((contact) => ({ ...contact, slice: contact.slice + first }));
      contacts = [...contacts.filter((contact) => !own.includes(contact)), ...kept];
    }
    unsettled = slices.map(() => false);
    if (!slices.every(({ parameters }, i) => isInBox(parameters, bounds, i))) return undefined;
    for (const met of contactsBelow(slices, spans, MET, MET, net)) {
      if (contacts.some((contact) => isSame(contact, met))) continue;
      contacts.push(met);
      unsettled[met.slice] = true;
    }
    if (unsettled.includes(true)) continue;
    if (!(costOf(slices) <= (1 + WORSE) * cost)) return undefined;
    return {
      parameters: slices.map(({ parameters }) => parameters),
      atBound: slices.map(({ held }) => SVI_BOUNDS.filter((_, j) => held[j])),
    };
  }
  return undefined;
}

function isInBox(p: SviParameters, { low, high }: { low: Float64Array; high: Float64Array }, i: number): boolean {
  const y = new Float64Array(N);
  toVertex(p, y, 0);
  return y.every((value, j) => {
    const slack = 1e-9 * Math.max(1, Math.abs(value));
    return value >= low[N * i + j]! - slack && value <= high[N * i + j]! + slack;
  });
}

function costOf(slices: readonly JointSlice[]): number {
  return slices.reduce((total, { quotes, weight, parameters }) => {
    let sum = 0;
    for (let i = 0; i < quotes.count; i++) {
      const r = quoteResidual(quotes, i, smileDerivatives(parameters, quotes.k[i]!).w);
      sum += 0.5 * lossValue(quotes.loss, r, quotes.deadzone[i]);
    }
    return total + weight * sum;
  }, 0);
}

/** The slice with its free variables moved by a share of the entries of `step` from `offset` on; undefined outside the domain. */
function moved(slice: JointSlice, step: Float64Array, offset: number, share: number): JointSlice | undefined {
  const parameters = movedSvi(slice.parameters, slice.held, (at) => share * step[offset + at]!);
  return parameters && { ...slice, parameters };
}

/** Two places of one minimum. */
function isSame(a: Contact, b: Contact): boolean {
  if (a.kind !== b.kind || a.slice !== b.slice) return false;
  return a.kind === 'right' || a.kind === 'left' || Math.abs(a.k - b.k) <= 1e-2 * (1e-3 + Math.abs(a.k));
}

/** Goes inside the conditions until the barrier is worth next to nothing, and tells which of them hold. */
function interiorPoint(
  start: readonly JointSlice[],
  spans: readonly number[],
  firstTau: number,
  net: number,
): { slices: readonly JointSlice[]; active: Contact[] } | undefined {
  let slices = start;
  let tau = firstTau;
  let known: { contact: Contact; multiplier: number }[] = [];
  for (let iteration = 0; iteration < INTERIOR_STEPS; iteration++) {
    const contacts = contactsBelow(slices, spans, LOW_DENSITY, SMALL_GAP, net);
    const system = jointSystem(slices, contacts);
    const multipliers = Float64Array.from(system.conditions, ({ contact, value }) => {
      const same = known.find((other) => isSame(other.contact, contact));
      return same?.multiplier ?? tau / value;
    });
    if (system.conditions.some(({ value }) => !(value > 0))) return undefined;
    const newtonStep = interiorStep(system, multipliers, tau);
    if (newtonStep === undefined) return undefined;
    const { p, solve } = newtonStep;
    if (tau * system.conditions.length <= LAST_SHARE * system.cost) {
      const active = system.conditions.filter(({ value, gradient }, j) => {
        return (multipliers[j]! / value) * dot(gradient, solve(gradient)) > 0.5;
      });
      return { slices, active: active.map(({ contact }) => contact) };
    }
    let share = 1;
    const pulls = system.conditions.map(({ gradient }) => dot(gradient, p));
    system.conditions.forEach(({ value }, j) => {
      if (pulls[j]! < 0) share = Math.min(share, ((1 - LEFT) * value) / -pulls[j]!);
    });
    let next: readonly JointSlice[] | undefined;
    const here = system.cost - tau * sumOfLogs(system.conditions.map(({ value }) => value));
    for (let halving = 0; halving < HALVINGS; halving++) {
      const trial = slices.map((slice, s) => moved(slice, p, system.offsets[s]!, share));
      const values = trial.includes(undefined) ? undefined : valuesAt(trial as JointSlice[], system);
      const there = values === undefined ? Infinity : costOf(trial as JointSlice[]) - tau * sumOfLogs(values);
      if (there <= here + ROUNDING * Math.abs(here)) {
        next = trial as JointSlice[];
        break;
      }
      share *= 0.5;
    }
    if (next === undefined) {
      // Rounding ends the descent; a smaller barrier may go on.
      tau *= FALL;
      continue;
    }
    slices = next;
    known = system.conditions.map(({ contact, value }, j) => {
      const to = tau / value - (multipliers[j]! / value) * pulls[j]!;
      return { contact, multiplier: Math.max(to, 0.1 * multipliers[j]!, Number.MIN_VALUE) };
    });
    if (share > LONG && newtonStep.fall <= CENTRED * tau * system.conditions.length) tau *= FALL;
  }
  return undefined;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function sumOfLogs(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + log(value), 0);
}

/** The conditions' values at other parameters; undefined where one is not above 0 or is gone. */
function valuesAt(slices: readonly JointSlice[], system: JointSystem): number[] | undefined {
  const values: number[] = [];
  for (const { contact } of system.conditions) {
    const value = conditionValue(contact, slices);
    if (value === undefined || !(value > 0)) return undefined;
    values.push(value);
  }
  return values;
}

/** The step, and the inverse of its matrix. */
function interiorStep(
  { n, gradient, hessian, conditions }: JointSystem,
  multipliers: Float64Array,
  tau: number,
): { p: Float64Array; fall: number; solve: (b: Float64Array) => Float64Array } | undefined {
  const matrix = hessian.slice();
  const units = Float64Array.from({ length: n }, (_, a) => Math.sqrt(Math.abs(hessian[a * n + a]!)));
  const right = gradient.slice();
  conditions.forEach(({ value, gradient: row, hessian: bend }, j) => {
    const lambda = multipliers[j]!;
    for (let a = 0; a < n; a++) {
      right[a]! -= (tau / value) * row[a]!;
      for (let b = 0; b < n; b++)
        matrix[a * n + b]! += (lambda / value) * row[a]! * row[b]! - lambda * bend[a * n + b]!;
    }
  });
  if (units.includes(0)) return undefined;
  for (let damping = 0; damping < 1e6; damping = Math.max(1e-8, 10 * damping)) {
    const scaled = Dense.zeros(n, n);
    for (let a = 0; a < n; a++) {
      for (let b = 0; b <= a; b++) {
        const value = matrix[a * n + b]! / (units[a]! * units[b]!);
        scaled.set(a, b, value);
        scaled.set(b, a, value);
      }
      scaled.set(a, a, scaled.get(a, a) + damping);
    }
    const factor = new CholeskyDecomposition(scaled);
    if (!factor.isPositiveDefinite()) continue;
    const solve = (b: Float64Array): Float64Array => {
      const solution = factor.solve(Dense.columnVector([...b].map((value, a) => value / units[a]!)));
      return Float64Array.from({ length: n }, (_, a) => solution.get(a, 0) / units[a]!);
    };
    const p = solve(right).map((value) => -value);
    return { p, solve, fall: -dot(right, p) };
  }
  return undefined;
}

/** Newton's method on one group of slices, letting go of conditions that would hold it from the wrong side. */
function newton(
  start: readonly JointSlice[],
  contacts: readonly Contact[],
): { slices: JointSlice[]; contacts: Contact[] } | undefined {
  let active = [...contacts];
  for (;;) {
    const found = newtonOn(start, active);
    if (found === undefined) return undefined;
    const worst = found.multipliers.reduce((least, value, j) => (value < found.multipliers[least]! ? j : least), 0);
    if (active.length === 0 || found.multipliers[worst]! >= 0) return found;
    active = active.filter((_, j) => j !== worst);
  }
}

function newtonOn(
  start: readonly JointSlice[],
  contacts: readonly Contact[],
): { slices: JointSlice[]; contacts: Contact[]; multipliers: Float64Array } | undefined {
  let slices = [...start];
  let active = [...contacts];
  let multipliers: Float64Array | undefined;
  for (let iteration = 0; iteration < NEWTON_STEPS; iteration++) {
    const system = jointSystem(slices, active);
    if (system.conditions.length < active.length) return undefined;
    multipliers ??= leastMultipliers(system);
    if (multipliers === undefined) return undefined;
    const saddle = lagrangian(system, multipliers);
    if (!saddle.ok) return undefined;
    const values = system.conditions.map(({ value }) => value);
    const step = saddle.step(system.gradient, values);
    multipliers = saddle.multipliers(system.gradient, values);
    const next = slices.map((slice, s) => moved(slice, step, system.offsets[s]!, 1));
    if (next.includes(undefined)) return undefined;
    slices = next as JointSlice[];
    active = system.conditions.map(({ contact }) => contact);
    let length = 0;
    for (let a = 0; a < system.n; a++) length += step[a]! ** 2 * Math.abs(system.hessian[a * system.n + a]!);
    if (length <= SETTLED * SETTLED * (2 * system.cost)) return { slices, contacts: active, multipliers };
  }
  return undefined;
}
