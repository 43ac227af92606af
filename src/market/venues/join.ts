/** Several files of one chain (a web export of one expiry each) as one. */
import { requireArray } from '../../check.js';
import { InputError } from '../../errors.js';
import type { OptionChain } from '../chain.js';

const SAME = ['underlying', 'venue', 'asOf', 'style', 'settlement', 'premiumCurrency', 'multiplier'] as const;

/**
 * The quotes and rejections of all chains in one, in order. The index of a rejection counts on through the chains, each taken
 * to have as many rows as it has quotes and rejections. The spot is the first chain's that has one, the
 * tick the smallest. Throws {@link InputError} where the chains do not belong together.
 */
export function joinChains(chains: readonly OptionChain[]): OptionChain {
  const first = (requireArray('chains', chains) as readonly OptionChain[])[0];
  if (first === undefined) throw new InputError('chains', 0, 'at least one chain');
  let rowsBefore = 0;
  const rejected = chains.flatMap((chain) => {
    for (const field of SAME) {
      if (chain[field] !== first[field]) {
        throw new InputError(`chains.${field}`, chain[field], `${first[field]}, as in the first`);
      }
    }
    const offset = rowsBefore;
    rowsBefore += chain.quotes.length + chain.rejected.length;
    return chain.rejected.map((row) => ({ ...row, index: row.index + offset }));
  });
  const spot = chains.find((chain) => chain.spot !== undefined)?.spot;
  const ticks = chains.flatMap((chain) => chain.tick ?? []);
  return {
    ...first,
    ...(spot === undefined ? {} : { spot }),
    ...(ticks.length === 0 ? {} : { tick: Math.min(...ticks) }),
    quotes: chains.flatMap((chain) => chain.quotes),
    rejected,
  };
}
