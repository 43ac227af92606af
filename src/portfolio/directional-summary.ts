/**
 * A book in five numbers: direction, convexity, volatility, carry a day, and what equity stands behind them.
 *
 *   direction   S delta            convexity   S^2 gamma/100          volatility   vega/100, as it is and term-weighted
 *   carry       theta/365 + funding + interest, each for a day
 *
 * all in the numeraire, over underlyings; and each per unit of equity.
 */
import { requireFinite } from '../check.js';
import { compensatedSum } from '../math/sum.js';
import type { Account } from './account.js';
import { valueBook } from './book.js';
import { greeksByUnderlying } from './contributions.js';
import { equityOf } from './equity.js';
import { fundingByPosition } from './funding.js';
import { openMarket } from './market-view.js';
import type { Excluded, ValuationOptions } from './missing.js';
import { cashGreeks } from './net-greeks.js';
import type { MarketSnapshot } from './snapshot.js';
import { requireAccount } from './validate.js';
import { bookVega, type TermWeight } from './vega.js';

export interface Direction {
  cashDelta: number;
  gammaPerPercent: number;
  vegaPerPoint: number;
  /** Per point of the reference expiry's volatility. */
  termWeightedVegaPerPoint: number;
  carryPerDay: number;
}

export interface DirectionalSummary extends Direction {
  /** The parts of carryPerDay. */
  carry: { theta: number; funding: number; interest: number };
  /** Each over equity; Infinity, with the sign of the figure, where equity is 0 or less and the figure is not 0. */
  perEquity: Direction;
  equity: number;
  /** thetaPerDay / gammaPerPercent, and vegaPerPoint / gammaPerPercent; undefined without gamma. */
  thetaPerGamma: number | undefined;
  vegaPerGamma: number | undefined;
  excluded: Excluded[];
}

/**
 * The summary of an account's positions. Coin collateral is in the equity and not in the delta: see exposureMetrics and coinDelta.
 * `interestPerDay` is what the account earns (positive) or pays on its balances, in the numeraire. Throws as exposureMetrics does.
 */
export function directionalSummary(
  account: Account,
  snapshot: MarketSnapshot,
  options: ValuationOptions & { interestPerDay?: number | undefined; termWeight?: TermWeight | undefined } = {},
): DirectionalSummary {
  const view = openMarket(snapshot);
  requireAccount(account);
  const interest = requireFinite('interestPerDay', options.interestPerDay ?? 0);
  const numeraire = options.numeraire ?? account.reportingCurrency;
  const book = valueBook(account.positions, snapshot, { ...options, numeraire });
  const { equity } = equityOf(account, book, view);
  const total = cashGreeks(greeksByUnderlying(book, view), view);
  const { termWeighted } = bookVega(book, view, options.termWeight);
  const funding = compensatedSum(fundingByPosition(book, view));
  const figures: Direction = {
    cashDelta: total.cashDelta,
    gammaPerPercent: total.gammaPerPercent,
    vegaPerPoint: total.vegaPerPoint,
    termWeightedVegaPerPoint: termWeighted / 100,
    carryPerDay: total.thetaPerDay + funding + interest,
  };
  const per = (figure: number): number =>
    equity > 0 ? figure / equity : figure === 0 ? 0 : Math.sign(figure) * Infinity;
  const overGamma = (figure: number): number | undefined =>
    total.gammaPerPercent === 0 ? undefined : figure / total.gammaPerPercent;
  return {
    ...figures,
    carry: { theta: total.thetaPerDay, funding, interest },
    perEquity: {
      cashDelta: per(figures.cashDelta),
      gammaPerPercent: per(figures.gammaPerPercent),
      vegaPerPoint: per(figures.vegaPerPoint),
      termWeightedVegaPerPoint: per(figures.termWeightedVegaPerPoint),
      carryPerDay: per(figures.carryPerDay),
    },
    equity,
    thetaPerGamma: overGamma(total.thetaPerDay),
    vegaPerGamma: overGamma(total.vegaPerPoint),
    excluded: book.excluded,
  };
}
