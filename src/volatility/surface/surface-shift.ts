/**
 * A surface moved from where it was calibrated. Its slices keep their parameters; the shift says what is done to the smile they
 * give, at every time alike, between the slices as well:
 *
 *   k -> ln(K/F_0)                  the smile is read against the forward F_0 it is tied to: the old forward where the volatility of
 *                                   each strike stays, the new one where the volatility of each moneyness does
 *   s -> max(0, a s + b)            the volatility itself, moves in order: relative s (1 + x), absolute s + x, set x
 *   x = size (30/days)^p            by term: p one power below 30 days, another from there on; at least floorDays
 *   x = size clamp(k/width, -1, 1)  relative moves of the skew; min(|k|/width, 1) of both wings
 *
 * None of it keeps a smile free of arbitrage, so a surface with a shift carries no certificates.
 */
import {
  requireArray,
  requireFinite,
  requireObject,
  requireOneOf,
  requirePositive,
  requireWithin,
} from '../../check.js';
import { InputError } from '../../errors.js';
import { millisecondsPerYear } from '../../market/clock.js';
import { MILLISECONDS_PER_DAY } from '../../market/date.js';
import type { Instant } from '../../market/quote.js';
import { exp } from '../../math/exponential.js';
import { log, logRatio } from '../../math/logarithm.js';
import { forwardAt } from './forward-curve.js';
import type { SmileAt, SurfacePoint } from './smile-at.js';
import type { SurfaceData, SurfaceShift, VolatilityMove } from './surface-data.js';

/** s -> max(0, scale s + add): what the moves of a volatility amount to. */
export interface VolatilityMap {
  scale: number;
  add: number;
}

/** The forward the smile of a time is tied to, where the surface's forward is `forward`. */
export function tiedForward(data: SurfaceData, timeToExpiry: number, forward: number): number {
  const { shift, slices, spot } = data;
  if (shift === undefined) return forward;
  for (let i = 0; i < slices.length; i++) {
    const slice = slices[i]!;
    if (slice.timeToExpiry === timeToExpiry && slice.forward === forward) return shift.smileForwards[i]!;
  }
  const nodes = slices.map((slice, i) => ({ ...slice, forward: shift.smileForwards[i]! }));
  const tied = forwardAt(nodes, shift.smileSpot ?? spot, timeToExpiry);
  const own = forwardAt(slices, spot, timeToExpiry);
  return own === forward ? tied : forward * (tied / own);
}

/** The moves of a time as one map; undefined where one of them is of the skew. */
export function volatilityMap(data: SurfaceData, timeToExpiry: number): VolatilityMap | undefined {
  const map = { scale: 1, add: 0 };
  const expiry = data.asOf + timeToExpiry * millisecondsPerYear;
  for (const move of data.shift?.volatility ?? []) {
    const { kind, skew } = move;
    if (skew !== undefined) return undefined;
    const size = move.size * termFactor(move, expiry);
    const factor = kind === 'set' ? 0 : kind === 'relative' ? 1 + size : 1;
    map.scale *= factor;
    map.add = factor * map.add + (kind === 'relative' ? 0 : size);
  }
  return map;
}

/** The smile of the moved surface from the one its slices give. Where volatilities are moved, `dTau` is not known: NaN. */
export function movedSmile(data: SurfaceData, timeToExpiry: number, smile: SmileAt): SmileAt {
  const forward = forwardAt(data.slices, data.spot, timeToExpiry);
  const offset = logRatio(forward, tiedForward(data, timeToExpiry, forward));
  const moves = sizedMoves(data, timeToExpiry);
  if (moves.length === 0) return (k) => smile(k + offset);
  return (k) => {
    const { w, dw, d2w } = smile(k + offset);
    if (!(w > 0 && w < Infinity)) return movedPoint({ s: w === 0 ? 0 : NaN, ds: 0, d2s: 0 }, moves, k, timeToExpiry);
    const s = Math.sqrt(w / timeToExpiry);
    const ds = dw / (2 * timeToExpiry * s);
    return movedPoint({ s, ds, d2s: (d2w / (2 * timeToExpiry) - ds * ds) / s }, moves, k, timeToExpiry);
  };
}

/** A volatility with its first two derivatives in k. */
interface VolatilityJet {
  s: number;
  ds: number;
  d2s: number;
}

