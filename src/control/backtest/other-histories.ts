/**
 * Histories that might have been, to run a strategy on again: the same bars with larger or smaller moves, and their moves in another order.
 *
 *   scaled     ln(p'/c'_(t-1)) = f ln(p/c_(t-1)) + (1 - f) m for every price p of bar t, m the mean log return from close to close:
 *              the volatility is f times what it was, the last close what it was
 *   resampled  bar t takes the moves, funding and implied volatility of a bar drawn in blocks (resampling.ts)
 *
 * Implied volatility stays as it was quoted where moves are scaled: options then turn out dear or cheap.
 */
import { requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import { exp } from '../../math/exponential.js';
import { log } from '../../math/logarithm.js';
import { seededRandom } from '../../math/random.js';
import type { Bar } from './backtest-input.js';
import { drawBlocks, meanBlockOf } from './resampling.js';

/** Throws InputError for fewer than two bars or a factor not above 0. */
export function withScaledMoves(bars: readonly Bar[], factor: number): Bar[] {
  requirePositive('factor', factor);
  const [first, last] = [requireBars(bars)[0]!, bars[bars.length - 1]!];
  const drift = ((1 - factor) * log(last.close / first.close)) / (bars.length - 1);
  let close = first.close;
  return bars.map((bar, t) => {
    const reference = bars[t - 1]?.close ?? first.close;
    const base = t === 0 ? close : close * exp(drift);
    const moved = (price: number): number => base * exp(factor * log(price / reference));
    close = moved(bar.close);
    const open = moved(bar.open);
    // Monotone but for the last digit.
    return {
      ...bar,
      open,
      close,
      high: Math.max(moved(bar.high), open, close),
      low: Math.min(moved(bar.low), open, close),
    };
  });
}

/** The same instants and first bar. Throws InputError for fewer than two bars, or blocks below 1. */
export function withResampledMoves(
  bars: readonly Bar[],
  options: { seed: number; meanBlock?: number | undefined },
): Bar[] {
  const n = requireBars(bars).length - 1;
  const meanBlock = meanBlockOf(options.meanBlock, n);
  const drawn: Bar[] = [bars[0]!];
  drawBlocks(seededRandom(options.seed), n, meanBlock, (place, from) => {
    const source = bars[from + 1]!;
    const scale = drawn[place]!.close / bars[from]!.close;
    drawn.push({
      ...source,
      at: bars[place + 1]!.at,
      open: source.open * scale,
      high: source.high * scale,
      low: source.low * scale,
      close: source.close * scale,
    });
  });
  return drawn;
}

function requireBars(bars: readonly Bar[]): readonly Bar[] {
  if (bars.length < 2) throw new InputError('bars.length', bars.length, 'at least 2');
  return bars;
}
