import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { calendarClock, equityClock, varianceTime } from '../../../src/market/clock.js';
import type { VarianceClock } from '../../../src/market/clock.js';
import { estimateEventVariances } from '../../../src/volatility/surface/event-variance.js';
import type { EventVariances, ExpiryVariance } from '../../../src/volatility/surface/event-variance.js';
import { openSurface } from '../../../src/volatility/surface/surface.js';
import { uniform } from '../calibration/slices.js';

const day = 86_400_000;
const asOf = Date.UTC(2026, 0, 5, 14);
/** Weeklies, then monthlies. */
const days = [4, 11, 18, 25, 32, 46, 74, 102, 137, 165, 256];

function planted(
  forward: (t: number) => number,
  events: { at: number; variance: number }[],
  clock: VarianceClock = calendarClock,
  standardError = 1e-5,
): ExpiryVariance[] {
  let smooth = 0;
  let before = 0;
  return days.map((count) => {
    const expiry = asOf + count * day;
    const end = varianceTime(clock, asOf, expiry);
    smooth += forward(0.5 * (before + end)) * (end - before);
    before = end;
    const jumps = events.reduce((sum, { at, variance }) => sum + (at <= expiry ? variance : 0), 0);
    return { expiry, totalVariance: smooth + jumps, standardError };
  });
}

function clockWith(events: { at: number }[], base: VarianceClock = calendarClock): VarianceClock {
  return { ...base, events: events.map(({ at }) => ({ at, variance: 0 })) };
}

function solved(result: EventVariances): EventVariances & { ok: true } {
  if (!result.ok) throw new Error(result.message);
  return result;
}

/** Up to four events, each in an interval of its own. */
const eventSets = fc.uniqueArray(fc.integer({ min: 0, max: days.length - 1 }), { maxLength: 4 }).chain((intervals) =>
  fc.tuple(
    ...intervals
      .sort((a, b) => a - b)
      .map((interval) =>
        fc.record({
          at: fc.integer({ min: (days[interval - 1] ?? 0) * day + 1, max: days[interval]! * day }).map((t) => asOf + t),
          variance: fc.oneof(fc.constant(0), fc.double({ min: 1e-4, max: 0.01, noNaN: true })),
        }),
      ),
  ),
);

describe('planted events', () => {
  test.each([
    ['calendar', calendarClock],
    ['equity', equityClock(2026, 2026)],
  ] as const)('on a straight forward variance they come back, none where there was none: %s clock', (_, base) => {
    fc.assert(
      fc.property(
        eventSets,
        fc.double({ min: 0.01, max: 0.5, noNaN: true }),
        fc.double({ min: -0.5, max: 1, noNaN: true }),
        (events, level, tilt) => {
          const expiries = planted((t) => level * (1 + tilt * t), events, base);
          const result = solved(estimateEventVariances(expiries, { asOf, clock: clockWith(events, base) }));
          events.forEach(({ variance }, j) => {
            expect(Math.abs(result.clock.events[j]!.variance - variance)).toBeLessThan(1e-9 * level);
          });
          expect(result.clock.weights).toEqual(base.weights);
          expect(result.chiSquare).toBeLessThan(1e-6);
        },
      ),
    );
  });

  test('on a curved one they come back within the errors stated', () => {
    const reverting = (t: number): number => 0.09 + 0.06 * Math.exp(-5 * t);
    fc.assert(
      fc.property(eventSets, (events) => {
        const expiries = planted(reverting, events);
        const result = solved(estimateEventVariances(expiries, { asOf, clock: clockWith(events) }));
        events.forEach(({ variance }, j) => {
          const error = Math.abs(result.clock.events[j]!.variance - variance);
          expect(error).toBeLessThan(3 * result.standardErrors[j]!);
        });
      }),
    );
  });

  test('errors are as large as stated where the curve and the noise are as assumed', () => {
    const next = uniform(5);
    const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    const events = [
      { at: asOf + 15 * day, variance: 0.006 },
      { at: asOf + 90 * day, variance: 0.01 },
    ];
    const clock = clockWith(events);
    const roughness = 0.003;
    const middles = days.map((count, j) => (0.5 * (count + (days[j - 1] ?? 0))) / 365);
    const scores: [number[], number[]] = [[], []];
    for (let run = 0; run < 400; run++) {
      // The line through neighbours, missed by roughness x level: forwards from the first two.
      const forward = [0.16, 0.16];
      for (let j = 1; j < days.length - 1; j++) {
        const [t0, t1, t2] = [middles[j - 1]!, middles[j]!, middles[j + 1]!];
        const miss = roughness * 0.16 * normal();
        forward.push((forward[j]! - miss - (forward[j - 1]! * (t2 - t1)) / (t2 - t0)) / ((t1 - t0) / (t2 - t0)));
      }
      if (forward.some((f) => f < 0)) continue;
      const expiries = planted((t) => forward[middles.findIndex((m) => Math.abs(m - t) < 1e-9)]!, events).map(
        (row) => ({
          ...row,
          standardError: 3e-5,
          totalVariance: row.totalVariance + 3e-5 * normal(),
        }),
      );
      const result = solved(estimateEventVariances(expiries, { asOf, clock, roughness }));
      events.forEach(({ variance }, j) => {
        scores[j]!.push((result.clock.events[j]!.variance - variance) / result.standardErrors[j]!);
      });
    }
    for (const score of scores) {
      expect(score.length).toBeGreaterThan(390);
      const spread = Math.sqrt(score.reduce((sum, z) => sum + z * z, 0) / score.length);
      // The stated error is never below that of a chi-square of 1 per degree, which makes it a tenth too large on average.
      expect(spread).toBeGreaterThan(0.8);
      expect(spread).toBeLessThan(1.1);
    }
  });

  test('the clock opens a surface whose variance jumps by the event', () => {
    const events = [{ at: asOf + 28 * day, variance: 0.004 }];
    const expiries = planted(() => 0.16, events);
    const { clock, forwardVariances } = solved(estimateEventVariances(expiries, { asOf, clock: clockWith(events) }));
    for (const f of forwardVariances) expect(f).toBeCloseTo(0.16, 9);
    const surface = openSurface({
      schema: 1,
      underlying: 'X',
      asOf,
      clock,
      interpolation: 'total-variance',
      slices: expiries.map(({ expiry, totalVariance }, i) => ({
        expiry,
        timeToExpiry: days[i]! / 365,
        varianceTime: days[i]! / 365,
        forward: 100,
        discountFactor: 1,
        parameters: { a: totalVariance, b: 0, rho: 0, m: 0, sigma: 1 },
      })),
      calendar: [],
    });
    const jump = surface.totalVariance(0, 28.01 / 365) - surface.totalVariance(0, 27.99 / 365);
    expect(jump).toBeCloseTo(0.004 + (0.16 * 0.02) / 365, 9);
  });
});