function movedPoint(
  jet: VolatilityJet,
  moves: readonly VolatilityMove[],
  k: number,
  timeToExpiry: number,
): SurfacePoint {
  const { s, ds, d2s } = moves.reduce((before, move) => movedJet(before, move, k), jet);
  if (s <= 0) return { w: 0, dw: 0, d2w: 0, dTau: 0 };
  return {
    w: s * s * timeToExpiry,
    dw: 2 * timeToExpiry * s * ds,
    d2w: 2 * timeToExpiry * (ds * ds + s * d2s),
    dTau: NaN,
  };
}

function movedJet({ s, ds, d2s }: VolatilityJet, { kind, size, skew }: VolatilityMove, k: number): VolatilityJet {
  if (kind === 'set') return { s: size, ds: 0, d2s: 0 };
  if (kind === 'absolute') return { s: s + size, ds, d2s };
  if (skew === undefined) return { s: s * (1 + size), ds: ds * (1 + size), d2s: d2s * (1 + size) };
  const ratio = (skew.wings === true ? Math.abs(k) : k) / skew.width;
  const factor = 1 + size * Math.max(-1, Math.min(1, ratio));
  const inner = Math.abs(ratio) < 1 ? size / skew.width : 0;
  const slope = skew.wings === true && k < 0 ? -inner : inner;
  return { s: s * factor, ds: ds * factor + s * slope, d2s: d2s * factor + 2 * ds * slope };
}

/** The moves with the size they have at a time. */
function sizedMoves(data: SurfaceData, timeToExpiry: number): readonly VolatilityMove[] {
  const expiry = data.asOf + timeToExpiry * millisecondsPerYear;
  const moves = data.shift?.volatility ?? [];
  return moves.map((move) => ({ ...move, size: move.size * termFactor(move, expiry) }));
}

/** (30/days)^p, by the rule; 1 without one. */
export function termFactor({ term, at }: Pick<VolatilityMove, 'term' | 'at'>, expiry: Instant): number {
  if (term === undefined || term === 'parallel') return 1;
  const days = Math.max((expiry - at) / MILLISECONDS_PER_DAY, term.floorDays ?? 1);
  const power = days < 30 ? term.shortPower : term.longPower;
  return power === 0 || days === 30 ? 1 : exp(power * log(30 / days));
}

/** Throws InputError naming the field that is not as it must be; `at` is the path to the move. */
export function requireVolatilityMove(at: string, move: Omit<VolatilityMove, 'at'>): void {
  requireOneOf(`${at}.kind`, move.kind, ['relative', 'absolute', 'set']);
  requireFinite(`${at}.size`, move.size);
  if (move.kind === 'set' && move.size < 0) throw new InputError(`${at}.size`, move.size, '0 or more');
  if (move.term !== undefined && move.term !== 'parallel') {
    requireObject(`${at}.term`, move.term);
    requireFinite(`${at}.term.shortPower`, move.term.shortPower);
    requireFinite(`${at}.term.longPower`, move.term.longPower);
    requirePositive(`${at}.term.floorDays`, move.term.floorDays ?? 1);
    if (move.kind === 'set') throw new InputError(`${at}.term`, move.term, "'parallel' where the volatility is set");
  }
  if (move.skew !== undefined) {
    requireObject(`${at}.skew`, move.skew);
    requirePositive(`${at}.skew.width`, move.skew.width);
    if (move.kind !== 'relative') throw new InputError(`${at}.kind`, move.kind, "'relative' for a move of the skew");
    requireWithin(`${at}.size`, move.size, -1, 1);
  }
}

/** Throws InputError naming the field of the shift that is not as it must be. */
export function requireSurfaceShift(shift: SurfaceShift, slices: number): void {
  requireObject('shift', shift);
  if (shift.smileSpot !== undefined) requirePositive('shift.smileSpot', shift.smileSpot);
  if (requireArray('shift.smileForwards', shift.smileForwards).length !== slices) {
    throw new InputError('shift.smileForwards.length', shift.smileForwards.length, String(slices));
  }
  shift.smileForwards.forEach((forward, i) => requirePositive(`shift.smileForwards[${i}]`, forward));
  requireArray('shift.volatility', shift.volatility);
  shift.volatility.forEach((move, i) => {
    requireObject(`shift.volatility[${i}]`, move);
    requireVolatilityMove(`shift.volatility[${i}]`, move);
    requireFinite(`shift.volatility[${i}].at`, move.at);
  });
}
