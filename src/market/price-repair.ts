/**
 * The least change of bids and asks after which prices free of static arbitrage exist between them.
 *
 *   minimise  sum_i (lowered_i + raised_i) / unit_i     where every portfolio collects nothing at bid - lowered and ask + raised
 *
 * which is the least sum of |price - nearest of bid and ask| / unit over all arbitrage-free prices: moves inside the spread are free.
 * There are as many portfolios as triples of quotes, so they come in as they are needed: those that collect at the present prices
 * join the linear program, until none does. The program covers; its dual packs:
 *
 *   maximise  the credit of an amount of each portfolio   where no quote is bought or sold more than 1 / unit times
 *
 * so its duals are the trade that collects most. Cohen, Reisinger and Wang, "Detecting and repairing arbitrage in traded option
 * prices" (2020); cutting planes: Kelley (1960).
 */
import type { Failure } from '../errors.js';
import { linearProgram } from '../math/linear-program.js';
import { medianOf } from '../math/summary.js';
import { executableArbitrage } from './executable-arbitrage.js';
import type { ArbitragePortfolio, CallQuotes } from './executable-arbitrage.js';

export type PriceRepair =
  | {
      ok: true;
      /** Of the repaired quotes: those given less `lowered`. */
      bid: number[];
      /** Those given plus `raised`. */
      ask: number[];
      /** 0 or more. */
      lowered: number[];
      /** 0 or more. */
      raised: number[];
      /** Sum of all moves in units. */
      cost: number;
      /** How much of each portfolio the trade holds that collects most; its credits, at the quotes given, sum to `cost`. */
      trade: { portfolio: ArbitragePortfolio; amount: number }[];
    }
  /** The moves allowed do not suffice; or the linear program found no answer it could prove. */
  | Failure<'infeasible' | 'no-convergence'>;

export interface PriceRepairOptions {
  /** What a move is measured in, above 0 by quote; `repairUnits` where missing. */
  unit?: ArrayLike<number> | undefined;
  /** Most that a bid may be lowered and an ask be raised, by quote; Infinity where missing. */
  mostLowered?: ArrayLike<number> | undefined;
  mostRaised?: ArrayLike<number> | undefined;
}

/** Portfolios that the moves take more from than what they bring, by this much of it, leave the program. */
const KEPT = 1e-4;
/** ... while the cost grows by this factor. */
const GROWTH = 1 + 1e-4;

/** Rounds of portfolios that join the program: a handful for wrong quotes, hundreds for the mid prices of hundreds of strikes. */
const MOST_ROUNDS = 2000;

/** Half-spreads; the median one for a quote without two sides or without a spread, and 1 where no quote has one. */
export function repairUnits({ bid, ask }: Pick<CallQuotes, 'bid' | 'ask'>): number[] {
  const half = Array.from(bid, (price, i) => 0.5 * (ask[i]! - price));
  const known = half.filter((value) => value > 0 && value < Infinity);
  const usual = known.length > 0 ? medianOf(known) : 1;
  return half.map((value) => (value > 0 && value < Infinity ? value : usual));
}

/** Quotes that need no repair come back as they are. */
export function repairPrices(quotes: CallQuotes, options: PriceRepairOptions = {}): PriceRepair {
  const n = quotes.strike.length;
  const unit = options.unit ?? repairUnits(quotes);
  const lowered = new Array<number>(n).fill(0);
  const raised = new Array<number>(n).fill(0);
  let portfolios: ArbitragePortfolio[] = [];
  let dropped = 0;
  const known = new Map<string, Moves>();
  let trade: { portfolio: ArbitragePortfolio; amount: number }[] = [];
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const bid = lowered.map((move, i) => quotes.bid[i]! - move);
    const ask = raised.map((move, i) => quotes.ask[i]! + move);
    const collecting = executableArbitrage({ ...quotes, bid, ask });
    if (collecting.length === 0) {
      const cost = lowered.reduce((sum, move, i) => sum + (move + raised[i]!) / unit[i]!, 0);
      return { ok: true, bid, ask, lowered, raised, cost, trade };
    }
    const cost = trade.reduce((sum, { portfolio, amount }) => sum + amount * portfolio.credit, 0);
    if (cost > dropped * GROWTH) {
      // Those that decide nothing would only slow the program down; none can come back for ever, because the cost has grown.
      dropped = cost;
      portfolios = portfolios.filter((portfolio) => spare(portfolio, lowered, raised) < KEPT * portfolio.credit);
    }
    portfolios.push(...collecting.map((portfolio) => atQuotes(portfolio, quotes)));
    const moves = leastMoves(portfolios, unit, options, known);
    if (!moves.ok) return moves;
    lowered.fill(0);
    raised.fill(0);
    for (const { quote, side, move } of moves.moves) (side === 'bid' ? lowered : raised)[quote] = move;
    for (const portfolio of portfolios) closeGap(portfolio, lowered, raised);
    trade = portfolios.flatMap((portfolio, p) => {
      const amount = moves.amounts[p]!;
      return amount > 0 ? [{ portfolio, amount }] : [];
    });
  }
  return { ok: false, reason: 'no-convergence', message: `arbitrage is left after ${MOST_ROUNDS} rounds of repair` };
}