describe('what cannot be answered', () => {
  const expiries = planted(() => 0.16, []);
  const events = (...at: number[]): VarianceClock => clockWith(at.map((count) => ({ at: asOf + count * day })));
  const estimate = (clock: VarianceClock, rows = expiries): EventVariances =>
    estimateEventVariances(rows, { asOf, clock });

  test('an event outside the expiries', () => {
    expect(estimate(events(2, 300))).toMatchObject({ ok: false, reason: 'event-out-of-range', value: 1 });
    expect(estimate(events(0))).toMatchObject({ ok: false, reason: 'event-out-of-range', value: 0 });
  });

  test('two events between the same expiries', () => {
    expect(estimate(events(5, 80, 10))).toMatchObject({ ok: false, reason: 'events-not-separable', value: 2 });
    // An event at the expiry belongs to it, as in the clock.
    expect(estimate(events(11, 12)).ok).toBe(true);
  });

  test('too few expiries', () => {
    expect(estimate(events(2, 9), expiries.slice(0, 3))).toMatchObject({
      ok: false,
      reason: 'too-few-expiries',
      value: 3,
      limit: 4,
    });
    expect(estimate(events(), [])).toMatchObject({ ok: false, reason: 'too-few-expiries' });
    expect(estimate(events(2), expiries.slice(0, 3)).ok).toBe(true);
  });

  test('no events are no work', () => {
    const result = solved(estimate(events()));
    expect(result.clock.events).toEqual([]);
    expect(result.standardErrors).toEqual([]);
  });

  test.each<[string, () => unknown]>([
    ['expiries[1].totalVariance', () => estimate(events(), [expiries[0]!, { ...expiries[1]!, totalVariance: -1 }])],
    ['expiries[0].standardError', () => estimate(events(), [{ ...expiries[0]!, standardError: 0 }])],
    ['expiries[1].expiry', () => estimate(events(), [expiries[1]!, expiries[0]!])],
    ['expiries[0].expiry', () => estimate(events(), [{ ...expiries[0]!, expiry: asOf }])],
    ['clock.events[0].at', () => estimate(events(NaN))],
    ['roughness', () => estimateEventVariances(expiries, { asOf, clock: events(), roughness: 0 })],
    ['asOf', () => estimateEventVariances(expiries, { asOf: NaN, clock: events() })],
  ])('%s is named', (field, run) => {
    let thrown: unknown;
    try {
      run();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(InputError);
    expect((thrown as InputError).field).toBe(field);
  });
});
