/**
 * Greeks of a book: summed by underlying as mathematical derivatives, which mean nothing across underlyings, and across them in the
 * numeraire and in traders' units:
 *
 *   cashDelta = sum S delta,  gammaPerPercent = sum S^2 gamma/100,  vegaPerPoint = sum vega/100,  thetaPerDay = sum theta/365,
 *   rhoPerBasisPoint = sum rho/10,000
 */
import { compensatedSum } from '../math/sum.js';
import type { Greeks } from '../pricing/greeks.js';
import { units } from '../pricing/units.js';
import type { Position } from './account.js';
import { valueBook } from './book.js';
import { greeksByUnderlying } from './contributions.js';
import { openMarket, type MarketView } from './market-view.js';
import type { Excluded, ValuationOptions } from './missing.js';
import type { MarketSnapshot } from './snapshot.js';

/** In the numeraire, for a move of every underlying alike. */
export interface CashGreeks {
  value: number;
  cashDelta: number;
  gammaPerPercent: number;
  vegaPerPoint: number;
  thetaPerDay: number;
  rhoPerBasisPoint: number;
}

export interface NetGreeks {
  /** Value in the numeraire and derivatives in the underlying's spot. */
  byUnderlying: Record<string, Greeks>;
  total: CashGreeks;
  excluded: Excluded[];
  /** Ids of positions whose instrument has expired: worth their payoff at the spot. */
  expired: string[];
}

/**
 * The Greeks of positions in the numeraire; of inverse instruments in dollars where it is missing. Throws InputError naming a field
 * of a position, the snapshot or the options that is not as it must be, and what the snapshot lacks unless `missing` says otherwise.
 */
export function netGreeks(
  positions: readonly Position[],
  snapshot: MarketSnapshot,
  options: ValuationOptions = {},
): NetGreeks {
  const view = openMarket(snapshot);
  const book = valueBook(positions, snapshot, options);
  const byUnderlying = greeksByUnderlying(book, view);
  return {
    byUnderlying: Object.fromEntries(byUnderlying),
    total: cashGreeks(byUnderlying, view),
    excluded: book.excluded,
    expired: book.expiredPositions,
  };
}

/** Sums over underlyings in traders' units. */
export function cashGreeks(byUnderlying: ReadonlyMap<string, Greeks>, view: MarketView): CashGreeks {
  const rows = [...byUnderlying].map(([name, greeks]) => ({ greeks, spot: view.underlying(name)?.spot ?? 0 }));
  const sum = (of: (greeks: Greeks, spot: number) => number): number =>
    compensatedSum(rows.map(({ greeks, spot }) => of(greeks, spot)));
  return {
    value: sum((greeks) => greeks.price),
    cashDelta: sum(units.cashDelta),
    gammaPerPercent: sum(units.gammaPerPercent),
    vegaPerPoint: sum(units.vegaPerPoint),
    thetaPerDay: sum((greeks) => units.thetaPerDay(greeks)),
    rhoPerBasisPoint: sum(units.rhoPerBasisPoint),
  };
}
