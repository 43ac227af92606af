/**
 * A certificate shown again, on another path than the one that made it.
 *
 *   the parameters     compared bit for bit
 *   the polynomial     put together from Fukasawa's factors, g = f+ f- - w'^2/(4 w) + w''/2, and of degree ten for SSVI as well;
 *                      its factor (t + 1 - rho)^4 there is divided out
 *   its roots          isolated by Sturm's theorem where the certificate came from anything else, by Descartes' rule where from Sturm
 *   a witness          lies where the condition fails, exactly; its trade pays nothing below 0, exactly, and prices at its credit
 */
import type { Dyadic } from '../../math/dyadic.js';
import {
  add,
  compare,
  dyadic,
  multiply,
  negate,
  one,
  scaleByPowerOfTwo,
  sign,
  subtract,
  zero,
} from '../../math/dyadic.js';
import { signPatternByDescartes } from '../../math/descartes.js';
import type { DyadicPolynomial, IntegerPolynomial } from '../../math/polynomial.js';
import { addPolynomials, multiplyPolynomials, scalePolynomial, toIntegerPolynomial } from '../../math/polynomial.js';
import type { SignPattern } from '../../math/real-roots.js';
import { signPattern } from '../../math/real-roots.js';
import type { SabrParameters, SmileParameters } from '../smile/parameters.js';
import { requireSabr } from '../smile/sabr.js';
import { isFreeBetween } from './between.js';
import type { InterpolationRule } from './between.js';
import { isFlat, wingSign } from './butterfly.js';
import { hasPositiveVariance } from './butterfly-interval.js';
import type { Witness } from './butterfly-witness.js';
import { infiniteStrikeWitness } from './butterfly-witness.js';
import { negativeGaps } from './calendar.js';
import type { Certificate } from './certificate.js';
import type { HyperbolicSlice } from './hyperbola.js';
import type { Enclosure } from './interval-search.js';
import { certifyOnInterval, opposite } from './interval-search.js';
import {
  doubleHyperbola,
  exactHyperbola,
  isRawSvi,
  minimumSign,
  minimumVariance,
  totalVarianceAt,
  totalVarianceSign,
} from './hyperbola.js';
import type { Stretch } from './negative-density.js';
import { exactNegativeDensity } from './negative-density.js';
import { isSabrRecord, requireHyperbolic } from './requirements.js';
import { gapEnclosure, middleOf, varianceAt } from './sabr-calendar.js';
import { requireSabrSlice, sabrSliceAt } from './sabr-certificate.js';
import { sabrDensity } from './sabr-enclosure.js';
import { accurateDensity } from './slice-density.js';
import type { VarianceOf } from './verify-trade.js';
import { isCredible, isStrikeWithin } from './verify-trade.js';
import { gapSign, gapValue, isIdenticallyZero, varianceGap } from './variance-gap.js';

type Isolate = (p: IntegerPolynomial) => SignPattern;

/**
 * True only if the certificate is for exactly these parameters (one slice, or [earlier, later]; a butterfly certificate of two is
 * about all slices between them, between.ts) and its claim was shown again.
 * An 'undecided' certificate claims nothing: false. A malformed certificate: false. Throws InputError for parameters that are
 * no smile.
 */
export function verifyCertificate(c: Certificate, p: SmileParameters | readonly SmileParameters[]): boolean {
  const given = asList(p);
  if (!isWellFormed(c) || !hasSameParameters(c.parameters, given)) return false;
  if (c.verdict === 'undecided') return false;
  const sabr = given.find(isSabrRecord);
  if (sabr !== undefined) {
    if (c.kind === 'butterfly') return given.length === 1 && verifySabr(c, sabr);
    return given.length === 2 && verifySabrCalendar(c, given[0]!, given[1]!);
  }
  const slices = given.map(requireHyperbolic);
  const isolate = c.method === 'sturm-exact' ? signPatternByDescartes : signPattern;
  if (c.kind === 'butterfly' && slices.length === 1) return verifyButterfly(c, slices[0]!, isolate);
  if (c.kind === 'butterfly' && slices.length === 2) return verifyBetween(c, slices[0]!, slices[1]!);
  if (c.kind === 'calendar' && slices.length === 2) return verifyCalendar(c, slices[0]!, slices[1]!, isolate);
  return false;
}

/** True if the certificate is well formed, claims nothing and is for exactly these parameters. */
export function isUndecided(c: Certificate, p: SmileParameters | readonly SmileParameters[]): boolean {
  const given = asList(p);
  if (!isWellFormed(c) || !hasSameParameters(c.parameters, given) || c.verdict !== 'undecided') return false;
  return given.length === 2 || (c.kind === 'butterfly' && given.length === 1);
}

