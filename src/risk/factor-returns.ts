/**
 * Returns of risk factors as shifts of a market. A factor is named by its kind and what it is of,
 *
 *   spot:BTC   fx:BTCUSD   volatility:BTC   rate:USD
 *
 * spot and fx by log or simple returns, volatility (of every strike and expiry alike) and rate by differences.
 */
import { requireArray, requireFinite, requireObject, requireOneOf, requireText } from '../check.js';
import { InputError } from '../errors.js';
import { expm1 } from '../math/exponential.js';
import type { Matrix } from '../math/matrix.js';
import type { Shift } from './shift-market.js';

export interface FactorReturns {
  /** 'spot:BTC', 'volatility:BTC', 'rate:USD', 'fx:BTCUSD' */
  factors: string[];
  /** Of spot and fx; 'log' where missing. */
  kind?: 'log' | 'simple' | undefined;
  /** [day][factor], the latest day last. */
  rows: Matrix;
}

const FACTOR_KINDS = ['spot', 'volatility', 'rate', 'fx'] as const;
type FactorKind = (typeof FACTOR_KINDS)[number];

/** Makes the shifts of a row of returns. */
export type ShiftsOf = (row: ArrayLike<number>) => Shift[];

/** Reads the names of the factors. Throws InputError for a name that is none, or twice. */
export function factorShifts({ factors, kind }: Pick<FactorReturns, 'factors' | 'kind'>): ShiftsOf {
  requireArray('factors', factors);
  const simple = requireOneOf('kind', kind ?? 'log', ['log', 'simple']) === 'simple';
  const named = factors.map((factor, j) => {
    const [kindOf, underlying] = requireText(`factors[${j}]`, factor).split(':');
    if (!FACTOR_KINDS.includes(kindOf as FactorKind) || underlying === undefined || underlying === '') {
      throw new InputError(`factors[${j}]`, factor, `'spot:BTC' or the like, of ${FACTOR_KINDS.join(', ')}`);
    }
    if (factors.indexOf(factor) !== j) throw new InputError(`factors[${j}]`, factor, 'named once');
    return { factor: kindOf as FactorKind, underlying };
  });
  return (row) =>
    named.map(({ factor, underlying }, j) => {
      const value = row[j]!;
      if (factor === 'volatility' || factor === 'rate') return { factor, underlying, kind: 'absolute', size: value };
      return { factor, underlying, kind: 'relative', size: simple ? value : expm1(value) };
    });
}

/** Throws InputError naming the entry that is not a finite number, or the row of another length; at least one row. */
export function requireReturns(returns: FactorReturns): FactorReturns {
  requireObject('returns', returns);
  const { factors, rows } = returns;
  requireArray('factors', factors);
  if (requireArray('rows', rows).length === 0) throw new InputError('rows', rows, 'at least one day');
  rows.forEach((row, i) => {
    if (requireArray(`rows[${i}]`, row).length !== factors.length) {
      throw new InputError(`rows[${i}].length`, row.length, String(factors.length));
    }
    row.forEach((value, j) => requireFinite(`rows[${i}][${j}]`, value));
  });
  return returns;
}
