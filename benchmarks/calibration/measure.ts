/** CPU time of short computations on a machine that others use too: medians of repeated passes, and ratios from one run. */

function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** CPU microseconds of one call: the median of a few passes of `repeats` calls each. */
export function microsecondsOf(call: () => unknown, repeats = 10, passes = 5): number {
  const times: number[] = [];
  for (let pass = 0; pass < passes; pass++) {
    const begin = cpuMicroseconds();
    for (let i = 0; i < repeats; i++) call();
    times.push((cpuMicroseconds() - begin) / repeats);
  }
  return quantile(times, 0.5);
}

/** CPU microseconds of each case; all are run once before any is timed, so that the first is not charged for compilation. */
export function microsecondsOfEach<T>(cases: readonly T[], run: (one: T) => unknown, repeats = 10): number[] {
  for (const one of cases) run(one);
  return cases.map((one) => microsecondsOf(() => run(one), repeats));
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? NaN;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
