/**
 * Whether a function is at least 0 on an interval, by halving boxes until interval arithmetic tells: a proof or a point where it
 * is negative, or neither when the boxes run out. Works for any function with an enclosure.
 */
import type { Interval } from '../../math/interval.js';
import { interval } from '../../math/interval.js';

/** All values of a function on a box; the whole line where nothing is known. */
export type Enclosure = (box: Interval) => Interval;

export type IntervalSearch =
  | { verdict: 'proved'; /** The function is at least this. */ lowest: number; boxes: number }
  | { verdict: 'refuted'; /** The function is negative here. */ k: number; boxes: number }
  | { verdict: 'undecided'; boxes: number };

/** Looks at no more than `maximumBoxes` boxes (default 4096) of [from, to]. */
export function certifyOnInterval(
  enclosure: Enclosure,
  [from, to]: readonly [number, number],
  maximumBoxes = 4096,
): IntervalSearch {
  const boxes: Interval[] = [interval(from, to)];
  let lowest = Infinity;
  for (let count = 1; ; count++) {
    const box = boxes.pop();
    if (box === undefined) return { verdict: 'proved', lowest, boxes: count - 1 };
    if (count > maximumBoxes) return { verdict: 'undecided', boxes: maximumBoxes };
    const { lower } = enclosure(box);
    if (lower >= 0) {
      lowest = Math.min(lowest, lower);
      continue;
    }
    const middle = 0.5 * (box.lower + box.upper);
    if (enclosure(interval(middle)).upper < 0) return { verdict: 'refuted', k: middle, boxes: count };
    if (!(middle > box.lower && middle < box.upper)) return { verdict: 'undecided', boxes: count };
    boxes.push(interval(middle, box.upper), interval(box.lower, middle));
  }
}

/** The enclosure of -f. */
export function opposite(enclosure: Enclosure): Enclosure {
  return (box) => {
    const { lower, upper } = enclosure(box);
    return interval(-upper, -lower);
  };
}

const SAMPLES = 128;
const SHORTENINGS = 60;

/**
 * Where a function that is negative at `known` is so in [from, to]: the lowest of the points of a net by `value`, and a stretch around it
 * on all of which the function is shown to be negative; the point alone where nothing longer is.
 */
export function negativeStretch(
  enclosure: Enclosure,
  [from, to]: readonly [number, number],
  known: number,
  value: (x: number) => number,
): { worst: number; stretch: [number, number] } {
  const isNegative = (x: number): boolean => enclosure(interval(x)).upper < 0;
  const net = Array.from({ length: SAMPLES + 1 }, (_, i) => (i === SAMPLES ? to : from + ((to - from) * i) / SAMPLES));
  const worst = [known, ...net.filter(isNegative)].reduce((x, y) => (value(y) < value(x) ? y : x));
  let lower = edge(isNegative, worst, net.filter((x) => x < worst && !isNegative(x)).at(-1) ?? from);
  let upper = edge(isNegative, worst, net.find((x) => x > worst && !isNegative(x)) ?? to);
  // The ends are negative; that all between them is has to be shown, on a shorter stretch where it cannot be.
  for (let i = 0; i < SHORTENINGS; i++) {
    const search = lower < upper ? certifyOnInterval(opposite(enclosure), [lower, upper], 512) : undefined;
    if (search?.verdict === 'proved' && search.lowest > 0) return { worst, stretch: [lower, upper] };
    [lower, upper] = [lower + 0.125 * (worst - lower), upper + 0.125 * (worst - upper)];
  }
  return { worst, stretch: [worst, worst] };
}

/** The last point from `inside` towards `outside` that is negative, to a relative 2^-40 of the way. */
function edge(isNegative: (x: number) => boolean, inside: number, outside: number): number {
  if (isNegative(outside)) return outside;
  let [near, far] = [inside, outside];
  for (let i = 0; i < 40; i++) {
    const middle = 0.5 * (near + far);
    if (isNegative(middle)) near = middle;
    else far = middle;
  }
  return near;
}
