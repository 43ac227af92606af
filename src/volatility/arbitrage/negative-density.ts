/**
 * The stretches of log-moneyness on which a slice has a negative density: proved to be empty, or found with ends that are
 * proved to lie inside. First in doubles with rounding bounds; where these cannot tell, with exact integers.
 */
import type { Piece } from '../../math/bernstein.js';
import { certifiedPieces, isSurelyNonNegative } from '../../math/bernstein.js';
import { nextDown, nextUp, roundDown, roundUp, compare } from '../../math/dyadic.js';
import type { Interval } from '../../math/interval.js';
import { divide, interval } from '../../math/interval.js';
import type { IntegerPolynomial } from '../../math/polynomial.js';
import { toIntegerPolynomial } from '../../math/polynomial.js';
import type { RootBracket, SignPattern } from '../../math/real-roots.js';
import { refine, signPattern } from '../../math/real-roots.js';
import { evaluateRounded } from '../../math/rounded-polynomial.js';
import type { RoundedDensity } from './density-polynomial.js';
import { exactDensityPolynomial, roundedDensityPolynomial } from './density-polynomial.js';
import type { ExactHyperbola, HyperbolicSlice } from './hyperbola.js';
import { exactHyperbola, logMoneynessBounds, logMoneynessOf } from './hyperbola.js';

/**
 * From lower to upper the condition fails at every k; an end at the largest double stands for no end. Where it fails only between
 * two neighbouring doubles, lower is the one above and upper the one below.
 */
export type Stretch = readonly [lower: number, upper: number];

export interface NegativeDensity {
  readonly method: 'descartes' | 'interval' | 'sturm-exact';
  /** Whether the density is negative anywhere. */
  readonly found: boolean;
  /** Where. A stretch with lower > upper holds no double. */
  readonly stretches: readonly Stretch[];
}

/** Binary digits to which the ends of a stretch are computed before they are rounded inwards. */
const END_DIGITS = 120;

/** Where g < 0, for a slice with w > 0. */
export function negativeDensity(p: HyperbolicSlice): NegativeDensity {
  const density = roundedDensityPolynomial(p);
  if (density !== undefined) {
    if (isSurelyNonNegative(density.polynomial)) return { method: 'descartes', found: false, stretches: [] };
    const pieces = certifiedPieces(density.polynomial);
    if (pieces !== undefined) {
      if (pieces.every(({ kind }) => kind === 'positive')) return { method: 'interval', found: false, stretches: [] };
      const stretches = stretchesOfPieces(p, density, pieces);
      if (stretches.every(([lower, upper]) => lower < upper)) return { method: 'interval', found: true, stretches };
    }
  }
  return exactNegativeDensity(p, toIntegerPolynomial(exactDensityPolynomial(p)), signPattern);
}

/** The exact sign pattern of the density polynomial on t > 0. */
export function exactPattern(p: HyperbolicSlice): SignPattern {
  return signPattern(toIntegerPolynomial(exactDensityPolynomial(p)));
}

/** Where g < 0 by exact integers: from a polynomial with the sign of g, and a way to isolate its roots. */
export function exactNegativeDensity(
  p: HyperbolicSlice,
  polynomial: IntegerPolynomial,
  isolate: (q: IntegerPolynomial) => SignPattern,
): NegativeDensity {
  const pattern = isolate(polynomial);
  const h = exactHyperbola(p);
  const stretches = pattern.signs.flatMap((sign, i) => (sign < 0 ? [stretchOfGap(h, pattern, i)] : []));
  return { method: 'sturm-exact', found: stretches.length > 0, stretches };
}

function stretchesOfPieces(p: HyperbolicSlice, density: RoundedDensity, pieces: readonly Piece[]): Stretch[] {
  const stretches: Stretch[] = [];
  let lower: number | undefined =
    pieces[0]!.kind === 'negative' || startsNegative(pieces[0]!) ? -Number.MAX_VALUE : undefined;
  for (const piece of pieces) {
    if (piece.kind !== 'root') continue;
    const k = logMoneynessOf(p, negativeEdge(density, piece));
    if (piece.falls) {
      lower = k.upper;
    } else {
      stretches.push([lower!, k.lower]);
      lower = undefined;
    }
  }
  if (lower !== undefined) stretches.push([lower, Number.MAX_VALUE]);
  return stretches;
}

function startsNegative(piece: Piece): boolean {
  return piece.kind === 'root' && !piece.falls;
}

/** A t inside the piece, next to its root, where the polynomial is negative for sure. */
function negativeEdge({ polynomial, unit }: RoundedDensity, piece: Piece): Interval {
  const { reversed } = piece;
  let inside = piece.falls !== reversed ? piece.upper : piece.lower;
  let outside = piece.falls !== reversed ? piece.lower : piece.upper;
  const at = { value: 0, error: 0 };
  for (;;) {
    const middle = 0.5 * (inside + outside);
    if (middle === inside || middle === outside) break;
    evaluateRounded(polynomial, middle, reversed, at);
    if (at.value < -at.error) inside = middle;
    else outside = middle;
  }
  return reversed ? divide(interval(unit), interval(inside)) : interval(inside * unit);
}

/** The doubles inside a gap between two roots; if it holds none, lower > upper, and the gap lies between the two. */
function stretchOfGap(h: ExactHyperbola, { roots, squareFree }: SignPattern, gap: number): Stretch {
  const ends = (bracket: RootBracket): [number, number] => {
    const { lower, upper } = refine(squareFree, bracket, END_DIGITS);
    const below = roundDown(logMoneynessBounds(h, lower, END_DIGITS)[0]);
    const above = roundUp(logMoneynessBounds(h, upper, END_DIGITS)[1]);
    // At a root that is known exactly g is 0, not negative.
    return compare(lower, upper) === 0 ? [nextDown(below), nextUp(above)] : [below, above];
  };
  const lower = gap === 0 ? -Number.MAX_VALUE : ends(roots[gap - 1]!)[1];
  const upper = gap === roots.length ? Number.MAX_VALUE : ends(roots[gap]!)[0];
  return [lower, upper];
}
