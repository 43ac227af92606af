/**
 * The value of a put of strike 1 by spectral collocation: the European value and the integral of what early exercise earns.
 *
 *   preset     points  nodes  nodes of the price
 *   fast          5      7        20
 *   default       8     10        24
 *   accurate     20     32        64
 *
 * Where rates times sqrt(T) exceed 8 volatilities the integrands are narrow and `accurate` takes the place of the others; above 30
 * a larger set takes its place.
 * Errors reached: docs/american.md.
 */
import { logEdgeAtExpiry, solveBoundary, type Edge } from './boundary.js';
import { europeanPut, exerciseRegion, intrinsicPut, settledTime, type CanonicalPut } from './canonical-put.js';
import { createCollocation, type Collocation } from './collocation.js';
import { exercisePremium } from './premium.js';
import {
  addPremium,
  emptyPremium,
  europeanPutGreeks,
  exercisedPut,
  withPremium,
  type PutGreeks,
} from './put-greeks.js';
import { solveTwoEdges, twoEdgePremium, type TwoEdges } from './two-edges.js';

export type Accuracy = 'fast' | 'default' | 'accurate';

type Preset = Accuracy | 'narrow';

const grids = new Map<Preset, Collocation>();
const edgeGrids = new Map<Accuracy, TwoEdges>();

function start(): Collocation {
  return createCollocation(4, 6, 1, 1e-3);
}

/** The tables and work space of a preset, made when first used. What was solved last lies in them. */
export function collocationOf(accuracy: Preset): Collocation {
  let grid = grids.get(accuracy);
  if (grid === undefined) {
    grid =
      accuracy === 'fast'
        ? createCollocation(5, 7, 20, 3e-4, start())
        : accuracy === 'default'
          ? createCollocation(8, 10, 24, 1e-5, start())
          : accuracy === 'accurate'
            ? createCollocation(20, 32, 64, 1e-8, start())
            : createCollocation(24, 150, 300, 1e-8, start());
    grids.set(accuracy, grid);
  }
  return grid;
}

/** The same for two edges, whose meeting asks for more nodes. */
export function edgesOf(accuracy: Accuracy): TwoEdges {
  let edges = edgeGrids.get(accuracy);
  if (edges === undefined) {
    const create = (): Collocation =>
      accuracy === 'accurate'
        ? createCollocation(20, 32, 100, 1e-9, start())
        : createCollocation(10, 16, 50, 1e-8, start());
    edges = { upper: create(), lower: create() };
    edgeGrids.set(accuracy, edges);
  }
  return edges;
}

/** The preset asked for, or the finer one that the parameters need. */
export function presetFor({ rate, dividendYield, volatility, timeToExpiry }: CanonicalPut, accuracy: Accuracy): Preset {
  const stiffness = (Math.max(Math.abs(rate), Math.abs(dividendYield)) * Math.sqrt(timeToExpiry)) / volatility;
  return stiffness > 30 ? 'narrow' : stiffness > 8 ? 'accurate' : accuracy;
}

/** What was found out about a put: where it is exercised, with the edges left in the grids. */
export type SolvedPut =
  | { readonly kind: 'european' }
  | { readonly kind: 'exercised' }
  | { readonly kind: 'one-edge'; readonly put: CanonicalPut; readonly grid: Collocation }
  | { readonly kind: 'two-edges'; readonly put: CanonicalPut; readonly edges: TwoEdges; readonly horizon: number }
  | { readonly kind: 'failed' };

const EUROPEAN: SolvedPut = { kind: 'european' };
const EXERCISED: SolvedPut = { kind: 'exercised' };
const FAILED: SolvedPut = { kind: 'failed' };

/**
 * Solves the edges of exercise of a put with positive volatility and time. The grids belong to the preset and hold the answer until
 * the next call.
 */
export function solvePut(given: CanonicalPut, accuracy: Accuracy): SolvedPut {
  const { rate, dividendYield, volatility, logMoneyness } = given;
  const region = exerciseRegion(rate, dividendYield, given.timeToExpiry);
  if (region === 'never') return EUROPEAN;
  if (region === 'below') {
    const timeToExpiry = settledTime(given);
    const put = timeToExpiry < given.timeToExpiry ? { ...given, timeToExpiry } : given;
    const grid = collocationOf(presetFor(put, accuracy));
    if (!solveBoundary(grid, rate, dividendYield, volatility, timeToExpiry)) return FAILED;
    return logMoneyness <= logEdgeNow(grid, rate, dividendYield, 'upper') ? EXERCISED : { kind: 'one-edge', put, grid };
  }
  const edges = edgesOf(accuracy);
  const horizon = solveTwoEdges(edges, given);
  if (Number.isNaN(horizon)) return FAILED;
  const exercised =
    horizon === given.timeToExpiry &&
    logMoneyness <= logEdgeNow(edges.upper, rate, dividendYield, 'upper') &&
    logMoneyness >= logEdgeNow(edges.lower, rate, dividendYield, 'lower');
  return exercised ? EXERCISED : { kind: 'two-edges', put: given, edges, horizon };
}

/** ln of the edge at the full time it was solved for. */
export function logEdgeNow({ squares, count }: Collocation, rate: number, dividendYield: number, edge: Edge): number {
  const depth = Math.sqrt(squares[count - 1]!);
  return logEdgeAtExpiry(rate, dividendYield, edge) + (edge === 'upper' ? -depth : depth);
}

/** Positive volatility and time. NaN where the boundary could not be found. */
export function putPrice(given: CanonicalPut, accuracy: Accuracy): number {
  const solved = solvePut(given, accuracy);
  if (solved.kind === 'european') return europeanPut(given);
  if (solved.kind === 'exercised') return intrinsicPut(given);
  if (solved.kind === 'failed') return NaN;
  const { put } = solved;
  const { rate, dividendYield, volatility, timeToExpiry, logMoneyness } = put;
  const european = europeanPut(put);
  const premium =
    solved.kind === 'one-edge'
      ? exercisePremium(solved.grid, logMoneyness, rate, dividendYield, volatility, timeToExpiry)
      : twoEdgePremium(solved.edges, put, solved.horizon);
  const value = premium > 0 ? european + premium : european;
  return Math.max(value, intrinsicPut(put));
}

/** Value and derivatives, under the same conditions; undefined where the boundary could not be found. */
export function putGreeks(given: CanonicalPut, accuracy: Accuracy): PutGreeks | undefined {
  const solved = solvePut(given, accuracy);
  if (solved.kind === 'european') return europeanPutGreeks(given);
  if (solved.kind === 'exercised') return exercisedPut(given);
  if (solved.kind === 'failed') return undefined;
  const { put } = solved;
  const premium = emptyPremium();
  const complete =
    solved.kind === 'one-edge'
      ? addPremium(premium, solved.grid, put, 'upper', put.timeToExpiry, 1)
      : addPremium(premium, solved.edges.upper, put, 'upper', solved.horizon, 1) &&
        addPremium(premium, solved.edges.lower, put, 'lower', solved.horizon, -1);
  return complete ? withPremium(put, premium) : undefined;
}
