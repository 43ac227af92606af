/**
 * Probability of backtest overfitting by combinatorially symmetric cross-validation: the history is cut into an even number of blocks;
 * for every way to take half of them as the training half, the trial that was best in training is ranked in the other half. The
 * probability is the share of ways in which it came out at or below the median there.
 * Bailey, Borwein, Lopez de Prado and Zhu, "The probability of backtest overfitting" (2017).
 */
import { requireArray, requireFinite } from '../../check.js';
import { InputError } from '../../errors.js';
import { log } from '../../math/logarithm.js';
import type { Matrix } from '../../math/matrix.js';

export interface OverfittingInput {
  /** [period][trial] */
  returns: Matrix;
  /** Even, at least 2; 10 where missing (252 ways). */
  blocks?: number | undefined;
}

export interface Overfitting {
  probability: number;
  /** By way, ln(rank / (1 - rank)) of the best training trial out of sample: above 0 it beat the median. */
  logits: number[];
  /** Share of the ways in which that trial lost money out of sample. */
  probabilityOfLoss: number;
}

/** Trials are compared by their Sharpe ratio. Throws InputError for fewer than two trials, rows of unequal length, or blocks of under two periods. */
export function backtestOverfitting({ returns, blocks = 10 }: OverfittingInput): Overfitting {
  requireArray('returns', returns);
  const trials = returns[0]?.length ?? 0;
  if (trials < 2) throw new InputError('returns[0].length', trials, 'at least 2 trials');
  returns.forEach((row, i) => {
    if (row.length !== trials) throw new InputError(`returns[${i}].length`, row.length, `${trials} trials`);
    row.forEach((value, j) => requireFinite(`returns[${i}][${j}]`, value));
  });
  if (!(Number.isInteger(blocks) && blocks >= 2 && blocks % 2 === 0 && blocks <= 20)) {
    throw new InputError('blocks', blocks, 'an even number from 2 to 20');
  }
  const length = Math.floor(returns.length / blocks);
  if (length < 2) throw new InputError('returns.length', returns.length, `at least ${2 * blocks} periods`);

  const sums = blockSums(returns, trials, blocks, length);
  const logits: number[] = [];
  let losses = 0;
  for (const training of halves(blocks)) {
    const inSample = sharpeRatios(sums, training, length);
    const best = inSample.indexOf(Math.max(...inSample));
    const outOfSample = sharpeRatios(
      sums,
      training.map((chosen) => !chosen),
      length,
    );
    const own = outOfSample[best]!;
    // Ties share their rank; ranks run over trials + 1 so that neither end is infinite.
    const below = outOfSample.filter((value) => value < own).length;
    const equal = outOfSample.filter((value) => value === own).length;
    const rank = (below + 0.5 * (equal + 1)) / (trials + 1);
    logits.push(log(rank / (1 - rank)));
    if (own < 0) losses++;
  }
  return {
    probability: logits.filter((value) => value <= 0).length / logits.length,
    logits,
    probabilityOfLoss: losses / logits.length,
  };
}

interface BlockSums {
  /** [block][trial] */
  first: number[][];
  second: number[][];
}

function blockSums(returns: Matrix, trials: number, blocks: number, length: number): BlockSums {
  const sumOf = (block: number, trial: number, power: number): number => {
    let sum = 0;
    for (let i = block * length; i < (block + 1) * length; i++) sum += returns[i]![trial]! ** power;
    return sum;
  };
  const table = (power: number): number[][] =>
    Array.from({ length: blocks }, (_, block) =>
      Array.from({ length: trials }, (__, trial) => sumOf(block, trial, power)),
    );
  return { first: table(1), second: table(2) };
}

function sharpeRatios({ first, second }: BlockSums, chosen: readonly boolean[], length: number): number[] {
  const n = length * chosen.filter(Boolean).length;
  return first[0]!.map((_, trial) => {
    let sum = 0;
    let squares = 0;
    chosen.forEach((used, block) => {
      if (!used) return;
      sum += first[block]![trial]!;
      squares += second[block]![trial]!;
    });
    const mean = sum / n;
    const variance = squares / n - mean * mean;
    // A trial without variation has no ratio; its sign is all that can rank it.
    return variance > 1e-14 * (squares / n) ? mean / Math.sqrt(variance) : Math.sign(mean) * Number.MAX_VALUE;
  });
}

/** Every choice of half of the blocks. */
function halves(blocks: number): boolean[][] {
  const ways: boolean[][] = [];
  for (let mask = 0; mask < 2 ** blocks; mask++) {
    const chosen = Array.from({ length: blocks }, (_, block) => ((mask >> block) & 1) === 1);
    if (chosen.filter(Boolean).length === blocks / 2) ways.push(chosen);
  }
  return ways;
}
