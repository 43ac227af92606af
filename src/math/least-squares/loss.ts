/**
 * Robust losses: what a whitened residual r costs, half of rho(r).
 *
 *   l2               rho = r^2
 *   huber            rho = r^2 for |r| <= c, else 2 c |r| - c^2            c = 1.345
 *   cauchy           rho = c^2 ln(1 + (r / c)^2)                           c = 2.385
 *   spread-deadzone  rho = (r / 10)^2 + max(0, |r| - h)^2                  h = half-width of the dead zone
 *
 * The constants give 95% efficiency under normal errors (Huber 1964; Holland & Welsch 1977). The dead zone keeps a hundredth
 * of the pull to its centre, so that the minimum stays unique. Its half-width is given per residual, and is sqrt(3) where it
 * is not: the half-width of a uniform error of unit standard deviation.
 */
import type { Loss } from './problem.js';

export const HUBER_LIMIT = 1.345;
export const CAUCHY_SCALE = 2.385;
export const DEADZONE_PULL = 0.01;
export const DEADZONE_HALF_WIDTH = Math.sqrt(3);

/** A small part of the secant slope keeps the curvature positive where the loss itself is flat or concave. */
const CURVATURE_FLOOR = 1e-2;

/** rho(r). */
export function lossValue(loss: Loss, r: number, halfWidth = DEADZONE_HALF_WIDTH): number {
  const size = Math.abs(r);
  switch (loss) {
    case 'l2':
      return r * r;
    case 'huber':
      return size <= HUBER_LIMIT ? r * r : HUBER_LIMIT * (2 * size - HUBER_LIMIT);
    case 'cauchy':
      return CAUCHY_SCALE * CAUCHY_SCALE * Math.log1p((r / CAUCHY_SCALE) ** 2);
    case 'spread-deadzone': {
      const outside = Math.max(0, size - halfWidth);
      return DEADZONE_PULL * r * r + outside * outside;
    }
  }
}

/** psi(r) = rho'(r) / 2, the influence of the residual. */
export function lossInfluence(loss: Loss, r: number, halfWidth = DEADZONE_HALF_WIDTH): number {
  switch (loss) {
    case 'l2':
      return r;
    case 'huber':
      return Math.max(-HUBER_LIMIT, Math.min(HUBER_LIMIT, r));
    case 'cauchy':
      return r / (1 + (r / CAUCHY_SCALE) ** 2);
    case 'spread-deadzone':
      return DEADZONE_PULL * r + Math.sign(r) * Math.max(0, Math.abs(r) - halfWidth);
  }
}

/** psi'(r): 0 beyond Huber's limit, negative in the tails of Cauchy's loss. */
export function lossSlope(loss: Loss, r: number, halfWidth = DEADZONE_HALF_WIDTH): number {
  switch (loss) {
    case 'l2':
      return 1;
    case 'huber':
      return Math.abs(r) <= HUBER_LIMIT ? 1 : 0;
    case 'cauchy': {
      const t = (r / CAUCHY_SCALE) ** 2;
      return (1 - t) / (1 + t) ** 2;
    }
    case 'spread-deadzone':
      return Math.abs(r) <= halfWidth ? DEADZONE_PULL : 1 + DEADZONE_PULL;
  }
}

/** psi'(r), bounded below by a hundredth of psi(r) / r: the weight of the residual's row in the normal matrix. */
export function lossCurvature(loss: Loss, r: number, halfWidth = DEADZONE_HALF_WIDTH): number {
  const slope = lossSlope(loss, r, halfWidth);
  return loss === 'l2' || r === 0 ? slope : Math.max(slope, (CURVATURE_FLOOR * lossInfluence(loss, r, halfWidth)) / r);
}

/**
 * psi(r) / r: the weight under which plain least squares has the same gradient. Its quadratic bounds the loss from above, but that
 * of the dead zone.
 */
export function lossWeight(loss: Loss, r: number, halfWidth = DEADZONE_HALF_WIDTH): number {
  if (loss === 'l2') return 1;
  return r === 0 ? lossCurvature(loss, 0, halfWidth) : lossInfluence(loss, r, halfWidth) / r;
}
