/**
 * What each multiplier brings and what it risks, on simulated paths with gaps: mean return against shortfall and breaches.
 *
 *   ln(S'/S) = (mu - volatility^2/2 - lambda E[J]) dt + volatility sqrt(dt) Z + sum of ln(1 + J) over the jumps of the step
 *
 * with Poisson jumps at `intensity` and simple returns J drawn from a sample; mu is the growth rate of the mean. The same paths serve
 * every multiplier, so that differences between them are not noise. Merton (1976) for the law; Cont and Tankov (2009).
 */
import { requireArray, requireFinite, requireNonNegative, requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import { exp } from '../math/exponential.js';
import { log, log1p } from '../math/logarithm.js';
import { seededRandom } from '../math/random.js';
import type { Random } from '../math/random.js';
import { compensatedSum } from '../math/sum.js';
import { simulateCppi } from './cppi.js';

export interface MultiplierFrontierInput {
  multipliers: readonly number[];
  drift: number;
  rate: number;
  volatility: number;
  /** Jumps per year; none where missing. */
  jumps?: { intensity: number; sample: readonly number[] } | undefined;
  stepYears: number;
  steps: number;
  /** Of the initial value, at the start; below 1. */
  floor: number;
  maximumLeverage?: number | undefined;
  costRate?: number | undefined;
  paths: number;
  seed: number;
  /** Of the expected shortfall; 0.95 where missing. */
  confidence?: number | undefined;
}

export interface MultiplierOutcome {
  multiplier: number;
  /** Mean simple return over the whole time and its standard error. */
  mean: number;
  standardError: number;
  /** Mean loss over the worst part 1 - confidence of the paths; positive is a loss. */
  expectedShortfall: number;
  /** Part of the paths that were below the floor at some step. */
  breachProbability: number;
  /** Mean of what the final value lacks to the floor, as a part of the initial value, over all paths. */
  meanGap: number;
}

/** One outcome a multiplier, in their order. Throws InputError on numbers out of range, or fewer than 20 / (1 - confidence) paths. */
export function multiplierFrontier(i: MultiplierFrontierInput): MultiplierOutcome[] {
  requireArray('multipliers', i.multipliers);
  const confidence = requirePositive('confidence', i.confidence ?? 0.95);
  if (confidence >= 1) throw new InputError('confidence', confidence, 'below 1');
  const least = Math.ceil(20 / (1 - confidence) - 1e-9);
  if (!Number.isInteger(i.paths) || i.paths < least) throw new InputError('paths', i.paths, `${least} or more`);
  if (!Number.isInteger(i.steps) || i.steps < 1) throw new InputError('steps', i.steps, 'a whole number, 1 or more');
  if (!(i.floor < 1)) throw new InputError('floor', i.floor, 'below 1, the initial value');
  const random = seededRandom(i.seed);
  const draw = pathMaker(i, random);
  const { rate, stepYears, floor, maximumLeverage, costRate } = i;
  const settings = { initialValue: 1, rate, stepYears, floor, maximumLeverage, costRate };
  const results = i.multipliers.map(() => ({
    profit: new Float64Array(i.paths),
    gap: new Float64Array(i.paths),
    breaches: 0,
  }));
  for (let path = 0; path < i.paths; path++) {
    const prices = draw();
    i.multipliers.forEach((multiplier, k) => {
      const run = simulateCppi({ ...settings, prices, multiplier });
      const result = results[k]!;
      result.profit[path] = run.value[i.steps]! - 1;
      result.gap[path] = Math.max(run.floor[i.steps]! - run.value[i.steps]!, 0);
      if (run.breachedAt !== undefined) result.breaches++;
    });
  }
  return results.map(({ profit, gap, breaches }, k) => {
    const mean = compensatedSum(profit) / i.paths;
    const variance = compensatedSum(profit.map((value) => (value - mean) * (value - mean))) / (i.paths - 1);
    const worst = Math.floor(i.paths * (1 - confidence) + 1e-9);
    return {
      ...{ multiplier: i.multipliers[k]!, mean, standardError: Math.sqrt(variance / i.paths) },
      expectedShortfall: -compensatedSum(profit.slice().sort().subarray(0, worst)) / worst,
      breachProbability: breaches / i.paths,
      meanGap: breaches === 0 ? 0 : compensatedSum(gap) / i.paths,
    };
  });
}

/** A function that draws the prices of one path, from 1. */
function pathMaker(i: MultiplierFrontierInput, random: Random): () => Float64Array {
  const dt = requirePositive('stepYears', i.stepYears);
  const volatility = requireNonNegative('volatility', i.volatility);
  const intensity = requireNonNegative('jumps.intensity', i.jumps?.intensity ?? 0);
  const sample = i.jumps?.sample ?? [];
  if (intensity > 0 && sample.length === 0) throw new InputError('jumps.sample', sample, 'one jump or more');
  const logJumps = sample.map((jump, k) => log1p(requireJump(k, jump)));
  const meanJump = sample.length === 0 ? 0 : compensatedSum(sample) / sample.length;
  const mean = (requireFinite('drift', i.drift) - 0.5 * volatility * volatility - intensity * meanJump) * dt;
  const sd = volatility * Math.sqrt(dt);
  return () => {
    const prices = new Float64Array(i.steps + 1).fill(1);
    let wait = intensity > 0 ? -log(random.uniform()) / intensity : Infinity;
    for (let t = 1; t <= i.steps; t++) {
      let move = mean + sd * random.normal();
      for (; wait <= dt; wait += -log(random.uniform()) / intensity) move += logJumps[random.index(logJumps.length)]!;
      wait -= dt;
      prices[t] = prices[t - 1]! * exp(move);
    }
    return prices;
  };
}

function requireJump(k: number, jump: number): number {
  if (!(jump > -1)) throw new InputError(`jumps.sample[${k}]`, jump, 'above -1');
  return requireFinite(`jumps.sample[${k}]`, jump);
}
