/**
 * The way from a start of an SVI slice to near its minimum, on the cheapest problem that has one: quotes as a weighted linear
 * problem in total variance. With
 *
 *   w = alpha + beta k + gamma z,   z = sqrt(u^2 + sigma^2),   u = k - m
 *
 * alpha and beta leave with the weighted mean and regression line of the targets and of z; what remains of the cost of the targets t is
 *
 *   F(m, s) = F0 - N^2 / (2 Q),   N = sum c t~ z,   Q = sum c z~^2,   gamma = N / Q,   s = ln sigma
 *
 * (~ what regression on 1 and k leaves; variable projection: Golub & Pereyra 1973). One pass over the quotes, with one root and one division
 * each, gives F, its gradient and its whole Hessian; the steps are Newton's. Bounds are not looked at: a point outside them is
 * for the caller to refuse.
 */
import { exp } from '../../math/exponential.js';
import type { FitQuotes } from './quotes.js';
import type { SviBox } from './svi-box.js';
import type { SviNormal } from './svi-objective.js';

const MOST_PASSES = 16;
const MOST_CUTS = 3;
/** Part of the cost that is not worth another pass. */
const TOLERANCE = 1e-4;
/** Longest step in ln sigma and, over sigma plus a part of the span, in m. */
const LONGEST = 1;
const SPAN_PART = 0.2;
/** Part of the sum of c z^2 below which Q is rounding. */
const LEAST_Q = 1e-9;

/** The linear problem without its line: what does not depend on m and s. */
let residue = new Float64Array(64);
let total = 0;
let centre = 0;
let level = 0;
let line = 0;
let spread = 0;
let least = 0;

/** Takes a linear problem: the functions below are about the last one taken. */
export function takeProblem(quotes: FitQuotes, { weight, target }: SviNormal): void {
  const { count, k } = quotes;
  if (residue.length < count) residue = new Float64Array(2 * count);
  let c0 = 0;
  let ck = 0;
  let ct = 0;
  for (let i = 0; i < count; i++) {
    const c = weight[i]!;
    c0 += c;
    ck += c * k[i]!;
    ct += c * target[i]!;
  }
  const inverse = 1 / c0;
  const meanK = ck * inverse;
  const meanT = ct * inverse;
  let kk = 0;
  let kt = 0;
  for (let i = 0; i < count; i++) {
    const kappa = k[i]! - meanK;
    const c = weight[i]! * kappa;
    kk += c * kappa;
    kt += c * (target[i]! - meanT);
  }
  const slope = kt / kk;
  let rest = 0;
  for (let i = 0; i < count; i++) {
    const t = target[i]! - meanT - slope * (k[i]! - meanK);
    const weighted = weight[i]! * t;
    residue[i] = weighted;
    rest += weighted * t;
  }
  total = c0;
  centre = meanK;
  level = meanT;
  line = slope;
  spread = kk;
  least = 0.5 * rest;
}

/** At the point of the last pass. */
let gradientM = 0;
let gradientS = 0;
let hessianMM = 0;
let hessianMS = 0;
let hessianSS = 0;
let gamma = 0;
let gammaM = 0;
let gammaS = 0;
/** Sums of c z and of c (k - mean) z, and their derivatives. */
let sumZ = 0;
let sumZM = 0;
let sumZS = 0;
let sumKZ = 0;
let sumKZM = 0;
let sumKZS = 0;

/** F at (m, s); NaN where the bounds of alpha, beta and gamma would have a say. */
export function profileCost(quotes: FitQuotes, { weight }: SviNormal, box: SviBox, m: number, s: number): number {
  const { count, k } = quotes;
  const targets = residue;
  const sigma = exp(s);
  const variance = sigma * sigma;
  let z0 = 0;
  let z1 = 0;
  let n = 0;
  for (let i = 0; i < count; i++) {
    const u = k[i]! - m;
    const z = Math.sqrt(u * u + variance);
    const cz = weight[i]! * z;
    z0 += cz;
    z1 += cz * u;
    n += targets[i]! * z;
  }
  const d = m - centre;
  const zz = spread + total * (d * d + variance);
  const b = z1 + d * z0;
  const q = zz - (z0 * z0) / total - (b * b) / spread;
  const g = n / q;
  const beta = line - (g * b) / spread;
  const alpha = level - (g * z0) / total;
  if (!(q > LEAST_Q * zz) || !isSmile(box, alpha + beta * d, g + beta, g - beta, sigma)) return NaN;
  return least - 0.5 * n * g;
}

