/**
 * Value at risk and expected shortfall from past factor returns, each applied to the market of today and the book revalued in full.
 *
 *   equal weights      every day counts 1/n
 *   age weights        (1 - l) l^age / (1 - l^n)                                          Boudoukh, Richardson and Whitelaw (1998)
 *   volatility-scaled  r_t s_now/s_t, s_t what was forecast for day t by exponential weights           Hull and White (1998)
 *   filtered           z_t = r_t/s_t of whole days drawn again, s rolled forward over the horizon   Barone-Adesi et al. (1999)
 *
 * s^2 is seeded with the mean square of all days. Returns are of one day; only the filtered simulation makes longer ones. Markets are
 * moved at once: the passing of time is no part of the loss.
 */
import { requireFinite, requireOneOf, requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import { expm1 } from '../../math/exponential.js';
import { log1p } from '../../math/logarithm.js';
import type { Matrix } from '../../math/matrix.js';
import { seededRandom } from '../../math/random.js';
import type { Account } from '../../portfolio/account.js';
import type { Excluded, MissingPolicy } from '../../portfolio/missing.js';
import type { MarketSnapshot } from '../../portfolio/snapshot.js';
import type { SmileDynamics } from '../../volatility/smile/dynamics.js';
import { factorShifts, requireReturns, type FactorReturns } from '../factor-returns.js';
import { ewmaVol } from '../forecast/ewma.js';
import { riskIncrements, type RiskIncrement } from './increments.js';
import { requireConfidence, type RiskMeasure } from './risk-measure.js';
import { ageWeights, sampleTail } from './sample-tail.js';
import { sampledPnl, shortfallByPosition, type PositionContributions } from './sampled-pnl.js';

export interface HistoricalOptions {
  confidence: number;
  /** 'equal' where missing, or by age with a decay above 0, at most 1. */
  weights?: 'equal' | { decay: number } | undefined;
  /** 'none' where missing. */
  scale?: 'none' | 'volatility' | 'filtered' | undefined;
  /** For 'filtered', which draws: required there. */
  seed?: number | undefined;
  /** Of the exponential weights; 0.94 where missing. */
  lambda?: number | undefined;
  /** Filtered: paths drawn; 2000 where missing. */
  paths?: number | undefined;
  /** Filtered: whole days; 1 where missing, and for everything else. */
  horizonDays?: number | undefined;
  /** How smiles follow the spot; 'sticky-strike' where missing. */
  dynamics?: SmileDynamics | undefined;
  /** 'throw' where missing. */
  missing?: MissingPolicy | undefined;
  /** What each position adds: the risk is measured once more for each; false where missing. */
  increments?: boolean | undefined;
}

export interface HistoricalRisk extends RiskMeasure {
  /** Of each day, or path, in the account's reporting currency. */
  pnl: Float64Array;
  /** To the expected shortfall: positions and cash add up to it. */
  contributions: PositionContributions;
  /** Where they were asked for. */
  increments?: RiskIncrement[] | undefined;
  excluded: Excluded[];
}

/**
 * In the account's reporting currency. Throws InputError naming the field of the account, the snapshot, the returns or the options
 * that is not as it must be.
 */
export function historicalVaR(
  account: Account,
  snapshot: MarketSnapshot,
  returns: FactorReturns,
  options: HistoricalOptions,
): HistoricalRisk {
  const confidence = requireConfidence(options.confidence);
  const scale = requireOneOf('scale', options.scale ?? 'none', ['none', 'volatility', 'filtered']);
  const shiftsOf = factorShifts(returns);
  const { rows } = requireReturns(returns);
  const horizonDays = options.horizonDays ?? 1;
  if (scale !== 'filtered' && horizonDays !== 1) {
    throw new InputError('horizonDays', horizonDays, "1 unless the scale is 'filtered': the returns are of one day");
  }
  const weights = weightsOf(rows.length, options.weights);
  const sample =
    scale === 'none'
      ? rows
      : scale === 'volatility'
        ? scaledRows(returns, options)
        : drawnRows(returns, weights, options);
  const sampled = sampledPnl(account, snapshot, sample.map(shiftsOf), options);
  const losses = sampled.pnl.map((pnl) => -pnl);
  const sampleWeights = scale === 'filtered' ? undefined : weights;
  const tail = sampleTail(losses, confidence, sampleWeights);
  return {
    valueAtRisk: tail.valueAtRisk,
    expectedShortfall: tail.expectedShortfall,
    confidence,
    horizonDays,
    flags: tail.flags,
    pnl: sampled.pnl,
    contributions: shortfallByPosition(sampled, tail),
    increments: options.increments === true ? riskIncrements(sampled, tail, confidence, sampleWeights) : undefined,
    excluded: sampled.excluded,
  };
}

/** Undefined for equal ones. */
function weightsOf(count: number, weights: HistoricalOptions['weights']): Float64Array | undefined {
  if (weights === undefined || weights === 'equal') return undefined;
  if (typeof weights !== 'object') throw new InputError('weights', weights, "'equal' or { decay }");
  return ageWeights(count, weights.decay);
}

/** What was forecast for each day, and for the one after the last: [factor][day]. */
function forecasts({ factors, rows }: FactorReturns, lambda = 0.94): Float64Array[] {
  return factors.map((_, j) => {
    const series = rows.map((row) => row[j]!);
    const seed = Math.sqrt(series.reduce((sum, r) => sum + r * r, 0) / series.length);
    return Float64Array.from([seed, ...ewmaVol(series, { lambda, seed })]);
  });
}

/** Returns as large as they would be at the volatility of now; of a factor without any, as they were. */
function scaledRows(returns: FactorReturns, { lambda }: HistoricalOptions): Matrix {
  const { rows } = returns;
  const volatility = forecasts(returns, lambda);
  return rows.map((row, t) =>
    row.map((value, j) => {
      const before = volatility[j]![t]!;
      return before > 0 ? (value * volatility[j]![rows.length]!) / before : value;
    }),
  );
}

/** Paths of days drawn with replacement, by weight: all factors of a day together, so that they keep their dependence. */
function drawnRows(returns: FactorReturns, weights: Float64Array | undefined, options: HistoricalOptions): Matrix {
  const { factors, rows } = returns;
  const { lambda = 0.94 } = options;
  const paths = requirePositive('paths', options.paths ?? 2000);
  const days = requirePositive('horizonDays', options.horizonDays ?? 1);
  if (!Number.isInteger(days)) throw new InputError('horizonDays', days, 'a whole number');
  if (!Number.isInteger(paths)) throw new InputError('paths', paths, 'a whole number');
  const random = seededRandom(requireFinite('seed', options.seed));
  const volatility = forecasts(returns, lambda);
  const cumulative = weights === undefined ? undefined : runningTotals(weights);
  const compounds =
    returns.kind === 'simple' ? factors.map((name) => /^(spot|fx):/.test(name)) : factors.map(() => false);
  return Array.from({ length: paths }, () => {
    const now = volatility.map((series) => series[rows.length]!);
    const move = factors.map(() => 0);
    for (let day = 0; day < days; day++) {
      const drawn = cumulative === undefined ? random.index(rows.length) : indexAt(cumulative, random.uniform());
      for (let j = 0; j < factors.length; j++) {
        const before = volatility[j]![drawn]!;
        const r = before > 0 ? (rows[drawn]![j]! * now[j]!) / before : 0;
        move[j] = move[j]! + (compounds[j] === true ? log1p(Math.max(r, LEAST_RETURN)) : r);
        now[j] = Math.sqrt(lambda * now[j]! * now[j]! + (1 - lambda) * r * r);
      }
    }
    return move.map((value, j) => (compounds[j] === true ? expm1(value) : value));
  });
}

/** A simple return that scaling would take to -1 or beyond leaves this much of a price. */
const LEAST_RETURN = -0.999;

function runningTotals(weights: Float64Array): Float64Array {
  let total = 0;
  return weights.map((weight) => (total += weight));
}

/** The first place where the running total is above a share. */
function indexAt(cumulative: Float64Array, share: number): number {
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle]! > share) high = middle;
    else low = middle + 1;
  }
  return low;
}