function asList(p: SmileParameters | readonly SmileParameters[]): readonly SmileParameters[] {
  return Array.isArray(p) ? (p as readonly SmileParameters[]) : [p as SmileParameters];
}

function isWellFormed(c: unknown): boolean {
  if (typeof c !== 'object' || c === null) return false;
  const { kind, parameters, witness, domain, verdict } = c as Record<string, unknown>;
  if (kind !== 'butterfly' && kind !== 'calendar') return false;
  if (!Array.isArray(parameters) || !(domain === 'all-k' || isPair(domain))) return false;
  if (verdict === 'proved') return witness === undefined;
  if (verdict !== 'refuted') return verdict === 'undecided';
  if (typeof witness !== 'object' || witness === null) return false;
  const { k, value, interval: where, trade, credit } = witness as Record<string, unknown>;
  return [k, value, credit].every(isNumber) && isPair(where) && Array.isArray(trade) && trade.every(isLeg);
}

function isNumber(x: unknown): x is number {
  return typeof x === 'number' && Number.isFinite(x);
}

function isPair(x: unknown): boolean {
  return Array.isArray(x) && x.length === 2 && x.every(isNumber) && x[0]! <= x[1]!;
}

function isLeg(leg: unknown): boolean {
  if (typeof leg !== 'object' || leg === null) return false;
  const { type, strike, timeToExpiry, quantity } = leg as Record<string, unknown>;
  return (
    (type === 'call' || type === 'put') &&
    isNumber(strike) &&
    strike > 0 &&
    isNumber(timeToExpiry) &&
    isNumber(quantity)
  );
}

/** The same smiles with the same fields, each number the same bits. */
function hasSameParameters(left: readonly SmileParameters[], right: readonly SmileParameters[]): boolean {
  if (left.length !== right.length) return false;
  return left.every((p, i) => {
    const known = fields(p);
    const given = fields(right[i]!);
    return (
      known.length > 0 &&
      known.length === given.length &&
      known.every(([key, value], j) => {
        const [otherKey, other] = given[j]!;
        return key === otherKey && Object.is(value, other);
      })
    );
  });
}

const modelFields = [
  ['a', 'b', 'rho', 'm', 'sigma'],
  ['theta', 'rho', 'phi'],
  ['forward', 'timeToExpiry', 'alpha', 'beta', 'rho', 'nu', 'shift'],
];

/** The fields that make the smile, in a fixed order; none for a record of no known kind. */
function fields(p: unknown): [string, unknown][] {
  if (typeof p !== 'object' || p === null) return [];
  const record = p as Record<string, unknown>;
  const model = modelFields.find((names) => names.slice(0, 3).every((name) => name in record)) ?? [];
  return model.map((name) => [name, record[name]]);
}

/** D once more: W ((4 P W - 2 B Q M)^2 - (phi B Q P)^2) - 8 t P W (phi B Q)^2 + 64 phi^2 B s t^3 P^2. */
function densityNumerator(p: HyperbolicSlice): IntegerPolynomial {
  const h = exactHyperbola(p);
  const { level, scale, plus, minus, offset, squared, curvature } = h;
  const P = [multiply(multiply(scale, minus), squared), scaleByPowerOfTwo(level, 1), multiply(scale, plus)];
  const W = [squared, zero, one];
  const BQ = [negate(multiply(multiply(scale, minus), squared)), zero, multiply(scale, plus)];
  const M = [negate(squared), scaleByPowerOfTwo(negate(offset), 1), one];
  const PW = multiplyPolynomials(P, W);
  const square = (p: DyadicPolynomial): DyadicPolynomial => multiplyPolynomials(p, p);
  const number = (n: bigint): Dyadic => ({ mantissa: n, exponent: 0 });
  const straight = addPolynomials(
    scalePolynomial(PW, number(4n)),
    scalePolynomial(multiplyPolynomials(BQ, M), number(-2n)),
  );
  const steep = scalePolynomial(BQ, curvature);
  const fukasawa = addPolynomials(
    square(straight),
    scalePolynomial(square(multiplyPolynomials(steep, P)), number(-1n)),
  );
  const slope = multiplyPolynomials([zero, number(-8n)], multiplyPolynomials(PW, square(steep)));
  const bend = scalePolynomial(square(P), multiply(multiply(curvature, curvature), multiply(scale, squared)));
  const sum = addPolynomials(
    addPolynomials(multiplyPolynomials(W, fukasawa), slope),
    multiplyPolynomials([zero, zero, zero, number(64n)], bend),
  );
  return toIntegerPolynomial(isRawSvi(p) ? sum : withoutRoot(sum, negate(minus), 4));
}

