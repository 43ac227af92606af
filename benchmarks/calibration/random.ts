/** A seeded stream of uniform numbers in [0, 1): mulberry32. The same seed gives the same slices everywhere. */
export interface RandomStream {
  uniform(low: number, high: number): number;
  logUniform(low: number, high: number): number;
}

export function randomStream(seed: number): RandomStream {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    uniform: (low, high) => low + (high - low) * next(),
    logUniform: (low, high) => low * (high / low) ** next(),
  };
}
