/** What is claimed about a slice or a pair of slices, how it was shown, and the parameters it was shown for. */
import type { OptionType } from '../../pricing/option.js';
import type { SmileParameters } from '../smile/parameters.js';

export interface Leg {
  type: OptionType;
  /** As a multiple of the forward. */
  strike: number;
  timeToExpiry: number;
  quantity: number;
}

export interface Certificate {
  kind: 'butterfly' | 'calendar';
  verdict: 'proved' | 'refuted' | 'undecided';
  method: 'closed-form' | 'descartes' | 'interval' | 'sturm-exact' | 'convex-combination';
  domain: 'all-k' | [number, number];
  /** One slice, or [earlier, later]; compared bit for bit on verification. */
  parameters: SmileParameters[];
  margin?: number | undefined;
  witness?:
    | {
        /** The worst point. */
        k: number;
        value: number;
        /** Around k, where the condition fails. */
        interval: [number, number];
        trade: Leg[];
        credit: number;
      }
    | undefined;
}
