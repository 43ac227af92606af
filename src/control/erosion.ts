/**
 * What a constantly leveraged token loses against its multiple of the underlying's return.
 *
 *   NAV_t/NAV_0 = (S_t/S_0)^L exp( -L (L-1)/2 V + (1-L) r t - spread max(L-1, 0) t - fee t ),   V the variance realised over t
 *
 * exact under continuous rebalancing of a continuous price. At steps the product of the step returns is exact, and ln NAV less
 * L ln(S_t/S_0) is split into volatility, financing, fees and trading cost, in the order they are taken.
 * Avellaneda and Zhang, "Path-dependence of leveraged ETF returns" (2010).
 */
import { requireFinite, requireNonNegative, requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import { exp } from '../math/exponential.js';
import { log, log1p } from '../math/logarithm.js';

export interface ErosionInput {
  leverage: number;
  /** Over the whole time, not per year: the sum of squared log returns. */
  realisedVariance: number;
  /** Simple return of the underlying over the whole time. */
  spotReturn: number;
  /** Continuously compounded, per year: earned on cash, paid on borrowed money. */
  rate: number;
  /** Of the NAV per year. */
  fee: number;
  /** Above the rate, per year, on what is borrowed. */
  borrowSpread: number;
  years: number;
}

export interface Erosion {
  /** NAV_t / NAV_0 = (1 + spotReturn)^leverage exp(volatility + financing + fees). */
  ratio: number;
  /** The three logarithms in that product. */
  volatility: number;
  financing: number;
  fees: number;
}

/** Throws InputError on a variance, spread, fee or time below 0, or a return of -1 or less. */
export function leverageErosion(i: ErosionInput): Erosion {
  const leverage = requireFinite('leverage', i.leverage);
  const years = requireNonNegative('years', i.years);
  const gross = requirePositive('1 + spotReturn', 1 + i.spotReturn);
  const borrowed = requireNonNegative('borrowSpread', i.borrowSpread) * Math.max(leverage - 1, 0);
  const volatility = -0.5 * leverage * (leverage - 1) * requireNonNegative('realisedVariance', i.realisedVariance) + 0;
  const financing = ((1 - leverage) * requireFinite('rate', i.rate) - borrowed) * years;
  const fees = 0 - requireNonNegative('fee', i.fee) * years;
  return { ratio: exp(leverage * log(gross) + volatility + financing + fees), volatility, financing, fees };
}

export interface TokenPathInput {
  /** Of the underlying, at equal steps. */
  prices: ArrayLike<number>;
  stepYears: number;
  leverage: number;
  /** Simple over a step, per year; all 0 where missing. */
  rate?: number | undefined;
  borrowSpread?: number | undefined;
  fee?: number | undefined;
  /** Cost of rebalancing as a part of what is traded. */
  costRate?: number | undefined;
  /** Rebalance only once leverage is off by this part of the target; at every step where missing. */
  band?: number | undefined;
}

export interface TokenPath {
  /** From 1 at the start; 0 from where it is wiped out. */
  nav: Float64Array;
  /** Before each rebalance. */
  leverage: Float64Array;
  /** NAV_T less 1 less leverage times the underlying's return. */
  erosion: number;
  /** Parts of ln NAV_T beyond leverage x ln(S_T/S_0); they sum to it. */
  volatility: number;
  financing: number;
  fees: number;
  trading: number;
  rebalances: number;
  /** Index of the price at which nothing was left. */
  wipedOutAt?: number | undefined;
}

/**
 * The exact product along a path, rebalanced at every step or outside a band. After a wipe-out `volatility` is -Infinity and the other
 * parts are what had been counted till then. Throws InputError on prices
 * not above 0, fewer than two, or numbers out of range.
 */
export function tokenPath(i: TokenPathInput): TokenPath {
  const n = i.prices.length;
  if (n < 2) throw new InputError('prices.length', n, '2 or more');
  const dt = requirePositive('stepYears', i.stepYears);
  const target = requireFinite('leverage', i.leverage);
  const rate = requireFinite('rate', i.rate ?? 0);
  const spread = requireNonNegative('borrowSpread', i.borrowSpread ?? 0);
  const feePerStep = requireNonNegative('fee', i.fee ?? 0) * dt;
  const costRate = requireNonNegative('costRate', i.costRate ?? 0);
  const band = requireNonNegative('band', i.band ?? 0) * Math.abs(target);
  if (costRate * Math.abs(target) >= 1) throw new InputError('costRate', costRate, 'below 1/|leverage|');
  if (feePerStep >= 1) throw new InputError('fee', i.fee, 'below 1 per step');
  const nav = new Float64Array(n);
  const leverage = new Float64Array(n);
  const path: TokenPath = {
    ...{ nav, leverage, erosion: 0, volatility: 0, financing: 0, fees: 0, trading: 0, rebalances: 0 },
  };
  const first = requirePositive('prices[0]', i.prices[0]);
  nav[0] = 1;
  leverage[0] = target;
  let held = target;
  for (let t = 1; t < n; t++) {
    const price = requirePositive(`prices[${t}]`, i.prices[t]);
    const before = i.prices[t - 1]!;
    const growth = 1 + held * (price / before - 1);
    const carry = (rate * (1 - held) - spread * Math.max(held - 1, 0)) * dt;
    if (!(growth > 0 && growth + carry > 0)) {
      return { ...path, erosion: -1 - target * (price / first - 1), volatility: -Infinity, wipedOutAt: t };
    }
    path.volatility += log(growth) - target * log(price / before);
    path.financing += log1p(carry / growth);
    path.fees += log1p(-feePerStep);
    let value = nav[t - 1]! * (growth + carry) * (1 - feePerStep);
    const drifted = (held * (price / before)) / ((growth + carry) * (1 - feePerStep));
    leverage[t] = drifted;
    held = drifted;
    if (Math.abs(drifted - target) > band) {
      const gap = target - drifted;
      const cost = (costRate * Math.abs(gap)) / (1 + Math.sign(gap) * costRate * target);
      // A token so far beyond its leverage that the way back costs more than it is worth.
      if (cost >= 1)
        return { ...path, erosion: -1 - target * (price / first - 1), volatility: -Infinity, wipedOutAt: t };
      path.trading += log1p(-cost);
      path.rebalances++;
      value *= 1 - cost;
      held = target;
    }
    nav[t] = value;
  }
  const last = i.prices[n - 1]!;
  return { ...path, erosion: nav[n - 1]! - 1 - target * (last / first - 1) };
}

/** The growth rate of the underlying, per year, at which leverage L grows as fast as cash: r + L volatility^2/2. */
export function breakEvenDrift(i: { leverage: number; volatility: number; rate: number }): number {
  const leverage = requireFinite('leverage', i.leverage);
  const volatility = requireNonNegative('volatility', i.volatility);
  return requireFinite('rate', i.rate) + 0.5 * leverage * volatility * volatility;
}
