/**
 * The edges of exercise of a put of strike 1, which depend on rates, volatility and time and not on the spot: solved by the preset asked
 * for and kept until others are solved, so that a ladder of spots solves them once.
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
import { exerciseRegion, settledTime, type CanonicalPut } from './canonical-put.js';
import { createCollocation, type Collocation } from './collocation.js';
import { solveTwoEdges, type TwoEdges } from './two-edges.js';

export type Accuracy = 'fast' | 'default' | 'accurate';

type Preset = Accuracy | 'narrow';

/** What an edge depends on. */
export type EdgeTerms = Pick<CanonicalPut, 'rate' | 'dividendYield' | 'volatility' | 'timeToExpiry'>;

/** Where a put is exercised, with the edges left in the grids. */
export type SolvedEdges =
  | { readonly kind: 'never' }
  | {
      readonly kind: 'one-edge';
      readonly grid: Collocation;
      /** The time solved for, beyond which nothing changes. */
      readonly timeToExpiry: number;
      /** ln of the edge now. */
      readonly upper: number;
    }
  | {
      readonly kind: 'two-edges';
      readonly edges: TwoEdges;
      /** The time solved for: at most that at which the edges meet. */
      readonly horizon: number;
      /** ln of the edges now; an empty region where they have met. */
      readonly upper: number;
      readonly lower: number;
    }
  | { readonly kind: 'failed' };

const NEVER: SolvedEdges = { kind: 'never' };
const FAILED: SolvedEdges = { kind: 'failed' };

/** The last edges solved in the grids of a preset. */
interface Kept {
  rate: number;
  dividendYield: number;
  volatility: number;
  timeToExpiry: number;
  edges: SolvedEdges;
}

interface Bench<Grid> {
  readonly grid: Grid;
  readonly kept: Kept;
}

const oneEdge = new Map<Preset, Bench<Collocation>>();
const twoEdges = new Map<Accuracy, Bench<TwoEdges>>();

function start(): Collocation {
  return createCollocation(4, 6, 1, 1e-3);
}

function createGrid(preset: Preset): Collocation {
  switch (preset) {
    case 'fast':
      return createCollocation(5, 7, 20, 3e-4, start());
    case 'default':
      return createCollocation(8, 10, 24, 1e-5, start());
    case 'accurate':
      return createCollocation(20, 32, 64, 1e-8, start());
    case 'narrow':
      return createCollocation(24, 150, 300, 1e-8, start());
  }
}

/** For two edges, whose meeting asks for more nodes. */
function createEdgeGrid(accuracy: Accuracy): Collocation {
  return accuracy === 'accurate'
    ? createCollocation(20, 32, 100, 1e-9, start())
    : createCollocation(10, 16, 50, 1e-8, start());
}

/** The tables and work space of a preset, made when first used. */
function benchOf<Name, Grid>(benches: Map<Name, Bench<Grid>>, name: Name, create: () => Grid): Bench<Grid> {
  let bench = benches.get(name);
  if (bench === undefined) {
    const kept: Kept = { rate: NaN, dividendYield: NaN, volatility: NaN, timeToExpiry: NaN, edges: FAILED };
    benches.set(name, (bench = { grid: create(), kept }));
  }
  return bench;
}

/** The preset asked for, or the finer one that the parameters need. */
function presetFor({ rate, dividendYield, volatility }: EdgeTerms, timeToExpiry: number, accuracy: Accuracy): Preset {
  const stiffness = (Math.max(Math.abs(rate), Math.abs(dividendYield)) * Math.sqrt(timeToExpiry)) / volatility;
  return stiffness > 30 ? 'narrow' : stiffness > 8 ? 'accurate' : accuracy;
}

/** The edges of a put with positive volatility and time. The grids hold them until the next call. */
export function solveEdges(put: CanonicalPut, accuracy: Accuracy): SolvedEdges {
  const { rate, dividendYield, timeToExpiry } = put;
  switch (exerciseRegion(rate, dividendYield, timeToExpiry)) {
    case 'never':
      return NEVER;
    case 'below': {
      const preset = presetFor(put, settledTime(put), accuracy);
      const { grid, kept } = benchOf(oneEdge, preset, () => createGrid(preset));
      return isKept(kept, put) ? kept.edges : keep(kept, put, solveOne(grid, put));
    }
    case 'between': {
      const { grid, kept } = benchOf(twoEdges, accuracy, () => ({
        upper: createEdgeGrid(accuracy),
        lower: createEdgeGrid(accuracy),
      }));
      return isKept(kept, put) ? kept.edges : keep(kept, put, solveTwo(grid, put));
    }
  }
}

function isKept(kept: Kept, { rate, dividendYield, volatility, timeToExpiry }: EdgeTerms): boolean {
  return (
    kept.rate === rate &&
    kept.dividendYield === dividendYield &&
    kept.volatility === volatility &&
    kept.timeToExpiry === timeToExpiry
  );
}

function keep(
  kept: Kept,
  { rate, dividendYield, volatility, timeToExpiry }: EdgeTerms,
  edges: SolvedEdges,
): SolvedEdges {
  kept.rate = rate;
  kept.dividendYield = dividendYield;
  kept.volatility = volatility;
  kept.timeToExpiry = timeToExpiry;
  kept.edges = edges;
  return edges;
}

function solveOne(grid: Collocation, put: CanonicalPut): SolvedEdges {
  const { rate, dividendYield, volatility } = put;
  const timeToExpiry = settledTime(put);
  if (!solveBoundary(grid, rate, dividendYield, volatility, timeToExpiry)) return FAILED;
  return { kind: 'one-edge', grid, timeToExpiry, upper: logEdgeNow(grid, rate, dividendYield, 'upper') };
}

function solveTwo(edges: TwoEdges, put: CanonicalPut): SolvedEdges {
  const { rate, dividendYield, timeToExpiry } = put;
  const horizon = solveTwoEdges(edges, put);
  if (Number.isNaN(horizon)) return FAILED;
  if (horizon < timeToExpiry) return { kind: 'two-edges', edges, horizon, upper: -Infinity, lower: Infinity };
  return {
    kind: 'two-edges',
    edges,
    horizon,
    upper: logEdgeNow(edges.upper, rate, dividendYield, 'upper'),
    lower: logEdgeNow(edges.lower, rate, dividendYield, 'lower'),
  };
}

/** ln of the edge at the full time it was solved for. */
export function logEdgeNow({ squares, count }: Collocation, rate: number, dividendYield: number, edge: Edge): number {
  const depth = Math.sqrt(squares[count - 1]!);
  return logEdgeAtExpiry(rate, dividendYield, edge) + (edge === 'upper' ? -depth : depth);
}

/** Whether a put of these edges is exercised at this moneyness now. */
export function isExercised(edges: SolvedEdges, logMoneyness: number): boolean {
  if (edges.kind === 'one-edge') return logMoneyness <= edges.upper;
  return edges.kind === 'two-edges' && logMoneyness <= edges.upper && logMoneyness >= edges.lower;
}
