/** Weighted least squares of y = c0 + c1 u + c2 u^2, point by point: what the starts of the fits take from the quotes near the money. */

/** Sums of weight u^0 .. u^4, then of weight y u^0 .. u^2. */
export type ParabolaSums = Float64Array;

export function parabolaSums(): ParabolaSums {
  return new Float64Array(8);
}

export function addPoint(sums: ParabolaSums, u: number, y: number, weight: number): void {
  const u2 = u * u;
  sums[0]! += weight;
  sums[1]! += weight * u;
  sums[2]! += weight * u2;
  sums[3]! += weight * u * u2;
  sums[4]! += weight * u2 * u2;
  sums[5]! += weight * y;
  sums[6]! += weight * u * y;
  sums[7]! += weight * u2 * y;
}

/** Writes c0, c1 and c2 into `coefficients`; not finite where the points do not determine them. */
export function solveParabola(sums: ParabolaSums, coefficients: Float64Array): void {
  const s0 = sums[0]!;
  const s1 = sums[1]!;
  const s2 = sums[2]!;
  const s3 = sums[3]!;
  const s4 = sums[4]!;
  const m0 = s2 * s4 - s3 * s3;
  const m1 = s2 * s3 - s1 * s4;
  const m2 = s1 * s3 - s2 * s2;
  const inverse = 1 / (s0 * m0 + s1 * m1 + s2 * m2);
  const cross = s1 * s2 - s0 * s3;
  coefficients[0] = (m0 * sums[5]! + m1 * sums[6]! + m2 * sums[7]!) * inverse;
  coefficients[1] = (m1 * sums[5]! + (s0 * s4 - s2 * s2) * sums[6]! + cross * sums[7]!) * inverse;
  coefficients[2] = (m2 * sums[5]! + cross * sums[6]! + (s0 * s2 - s1 * s1) * sums[7]!) * inverse;
}