/** p / (t - root)^times; p itself if that leaves a remainder. */
function withoutRoot(p: DyadicPolynomial, root: Dyadic, times: number): DyadicPolynomial {
  let rest = p;
  for (let i = 0; i < times; i++) {
    const row: Dyadic[] = [];
    for (const c of [...rest].reverse()) row.push(add(c, multiply(row.at(-1) ?? zero, root)));
    if (sign(row.pop() ?? zero) !== 0) return p;
    rest = row.reverse();
  }
  return rest;
}

function verifyButterfly(c: Certificate, p: HyperbolicSlice, isolate: Isolate): boolean {
  const h = exactHyperbola(p);
  const domain = c.domain === 'all-k' ? undefined : c.domain;
  if (isFlat(p)) return c.verdict === 'proved';
  if (c.verdict === 'proved') {
    const hasVariance =
      domain === undefined ? minimumSign(h) > 0 : minimumSign(h) > 0 || hasPositiveVariance(h, domain);
    if (!hasVariance) return false;
    if (domain === undefined && !(wingSign(p, true) < 0 && wingSign(p, false) <= 0)) return false;
    const { stretches } = exactNegativeDensity(p, densityNumerator(p), isolate);
    return domain === undefined ? stretches.length === 0 : stretches.every((stretch) => isApart(stretch, domain));
  }
  const witness = c.witness!;
  if (domain !== undefined && !(witness.interval[0] >= domain[0] && witness.interval[1] <= domain[1])) return false;
  if (!isBetween(witness.k, witness.interval)) return false;
  if (minimumSign(h) <= 0 && witness.interval.every((k) => totalVarianceSign(h, k) <= 0 || k === witness.k)) {
    return isNear(witness.value, minimumVariance(h), 0) && isCredible(witness, variancesOf([p]), false);
  }
  if (wingSign(p, true) === 0 && domain === undefined && isSameWitness(witness, infiniteStrikeWitness())) return true;
  const { stretches } = exactNegativeDensity(p, densityNumerator(p), isolate);
  if (!stretches.some((stretch) => isWithin(witness.interval, stretch))) return false;
  if (witness.trade.length === 0 && witness.value === 0) return true;
  const g = accurateDensity(p)(witness.k).g;
  if (!(g < 0 && isNear(witness.value, g, 1e-12 * Math.abs(g)))) return false;
  return (
    witness.trade.every(({ strike }) => isStrikeWithin(strike, witness.interval)) &&
    isCredible(witness, variancesOf([p]), false)
  );
}

const ruleOfMethod: Partial<Record<Certificate['method'], InterpolationRule>> = {
  interval: 'total-variance',
  'closed-form': 'essvi',
  'convex-combination': 'price',
};

/** Every slice between two: the two by Sturm's theorem, then mean-value forms, or the conditions on eSSVI in exact numbers. */
function verifyBetween(c: Certificate, earlier: HyperbolicSlice, later: HyperbolicSlice): boolean {
  const rule = ruleOfMethod[c.method];
  if (c.verdict !== 'proved' || c.domain !== 'all-k' || rule === undefined) return false;
  const isFree = [earlier, later].every((slice) =>
    verifyButterfly({ ...c, method: 'interval', parameters: [slice] }, slice, signPattern),
  );
  if (!isFree) return false;
  return rule === 'essvi' ? isBoxOrdered(earlier, later) : isFreeBetween([earlier, later], rule, 1);
}

/** psi (1 +- rho) <= 4 and psi^2 (1 +- rho) <= 4 theta for both, psi (1 +- rho) not falling; exactly, times powers of two. */
function isBoxOrdered(earlier: HyperbolicSlice, later: HyperbolicSlice): boolean {
  if (isRawSvi(earlier) || isRawSvi(later) || earlier.theta === 0) return false;
  const four = dyadic(4);
  const wings = [earlier, later].map(({ theta, rho, phi }) => {
    const psi = multiply(dyadic(theta), dyadic(phi));
    return [subtract(one, dyadic(rho)), add(one, dyadic(rho))].map((side) => multiply(psi, side));
  });
  const isInBox = [earlier, later].every(({ phi }, i) =>
    wings[i]!.every((wing) => compare(wing, four) <= 0 && compare(multiply(wing, dyadic(phi)), four) <= 0),
  );
  return isInBox && wings[0]!.every((wing, side) => compare(wing, wings[1]![side]!) <= 0);
}

