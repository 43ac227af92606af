/** The smile of a surface at one maturity. */
import type { TotalVariance } from '../smile/total-variance.js';

/** Total variance with its first two derivatives in k, and d/dtau of the part that flows with the clock. */
export interface SurfacePoint extends Pick<TotalVariance, 'w' | 'dw' | 'd2w'> {
  dTau: number;
}

/** The smile at one maturity, as a function of k. */
export type SmileAt = (k: number) => SurfacePoint;
