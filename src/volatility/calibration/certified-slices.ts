/**
 * Slices of one surface made free of arbitrage and proved so, at the least cost to their fit that is found.
 *
 * Where the slices as fitted are proved, nothing is touched. Else the search starts from an anchor that is free of arbitrage, an eSSVI
 * surface scaled apart (scaling total variance down keeps a slice free: g[lambda w] is concave in lambda and not
 * below 0 at 0), pulls each slice towards the best it could be alone as far as it stays inside, and minimises all costs together from
 * inside (interior-search.ts), again from the middle where that has stopped short of a minimum. From there Newton's method goes to the
 * minimum itself, where slices touch what holds them back but for a hair (joint-minimum.ts); where it finds none, they stay where the
 * search ended, but for those that are proved as fitted, which are put back. Every certificate is made for the parameters as stored; where
 * one refutes, the search goes on from the largest certified step on the segment from the start, on a finer net. The last resort is the
 * eSSVI surface itself.
 */
import { certifyButterfly } from '../arbitrage/butterfly.js';
import { certifyCalendar } from '../arbitrage/calendar.js';
import type { Certificate } from '../arbitrage/certificate.js';
import type { SmileParameters, SsviSlice, SviParameters } from '../smile/parameters.js';
import { ssvi } from '../smile/ssvi.js';
import { costAt, interiorSearch, isInside, moveIntoBox } from './interior-search.js';
import type { InteriorSlice } from './interior-search.js';
import { jointMinimum } from './joint-minimum.js';
import { fromVertex, toVertex, VERTEX_VARIABLES } from './svi-vertex.js';

/** A slice as fitted, and what its fit minimised. */
export interface FittedSlice extends InteriorSlice {
  parameters: SviParameters;
}

export interface CertifiedSlices {
  /** Raw SVI, or all SSVI where the eSSVI surface was the last resort. */
  parameters: (SviParameters | SsviSlice)[];
  /** One a slice. */
  butterfly: Certificate[];
  /** One a pair of neighbours. */
  calendar: Certificate[];
  /** Of each slice the names of variables at a bound, where the slices are at their joint minimum. */
  atBound?: string[][] | undefined;
  /** Steps of the joint search. */
  iterations: number;
}

const N = VERTEX_VARIABLES;
/** By how much neighbours of the start are scaled apart, until it is inside. */
const APART = [0.005, 0.02, 0.08];
const PULLS = [1, 0.75, 0.5, 0.25, 0.1];
/** Part of its cost that a slice has to come down to for another search, and how many of these there are. */
const WORTH_IT = 0.99;
const ROUNDS = 8;
const RAISINGS = 60;
const BISECTIONS = 20;
const NETS = [1, 4];

/**
 * Slices in order of expiry, and an eSSVI surface on the same expiries that is free of arbitrage; undefined where not even that one
 * is proved.
 */
export function certifySlices(
  fitted: readonly FittedSlice[],
  anchors: readonly SsviSlice[],
): CertifiedSlices | undefined {
  const asFitted = certificates(fitted.map(({ parameters }) => parameters));
  if (asFitted.proved) return { ...asFitted, iterations: 0 };
  let iterations = 0;
  let start = startInside(fitted, anchors);
  if (start !== undefined) {
    const targets = fitted.map((slice, i) =>
      isProved(asFitted.butterfly[i]!) ? vertexOf(slice.parameters) : freeSlice(slice, anchors[i]!),
    );
    pullTowards(targets, fitted, start, false);
    for (const net of NETS) {
      const y: Float64Array = start.slice();
      let search = interiorSearch(fitted, y, net);
      iterations += search.iterations;
      for (let round = 0; round < ROUNDS; round++) {
        const before = search.cost;
        const pulled = pullTowards(targets, fitted, y, true);
        if (!pulled && search.converged) break;
        search = interiorSearch(fitted, y, net);
        iterations += search.iterations;
        if (!(search.cost < WORTH_IT * before)) break;
      }
      const minimum = jointMinimum(fitted, search, asFitted.butterfly.map(isProved), net);
      if (minimum !== undefined) {
        const result = certificates(minimum.parameters);
        if (result.proved) return { ...result, atBound: minimum.atBound, iterations };
      }
      const parameters = putBack(fitted, readAll(y), asFitted.butterfly);
      const result = certificates(parameters);
      if (result.proved) return { ...result, iterations };
      start = largestCertified(start, y);
      if (start === undefined) break;
    }
    if (start !== undefined) {
      const result = certificates(readAll(start));
      if (result.proved) return { ...result, iterations };
    }
  }
  const lastResort = certificates([...anchors]);
  return lastResort.proved ? { ...lastResort, iterations } : undefined;
}