/** Mean-value forms in place of second-order ones; a proof has to come out again, a witness to be negative on all of its stretch. */
function verifySabr(c: Certificate, p: SabrParameters): boolean {
  requireSabr(p, 'obloj');
  if (c.domain === 'all-k') return false;
  if (p.timeToExpiry === 0) return c.verdict === 'proved';
  const enclosure = sabrDensity(p, 1);
  if (c.verdict === 'proved') {
    const search = certifyOnInterval(enclosure, c.domain, BOXES);
    return search.verdict === 'proved' && (c.margin === undefined || search.lowest >= 0);
  }
  const witness = c.witness!;
  const { interval: stretch, k, value, trade } = witness;
  if (!(stretch[0] >= c.domain[0] && stretch[1] <= c.domain[1] && isBetween(k, stretch))) return false;
  if (!isNegativeOn(enclosure, stretch)) return false;
  const slice = sabrSliceAt(p, enclosure);
  if (!isNear(value, slice(k).g, 0) || !trade.every(({ strike }) => isStrikeWithin(strike, stretch))) return false;
  return isCredible(witness, (time) => (time === p.timeToExpiry ? (x) => slice(x).w : undefined), false);
}

/** A gap by mean-value forms. */
function verifySabrCalendar(c: Certificate, earlier: SmileParameters, later: SmileParameters): boolean {
  const slices = [earlier, later].map((p) => (isSabrRecord(p) ? requireSabrSlice(p) : requireHyperbolic(p)));
  const enclosure = gapEnclosure(slices[0]!, slices[1]!, 1);
  if (c.domain === 'all-k' || enclosure === undefined) return false;
  if (c.verdict === 'proved') return certifyOnInterval(enclosure, c.domain, BOXES).verdict === 'proved';
  const witness = c.witness!;
  const { interval: stretch, k, value, trade } = witness;
  if (!(stretch[0] >= c.domain[0] && stretch[1] <= c.domain[1] && isBetween(k, stretch))) return false;
  if (!isNegativeOn(enclosure, stretch) || !isNear(value, middleOf(enclosure)(k), 0)) return false;
  const variances = slices.map(varianceAt);
  return (
    trade.every(({ strike }) => isStrikeWithin(strike, stretch)) && isCredible(witness, (n) => variances[n - 1], true)
  );
}

const BOXES = 65_536;

function isNegativeOn(enclosure: Enclosure, stretch: readonly [number, number]): boolean {
  return certifyOnInterval(opposite(enclosure), stretch, BOXES).verdict === 'proved';
}

function verifyCalendar(c: Certificate, earlier: HyperbolicSlice, later: HyperbolicSlice, isolate: Isolate): boolean {
  const domain = c.domain === 'all-k' ? undefined : c.domain;
  const gap = varianceGap(earlier, later);
  if (isIdenticallyZero(gap)) return c.verdict === 'proved';
  const stretches = negativeGaps(gap, isolate);
  if (c.verdict === 'proved') {
    return domain === undefined ? stretches.length === 0 : stretches.every((stretch) => isApart(stretch, domain));
  }
  const witness = c.witness!;
  if (domain !== undefined && !(witness.interval[0] >= domain[0] && witness.interval[1] <= domain[1])) return false;
  if (!isBetween(witness.k, witness.interval)) return false;
  if (!stretches.some((stretch) => isWithin(witness.interval, stretch))) return false;
  if (witness.trade.length === 0 && witness.value === 0) return true;
  const value = gapValue(gap, witness.k);
  if (!(gapSign(gap, dyadic(witness.k)) < 0 && isNear(witness.value, value, 0))) return false;
  return (
    witness.trade.every(({ strike }) => isStrikeWithin(strike, witness.interval)) &&
    isCredible(witness, variancesOf([earlier, later]), true)
  );
}

function isBetween(k: number, [lower, upper]: readonly [number, number]): boolean {
  return k >= lower && k <= upper;
}

/** The interval lies in the stretch, or between the same two doubles where the stretch holds none. */
function isWithin([from, to]: readonly [number, number], [lower, upper]: Stretch): boolean {
  return lower <= upper ? from >= lower && to <= upper : from === upper && to === lower;
}

/** No point of the stretch, its ends rounded outwards again, lies in the domain. */
function isApart([lower, upper]: Stretch, [from, to]: readonly [number, number]): boolean {
  const above = Math.max(lower, upper);
  const below = Math.min(lower, upper);
  return above < from || below > to;
}

function isNear(x: number, y: number, slack: number): boolean {
  return Math.abs(x - y) <= 1e-6 * Math.abs(y) + slack;
}

function isSameWitness(x: Witness, y: Witness): boolean {
  return (
    x.k === y.k &&
    x.value === y.value &&
    x.trade.length === 0 &&
    x.credit === 0 &&
    x.interval.every((k, i) => k === y.interval[i])
  );
}

/** Slices by their place, 1 and 2. */
function variancesOf(slices: readonly HyperbolicSlice[]): VarianceOf {
  return (time) => {
    const slice = slices[time - 1];
    return slice === undefined ? undefined : (k) => totalVarianceAt(doubleHyperbola(slice), k);
  };
}
