/**
 * Forced sales of many leveraged accounts that hold the same asset, round by round until the price rests:
 *
 *   round    every account at or below its maintenance margin is liquidated, whole; one past its tolerated leverage sells back to target
 *   sale     of V at depth D moves the price by the return V/D
 *   account  equity E' = E + x r, exposure x' = x (1 + r);  maintenance m |x|
 *
 * A rebalancer trades L E - x: with equity E and leverage L = x/E before a return r, L (L - 1) E r, so one of them alone adds up to the
 * spiral r/(1 - kappa), kappa = L (L - 1) E/D, as in deleveraging-spiral.ts, to first order in r. What a liquidated account owes
 * beyond its equity, with the liquidation fee, falls on the insurance fund. Long accounts sell into a fall; short ones buy into a rise.
 * Brunnermeier and Pedersen (2009); Cont and Wagalath (2013).
 */
import { requireArray, requireFinite, requireNonNegative, requirePositive } from '../check.js';
import { InputError } from '../errors.js';

export interface LeveragedAccount {
  id: string;
  equity: number;
  /** Value of what is held, negative for a short position. */
  exposure: number;
  /** Of the exposure: liquidated where equity is no more than this share of it. */
  maintenanceRate: number;
  /** Rebalances to this leverage (negative for a short one) where |exposure| > tolerance x |target| x equity; never where missing. */
  target?: { leverage: number; tolerance?: number | undefined } | undefined;
}

export interface CascadeInput {
  accounts: readonly LeveragedAccount[];
  /** First return. */
  shock: number;
  /** Value traded that moves the price by 100%. */
  depth: number;
  /** Of the value liquidated; 0 where missing. */
  liquidationFee?: number | undefined;
  /** What the insurance fund has; 0 where missing. */
  insurance?: number | undefined;
  /** 1,000 where missing. */
  maximumRounds?: number | undefined;
}

export interface Cascade {
  /** 'rest' where nobody has to trade any more; 'worthless' where the price is gone; 'rounds' where they ran out. */
  end: 'rest' | 'worthless' | 'rounds';
  rounds: number;
  /** Of the price, shock included. */
  totalMove: number;
  /** Total over first move; 1 where nothing was forced, or the shock is 0. */
  amplification: number;
  /** Ids in order of liquidation. */
  liquidated: string[];
  /** Absolute value traded by liquidations and by rebalancers. */
  liquidationVolume: number;
  rebalancingVolume: number;
  fees: number;
  /** Debts of liquidated accounts, and what of them the fund cannot pay. */
  deficit: number;
  insuranceShortfall: number;
  /** What is left of each account, in their order. */
  accounts: { id: string; equity: number; exposure: number }[];
}

/** Of the price: moves below it are no moves. */
const LEAST_MOVE = 1e-13;

/** Throws InputError where equity, depth or a rate is out of range, or a target is on the other side of its exposure. */
export function liquidationCascade(input: CascadeInput): Cascade {
  const {
    accounts: given,
    shock,
    depth,
    liquidationFee = 0,
    insurance = 0,
    maximumRounds = 1000,
  } = requireInput(input);
  const accounts = given.map(({ id, equity, exposure }) => ({ id, equity, exposure }));
  const liquidated: string[] = [];
  let [price, move, rounds, liquidationVolume, rebalancingVolume, fees, deficit] = [1, shock, 0, 0, 0, 0, 0];
  let end: Cascade['end'] = 'rest';
  for (;;) {
    price *= 1 + move;
    for (const account of accounts) {
      account.equity += account.exposure * move;
      account.exposure *= 1 + move;
    }
    if (!(price > 0)) {
      end = 'worthless';
      price = 0;
    }
    let traded = 0;
    accounts.forEach((account, i) => {
      const { maintenanceRate, target } = given[i]!;
      const size = Math.abs(account.exposure);
      if (account.equity <= maintenanceRate * size && (size > 0 || account.equity < 0)) {
        const fee = liquidationFee * size;
        traded -= account.exposure;
        liquidationVolume += size;
        const left = account.equity - fee;
        fees += fee;
        deficit += Math.max(-left, 0);
        account.equity = Math.max(left, 0);
        account.exposure = 0;
        liquidated.push(account.id);
      } else if (target !== undefined && size > (target.tolerance ?? 1) * Math.abs(target.leverage) * account.equity) {
        const change = target.leverage * account.equity - account.exposure;
        traded += change;
        rebalancingVolume += Math.abs(change);
        account.exposure += change;
      }
    });
    if (end === 'worthless') break;
    move = Math.max(traded / depth, -1);
    if (Math.abs(move) <= LEAST_MOVE) break;
    if (rounds === maximumRounds) {
      end = 'rounds';
      break;
    }
    rounds += 1;
  }
  const totalMove = price - 1;
  return {
    end,
    rounds,
    totalMove: rounds === 0 && end === 'rest' ? shock : totalMove,
    amplification: rounds === 0 || shock === 0 ? 1 : totalMove / shock,
    liquidated,
    liquidationVolume,
    rebalancingVolume,
    fees,
    deficit,
    insuranceShortfall: Math.max(deficit - insurance, 0),
    accounts,
  };
}

function requireInput(input: CascadeInput): CascadeInput {
  requireArray('accounts', input.accounts);
  input.accounts.forEach(({ equity, exposure, maintenanceRate, target }, i) => {
    const at = `accounts[${i}]`;
    requireFinite(`${at}.equity`, equity);
    requireFinite(`${at}.exposure`, exposure);
    requireNonNegative(`${at}.maintenanceRate`, maintenanceRate);
    if (target === undefined) return;
    requireFinite(`${at}.target.leverage`, target.leverage);
    if (target.leverage * exposure < 0) {
      throw new InputError(`${at}.target.leverage`, target.leverage, 'of the sign of the exposure');
    }
    const { tolerance = 1 } = target;
    if (!(tolerance >= 1)) throw new InputError(`${at}.target.tolerance`, tolerance, 'at least 1');
  });
  if (!(requireFinite('shock', input.shock) > -1)) throw new InputError('shock', input.shock, 'above -1');
  requirePositive('depth', input.depth);
  requireNonNegative('liquidationFee', input.liquidationFee ?? 0);
  requireNonNegative('insurance', input.insurance ?? 0);
  const { maximumRounds = 1 } = input;
  if (!(Number.isInteger(maximumRounds) && maximumRounds >= 1)) {
    throw new InputError('maximumRounds', maximumRounds, 'a whole number of at least 1');
  }
  return input;
}
