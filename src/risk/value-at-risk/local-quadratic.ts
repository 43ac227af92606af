/**
 * An account as a quadratic book: first and second derivatives of its profit in the factors, by central differences of full
 * revaluations a step of each factor's deviation apart.
 *
 *   d_i  = [P(+) - P(-)]/2h     g_ii = [P(+) + P(-)]/h^2     g_ij = [P(++) - P(+-) - P(-+) + P(--)]/(4 h_i h_j)
 */
import { requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import type { Matrix } from '../../math/matrix.js';
import { requireSymmetric } from '../../math/symmetric-matrix.js';
import type { Account } from '../../portfolio/account.js';
import type { MissingPolicy } from '../../portfolio/missing.js';
import { netGreeks } from '../../portfolio/net-greeks.js';
import type { MarketSnapshot } from '../../portfolio/snapshot.js';
import type { SmileDynamics } from '../../volatility/smile/dynamics.js';
import { factorShifts } from '../factor-returns.js';
import type { QuadraticBook } from './quadratic-book.js';
import { sampledPnl } from './sampled-pnl.js';

export interface LocalOptions {
  /** Of each factor's one-day deviation; a tenth where missing. */
  step?: number | undefined;
  dynamics?: SmileDynamics | undefined;
  missing?: MissingPolicy | undefined;
}

/**
 * In the account's reporting currency, the factors by log returns and differences, theta a year at still markets. Throws InputError
 * where the covariance is not a symmetric matrix of the factors' size, and as scenarioGrid does.
 */
export function localQuadratic(
  account: Account,
  snapshot: MarketSnapshot,
  model: { factors: string[]; covariance: Matrix },
  options: LocalOptions = {},
): QuadraticBook {
  const { factors, covariance } = model;
  const n = factors.length;
  if (n === 0) throw new InputError('factors', factors, 'at least one factor');
  requireSymmetric('covariance', covariance, n);
  const share = requirePositive('step', options.step ?? 0.1);
  const steps = factors.map((_, i) => share * Math.sqrt(covariance[i]![i]!));
  const moves: number[][] = [];
  const at = (...moved: [number, number][]): number => {
    const move = new Array<number>(n).fill(0);
    for (const [i, sign] of moved) move[i] = sign * steps[i]!;
    return moves.push(move) - 1;
  };
  const single = factors.map((_, i) => [at([i, 1]), at([i, -1])] as const);
  const pairs = factors.map((_, i) =>
    factors
      .slice(0, i)
      .map((__, j) => [at([i, 1], [j, 1]), at([i, 1], [j, -1]), at([i, -1], [j, 1]), at([i, -1], [j, -1])]),
  );
  const { pnl } = sampledPnl(account, snapshot, moves.map(factorShifts({ factors })), options);
  const delta = single.map(([up, down], i) => (steps[i] === 0 ? 0 : (pnl[up]! - pnl[down]!) / (2 * steps[i]!)));
  const gamma = factors.map((_, i) =>
    factors.map((__, j): number => {
      if (steps[i] === 0 || steps[j] === 0) return 0;
      if (i === j) return (pnl[single[i]![0]]! + pnl[single[i]![1]]!) / (steps[i]! * steps[i]!);
      const [pp, pm, mp, mm] = (i > j ? pairs[i]![j]! : pairs[j]![i]!).map((k) => pnl[k]!) as [
        number,
        number,
        number,
        number,
      ];
      return (pp - pm - mp + mm) / (4 * steps[i]! * steps[j]!);
    }),
  );
  const { missing } = options;
  const { total } = netGreeks(account.positions, snapshot, { numeraire: account.reportingCurrency, missing });
  return { delta, gamma, theta: 365 * total.thetaPerDay, covariance };
}
