/**
 * Whether the later of two slices lies nowhere below the earlier one, w_2(k) >= w_1(k) for every k, decided for the stored
 * doubles. Touching is allowed. With equal forward moneyness this is freedom from calendar arbitrage (Gatheral and Jacquier 2014,
 * lemma 2.1), and it is transitive: neighbours are enough.
 *
 * By cost: for two SSVI slices psi_2 (1 +- rho_2) >= psi_1 (1 +- rho_1) and phi_2 <= phi_1 are sufficient (after Hendriks and
 * Martini 2019; proved in docs/maths-no-arbitrage.md); a wing of the later slice that rises more slowly refutes; else the quartic
 * of variance-gap.ts has its roots isolated, in doubles with rounding bounds or in exact integers, and the sign of the gap
 * between roots is decided exactly.
 */
import type { Piece } from '../../math/bernstein.js';
import { certifiedPieces } from '../../math/bernstein.js';
import type { Dyadic } from '../../math/dyadic.js';
import {
  add,
  compare,
  dyadic,
  negate,
  nextDown,
  nextUp,
  roundDown,
  roundUp,
  scaleByPowerOfTwo,
} from '../../math/dyadic.js';
import type { IntegerPolynomial } from '../../math/polynomial.js';
import { reflect } from '../../math/polynomial.js';
import type { RootBracket, SignPattern } from '../../math/real-roots.js';
import { refine, signPattern } from '../../math/real-roots.js';
import type { RoundedPolynomial } from '../../math/rounded-polynomial.js';
import type { SmileParameters } from '../smile/parameters.js';
import type { Witness } from './butterfly-witness.js';
import type { Certificate } from './certificate.js';
import type { DoubleHyperbola, HyperbolicSlice } from './hyperbola.js';
import { doubleHyperbola, isRawSvi, slopeAt, totalVarianceAt } from './hyperbola.js';
import type { Stretch } from './negative-density.js';
import { isSabrRecord, requireHyperbolic, requireInterval } from './requirements.js';
import { certifySabrCalendar } from './sabr-calendar.js';
import { calendarTrade, largestLogStrike, noTrade } from './trade.js';
import { turningPoint } from './turning-point.js';
import type { VarianceGap } from './variance-gap.js';
import {
  gapQuartic,
  gapSign,
  gapValue,
  inverted,
  isIdenticallyZero,
  mirrored,
  roundedGapQuartic,
  varianceGap,
  wingRisesAsFast,
} from './variance-gap.js';

export interface CalendarOptions {
  /** Log-moneyness from .. to. Pairs with SABR are decided only there; the others for every k without it. */
  interval?: [number, number] | undefined;
}

/**
 * A certificate for a pair of slices, the earlier expiry first. Pairs of raw SVI and SSVI slices, mixed or not, are always decided, on
 * the whole line or on an interval. With SABR in it a pair is decided on an interval (sabr-calendar.ts), and 'undecided' without one.
 * Throws InputError for parameters that are no smile and for an interval that is not ascending and finite.
 */
export function certifyCalendar(
  earlier: SmileParameters,
  later: SmileParameters,
  o: CalendarOptions = {},
): Certificate {
  const domain = o.interval === undefined ? undefined : requireInterval(o.interval);
  if (isSabrRecord(earlier) || isSabrRecord(later)) {
    return domain === undefined ? undecided(earlier, later) : certifySabrCalendar(earlier, later, domain);
  }
  const first = requireHyperbolic(earlier);
  const second = requireHyperbolic(later);
  const everywhere = certifyEverywhere(first, second);
  if (domain === undefined) return everywhere;
  if (everywhere.verdict === 'proved') return { ...everywhere, domain };
  const base = { ...everywhere, domain, method: 'sturm-exact' as const };
  const gap = varianceGap(first, second);
  const parts = negativeGaps(gap, signPattern).flatMap((stretch) => clipGap(stretch, domain) ?? []);
  if (parts.length === 0)
    return { kind: base.kind, verdict: 'proved', method: base.method, domain, parameters: base.parameters };
  const witness = calendarWitness(first, second, gap, parts);
  return { ...base, margin: witness.value, witness };
}

/** The doubles of a stretch that lie in the interval, if there are any; a stretch that holds none stays as it is if it lies inside. */
function clipGap(stretch: Stretch, [from, to]: readonly [number, number]): Stretch[] | undefined {
  const [lower, upper] = stretch;
  if (lower > upper) return upper >= from && lower <= to ? [stretch] : undefined;
  const part: Stretch = [Math.max(lower, from), Math.min(upper, to)];
  return part[0] <= part[1] ? [part] : undefined;
}

