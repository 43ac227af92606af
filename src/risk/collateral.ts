/**
 * How much of an asset's price counts as collateral, and how close a loan against it is to liquidation.
 *
 *   haircut       1 - e^(z sigma sqrt(tau)) + slippage,   z the quantile 1 - p of the standardised return
 *   factor        1 - haircut, kept within [0, 1]
 *   health        sum (amount x price x liquidation threshold) / debt, liquidated below 1
 *
 * p is the share of liquidations in which the asset sells for at least the collateral value, tau how long one takes.
 */
import { requireArray, requireFinite, requireNonNegative, requirePositive, requireWithin } from '../check.js';
import { InputError } from '../errors.js';
import { expm1 } from '../math/exponential.js';
import { inverseNormalCdf } from '../math/normal.js';
import { compensatedSum } from '../math/sum.js';

export interface HaircutInput {
  /** Annual, decimal. */
  volatility: number;
  /** Years from the decision to the sale. */
  liquidationYears: number;
  /** The share of liquidations to be covered, between 0 and 1. */
  coverage: number;
  /** Fraction of the price lost in the sale; 0 where missing. */
  slippage?: number | undefined;
  /** The law of the return over its deviation: normal where missing, or past ones, at least 1/(1 - coverage) of them. */
  tail?: 'normal' | { sample: number[] } | undefined;
}

/** Fractions of the price. The factor is what counts. Throws InputError naming the field out of range. */
export function collateralHaircut(i: HaircutInput): { haircut: number; factor: number } {
  const volatility = requireNonNegative('volatility', i.volatility);
  const years = requireNonNegative('liquidationYears', i.liquidationYears);
  const slippage = requireNonNegative('slippage', i.slippage ?? 0);
  if (!(i.coverage > 0 && i.coverage < 1)) {
    throw new InputError('coverage', i.coverage, 'a number between 0 and 1, ends excluded');
  }
  const quantile =
    i.tail === undefined || i.tail === 'normal'
      ? -inverseNormalCdf(i.coverage)
      : lowerQuantile(i.tail.sample, 1 - i.coverage);
  const haircut = slippage - expm1(quantile * volatility * Math.sqrt(years));
  return { haircut, factor: Math.min(Math.max(1 - haircut, 0), 1) };
}

/** The largest of the values below which no more than the share `p` lies: the k-th smallest, k = n p rounded down, 1 at least. */
function lowerQuantile(sample: readonly number[], p: number): number {
  const n = requireArray('tail.sample', sample).length;
  // 1 - coverage is rounded: 1000 values are enough for 99.9%.
  const rank = Math.floor(n * p * (1 + 1e-12));
  if (rank < 1) throw new InputError('tail.sample.length', n, `${1 / p} or more`);
  sample.forEach((value, k) => requireFinite(`tail.sample[${k}]`, value));
  return Float64Array.from(sample).sort()[rank - 1]!;
}

export interface LendingCollateral {
  amount: number;
  price: number;
  /** The share of its value that may be borrowed against before liquidation, 0 to 1. */
  liquidationThreshold: number;
}

export interface LendingHealth {
  /** Below 1 the loan is liquidated; Infinity without debt. */
  healthFactor: number;
  /** By collateral, the price at which the health factor is 1 with the others' unchanged; 0 where the others alone suffice. */
  liquidationPrices: number[];
}

/** `debt` in the currency of the prices. Throws InputError on a negative amount, price, debt, or a threshold outside [0, 1]. */
export function lendingHealth(collateral: readonly LendingCollateral[], debt: number): LendingHealth {
  requireNonNegative('debt', debt);
  const counted = collateral.map(({ amount, price, liquidationThreshold }, k) => {
    requireNonNegative(`collateral[${k}].amount`, amount);
    requirePositive(`collateral[${k}].price`, price);
    requireWithin(`collateral[${k}].liquidationThreshold`, liquidationThreshold, 0, 1);
    return amount * price * liquidationThreshold;
  });
  const total = compensatedSum(counted);
  return {
    healthFactor: debt > 0 ? total / debt : Infinity,
    liquidationPrices: collateral.map(({ amount, liquidationThreshold }, k) => {
      const missing = debt - compensatedSum(counted.filter((_, other) => other !== k));
      return missing > 0 ? missing / (amount * liquidationThreshold) : 0;
    }),
  };
}
