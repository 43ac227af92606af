/**
 * Whether a value at risk was right about how often it is broken, from days observed and days on which the loss exceeded it.
 *
 *   Kupiec          LR = -2 ln[ (1-p)^(T-x) p^x / ((1-x/T)^(T-x) (x/T)^x) ], chi-square with one degree            Kupiec (1995)
 *   Christoffersen  independence: the same with the chance of a breach after a breach against after none, one degree; and both
 *                   together, two degrees                                                                  Christoffersen (1998)
 *   traffic light   by the probability of x breaches or fewer: green below 95%, red from 99.99%             Basel Committee (1996)
 *   Acerbi-Szekely  Z = sum over breaches of profit / (T (1-c) ES) + 1: 0 where the expected shortfall is right, negative where it is
 *                   too small; below -0.70 at 5% and -1.8 at 0.01% for c = 97.5%, whatever the tails      Acerbi and Szekely (2014)
 */
import { requireArray, requireFinite, requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import { chiSquareSurvival } from '../../math/chi-square.js';
import { betaI, inverseBetaI } from '../../math/incomplete-beta.js';
import { log } from '../../math/logarithm.js';
import { requireConfidence } from './risk-measure.js';

export interface TestResult {
  statistic: number;
  /** Probability of a statistic at least as large if the model is right. */
  pValue: number;
}

/** `probability` is that of a breach, 1 - confidence. Throws InputError on counts that cannot be. */
export function kupiecTest(observations: number, breaches: number, probability: number): TestResult {
  requireCounts(observations, breaches);
  requireConfidence(probability);
  const statistic =
    2 *
    (logLikelihood(observations, breaches, breaches / observations) -
      logLikelihood(observations, breaches, probability));
  return { statistic: Math.max(statistic, 0), pValue: chiSquareSurvival(Math.max(statistic, 0), 1) };
}

/** `breaches` day by day. Throws InputError for fewer than two days. */
export function christoffersenTest(
  breaches: readonly boolean[],
  probability: number,
): { independence: TestResult; conditionalCoverage: TestResult } {
  requireArray('breaches', breaches);
  if (breaches.length < 2) throw new InputError('breaches.length', breaches.length, 'at least 2');
  const counts = { after: 0, afterBreached: 0, quiet: 0, quietBreached: 0 };
  for (let t = 1; t < breaches.length; t++) {
    if (breaches[t - 1] === true) {
      counts.after++;
      if (breaches[t] === true) counts.afterBreached++;
    } else {
      counts.quiet++;
      if (breaches[t] === true) counts.quietBreached++;
    }
  }
  const days = counts.after + counts.quiet;
  const all = counts.afterBreached + counts.quietBreached;
  const separate =
    logLikelihood(counts.after, counts.afterBreached, counts.after > 0 ? counts.afterBreached / counts.after : 0) +
    logLikelihood(counts.quiet, counts.quietBreached, counts.quiet > 0 ? counts.quietBreached / counts.quiet : 0);
  const statistic = Math.max(2 * (separate - logLikelihood(days, all, all / days)), 0);
  const coverage = kupiecTest(breaches.length, breaches.filter((breached) => breached).length, probability);
  const joint = statistic + coverage.statistic;
  return {
    independence: { statistic, pValue: chiSquareSurvival(statistic, 1) },
    conditionalCoverage: { statistic: joint, pValue: chiSquareSurvival(joint, 2) },
  };
}

/** For a 99% value at risk unless told otherwise. Throws InputError on counts that cannot be. */
export function trafficLight(
  observations: number,
  breaches: number,
  probability = 0.01,
): { zone: 'green' | 'yellow' | 'red'; cumulativeProbability: number } {
  requireCounts(observations, breaches);
  requireConfidence(probability);
  // P(X <= x) of a binomial.
  const cumulativeProbability =
    breaches === observations ? 1 : betaI(1 - probability, observations - breaches, breaches + 1, probability);
  return {
    zone: cumulativeProbability < 0.95 ? 'green' : cumulativeProbability < 0.9999 ? 'yellow' : 'red',
    cumulativeProbability,
  };
}

/** Profits with the value at risk and expected shortfall that were forecast for them. Throws InputError where lengths differ. */
export function acerbiSzekelyTest(i: {
  profits: readonly number[];
  valueAtRisk: readonly number[];
  expectedShortfall: readonly number[];
  confidence: number;
}): { statistic: number } {
  requireConfidence(i.confidence);
  const days = i.profits.length;
  if (days === 0) throw new InputError('profits.length', 0, 'at least 1');
  for (const field of ['valueAtRisk', 'expectedShortfall'] as const) {
    if (i[field].length !== days) throw new InputError(`${field}.length`, i[field].length, String(days));
  }
  let sum = 0;
  i.profits.forEach((profit, t) => {
    requireFinite(`profits[${t}]`, profit);
    requireFinite(`valueAtRisk[${t}]`, i.valueAtRisk[t]);
    requirePositive(`expectedShortfall[${t}]`, i.expectedShortfall[t]);
    if (-profit > i.valueAtRisk[t]!) sum += profit / i.expectedShortfall[t]!;
  });
  return { statistic: sum / (days * (1 - i.confidence)) + 1 };
}

/** Exact interval for the probability of a breach. Clopper and Pearson (1934). */
export function breachInterval(observations: number, breaches: number, confidence = 0.95): [number, number] {
  requireCounts(observations, breaches);
  const tail = 0.5 * (1 - requireConfidence(confidence));
  return [
    breaches === 0 ? 0 : inverseBetaI(tail, breaches, observations - breaches + 1),
    breaches === observations ? 1 : inverseBetaI(1 - tail, breaches + 1, observations - breaches),
  ];
}

/** ln (1-p)^(T-x) p^x, with 0 ln 0 = 0. */
function logLikelihood(observations: number, breaches: number, probability: number): number {
  const quiet = observations - breaches;
  return (quiet === 0 ? 0 : quiet * log(1 - probability)) + (breaches === 0 ? 0 : breaches * log(probability));
}

function requireCounts(observations: number, breaches: number): void {
  if (!(Number.isInteger(observations) && observations >= 1)) {
    throw new InputError('observations', observations, 'a whole number of at least 1');
  }
  if (!(Number.isInteger(breaches) && breaches >= 0 && breaches <= observations)) {
    throw new InputError('breaches', breaches, `a whole number from 0 to ${observations}`);
  }
}
