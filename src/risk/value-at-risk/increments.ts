/**
 * What a position adds to the risk of a book, by the same samples:
 *
 *   incremental   risk of the book less risk of the book without the position
 *   marginal      d ES / d quantity = mean loss of one unit over the tail, by Euler the contribution over the quantity
 *
 * Contributions add up to the risk of the book and increments do not: a position that hedges may take away more than all of it.
 * Jorion, "Value at Risk", 3rd edition (2007), chapter 7.
 */
import { positionPnl } from '../pnl-vectors.js';
import { sampleTail, type SampleTail } from './sample-tail.js';
import { shortfallByPosition, type SampledPnl } from './sampled-pnl.js';

/** In the account's reporting currency; negative for a position that takes risk away. */
export interface RiskIncrement {
  positionId: string;
  valueAtRisk: number;
  expectedShortfall: number;
  /** Of the expected shortfall, a unit of quantity; undefined for a position of none. */
  marginalShortfall: number | undefined;
}

/** By position, in the account's order. `weights` are those of the samples, equal where missing. */
export function riskIncrements(
  sampled: SampledPnl,
  tail: SampleTail,
  confidence: number,
  weights: ArrayLike<number> | undefined,
): RiskIncrement[] {
  const contributions = shortfallByPosition(sampled, tail);
  return sampled.holdings.positions.map(({ id, quantity }, i) => {
    const others = sampled.pnl.map((pnl) => -pnl);
    let from = 0;
    for (const vectors of sampled.parts) {
      positionPnl(vectors, sampled.holdings, i).forEach((own, cell) => {
        others[from + cell]! += own;
      });
      from += vectors.cells;
    }
    const without = sampleTail(others, confidence, weights);
    return {
      positionId: id,
      valueAtRisk: tail.valueAtRisk - without.valueAtRisk,
      expectedShortfall: tail.expectedShortfall - without.expectedShortfall,
      marginalShortfall: quantity === 0 ? undefined : contributions.positions[i]! / quantity,
    };
  });
}
