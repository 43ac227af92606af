/**
 * Value at risk and expected shortfall by simulation: factors drawn from a model (factor-samples.ts), the book revalued in full.
 *
 * Control variate: of the book's second-order expansion Q the exact distribution is known. Samples are weighted so that those with
 * Q beyond its exact value at risk carry the weight 1 - c they ought to; of a book that is quadratic nothing but the tail's shape is
 * left to chance.
 *
 *   standard error   of P(loss <= VaR) over independent pairs, over the density of the losses there: half the distance between the
 *                    quantiles a standard error of the probability above and below. Of the expected shortfall that of the mean
 *                    excess, (L - VaR)^+ / (1 - c)
 *   contributions    mean loss of each position over the tail (they add up to the shortfall); for the value at risk over losses near
 *                    it, by a normal kernel, scaled to add up
 */
import { compensatedSum } from '../../math/sum.js';
import { exp } from '../../math/exponential.js';
import { log } from '../../math/logarithm.js';
import { InputError } from '../../errors.js';
import type { Account } from '../../portfolio/account.js';
import type { Excluded } from '../../portfolio/missing.js';
import type { MarketSnapshot } from '../../portfolio/snapshot.js';
import { factorShifts } from '../factor-returns.js';
import { deltaGammaExactVaR } from './delta-gamma-exact.js';
import { sampleFactors, type FactorModel, type SampleOptions } from './factor-samples.js';
import { riskIncrements, type RiskIncrement } from './increments.js';
import { localQuadratic, type LocalOptions } from './local-quadratic.js';
import type { QuadraticBook } from './quadratic-book.js';
import { requireRiskOptions, type RiskMeasure } from './risk-measure.js';
import { sampleTail, type SampleTail } from './sample-tail.js';
import { lossByPosition, sampledPnl, shortfallByPosition, type PositionContributions } from './sampled-pnl.js';

export interface MonteCarloOptions extends SampleOptions, Pick<LocalOptions, 'dynamics' | 'missing'> {
  confidence: number;
  /** Normal factors only; false where missing. */
  controlVariate?: boolean | undefined;
  /** What each position adds, by the weights of the whole book's samples; false where missing. */
  increments?: boolean | undefined;
}

export interface SimulatedTail extends RiskMeasure {
  standardError: number;
  shortfallError: number;
  tail: SampleTail;
  /** Of each sample; together 1. */
  weights: Float64Array;
}

export interface MonteCarloRisk extends Omit<SimulatedTail, 'tail' | 'weights'> {
  pnl: Float64Array;
  /** Add up to the expected shortfall. */
  contributions: PositionContributions;
  /** Add up to the value at risk; `raw` is what the kernel gave before it was scaled. */
  valueAtRiskContributions: PositionContributions & { raw: number };
  /** Where they were asked for. */
  increments?: RiskIncrement[] | undefined;
  excluded: Excluded[];
}

/**
 * In the account's reporting currency; markets move at once. Throws InputError naming the field of the account, the snapshot, the
 * model or the options that is not as it must be.
 */
export function monteCarloVaR(
  account: Account,
  snapshot: MarketSnapshot,
  model: FactorModel,
  options: MonteCarloOptions,
): MonteCarloRisk {
  const shiftsOf = factorShifts(model);
  const moves = sampleFactors(model, options);
  const quadratic = options.controlVariate === true ? localQuadratic(account, snapshot, model, options) : undefined;
  const sampled = sampledPnl(account, snapshot, moves.map(shiftsOf), options);
  const { tail, weights, ...risk } = simulatedTail(sampled.pnl, moves, { ...model, quadratic }, options);
  const kernel = kernelWeights(sampled.pnl, weights, risk.valueAtRisk);
  const near = lossByPosition(sampled, kernel);
  const raw = compensatedSum([...near.positions, near.cash]);
  const scale = raw === 0 ? 0 : risk.valueAtRisk / raw;
  return {
    ...risk,
    pnl: sampled.pnl,
    contributions: shortfallByPosition(sampled, tail),
    valueAtRiskContributions: {
      positions: near.positions.map((part) => part * scale),
      cash: near.cash * scale,
      raw,
    },
    increments: options.increments === true ? riskIncrements(sampled, tail, options.confidence, weights) : undefined,
    excluded: sampled.excluded,
  };
}

/**
 * Value at risk and shortfall of simulated profits, `moves` the samples they came from; with `quadratic`, the book's second-order
 * expansion, as control. Throws InputError for a control without a normal model.
 */
