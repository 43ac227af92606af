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
 * Each bound is raised by one part in 2^40, so that slices on it still satisfy the conditions after rounding. A global box
 * parametrisation of the same set is Mingone, "No arbitrage global parametrization for the eSSVI volatility surface" (2022).
 * Only R, L < 2 is left to the caller.
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

const MARGIN = 1 + 2 ** -40;

/** The least slope of a wing after a slice whose wing has the slope `before`. */
export function leastSlope(before: number): number {
  return MARGIN * before;
}

/** The least theta that keeps a slice with these wings free of arbitrage, by itself and after `before`. */
export function leastTheta(right: number, left: number, before: WingSlice | undefined): number {
  const byButterfly = 0.5 * Math.max(right, left);
  const byCalendar = before === undefined ? 0 : before.theta / (before.right + before.left);
  return MARGIN * (right + left) * Math.max(byButterfly, byCalendar);
}

/**
 * Slices at the coordinates x (3 per slice), and where `jacobian` is given d(theta, R, L)/dx: 3n rows of 3n, row-major, by the
 * piece of the maximum that holds at x. Slice i depends on the coordinates of slices 0 to i.
 */
export function wingSlices(x: ArrayLike<number>, jacobian?: Float64Array): WingSlice[] {
  const count = x.length / COORDINATES_PER_SLICE;
  const slices: WingSlice[] = [];
  jacobian?.fill(0);
  for (let i = 0; i < count; i++) {
    const before = slices[i - 1];
    const right = leastSlope(before?.right ?? 0) + x[3 * i + 1]!;
    const left = leastSlope(before?.left ?? 0) + x[3 * i + 2]!;
    const slice = { theta: leastTheta(right, left, before) + x[3 * i]!, right, left };
    slices.push(slice);
    if (jacobian !== undefined) writeRows(jacobian, x.length, i, slice, before);
  }
  return slices;
}

/** Rows theta, R and L of slice i from those of the slice before. */
function writeRows(
  jacobian: Float64Array,
  columns: number,
  i: number,
  { right, left }: WingSlice,
  before: WingSlice | undefined,
): void {
  const thetaRow = 3 * i * columns;
  const rightRow = thetaRow + columns;
  const leftRow = rightRow + columns;
  const back = 3 * columns;
  if (before !== undefined) {
    for (let column = 0; column < 3 * i; column++) {
      jacobian[rightRow + column] = MARGIN * jacobian[rightRow - back + column]!;
      jacobian[leftRow + column] = MARGIN * jacobian[leftRow - back + column]!;
    }
  }
  jacobian[rightRow + 3 * i + 1] = 1;
  jacobian[leftRow + 3 * i + 2] = 1;

  // The bound is MARGIN (R + L) times the greater of max(R, L)/2 and theta_before / (R_before + L_before).
  const sum = right + left;
  const sumBefore = before === undefined ? 1 : before.right + before.left;
  const byCalendar = before === undefined ? 0 : before.theta / sumBefore;
  const fromCalendar = byCalendar > 0.5 * Math.max(right, left);
  const alongRight = MARGIN * (fromCalendar ? byCalendar : 0.5 * (right >= left ? sum + right : left));
  const alongLeft = MARGIN * (fromCalendar ? byCalendar : 0.5 * (right >= left ? right : sum + left));
  const alongTheta = fromCalendar ? (MARGIN * sum) / sumBefore : 0;
  const alongSum = -alongTheta * byCalendar;
  for (let column = 0; column < 3 * i + 3; column++) {
    let slope = alongRight * jacobian[rightRow + column]! + alongLeft * jacobian[leftRow + column]!;
    if (fromCalendar && column < 3 * i) {
      slope += alongTheta * jacobian[thetaRow - back + column]!;
      slope += alongSum * (jacobian[rightRow - back + column]! + jacobian[leftRow - back + column]!);
    }
    jacobian[thetaRow + column] = slope;
  }
  jacobian[thetaRow + 3 * i] = 1;
}

/** The coordinates of slices that satisfy the conditions; a violation comes out as a negative coordinate. */
export function wingCoordinates(slices: readonly WingSlice[]): Float64Array {
  const x = new Float64Array(3 * slices.length);
  slices.forEach(({ theta, right, left }, i) => {
    const before = slices[i - 1];
    x[3 * i] = theta - leastTheta(right, left, before);
    x[3 * i + 1] = right - leastSlope(before?.right ?? 0);
    x[3 * i + 2] = left - leastSlope(before?.left ?? 0);
  });
  return x;
}
