/**
 * Between and after eSSVI slices: theta, psi = theta phi and rho psi linear in variance time, so that the slice in between is an
 * eSSVI slice again. Corbetta, Cohort, Laachir and Martini, "Robust calibration and arbitrage-free interpolation of SSVI slices"
 * (2019). After the last slice theta grows and rho and psi stay, which only relaxes the conditions.
 *
 *   2 w = theta + D k + Q,  D = rho psi,  Q = sqrt(theta^2 + 2 theta D k + psi^2 k^2)
 *   2 dw/dtau = theta' + D' k + [theta' (theta + D k) + theta D' k + psi psi' k^2] / Q
 */
import { isSsvi } from '../smile/smile.js';
import { ssviDerivatives } from '../smile/ssvi.js';
import type { SsviSlice } from '../smile/parameters.js';
import { InputError } from '../../errors.js';
import type { SmileAt } from './smile-at.js';
import type { SurfaceSlice } from './surface-data.js';

/** theta, psi and rho psi of a slice. */
interface Coordinates {
  theta: number;
  psi: number;
  skew: number;
}

function coordinates({ parameters }: SurfaceSlice): Coordinates {
  if (!isSsvi(parameters))
    throw new InputError('interpolation', 'essvi', "'total-variance' or 'price' for other smiles");
  const psi = parameters.theta * parameters.phi;
  return { theta: parameters.theta, psi, skew: parameters.rho * psi };
}

export function essviBetween(from: SurfaceSlice, to: SurfaceSlice, share: number, perTau: number): SmileAt {
  const [a, b] = [coordinates(from), coordinates(to)];
  const along = (name: keyof Coordinates): number => a[name] + share * (b[name] - a[name]);
  const at = { theta: along('theta'), psi: along('psi'), skew: along('skew') };
  return flow(at, {
    theta: (b.theta - a.theta) * perTau,
    psi: (b.psi - a.psi) * perTau,
    skew: (b.skew - a.skew) * perTau,
  });
}

/** `years` of variance time after the last slice, theta growing by `rate` a year. */
export function essviAfter(last: SurfaceSlice, rate: number, years: number): SmileAt {
  const { theta, psi, skew } = coordinates(last);
  return flow({ theta: theta + rate * years, psi, skew }, { theta: rate, psi: 0, skew: 0 });
}

function flow({ theta, psi, skew }: Coordinates, slope: Coordinates): SmileAt {
  const slice: SsviSlice = { theta, rho: skew / psi, phi: psi / theta };
  return (k) => {
    const { w, dw, d2w } = ssviDerivatives(slice, k);
    const line = theta + skew * k;
    const q = Math.sqrt(line * line + (psi - skew) * (psi + skew) * k * k);
    const inside = slope.theta * line + theta * slope.skew * k + psi * slope.psi * k * k;
    return { w, dw, d2w, dTau: 0.5 * (slope.theta + slope.skew * k + inside / q) };
  };
}
