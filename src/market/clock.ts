/** Variance time: how much of a year's variance each kind of hour carries, and the events on top of it. */
import type { Instant } from './quote.js';

export interface VarianceClock {
  weights: { session: number; overnight: number; weekend: number; holiday: number };
  holidays: Instant[];
  events: { at: Instant; variance: number }[];
}
