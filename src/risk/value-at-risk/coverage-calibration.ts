/**
 * The level at which a value at risk covers what it should: a multiple of a volatility forecast, or the confidence asked of a model.
 * The least level whose breaches in a training window are at most 1 - c of its days, by bisection over a forecast that does not fall
 * with the level; the days after it tell whether the level holds where it was not fitted.
 */
import { requireFinite } from '../../check.js';
import { InputError } from '../../errors.js';
import type { Failure } from '../../errors.js';
import { breachInterval, kupiecTest, trafficLight, type TestResult } from './coverage-tests.js';
import { requireConfidence } from './risk-measure.js';

export interface CoverageHistory {
  /** Day by day, in order of time. */
  profits: ArrayLike<number>;
  /** The value at risk forecast for a day, before it, at a level: must not fall as the level rises. */
  valueAtRisk: (level: number, day: number) => number;
  /** Between which the level is sought: of multiples (0, 10], of confidences [.5, .9999], say. */
  levels: [number, number];
}

export interface CoverageOptions {
  /** c, the share of days to be covered. */
  confidence: number;
  /** Days of the training window, from the first; the rest are held out. */
  trainingDays: number;
}

export interface Coverage {
  days: number;
  breaches: number;
  /** 1 - breaches / days. */
  coverage: number;
  /** Of the probability of a breach, 95%, by Clopper and Pearson. */
  breachInterval: [number, number];
  /** Against the probability of a breach asked for. */
  kupiec: TestResult;
  zone: 'green' | 'yellow' | 'red';
}

export type CoverageCalibration =
  | { ok: true; level: number; training: Coverage; holdout: Coverage | undefined }
  /** Even the highest level is broken too often in the training window. */
  | Failure<'not-coverable'>;

const HALVINGS = 50;

/**
 * Throws InputError on profits, levels or options out of range, and on a forecast that is not a number or falls with the level.
 * `holdout` is undefined where the training window is the whole history.
 */
export function calibrateCoverage(history: CoverageHistory, options: CoverageOptions): CoverageCalibration {
  const { profits, valueAtRisk, levels } = history;
  const confidence = requireConfidence(options.confidence);
  const { trainingDays } = options;
  for (let day = 0; day < profits.length; day++) requireFinite(`profits[${day}]`, profits[day]);
  if (!(Number.isInteger(trainingDays) && trainingDays >= 1 && trainingDays <= profits.length)) {
    throw new InputError('trainingDays', trainingDays, `a whole number from 1 to ${profits.length}`);
  }
  const [least, most] = levels;
  requireFinite('levels[0]', least);
  if (!(requireFinite('levels[1]', most) > least)) throw new InputError('levels[1]', most, `above levels[0], ${least}`);

  const breachesIn = (level: number, from: number, to: number): number => {
    let breaches = 0;
    for (let day = from; day < to; day++) {
      if (-profits[day]! > requireFinite(`valueAtRisk(${level}, ${day})`, valueAtRisk(level, day))) breaches++;
    }
    return breaches;
  };
  const coverage = (level: number, from: number, to: number): Coverage => {
    const days = to - from;
    const breaches = breachesIn(level, from, to);
    return {
      days,
      breaches,
      coverage: 1 - breaches / days,
      breachInterval: breachInterval(days, breaches),
      kupiec: kupiecTest(days, breaches, 1 - confidence),
      zone: trafficLight(days, breaches, 1 - confidence).zone,
    };
  };

  // The last digits of n (1 - c) must not decide how many breaches are allowed.
  const allowed = Math.floor(trainingDays * (1 - confidence) + 1e-9);
  const atLeast = breachesIn(least, 0, trainingDays);
  const atMost = breachesIn(most, 0, trainingDays);
  if (atLeast < atMost) {
    throw new InputError(
      'valueAtRisk',
      'a forecast that falls',
      'a value at risk that does not fall as the level rises',
    );
  }
  if (atMost > allowed) {
    return {
      ok: false,
      reason: 'not-coverable',
      message: `at the highest level ${most} the training window has ${atMost} breaches, ${allowed} are allowed`,
    };
  }
  let low = least;
  let high = most;
  if (atLeast <= allowed) high = least;
  for (let i = 0; i < HALVINGS && high > low; i++) {
    const middle = low + (high - low) / 2;
    if (breachesIn(middle, 0, trainingDays) <= allowed) high = middle;
    else low = middle;
  }
  return {
    ok: true,
    level: high,
    training: coverage(high, 0, trainingDays),
    holdout: trainingDays < profits.length ? coverage(high, trainingDays, profits.length) : undefined,
  };
}
