/**
 * Profit of an account in many sampled markets, by full revaluation, and what each position adds to it. Markets are made and let go a
 * few hundred at a time; what is kept is the profit of one unit of each instrument in each of them.
 */
import { compensatedSum } from '../../math/sum.js';
import type { Account } from '../../portfolio/account.js';
import type { Excluded, MissingPolicy } from '../../portfolio/missing.js';
import type { MarketSnapshot } from '../../portfolio/snapshot.js';
import type { SmileDynamics } from '../../volatility/smile/dynamics.js';
import {
  accountHoldings,
  excludedPositions,
  pnlVectors,
  portfolioPnl,
  type Holdings,
  type PnlVectors,
} from '../pnl-vectors.js';
import { shiftMarket, type Shift } from '../shift-market.js';
import type { SampleTail } from './sample-tail.js';

const MARKETS_AT_ONCE = 256;

export interface SampledPnl {
  /** In the account's reporting currency. */
  pnl: Float64Array;
  holdings: Holdings;
  /** In order: a few hundred samples each. */
  parts: PnlVectors[];
  excluded: Excluded[];
}

export interface PositionContributions {
  /** In the order of the account's positions. */
  positions: number[];
  /** Of cash and debts in other currencies than the reporting one. */
  cash: number;
}

/** Profit in the market after each list of shifts. Throws as shiftMarket and pnlVectors do. */
export function sampledPnl(
  account: Account,
  snapshot: MarketSnapshot,
  samples: readonly Shift[][],
  options: { dynamics?: SmileDynamics | undefined; missing?: MissingPolicy | undefined },
): SampledPnl {
  const holdings = accountHoldings(account, snapshot);
  const numeraire = account.reportingCurrency;
  const pnl = new Float64Array(samples.length);
  const parts: PnlVectors[] = [];
  const excluded = new Map<string, Excluded>();
  for (let from = 0; from < samples.length; from += MARKETS_AT_ONCE) {
    const cells = samples
      .slice(from, from + MARKETS_AT_ONCE)
      .map((shifts) => shiftMarket(snapshot, shifts, options.dynamics));
    const vectors = pnlVectors(holdings, snapshot, cells, { numeraire, missing: options.missing });
    pnl.set(portfolioPnl(vectors, holdings), from);
    parts.push(vectors);
    for (const one of excludedPositions(vectors, holdings)) excluded.set(one.positionId, one);
  }
  return { pnl, holdings, parts, excluded: [...excluded.values()] };
}

/** The weighted mean loss of each position over the samples; with a tail's weights they add up to the expected shortfall. */
export function lossByPosition(
  { holdings, parts }: Pick<SampledPnl, 'holdings' | 'parts'>,
  weights: ArrayLike<number>,
): PositionContributions {
  const { instruments, currencies, index, units, gains, balances } = holdings;
  const perUnit = new Float64Array(instruments.length);
  const perCurrency = new Float64Array(currencies.length);
  let from = 0;
  for (const { pnl, currencyPnl, cells } of parts) {
    const add = (vectors: Float64Array, into: Float64Array): void => {
      for (let row = 0; row < into.length; row++) {
        let sum = 0;
        for (let cell = 0; cell < cells; cell++) sum -= weights[from + cell]! * vectors[row * cells + cell]!;
        into[row]! += sum;
      }
    };
    add(pnl, perUnit);
    add(currencyPnl, perCurrency);
    from += cells;
  }
  const gained = new Float64Array(currencies.length);
  const positions = Array.from(units, (amount, i) => {
    const row = index[i]!;
    const gain = gains[i]!;
    if (gain === 0) return amount * perUnit[row]!;
    const currency = currencies.indexOf(instruments[row]!.settlement);
    gained[currency]! += gain;
    return amount * perUnit[row]! + gain * perCurrency[currency]!;
  });
  const cash = perCurrency.map((loss, i) => (balances[i]! - gained[i]!) * loss);
  return { positions, cash: compensatedSum(cash) };
}

/** Contributions to the expected shortfall of a tail. */
export function shortfallByPosition(sampled: SampledPnl, { tailWeights }: SampleTail): PositionContributions {
  return lossByPosition(sampled, tailWeights);
}
