/**
 * How far the spot is from trouble: equity and margin along an axis of spots, and on either side the first spot at which equity falls
 * below the initial margin, below the maintenance margin, and below 0. Between two rungs the crossing is found by bisection of full
 * revaluations; one that comes and goes between two rungs is not seen.
 */
import { requireArray, requireFinite } from '../check.js';
import { InputError } from '../errors.js';
import type { Account } from '../portfolio/account.js';
import type { MissingPolicy } from '../portfolio/missing.js';
import type { MarketSnapshot } from '../portfolio/snapshot.js';
import type { SmileDynamics } from '../volatility/smile/dynamics.js';
import { accountHoldings, pnlVectors, portfolioPnl, portfolioValue } from './pnl-vectors.js';
import type { MarginRule } from './scenario.js';
import { shiftMarket } from './shift-market.js';

export interface LadderOptions {
  /** The underlying whose spot moves, the others as they are. */
  underlying: string;
  /** Relative moves above -1, in any order; -90% to +200% where missing. */
  moves?: number[] | undefined;
  margin?: MarginRule | undefined;
  dynamics?: SmileDynamics | undefined;
  missing?: MissingPolicy | undefined;
}

export interface Rung {
  move: number;
  spot: number;
  /** In the account's reporting currency. */
  equity: number;
  initialMargin: number;
  maintenanceMargin: number;
}

/** Spots; undefined where it does not happen within the moves. */
export interface RuinLevels {
  initialMargin?: number | undefined;
  maintenanceMargin?: number | undefined;
  zero?: number | undefined;
}

const MOVES = [-0.9, -0.75, -0.6, -0.5, -0.4, -0.3, -0.2, -0.1, -0.05, 0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2];

/**
 * Throws InputError for an underlying the snapshot does not have, a move that leaves no price, and as scenarioGrid does. Without a
 * margin rule the margins are 0 and only `zero` is looked for. A level already passed is the spot itself.
 */
export function ladderToRuin(
  account: Account,
  snapshot: MarketSnapshot,
  options: LadderOptions,
): { rungs: Rung[]; below: RuinLevels; above: RuinLevels } {
  const { underlying, margin, dynamics, missing } = options;
  const given = options.moves ?? MOVES;
  requireArray('moves', given).forEach((move, i) => {
    if (!(requireFinite(`moves[${i}]`, move) > -1)) throw new InputError(`moves[${i}]`, move, 'above -1');
  });
  const moves = [...new Set([...given, 0])].sort((a, b) => a - b);
  const holdings = accountHoldings(account, snapshot);
  const numeraire = account.reportingCurrency;
  const rungsAt = (at: readonly number[]): Rung[] => {
    const cells = at.map((size) =>
      shiftMarket(snapshot, [{ factor: 'spot', underlying, kind: 'relative', size }], dynamics),
    );
    const vectors = pnlVectors(holdings, snapshot, cells, { numeraire, missing });
    const now = portfolioValue(vectors, holdings);
    return Array.from(portfolioPnl(vectors, holdings), (pnl, i): Rung => {
      const asked = margin?.(account, cells[i]!) ?? { initialMargin: 0, maintenanceMargin: 0 };
      const { initialMargin, maintenanceMargin } = asked;
      const { spot } = cells[i]!.underlyings[underlying]!;
      return { move: at[i]!, spot, equity: now + pnl, initialMargin, maintenanceMargin };
    });
  };
  const rungs = rungsAt(moves);
  const start = moves.indexOf(0);
  const levels = (outward: readonly Rung[]): RuinLevels => {
    const first = (excess: (rung: Rung) => number): number | undefined => firstBelow(outward, excess, rungsAt);
    return {
      initialMargin: margin && first((rung) => rung.equity - rung.initialMargin),
      maintenanceMargin: margin && first((rung) => rung.equity - rung.maintenanceMargin),
      zero: first((rung) => rung.equity),
    };
  };
  return { rungs, below: levels(rungs.slice(0, start + 1).reverse()), above: levels(rungs.slice(start)) };
}

/** The spot at which the excess first is below 0, going outwards. */
function firstBelow(
  outward: readonly Rung[],
  excess: (rung: Rung) => number,
  rungsAt: (moves: readonly number[]) => Rung[],
): number | undefined {
  const at = outward.findIndex((rung) => excess(rung) < 0);
  if (at <= 0) return outward[at]?.spot;
  let [inside, outside] = [outward[at - 1]!, outward[at]!];
  for (let i = 0; i < 60; i++) {
    const middle = 0.5 * (inside.move + outside.move);
    if (middle === inside.move || middle === outside.move) break;
    const [rung] = rungsAt([middle]);
    if (excess(rung!) < 0) outside = rung!;
    else inside = rung!;
  }
  return outside.spot;
}
