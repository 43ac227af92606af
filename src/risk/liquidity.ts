/**
 * Whether a book's delta can be traded away, from the order books of everything that carries delta in its underlying.
 *
 *   depth in delta   DAL(side, b) = sum over levels within b of mid of size x |delta per contract|
 *   cost curve       the levels of all books in order of their cost per unit of delta, |price - mid| / |delta|
 *   coverage         DAL / |D|,   with a move of x:  DAL / (|D| + |gamma| S x)
 *
 * Delta is bought from the asks of what has positive delta and the bids of what has negative delta.
 */
import { requireFinite, requireNonNegative, requireOneOf, requirePositive, requireWithin } from '../check.js';
import { InputError } from '../errors.js';
import type { Failure } from '../errors.js';
import { compensatedSum } from '../math/sum.js';
import { levelsOf, midOf } from './order-book.js';
import type { OrderBook, TradeSide } from './order-book.js';

export interface HedgeBook extends OrderBook {
  id: string;
  /** Units of the underlying, signed: the multiplier is in it. */
  deltaPerContract: number;
  /** Currency per contract for a price change of 1: the multiplier, for a coin price times the coin's. */
  valuePerPoint: number;
  /** Half way between best bid and ask where missing. */
  mid?: number | undefined;
}

/** A market in trouble: sizes times `depth`, distances from mid times `spread`; both 1 where missing. */
export interface LiquidityStress {
  depth?: number | undefined;
  spread?: number | undefined;
}

export interface DeltaLiquidity {
  /** Units of underlying delta that can be bought and sold within the band. */
  buy: number;
  sell: number;
  /** Books that could not be used. */
  excluded: { id: string; reason: 'no-mid' | 'no-delta' }[];
}

/** `band` is a fraction of each instrument's own mid. Throws InputError on a bad book, band or stress. */
export function deltaLiquidity(
  books: readonly HedgeBook[],
  band: number,
  stress: LiquidityStress = {},
): DeltaLiquidity {
  requireNonNegative('band', band);
  const { steps: buys, excluded } = deltaSteps(books, 'buy', stress);
  const { steps: sells } = deltaSteps(books, 'sell', stress);
  const within = (steps: DeltaStep[]): number =>
    compensatedSum(steps.filter(({ distance }) => distance <= band * (1 + 1e-12)).map(({ delta }) => delta));
  return { buy: within(buys), sell: within(sells), excluded };
}

interface DeltaStep {
  delta: number;
  /** From mid, a fraction of it. */
  distance: number;
  /** Currency per unit of delta above mid. */
  unitCost: number;
}

function deltaSteps(
  books: readonly HedgeBook[],
  side: TradeSide,
  stress: LiquidityStress,
): { steps: DeltaStep[]; excluded: DeltaLiquidity['excluded'] } {
  const depth = requireWithin('stress.depth', stress.depth ?? 1, 0, 1);
  const spread = requireNonNegative('stress.spread', stress.spread ?? 1);
  const steps: DeltaStep[] = [];
  const excluded: DeltaLiquidity['excluded'] = [];
  for (const book of books) {
    requireFinite(`${book.id}.deltaPerContract`, book.deltaPerContract);
    requirePositive(`${book.id}.valuePerPoint`, book.valuePerPoint);
    const size = Math.abs(book.deltaPerContract);
    const mid = book.mid ?? midOf(book);
    if (mid === undefined || size === 0) {
      excluded.push({ id: book.id, reason: size === 0 ? 'no-delta' : 'no-mid' });
      continue;
    }
    requirePositive(`${book.id}.mid`, mid);
    const buysContracts = (side === 'buy') === book.deltaPerContract > 0;
    for (const level of levelsOf(book, buysContracts ? 'buy' : 'sell')) {
      const away = spread * (buysContracts ? level.price - mid : mid - level.price);
      if (away < 0) throw new InputError(`${book.id}.mid`, mid, 'between best bid and best ask');
      steps.push({
        delta: depth * level.size * size,
        distance: away / mid,
        unitCost: (away * book.valuePerPoint) / size,
      });
    }
  }
  return { steps, excluded };
}

export interface DeltaCostCurve {
  /** Cumulative units of delta, rising, from 0. */
  delta: Float64Array;
  /** What trading that much costs above the mids, in currency: convex and rising, straight between the points. */
  cost: Float64Array;
  excluded: DeltaLiquidity['excluded'];
}

/** The cheapest way to trade delta over all books. Throws InputError on a bad book or stress. */
export function deltaCostCurve(
  books: readonly HedgeBook[],
  side: TradeSide,
  stress: LiquidityStress = {},
): DeltaCostCurve {
  requireOneOf('side', side, ['buy', 'sell']);
  const { steps, excluded } = deltaSteps(books, side, stress);
  const ordered = steps.filter(({ delta }) => delta > 0).sort((a, b) => a.unitCost - b.unitCost);
  const delta = new Float64Array(ordered.length + 1);
  const cost = new Float64Array(ordered.length + 1);
  ordered.forEach((step, k) => {
    delta[k + 1] = delta[k]! + step.delta;
    cost[k + 1] = cost[k]! + step.delta * step.unitCost;
  });
  return { delta, cost, excluded };
}

/** Cost of trading `quantity` units of delta, and per unit. 'book-exhausted' beyond the curve. Throws InputError on a negative one. */
export function costOfDelta(
  curve: Pick<DeltaCostCurve, 'delta' | 'cost'>,
  quantity: number,
): { ok: true; cost: number; average: number } | Failure<'book-exhausted'> {
  requireNonNegative('quantity', quantity);
  const { delta, cost } = curve;
  const held = delta[delta.length - 1]!;
  if (quantity > held) {
    const message = `the books hold ${held} units of delta of ${quantity}`;
    return { ok: false, reason: 'book-exhausted', message, value: quantity, limit: held };
  }
  if (quantity === 0) return { ok: true, cost: 0, average: 0 };
  const k = delta.findIndex((d) => d >= quantity);
  const share = (quantity - delta[k - 1]!) / (delta[k]! - delta[k - 1]!);
  const total = cost[k - 1]! + share * (cost[k]! - cost[k - 1]!);
  return { ok: true, cost: total, average: total / quantity };
}

export interface DeltaCoverage {
  /** Depth over the delta to trade away; Infinity without any. */
  coverage: number;
  /** The same with the delta gamma adds in a move. */
  gammaAdjusted: number;
}

/**
 * Of the side a long book sells on, or a short one buys on; of the thinner one for a book without delta. `gamma` is the change of delta
 * per unit of price, `shock` a fraction of the spot. Throws InputError on numbers out of range.
 */
export function deltaCoverage(
  liquidity: Pick<DeltaLiquidity, 'buy' | 'sell'>,
  book: { delta: number; gamma?: number | undefined; spot: number; shock: number },
): DeltaCoverage {
  const delta = requireFinite('delta', book.delta);
  const added = Math.abs(requireFinite('gamma', book.gamma ?? 0)) * requirePositive('spot', book.spot);
  const buy = requireNonNegative('liquidity.buy', liquidity.buy);
  const sell = requireNonNegative('liquidity.sell', liquidity.sell);
  const extra = added * requireNonNegative('shock', book.shock);
  const depth = delta > 0 ? sell : delta < 0 ? buy : Math.min(buy, sell);
  return { coverage: over(depth, Math.abs(delta)), gammaAdjusted: over(depth, Math.abs(delta) + extra) };
}

function over(depth: number, need: number): number {
  return need === 0 ? Infinity : depth / need;
}
