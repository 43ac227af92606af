/** Many compensated sums side by side, for one pass over many terms: see sum.ts for the method (Neumaier, 1974). */

export interface RunningSums {
  add(index: number, value: number): void;
  total(index: number): number;
}

/** `count` sums, all zero. */
export function runningSums(count: number): RunningSums {
  const totals = new Float64Array(count);
  const carried = new Float64Array(count);
  return {
    add(index, value) {
      const total = totals[index]!;
      const next = total + value;
      carried[index] =
        carried[index]! + (Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total);
      totals[index] = next;
    },
    total(index) {
      const total = totals[index]!;
      // An infinite total leaves NaN in the carry.
      return Number.isFinite(total) ? total + carried[index]! : total;
    },
  };
}