function vertexOf(p: SviParameters): Float64Array {
  const y = new Float64Array(N);
  toVertex(p, y, 0);
  return y;
}

/**
 * The best slice by itself that is free of butterfly arbitrage, from two starts: the anchor, and the fit with its variance raised, which
 * takes every slope and curvature relative to the variance down until it is inside.
 */
function freeSlice(slice: FittedSlice, anchor: SsviSlice): Float64Array {
  const raised = vertexOf(slice.parameters);
  moveIntoBox([slice], raised);
  for (let i = 0; i < RAISINGS && !isInside([slice], raised); i++) raised[0]! += Math.LN2 / 2;
  const searches = [vertexOf(ssvi.toSvi(anchor)), raised].map((y) => interiorSearch([slice], y));
  return searches.reduce((x, y) => (y.inside && (!x.inside || y.cost < x.cost) ? y : x)).y;
}

function certificates<P extends SmileParameters>(
  parameters: P[],
): { parameters: P[]; butterfly: Certificate[]; calendar: Certificate[]; proved: boolean } {
  const butterfly = parameters.map((p) => certifyButterfly(p));
  const calendar = parameters.slice(1).map((later, i) => certifyCalendar(parameters[i]!, later));
  return { parameters, butterfly, calendar, proved: [...butterfly, ...calendar].every(isProved) };
}

function isProved({ verdict }: Certificate): boolean {
  return verdict === 'proved';
}

function readAll(y: Float64Array): SviParameters[] {
  return Array.from({ length: y.length / N }, (_, i) => fromVertex(y, N * i));
}

/** The anchors as raw SVI, each scaled down a little more than the one after it. */
function startInside(fitted: readonly FittedSlice[], anchors: readonly SsviSlice[]): Float64Array | undefined {
  for (const apart of APART) {
    const y = new Float64Array(N * anchors.length);
    anchors.forEach((anchor, i) => {
      const p = ssvi.toSvi(anchor);
      const scale = (1 - apart) ** (anchors.length - i);
      toVertex({ ...p, a: scale * p.a, b: scale * p.b }, y, N * i);
    });
    moveIntoBox(fitted, y);
    if (isInside(fitted, y)) return y;
  }
  return undefined;
}

/**
 * Moves each slice, the one with most quotes first, as far towards its target as it and its neighbours stay inside; with `onlyBetter`
 * only where it gains by it. Whether any was moved.
 */
function pullTowards(
  targets: readonly Float64Array[],
  fitted: readonly FittedSlice[],
  y: Float64Array,
  onlyBetter: boolean,
): boolean {
  const order = fitted.map((_, i) => i).sort((a, b) => fitted[b]!.quotes.targets - fitted[a]!.quotes.targets);
  let moved = false;
  for (const i of order) {
    const from = Math.max(0, i - 1);
    const around = fitted.slice(from, i + 2);
    const nearby = y.slice(N * from, N * (from + around.length));
    const at = N * (i - from);
    const before = costAt(fitted[i]!, y, i);
    for (const share of PULLS) {
      for (let j = 0; j < N; j++) nearby[at + j] = y[N * i + j]! + share * (targets[i]![j]! - y[N * i + j]!);
      if (onlyBetter && !(costAt(fitted[i]!, nearby, i - from) < WORTH_IT * before)) continue;
      if (!isInside(around, nearby)) continue;
      y.set(nearby.subarray(at, at + N), N * i);
      moved = true;
      break;
    }
  }
  return moved;
}

/** Each slice as fitted where it is proved so beside its neighbours. */
function putBack(
  fitted: readonly FittedSlice[],
  moved: readonly SviParameters[],
  butterfly: readonly Certificate[],
): SviParameters[] {
  const parameters = [...moved];
  fitted.forEach(({ parameters: own }, i) => {
    if (!isProved(butterfly[i]!)) return;
    const before = parameters[i - 1];
    const after = parameters[i + 1];
    if (before !== undefined && !isProved(certifyCalendar(before, own))) return;
    if (after !== undefined && !isProved(certifyCalendar(own, after))) return;
    parameters[i] = own;
  });
  return parameters;
}

/** The largest step from `start` towards y that is certified; undefined where not even the start is. */
function largestCertified(start: Float64Array, y: Float64Array): Float64Array | undefined {
  const at = (share: number): Float64Array => start.map((value, j) => value + share * (y[j]! - value));
  if (!certificates(readAll(start)).proved) return undefined;
  let [proved, refuted] = [0, 1];
  for (let i = 0; i < BISECTIONS && refuted - proved > 1e-3; i++) {
    const share = 0.5 * (proved + refuted);
    if (certificates(readAll(at(share))).proved) proved = share;
    else refuted = share;
  }
  return at(proved);
}