/** What a portfolio found at moved prices brings at the quotes themselves. */
function atQuotes(portfolio: ArbitragePortfolio, { bid, ask }: CallQuotes): ArbitragePortfolio {
  const { sold, bought, forward, cash } = portfolio;
  const spent = bought.reduce((sum, { quote, weight }) => sum + weight * ask[quote]!, forward + cash);
  return { ...portfolio, credit: (sold < 0 ? 0 : bid[sold]!) - spent };
}

interface Move {
  quote: number;
  side: 'bid' | 'ask';
  move: number;
}

/** The cheapest moves after which none of the portfolios collects, and the amounts of the dual by portfolio. */
interface Moves {
  ok: true;
  moves: Move[];
  amounts: number[];
}

/**
 * Portfolios without a quote in common are programs of their own: each is solved alone, and only once while none joins it.
 */
function leastMoves(
  portfolios: readonly ArbitragePortfolio[],
  unit: ArrayLike<number>,
  options: PriceRepairOptions,
  known: Map<string, Moves>,
): Moves | Failure<'infeasible' | 'no-convergence'> {
  const moves: Move[] = [];
  const amounts = new Array<number>(portfolios.length).fill(0);
  for (const together of connected(portfolios)) {
    const group = together.map((p) => portfolios[p]!);
    const key = group.map(({ sold, bought }) => [sold, ...bought.map(({ quote }) => quote)].join()).join(';');
    const part = known.get(key) ?? leastMovesTogether(group, unit, options);
    if (!part.ok) return part;
    known.set(key, part);
    moves.push(...part.moves);
    together.forEach((p, i) => (amounts[p] = part.amounts[i]!));
  }
  return { ok: true, moves, amounts };
}

/** Indices of the portfolios in groups, those that share quotes together, in order. */
function connected(portfolios: readonly ArbitragePortfolio[]): number[][] {
  const parent = portfolios.map((_, p) => p);
  const root = (p: number): number => {
    while (parent[p] !== p) {
      parent[p] = parent[parent[p]!]!;
      p = parent[p]!;
    }
    return p;
  };
  const firstWith = new Map<string, number>();
  portfolios.forEach((portfolio, p) => {
    for (const { key } of movesOf(portfolio)) {
      const first = firstWith.get(key);
      if (first === undefined) firstWith.set(key, p);
      else {
        const [a, b] = [root(first), root(p)];
        parent[Math.max(a, b)] = Math.min(a, b);
      }
    }
  });
  const groups = new Map<number, number[]>();
  portfolios.forEach((_, p) => {
    const group = groups.get(root(p));
    if (group) group.push(p);
    else groups.set(root(p), [p]);
  });
  return [...groups.values()];
}

/** The moves that take credit from a portfolio, and how much each takes per unit of price. */
function movesOf({ sold, bought }: ArbitragePortfolio): (Omit<Move, 'move'> & { key: string; weight: number })[] {
  const moves: ReturnType<typeof movesOf> = bought.map(({ quote, weight }) => {
    return { quote, side: 'ask', key: `ask ${quote}`, weight };
  });
  if (sold >= 0) moves.push({ quote: sold, side: 'bid', key: `bid ${sold}`, weight: 1 });
  return moves;
}

function leastMovesTogether(
  portfolios: readonly ArbitragePortfolio[],
  unit: ArrayLike<number>,
  { mostLowered, mostRaised }: PriceRepairOptions,
): Moves | Failure<'infeasible' | 'no-convergence'> {
  const columns = new Map<string, number>();
  const sides: Omit<Move, 'move'>[] = [];
  const rows = portfolios.map((portfolio) => {
    const entries = movesOf(portfolio).map(({ quote, side, key, weight }) => {
      if (!columns.has(key)) columns.set(key, sides.push({ quote, side }) - 1);
      return [columns.get(key)!, weight * unit[quote]!] as const;
    });
    return { columns: entries.map(([j]) => j), values: entries.map(([, value]) => value), lower: portfolio.credit };
  });
  const upper = sides.map(({ quote, side }) => {
    const most = side === 'bid' ? mostLowered : mostRaised;
    return most ? most[quote]! / unit[quote]! : Infinity;
  });
  const solution = linearProgram({ objective: sides.map(() => 1), rows, upper });
  if (!solution.ok) {
    const { message } = solution;
    return { ok: false, reason: solution.reason === 'infeasible' ? 'infeasible' : 'no-convergence', message };
  }
  return {
    ok: true,
    moves: sides.map(({ quote, side }, j) => ({ quote, side, move: Math.max(0, solution.x[j]!) * unit[quote]! })),
    amounts: solution.duals,
  };
}

/** By how much the moves take more from a portfolio than it brings. */
function spare(
  { sold, bought, credit }: ArbitragePortfolio,
  lowered: readonly number[],
  raised: readonly number[],
): number {
  const moved = bought.reduce((sum, { quote, weight }) => sum + weight * raised[quote]!, sold < 0 ? 0 : lowered[sold]!);
  return moved - credit;
}

/** What the program's rounding leaves to a portfolio is taken from it by a move that is there already. */
function closeGap(portfolio: ArbitragePortfolio, lowered: number[], raised: number[]): void {
  const { sold, bought } = portfolio;
  const missing = -spare(portfolio, lowered, raised);
  if (!(missing > 0)) return;
  const leg = bought.find(({ quote, weight }) => weight * raised[quote]! > missing);
  if (sold >= 0 && (lowered[sold]! > missing || !leg)) lowered[sold]! += missing;
  else if (leg) raised[leg.quote]! += missing / leg.weight;
}
