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
