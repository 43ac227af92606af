/**
 * The variance of scheduled events (earnings, central banks, data) from at-the-money total variances: what the expiries around an
 * event have above a smooth forward variance.
 *
 *   w_i = sum_{j <= i} f_j (tau_j - tau_{j-1}) + sum of the events up to expiry i + s_i noise
 *   f_j = [f_{j-1} (t_{j+1} - t_j) + f_{j+1} (t_j - t_{j-1})] / (t_{j+1} - t_{j-1}) + roughness x level x noise
 *
 * f_j is the forward variance per year between expiries j-1 and j, t_j the middle of that interval in variance time, level the
 * average variance per year. Solved with all f_j and events 0 or more. The second line is the second difference of f on uneven
 * times, so the estimate does not move when a straight line in time is added to the forward variance.
 *
 * An event adds the same variance at every strike: a simplification, good at the money. The expected size of its move is about
 * sqrt(2 variance / pi).
 */
import { inverse, Matrix as Dense, QrDecomposition } from 'ml-matrix';
import { requireArray, requireFinite, requireObject, requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import type { Failure } from '../../errors.js';
import { requireClock, varianceTime } from '../../market/clock.js';
import type { VarianceClock } from '../../market/clock.js';
import type { Instant } from '../../market/quote.js';
import { nonNegativeLeastSquares } from '../../math/least-squares/nonnegative.js';
import type { Matrix } from '../../math/matrix.js';

/** The at-the-money total variance of one expiry. */
export interface ExpiryVariance {
  expiry: Instant;
  /** sigma^2 T, events included. */
  totalVariance: number;
  /** Of totalVariance. */
  standardError: number;
}

export interface EventVarianceOptions {
  asOf: Instant;
  /** Weights and holidays as they are to be used; the instants of `events` are the candidates, their variances are not read. */
  clock: VarianceClock;
  /** How far a forward variance is expected off the line through its neighbours, as a part of the average. Default 0.05. */
  roughness?: number | undefined;
}

export type EventVariances =
  | {
      ok: true;
      /** The clock with the variance of each event. */
      clock: VarianceClock;
      /**
       * Of each event's variance, in their order, as if it were free to be negative; the estimate of one held at 0 is 0 with a
       * one-sided error of this size.
       */
      standardErrors: number[];
      /** Smooth variance per year of variance time, between each expiry and the one before. */
      forwardVariances: number[];
      /** Of the total variances and the second differences against their expected size; large where the model does not fit. */
      chiSquare: number;
      degreesOfFreedom: number;
    }
  | Failure<'too-few-expiries' | 'event-out-of-range' | 'events-not-separable'>;

/**
 * Estimates the variance of every event of the clock. Fails with 'event-out-of-range' for one at or before asOf or after the last
 * expiry, 'events-not-separable' for two between the same neighbouring expiries (`value` is the later one's place), and
 * 'too-few-expiries' where there are not two more than events, the least that hold a line. Throws InputError for expiries
 * out of order, standard errors not above 0 and negative variances.
 */
export function estimateEventVariances(expiries: readonly ExpiryVariance[], o: EventVarianceOptions): EventVariances {
  const { ends, roughness } = requireTerm(expiries, o);
  const { asOf, clock } = o;
  const n = expiries.length;
  const intervals: number[] = [];
  for (const [place, { at }] of clock.events.entries()) {
    const interval = at > asOf ? expiries.findIndex(({ expiry }) => expiry >= at) : -1;
    if (interval < 0) return failed('event-out-of-range', 'is not between asOf and the last expiry', place);
    if (intervals.includes(interval)) {
      return failed('events-not-separable', 'lies between the same expiries as another', place);
    }
    intervals.push(interval);
  }
  if (n < intervals.length + 2) {
    const message = `${intervals.length} events need ${intervals.length + 2} expiries, there are ${n}`;
    return { ok: false, reason: 'too-few-expiries', message, value: n, limit: intervals.length + 2 };
  }

  const level = expiries[n - 1]!.totalVariance / ends[n - 1]!;
  const { rows, target, units } = equations(expiries, ends, intervals, level, roughness);
  const fit = nonNegativeLeastSquares(rows, target);
  const values = fit.x.map((x, j) => x * units[j]!);
  const degrees = rows.length - fit.free.filter(Boolean).length;
  const spread = degrees > 0 ? Math.max(1, Math.sqrt(fit.sumOfSquares / degrees)) : 1;
  return {
    ok: true,
    clock: { ...clock, events: clock.events.map(({ at }, j) => ({ at, variance: values[n + j]! })) },
    standardErrors: intervals.map((_, j) => spread * units[n + j]! * deviationOf(n + j, rows, fit.free)),
    forwardVariances: values.slice(0, n),
    chiSquare: fit.sumOfSquares,
    degreesOfFreedom: degrees,
  };
}

/** Equations divided by their deviations, in the unknowns (f_1 .. f_n, events) divided by `units`. */
function equations(
  expiries: readonly ExpiryVariance[],
  ends: readonly number[],
  intervals: readonly number[],
  level: number,
  roughness: number,
): { rows: Matrix; target: number[]; units: number[] } {
  const n = expiries.length;
  const length = ends.map((end, j) => end - (ends[j - 1] ?? 0));
  const middle = ends.map((end, j) => end - 0.5 * length[j]!);
  const units = [...ends.map(() => level), ...intervals.map((j) => level * length[j]!)];
  const rows = expiries.map(({ standardError }, i) =>
    units.map((unit, column) => {
      const interval = column < n ? column : intervals[column - n]!;
      const share = column < n ? length[column]! : 1;
      return interval <= i ? (unit * share) / standardError : 0;
    }),
  );
  const target = expiries.map(({ totalVariance, standardError }) => totalVariance / standardError);
  for (let j = 1; j < n - 1; j++) {
    const [before, at, after] = [middle[j - 1]!, middle[j]!, middle[j + 1]!];
    const row = units.map(() => 0);
    row[j - 1] = -(after - at) / (after - before) / roughness;
    row[j] = 1 / roughness;
    row[j + 1] = -(at - before) / (after - before) / roughness;
    rows.push(row);
    target.push(0);
  }
  return { rows, target, units };
}

/** Of an unknown, free, with those held that the fit holds elsewhere: the length of its row in the inverse of R. */
function deviationOf(column: number, rows: Matrix, free: readonly boolean[]): number {
  const set = free.flatMap((isFree, j) => (isFree || j === column ? [j] : []));
  const triangle = new QrDecomposition(new Dense(rows.map((row) => set.map((j) => row[j]!)))).upperTriangularMatrix;
  return Math.hypot(...inverse(triangle).getRow(set.indexOf(column)));
}

function requireTerm(
  expiries: readonly ExpiryVariance[],
  o: EventVarianceOptions,
): { ends: number[]; roughness: number } {
  requireArray('expiries', expiries);
  requireObject('options', o);
  requireFinite('asOf', o.asOf);
  requireClock({ ...o.clock, events: [] });
  requireArray('clock.events', o.clock.events).forEach((event, i) => {
    requireFinite(`clock.events[${i}].at`, requireObject(`clock.events[${i}]`, event)['at']);
  });
  let before = 0;
  const ends = expiries.map((row, i) => {
    requireObject(`expiries[${i}]`, row);
    requirePositive(`expiries[${i}].totalVariance`, row.totalVariance);
    requirePositive(`expiries[${i}].standardError`, row.standardError);
    const clock = { ...o.clock, events: [] };
    const end = row.expiry > o.asOf ? varianceTime(clock, o.asOf, requireFinite('expiry', row.expiry)) : -Infinity;
    if (!(end > before)) {
      throw new InputError(`expiries[${i}].expiry`, row.expiry, 'later in variance time than the one before');
    }
    before = end;
    return end;
  });
  return { ends, roughness: o.roughness === undefined ? 0.05 : requirePositive('roughness', o.roughness) };
}

function failed(reason: 'event-out-of-range' | 'events-not-separable', what: string, place: number): EventVariances {
  return { ok: false, reason, message: `event ${place} ${what}`, value: place };
}