function certifyEverywhere(first: HyperbolicSlice, second: HyperbolicSlice): Certificate {
  const base = { kind: 'calendar' as const, domain: 'all-k' as const, parameters: [first, second] };
  if (isOrderedInClosedForm(first, second)) return { ...base, verdict: 'proved', method: 'closed-form' };
  const gap = varianceGap(first, second);
  if (isIdenticallyZero(gap)) return { ...base, verdict: 'proved', method: 'closed-form' };
  const wings = wingRisesAsFast(first, second, true) && wingRisesAsFast(first, second, false);
  if (wings && isOrderedInDoubles(roundedGapQuartic(first, second), gap)) {
    return { ...base, verdict: 'proved', method: 'interval' };
  }
  const stretches = negativeGaps(gap, signPattern);
  if (stretches.length === 0) return { ...base, verdict: 'proved', method: 'sturm-exact' };
  const witness = calendarWitness(first, second, gap, stretches);
  return { ...base, verdict: 'refuted', method: wings ? 'sturm-exact' : 'closed-form', margin: witness.value, witness };
}

/** Sufficient for two SSVI slices. */
export function isOrderedInClosedForm(earlier: HyperbolicSlice, later: HyperbolicSlice): boolean {
  if (isRawSvi(earlier) || isRawSvi(later) || later.phi > earlier.phi) return false;
  return wingRisesAsFast(earlier, later, true) && wingRisesAsFast(earlier, later, false);
}

/**
 * The quartic is not 0 at either end of a piece that holds one of its roots, and between such pieces it has no root: the gap keeps
 * there the sign it has at the end of the piece, which is decided exactly.
 */
function isOrderedInDoubles(quartic: RoundedPolynomial | undefined, gap: VarianceGap): boolean {
  if (quartic === undefined || gapSign(gap, dyadic(0)) <= 0) return false;
  const coefficients = quartic.coefficients.map((c, i) => (i % 2 === 0 ? c : -c));
  return isPositiveOnRight(quartic, gap) && isPositiveOnRight({ ...quartic, coefficients }, mirrored(gap));
}

function isPositiveOnRight(quartic: RoundedPolynomial, gap: VarianceGap): boolean {
  const pieces = certifiedPieces(quartic);
  if (pieces === undefined) return false;
  const beyondOne = inverted(gap);
  return pieces.every(
    ({ kind, lower, upper, reversed }: Piece) =>
      kind !== 'root' || [lower, upper].every((x) => gapSign(reversed ? beyondOne : gap, dyadic(x)) > 0),
  );
}

const END_DIGITS = 120;

/** Where the gap is below 0: exact signs between the exactly isolated real roots of the quartic. */
export function negativeGaps(gap: VarianceGap, isolate: (p: IntegerPolynomial) => SignPattern): Stretch[] {
  const quartic = gapQuartic(gap);
  const roots = realRoots(quartic, isolate);
  const signs = samplePoints(roots).map((k) => gapSign(gap, k));
  const stretches: Stretch[] = [];
  for (let from = 0; from < signs.length; from++) {
    if (signs[from]! >= 0) continue;
    let to = from;
    while (to + 1 < signs.length && signs[to + 1]! < 0) to++;
    const lower = from === 0 ? -Number.MAX_VALUE : innerEnd(roots[from - 1]!, true);
    const upper = to === roots.length ? Number.MAX_VALUE : innerEnd(roots[to]!, false);
    stretches.push([lower, upper]);
    from = to;
  }
  return stretches;
}

/** A real root of the quartic: a bracket that touches no other, and a narrower one for the asking. */
interface RealRoot extends RootBracket {
  readonly narrowed: () => RootBracket;
}

/** The double next to a root on the inner side of a stretch. */
function innerEnd(root: RealRoot, fromAbove: boolean): number {
  const { lower, upper } = root.narrowed();
  const isExact = compare(lower, upper) === 0;
  const end = fromAbove ? roundUp(upper) : roundDown(lower);
  return !isExact ? end : fromAbove ? nextUp(end) : nextDown(end);
}

/** All real roots of a quartic that is not 0, ascending. */
function realRoots(quartic: IntegerPolynomial, isolate: (p: IntegerPolynomial) => SignPattern): RealRoot[] {
  const positive = (p: IntegerPolynomial): RealRoot[] => {
    const { roots, squareFree } = isolate(p);
    return roots.map((root) => ({ ...root, narrowed: () => refine(squareFree, root, END_DIGITS) }));
  };
  const flip = ({ lower, upper }: RootBracket): RootBracket => ({ lower: negate(upper), upper: negate(lower) });
  const negative = positive(reflect(quartic)).map((root) => ({ ...flip(root), narrowed: () => flip(root.narrowed()) }));
  const zero = { lower: dyadic(0), upper: dyadic(0) };
  const atZero = quartic[0] === 0n ? [{ ...zero, narrowed: () => zero }] : [];
  return [...negative.reverse(), ...atZero, ...positive(quartic)];
}

