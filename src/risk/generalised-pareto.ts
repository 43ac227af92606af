/**
 * The tail of losses beyond a threshold u: what exceeds it by y follows the generalised Pareto distribution
 *
 *   P(excess > y) = (1 + xi y/beta)^(-1/xi),  exp(-y/beta) at xi = 0                        Pickands (1975)
 *   quantile(p)   = u + beta/xi [((1 - p)/zeta)^(-xi) - 1],  u + beta ln(zeta/(1 - p)) at xi = 0,  zeta the share beyond u
 *   shortfall(p)  = (quantile + beta - xi u)/(1 - xi),  xi < 1                               McNeil, Frey and Embrechts (2005)
 *
 * Fitted by maximum likelihood, which for t = xi/beta given is xi = mean ln(1 + t y): one unknown. Grimshaw (1993). xi is kept above
 * -1/2, where the likelihood has a maximum of the usual kind; errors are the asymptotic ones, (1 + xi)^2/n and 2 (1 + xi) beta^2/n.
 */
import { requireFinite, requirePositive } from '../check.js';
import { InputError, type Failure } from '../errors.js';
import { expm1, exp } from '../math/exponential.js';
import { goldenSection } from '../math/golden-section.js';
import { log, log1p } from '../math/logarithm.js';

export interface ParetoTail {
  /** u */
  threshold: number;
  /** zeta, above 0, at most 1. */
  share: number;
  /** xi: above 0 for tails like a power, 0 for one like an exponential. */
  shape: number;
  /** beta, above 0. */
  scale: number;
}

export interface ParetoFit extends ParetoTail {
  ok: true;
  excesses: number;
  shapeError: number;
  scaleError: number;
  logLikelihood: number;
}

/** The fewest excesses that a tail is fitted to. */
const FEWEST = 20;
const LEAST_SHAPE = -0.5;

/**
 * Fits the tail of a sample beyond a threshold. Fails where fewer than twenty values exceed it. Throws InputError for a value that is
 * not finite.
 */
export function fitParetoTail(sample: ArrayLike<number>, threshold: number): ParetoFit | Failure<'too-few-excesses'> {
  requireFinite('threshold', threshold);
  const excesses = Array.from(sample, (value, i) => requireFinite(`sample[${i}]`, value) - threshold).filter(
    (y) => y > 0,
  );
  const n = excesses.length;
  if (n < FEWEST) {
    return {
      ok: false,
      reason: 'too-few-excesses',
      message: `${n} values exceed the threshold, ${FEWEST} are needed`,
      value: n,
      limit: FEWEST,
    };
  }
  const largest = excesses.reduce((most, y) => Math.max(most, y), 0);
  const mean = excesses.reduce((sum, y) => sum + y, 0) / n;
  const shapeAt = (t: number): number => excesses.reduce((sum, y) => sum + log1p(t * y), 0) / n;
  // -log-likelihood over n. At t = 0 beta is the mean.
  const cost = (t: number): number => {
    const shape = shapeAt(t);
    if (shape < LEAST_SHAPE) return Infinity;
    const scale = Math.abs(t * mean) < 1e-9 ? mean : shape / t;
    return scale > 0 ? log(scale) + shape + 1 : Infinity;
  };
  // t runs from -1/largest, where ln(1 + t y) ends, to far beyond any tail: by the share 1 + t largest, evenly in its logarithm.
  const at = (x: number): number => expm1(x) / largest;
  const [from, to, count] = [log(1e-6), log(1e6), 240];
  const nodes = Array.from({ length: count + 1 }, (_, i) => from + (i * (to - from)) / count);
  const best = nodes.reduce((least, x) => (cost(at(x)) < cost(at(least)) ? x : least), 0);
  const width = (to - from) / count;
  const t = at(goldenSection((x) => cost(at(x)), best - width, best + width, 1e-10));
  const shape = Math.abs(t * mean) < 1e-9 ? 0 : shapeAt(t);
  const scale = shape === 0 ? mean : shape / t;
  return {
    ok: true,
    threshold,
    share: n / sample.length,
    shape,
    scale,
    excesses: n,
    shapeError: (1 + shape) / Math.sqrt(n),
    scaleError: scale * Math.sqrt((2 * (1 + shape)) / n),
    logLikelihood: -n * cost(t),
  };
}

/**
 * The value that is exceeded with probability 1 - p, and the mean of what exceeds it (Infinity from a shape of 1). Throws InputError
 * unless 1 - share <= p < 1: below the threshold the tail says nothing.
 */
export function paretoQuantile(tail: ParetoTail, p: number): { quantile: number; shortfall: number } {
  const { threshold, share, shape } = tail;
  requireFinite('threshold', threshold);
  requireFinite('shape', shape);
  const scale = requirePositive('scale', tail.scale);
  if (!(share > 0 && share <= 1)) throw new InputError('share', share, 'above 0, at most 1');
  if (!(p < 1 && 1 - p <= share * (1 + 1e-12))) throw new InputError('p', p, `from ${1 - share} to 1, 1 excluded`);
  const depth = log(share / (1 - p));
  // (e^(xi d) - 1)/xi
  const growth = Math.abs(shape * depth) < 1e-8 ? depth * (1 + 0.5 * shape * depth) : (exp(shape * depth) - 1) / shape;
  const quantile = threshold + scale * growth;
  const shortfall = shape < 1 ? (quantile + scale - shape * threshold) / (1 - shape) : Infinity;
  return { quantile, shortfall };
}
