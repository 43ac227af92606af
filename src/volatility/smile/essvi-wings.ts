/**
 * An eSSVI surface in coordinates whose only constraints are "0 or more", so that every point is free of arbitrage.
 *
 * A slice is written by its at-the-money variance theta and its wing slopes R (right) and L (left), both slopes of w:
 *
 *   2 w(k) = theta + (R - L) k + sqrt(theta^2 + 2 theta (R - L) k + (R + L)^2 k^2),    theta phi = R + L,  rho = (R - L)/(R + L)
 *
 * In these the sufficient conditions of Gatheral and Jacquier (2014) and of Hendriks and Martini (2019) are
 *
 *   butterfly   R, L < 2  and  theta >= (R + L) max(R, L) / 2
 *   calendar    R and L do not fall with expiry, and theta_i >= theta_(i-1) (R_i + L_i) / (R_(i-1) + L_(i-1))   (phi does not rise)
 *
 * so with x = (e, r, l) per slice, all 0 or more: R_i = R_(i-1) + r_i, L_i = L_(i-1) + l_i, theta_i = its greatest lower bound + e_i.
 * A global box parametrisation of the same set is Mingone, "No arbitrage global parametrization for the eSSVI volatility surface"
 * (2022). Only R, L < 2 is left to the caller.
 */
import type { SsviSlice } from './parameters.js';

/** Coordinates of a slice: excess of theta over its lower bound, and the steps of the right and the left wing slope. */
export const COORDINATES_PER_SLICE = 3;

/** A slice by theta, R and L. */
export interface WingSlice {
  theta: number;
  right: number;
  left: number;
}

export function toSsviSlice({ theta, right, left }: WingSlice): SsviSlice {
  const sum = right + left;
  return { theta, rho: (right - left) / sum, phi: sum / theta };
}

export function toWingSlice({ theta, rho, phi }: SsviSlice): WingSlice {
  const half = 0.5 * theta * phi;
  return { theta, right: half * (1 + rho), left: half * (1 - rho) };
}

/** The least theta that keeps a slice with these wings free of arbitrage, by itself and after `before`. */
export function leastTheta(right: number, left: number, before: WingSlice | undefined): number {
  const butterfly = 0.5 * (right + left) * Math.max(right, left);
  if (before === undefined || !(before.right + before.left > 0)) return butterfly;
  return Math.max(butterfly, (before.theta * (right + left)) / (before.right + before.left));
}

/**
 * Slices at the coordinates x (3 per slice), and where `jacobian` is given d(theta, R, L)/dx: 3n rows of 3n, row-major, by the
 * piece of the maximum that holds at x. Slice i depends on the coordinates of slices 0 to i.
 */
export function wingSlices(x: ArrayLike<number>, jacobian?: Float64Array): WingSlice[] {
  const columns = x.length;
  const count = columns / COORDINATES_PER_SLICE;
  const slices: WingSlice[] = [];
  jacobian?.fill(0);
  for (let i = 0; i < count; i++) {
    const before = slices[i - 1];
    const at = 3 * i;
    const right = (before?.right ?? 0) + x[at + 1]!;
    const left = (before?.left ?? 0) + x[at + 2]!;
    const bound = leastTheta(right, left, before);
    slices.push({ theta: bound + x[at]!, right, left });
    if (jacobian === undefined) continue;

    const row = (r: number): number => (at + r) * columns;
    for (let j = 0; j < i; j++) {
      jacobian[row(1) + 3 * j + 1] = 1;
      jacobian[row(2) + 3 * j + 2] = 1;
    }
    jacobian[row(1) + at + 1] = 1;
    jacobian[row(2) + at + 2] = 1;
    jacobian[row(0) + at] = 1;
    const sum = right + left;
    const sumBefore = before === undefined ? 0 : before.right + before.left;
    const fromCalendar = sumBefore > 0 && bound > 0.5 * sum * Math.max(right, left);
    // d bound = byRight dR + byLeft dL + byTheta dtheta_before + byWings (dR_before + dL_before)
    const byRight = fromCalendar ? before!.theta / sumBefore : 0.5 * (right >= left ? sum + right : left);
    const byLeft = fromCalendar ? before!.theta / sumBefore : 0.5 * (right >= left ? right : sum + left);
    const byTheta = fromCalendar ? sum / sumBefore : 0;
    const byWings = fromCalendar ? (-before!.theta * sum) / (sumBefore * sumBefore) : 0;
    for (let j = 0; j <= i; j++) {
      for (const wing of [1, 2]) {
        const column = 3 * j + wing;
        let slope = wing === 1 ? byRight : byLeft;
        if (j < i) slope += byWings;
        jacobian[row(0) + column]! += slope;
      }
    }
    if (byTheta !== 0) {
      for (let column = 0; column < at; column++) {
        jacobian[row(0) + column]! += byTheta * jacobian[(at - 3) * columns + column]!;
      }
    }
  }
  return slices;
}

/** The coordinates of slices that satisfy the conditions; a violation comes out as a negative coordinate. */
export function wingCoordinates(slices: readonly WingSlice[]): Float64Array {
  const x = new Float64Array(3 * slices.length);
  slices.forEach(({ theta, right, left }, i) => {
    const before = slices[i - 1];
    x[3 * i] = theta - leastTheta(right, left, before);
    x[3 * i + 1] = right - (before?.right ?? 0);
    x[3 * i + 2] = left - (before?.left ?? 0);
  });
  return x;
}