/** One point left of all roots, one between each two, one right of all. */
function samplePoints(roots: readonly RootBracket[]): Dyadic[] {
  if (roots.length === 0) return [dyadic(0)];
  const points = [add(roots[0]!.lower, dyadic(-1))];
  for (let i = 0; i + 1 < roots.length; i++) {
    points.push(scaleByPowerOfTwo(add(roots[i]!.upper, roots[i + 1]!.lower), -1));
  }
  points.push(add(roots.at(-1)!.upper, dyadic(1)));
  return points;
}

const SAMPLES = 24;

/** The lowest gap in the stretches that can be traded; an unbounded stretch is looked at as far as its near end is from 0, plus 1. */
function calendarWitness(
  earlier: HyperbolicSlice,
  later: HyperbolicSlice,
  gap: VarianceGap,
  all: readonly Stretch[],
): Witness {
  const stretches = all.filter(([lower, upper]) => lower <= upper);
  if (stretches.length === 0) {
    // No double lies where the gap is negative: the refutation stands, and these are the doubles next to it.
    const [above, below] = all[0]!;
    return { k: below, value: 0, interval: [below, above], ...noTrade };
  }
  const first = doubleHyperbola(earlier);
  const second = doubleHyperbola(later);
  const value = (k: number): number => accurateGap(first, second, gap, k);
  const variances = (k: number): { later: number; excess: number } => ({
    later: totalVarianceAt(second, k),
    excess: -value(k),
  });
  let best: Witness | undefined;
  for (const stretch of stretches) {
    const net = sampleNet(stretch);
    const values = net.map(value);
    let worst = 0;
    values.forEach((x, i) => {
      if (x < values[worst]!) worst = i;
    });
    const turn = turningPoint(
      (k) => slopeAt(second, k) - slopeAt(first, k),
      net[Math.max(0, worst - 1)]!,
      net[Math.min(SAMPLES, worst + 1)]!,
    );
    const k = turn !== undefined && value(turn) < values[worst]! ? turn : net[worst]!;
    if (best !== undefined && value(k) >= best.value) continue;
    // The strike that collects most: where the gap is deepest the options may be worth little.
    const inner = net.filter((x) => isInside(x, stretch)).map((x) => calendarTrade(x, variances));
    const trade = [calendarTrade(k, variances), ...inner].reduce((x, y) => (y.credit > x.credit ? y : x), noTrade);
    best = { k, value: value(k), interval: [stretch[0], stretch[1]], ...trade };
  }
  return best!;
}

/** Whether e^k rounded to a double surely still lies in the stretch. */
function isInside(k: number, [lower, upper]: Stretch): boolean {
  const room = 4 * Number.EPSILON * (1 + Math.abs(k));
  return k - room >= lower && k + room <= upper;
}

function accurateGap(first: DoubleHyperbola, second: DoubleHyperbola, gap: VarianceGap, k: number): number {
  const earlier = totalVarianceAt(first, k);
  const difference = totalVarianceAt(second, k) - earlier;
  return Math.abs(difference) > 1e-8 * Math.abs(earlier) ? difference : gapValue(gap, k);
}

function sampleNet([lower, upper]: Stretch): number[] {
  const clip = (k: number): number => Math.min(largestLogStrike, Math.max(-largestLogStrike, k));
  let from = lower === -Number.MAX_VALUE ? upper - 1 - Math.abs(upper) : lower;
  let to = upper === Number.MAX_VALUE ? lower + 1 + Math.abs(lower) : upper;
  if (lower === -Number.MAX_VALUE && upper === Number.MAX_VALUE) [from, to] = [-1, 1];
  if (clip(from) < clip(to)) [from, to] = [clip(from), clip(to)];
  return Array.from({ length: SAMPLES + 1 }, (_, i) => (i === SAMPLES ? to : from + ((to - from) * i) / SAMPLES));
}

function undecided(earlier: SmileParameters, later: SmileParameters): Certificate {
  return {
    kind: 'calendar',
    verdict: 'undecided',
    method: 'interval',
    domain: 'all-k',
    parameters: [{ ...earlier }, { ...later }],
  };
}
