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
import { logEdgeAtExpiry, solveBoundary } from './boundary.js';
import { europeanPut, exerciseRegion, intrinsicPut, settledTime, type CanonicalPut } from './canonical-put.js';
import { createCollocation, type Collocation } from './collocation.js';
import { exercisePremium } from './premium.js';
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

/** Positive volatility and time. NaN where the boundary could not be found. */
export function putPrice(given: CanonicalPut, accuracy: Accuracy): number {
  const { rate, dividendYield, volatility, logMoneyness } = given;
  const region = exerciseRegion(rate, dividendYield, given.timeToExpiry);
  if (region === 'never') return europeanPut(given);
  const timeToExpiry = region === 'below' ? settledTime(given) : given.timeToExpiry;
  const put = timeToExpiry < given.timeToExpiry ? { ...given, timeToExpiry } : given;
  const european = europeanPut(put);
  const intrinsic = intrinsicPut(put);
  let premium: number;
  if (region === 'below') {
    const grid = collocationOf(presetFor(put, accuracy));
    if (!solveBoundary(grid, rate, dividendYield, volatility, timeToExpiry)) return NaN;
    if (logMoneyness <= logEdgeNow(grid, rate, dividendYield)) return intrinsic;
    premium = exercisePremium(grid, logMoneyness, rate, dividendYield, volatility, timeToExpiry);
  } else {
    const edges = edgesOf(accuracy);
    const horizon = solveTwoEdges(edges, put);
    if (Number.isNaN(horizon)) return NaN;
    premium = twoEdgePremium(edges, put, horizon);
    const { upper, lower } = edges;
    if (
      horizon === timeToExpiry &&
      logMoneyness <= logEdgeNow(upper, rate, dividendYield) &&
      logMoneyness >= logEdgeAtExpiry(rate, dividendYield, 'lower') + Math.sqrt(lower.squares[lower.count - 1]!)
    ) {
      return intrinsic;
    }
  }
  const value = premium > 0 ? european + premium : european;
  return value > intrinsic ? value : intrinsic;
}

/** ln of the upper edge at the full time to expiry. */
export function logEdgeNow({ squares, count }: Collocation, rate: number, dividendYield: number): number {
  return logEdgeAtExpiry(rate, dividendYield, 'upper') - Math.sqrt(squares[count - 1]!);
}