function isSmile({ low, high, floor }: SviBox, a: number, right: number, left: number, sigma: number): boolean {
  if (!(right > low[1]! && right < high[1]! && left > low[2]! && left < high[2]!)) return false;
  return a + sigma * Math.sqrt(right * left) > floor;
}

/** F at (m, s), with what it leaves in the variables above; Infinity where z cannot be told from a line. */
function pass(quotes: FitQuotes, { weight }: SviNormal, m: number, s: number): number {
  const { count, k } = quotes;
  const targets = residue;
  const sigma = exp(s);
  const variance = sigma * sigma;
  // Sums over c and over c t~ of z, u z, 1/z, u/z, 1/z^3, u/z^3.
  let z0 = 0, z1 = 0, y0 = 0, y1 = 0, x0 = 0, x1 = 0, n = 0, ty0 = 0, ty1 = 0, tx0 = 0, tx1 = 0; // prettier-ignore
  for (let i = 0; i < count; i++) {
    const u = k[i]! - m;
    const square = u * u + variance;
    const z = Math.sqrt(square);
    const y = 1 / z;
    const y2 = y * y;
    const c = weight[i]!;
    const cz = c * z;
    const cy = c * y;
    const cx = cy * y2;
    const t = targets[i]!;
    const ty = t * y;
    const tx = ty * y2;
    z0 += cz;
    z1 += cz * u;
    y0 += cy;
    y1 += cy * u;
    x0 += cx;
    x1 += cx * u;
    n += t * z;
    ty0 += ty;
    ty1 += ty * u;
    tx0 += tx;
    tx1 += tx * u;
  }
  const d = m - centre;
  const inverseTotal = 1 / total;
  const inverseSpread = 1 / spread;
  const zz = spread + total * (d * d + variance);
  const b = z1 + d * z0;
  const q = zz - z0 * z0 * inverseTotal - b * b * inverseSpread;
  if (!(q > LEAST_Q * zz)) return Infinity;
  // First derivatives of the sums of z and of (k - mean) z, and of Q / 2.
  const aM = -y1;
  const aS = variance * y0;
  const bM = variance * y0 - z0 - d * y1;
  const bS = variance * (y1 + d * y0);
  const qM = total * d - z0 * aM * inverseTotal - b * bM * inverseSpread;
  const qS = total * variance - z0 * aS * inverseTotal - b * bS * inverseSpread;
  const nM = -ty1;
  const nS = variance * ty0;
  const g = n / q;
  const gM = (nM - 2 * g * qM) / q;
  const gS = (nS - 2 * g * qS) / q;
  // Second derivatives.
  const aMM = variance * x0;
  const aMS = variance * x1;
  const aSS = 2 * aS - variance * aMM;
  const bMM = variance * (x1 + d * x0);
  const bMS = variance * (y0 - variance * x0 + d * x1);
  const bSS = 2 * bS - variance * bMM;
  const qMM = total - (aM * aM + z0 * aMM) * inverseTotal - (bM * bM + b * bMM) * inverseSpread;
  const qMS = -(aM * aS + z0 * aMS) * inverseTotal - (bM * bS + b * bMS) * inverseSpread;
  const qSS = 2 * total * variance - (aS * aS + z0 * aSS) * inverseTotal - (bS * bS + b * bSS) * inverseSpread;
  const nMM = variance * tx0;
  const nMS = variance * tx1;
  const nSS = 2 * nS - variance * nMM;
  gamma = g;
  gammaM = gM;
  gammaS = gS;
  sumZ = z0;
  sumZM = aM;
  sumZS = aS;
  sumKZ = b;
  sumKZM = bM;
  sumKZS = bS;
  gradientM = -g * (nM - g * qM);
  gradientS = -g * (nS - g * qS);
  hessianMM = g * (g * qMM - nMM) - q * gM * gM;
  hessianMS = g * (g * qMS - nMS) - q * gM * gS;
  hessianSS = g * (g * qSS - nSS) - q * gS * gS;
  return least - 0.5 * n * g;
}