export function simulatedTail(
  pnl: Float64Array,
  moves: readonly Float64Array[],
  model: Pick<FactorModel, 'distribution' | 'mean'> & { quadratic?: QuadraticBook | undefined },
  options: Pick<MonteCarloOptions, 'confidence' | 'horizonDays' | 'antithetic'>,
): SimulatedTail {
  requireRiskOptions(options);
  const { confidence, horizonDays } = options;
  const losses = pnl.map((profit) => -profit);
  const beyond = model.quadratic && controlSide(moves, model, model.quadratic, options);
  const weights = stratumWeights(losses.length, beyond, confidence);
  const tail = sampleTail(losses, confidence, weights);
  const { valueAtRisk, expectedShortfall } = tail;
  const clusters = options.antithetic === false ? 1 : 2;
  const spread = (values: Float64Array): number => standardError(values, weights, beyond, clusters);
  const chance = spread(losses.map((loss) => (loss > valueAtRisk ? 1 : 0)));
  // A quantile of a sample is known no better than to a sample.
  const single = weights.reduce((most, weight) => Math.max(most, weight), 0);
  const probability = Math.sqrt(chance * chance + single * single);
  const quantile = (c: number): number =>
    sampleTail(losses, Math.min(Math.max(c, 1e-9), 1 - 1e-9), weights).valueAtRisk;
  return {
    valueAtRisk,
    expectedShortfall,
    confidence,
    horizonDays,
    flags: tail.flags,
    standardError: 0.5 * (quantile(confidence + probability) - quantile(confidence - probability)),
    shortfallError: spread(losses.map((loss) => Math.max(loss - valueAtRisk, 0))) / (1 - confidence),
    tail,
    weights,
  };
}

/** 1 for samples whose second-order loss lies beyond its exact value at risk. */
function controlSide(
  moves: readonly Float64Array[],
  { distribution, mean }: Pick<FactorModel, 'distribution' | 'mean'>,
  book: QuadraticBook,
  { confidence, horizonDays }: Pick<MonteCarloOptions, 'confidence' | 'horizonDays'>,
): Uint8Array {
  if ((distribution ?? 'normal') !== 'normal') {
    throw new InputError('controlVariate', true, 'false: its distribution is known for normal factors');
  }
  if (mean?.some((value) => value !== 0) === true) {
    throw new InputError('controlVariate', true, 'false: its distribution is known for factors without a mean');
  }
  const still = { ...book, theta: 0 };
  const { valueAtRisk } = deltaGammaExactVaR(still, { confidence, horizonDays });
  const { delta, gamma } = book;
  return Uint8Array.from(moves, (x) => {
    let profit = 0;
    for (let i = 0; i < x.length; i++) {
      let slope = delta[i]!;
      for (let j = 0; j < x.length; j++) slope += 0.5 * gamma[i]![j]! * x[j]!;
      profit += slope * x[i]!;
    }
    return -profit > valueAtRisk ? 1 : 0;
  });
}

/** Equal within each side; the sides together 1 - c and c. Without samples on a side, equal all over. */
function stratumWeights(count: number, beyond: Uint8Array | undefined, confidence: number): Float64Array {
  const far = beyond?.reduce((sum, side) => sum + side, 0) ?? 0;
  if (beyond === undefined || far === 0 || far === count) return new Float64Array(count).fill(1 / count);
  return Float64Array.from(beyond, (side) => (side === 1 ? (1 - confidence) / far : confidence / (count - far)));
}

/** Of the weighted mean of values: what they are off their side's mean, summed over the samples of a pair, which are not independent. */
function standardError(
  values: Float64Array,
  weights: Float64Array,
  beyond: Uint8Array | undefined,
  cluster: number,
): number {
  const sums = [0, 0];
  const totals = [0, 0];
  values.forEach((value, i) => {
    const side = beyond?.[i] ?? 0;
    sums[side]! += weights[i]! * value;
    totals[side]! += weights[i]!;
  });
  const means = sums.map((sum, side) => (totals[side]! > 0 ? sum / totals[side]! : 0));
  let square = 0;
  for (let i = 0; i < values.length; i += cluster) {
    let off = 0;
    for (let j = i; j < Math.min(i + cluster, values.length); j++) {
      off += weights[j]! * (values[j]! - means[beyond?.[j] ?? 0]!);
    }
    square += off * off;
  }
  return Math.sqrt(square);
}

/** Of losses near a level, normal with Silverman's width; together 1. */
function kernelWeights(pnl: Float64Array, weights: Float64Array, level: number): Float64Array {
  const mean = weights.reduce((sum, weight, i) => sum + weight * pnl[i]!, 0);
  const variance = weights.reduce((sum, weight, i) => sum + weight * (pnl[i]! - mean) * (pnl[i]! - mean), 0);
  const width = 1.06 * Math.sqrt(variance) * exp(-0.2 * log(pnl.length));
  const near = weights.map((weight, i) => {
    const u = width > 0 ? (-pnl[i]! - level) / width : 0;
    return weight * exp(-0.5 * u * u);
  });
  const total = near.reduce((sum, weight) => sum + weight, 0);
  return total > 0 ? near.map((weight) => weight / total) : near;
}
