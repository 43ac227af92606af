/**
 * What margining a book as a whole saves, and what it earns on its margin.
 *
 *   cross-margin benefit   1 - requirement of the book / sum of the requirements of its parts, each alone
 *   against isolated       1 - requirement of the book / its requirement under position-by-position rules
 *   efficiency ratio       expected return (or a unit of risk) / initial margin
 *
 * With rules that are subadditive the benefit lies between 0 and 1, and is 0 for one part; damped or tiered rules need not be.
 */
import { requireFinite, requireNonNegative } from '../../check.js';
import { InputError } from '../../errors.js';
import type { Account } from '../../portfolio/account.js';
import type { MarketSnapshot } from '../../portfolio/snapshot.js';
import type { MarginResult } from './margin.js';

export interface MarginEfficiencyOptions {
  margin: (account: Account, snapshot: MarketSnapshot) => MarginResult;
  /** Rules of isolated margin; no comparison where missing. */
  isolated?: ((account: Account, snapshot: MarketSnapshot) => MarginResult) | undefined;
  /** In the currency of the margin; no ratio where missing. */
  expectedReturn?: number | undefined;
}

export interface MarginEfficiency {
  currency: string;
  /** Initial margin of the whole. */
  together: number;
  /** Of each position alone, in their order. */
  standalone: number[];
  /** 0 where nothing is required of the parts. */
  crossMarginBenefit: number;
  isolated?: { margin: number; benefit: number } | undefined;
  /** Infinity or -Infinity where a return needs no margin, 0 where there is neither. */
  efficiencyRatio?: number | undefined;
}

/** Cash is left with every part. Throws InputError where the rules work in different currencies for parts and whole, and as they do. */
export function marginEfficiency(
  account: Account,
  snapshot: MarketSnapshot,
  { margin, isolated, expectedReturn }: MarginEfficiencyOptions,
): MarginEfficiency {
  const whole = margin(account, snapshot);
  const { currency } = whole;
  const initialOf = (result: MarginResult): number => {
    const amount = requireNonNegative('margin.initialMargin', result.initialMargin);
    if (amount > 0 && result.currency !== currency) throw new InputError('margin.currency', result.currency, currency);
    return amount;
  };
  const together = initialOf(whole);
  const standalone = account.positions.map((position) =>
    initialOf(margin({ ...account, positions: [position] }, snapshot)),
  );
  const apart = standalone.reduce((sum, amount) => sum + amount, 0);
  const alone = isolated === undefined ? undefined : initialOf(isolated(account, snapshot));
  return {
    currency,
    together,
    standalone,
    crossMarginBenefit: saved(together, apart),
    ...(alone === undefined ? {} : { isolated: { margin: alone, benefit: saved(together, alone) } }),
    ...(expectedReturn === undefined ? {} : { efficiencyRatio: ratio(expectedReturn, together) }),
  };
}

function saved(needed: number, otherwise: number): number {
  return otherwise === 0 ? 0 : 1 - needed / otherwise;
}

function ratio(expectedReturn: number, margin: number): number {
  return requireFinite('expectedReturn', expectedReturn) === 0 ? 0 : expectedReturn / margin;
}