let stepM = 0;
let stepS = 0;

/** Newton's step, or down the gradient where the Hessian is not positive definite; returns the fall it promises. */
function newtonStep(sigma: number, span: number): number {
  const determinant = hessianMM * hessianSS - hessianMS * hessianMS;
  const convex = hessianMM > 0 && hessianSS > 0 && determinant > 1e-6 * hessianMM * hessianSS;
  if (convex) {
    stepM = (hessianMS * gradientS - hessianSS * gradientM) / determinant;
    stepS = (hessianMS * gradientM - hessianMM * gradientS) / determinant;
  } else {
    stepM = -gradientM / Math.abs(hessianMM);
    stepS = -gradientS / Math.abs(hessianSS);
  }
  const promised = -0.5 * (gradientM * stepM + gradientS * stepS);
  const size = Math.max(Math.abs(stepS), Math.abs(stepM) / (sigma + SPAN_PART * span));
  if (size > LONGEST) {
    stepM *= LONGEST / size;
    stepS *= LONGEST / size;
    return Infinity;
  }
  return convex ? promised : Infinity;
}

/**
 * For the problem last taken: moves x from its m and s to near the minimum of the linear problem without bounds; false where the way is too long
 * or leaves what SVI can be for more than a step, with only m and s moved as far as the way went.
 */
export function descendProfile(quotes: FitQuotes, linear: SviNormal, box: SviBox, x: Float64Array): boolean {
  let m = x[3]!;
  let s = x[4]!;
  let cost = pass(quotes, linear, m, s);
  if (!(gamma > 0) || cost === Infinity) return false;
  for (let passes = 1; passes < MOST_PASSES; passes++) {
    if (passes > 1 && Math.abs(line - (gamma * sumKZ) / spread) > gamma) return false;
    const promised = newtonStep(exp(s), box.span);
    if (promised <= TOLERANCE * cost) return finish(box, m, s, x);
    let next = Infinity;
    for (let cut = 0; cut < MOST_CUTS; cut++) {
      next = pass(quotes, linear, m + stepM, s + stepS);
      if (next < cost && gamma > 0) break;
      next = Infinity;
      stepM *= 0.25;
      stepS *= 0.25;
    }
    if (next === Infinity) return false;
    if (!isInside(box, m + stepM, s + stepS)) return false;
    m += stepM;
    s += stepS;
    x[3] = m;
    x[4] = s;
    cost = next;
  }
  return false;
}

/**
 * One Newton step of a linear problem that was made around x itself; returns the part of the cost that it promised to take off, NaN where
 * x stays.
 */
export function stepProfile(quotes: FitQuotes, linear: SviNormal, box: SviBox, x: Float64Array): number {
  takeProblem(quotes, linear);
  const m = x[3]!;
  const s = x[4]!;
  const cost = pass(quotes, linear, m, s);
  if (cost === Infinity) return NaN;
  const promised = newtonStep(exp(s), box.span);
  return promised < Infinity && finish(box, m, s, x) ? promised / cost : NaN;
}

function isInside({ low, high }: SviBox, m: number, s: number): boolean {
  return m > low[3]! && m < high[3]! && s > low[4]! && s < high[4]!;
}

/** Writes the point one step on, alpha, beta and gamma to first order as Newton's step in all five has them, if it is inside the bounds. */
function finish(box: SviBox, m: number, s: number, x: Float64Array): boolean {
  const toM = m + stepM;
  const toS = s + stepS;
  if (!isInside(box, toM, toS)) return false;
  const g = gamma + gammaM * stepM + gammaS * stepS;
  const beta = line - (g * (sumKZ + sumKZM * stepM + sumKZS * stepS)) / spread;
  const alpha = level - (g * (sumZ + sumZM * stepM + sumZS * stepS)) / total;
  const right = g + beta;
  const left = g - beta;
  const a = alpha + beta * (toM - centre);
  if (!isSmile(box, a, right, left, exp(toS))) return false;
  x[0] = a;
  x[1] = right;
  x[2] = left;
  x[3] = toM;
  x[4] = toS;
  return true;
}
