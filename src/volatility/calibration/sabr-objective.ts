/**
 * The SABR least-squares objective at fixed beta, in x = (alpha, rho, u) with u = nu / alpha: what bends the smile is then rho and u
 * alone. What F, K and beta decide is tabulated once per slice:
 *
 *   volatility_i = scale_i alpha q(u c_i) Theta_i
 *   Theta_i = 1 + T alpha^2 [level_i + skew_i rho u + (2 - 3 rho^2) u^2 / 24]
 *
 * (rho, u) and (-rho, -u) are the same smile. One pass over the quotes gives cost, gradient and Gauss-Newton matrix. Nothing is
 * allocated in the pass.
 */
import { expm1 } from '../../math/exponential.js';
import { lossCurvature, lossInfluence, lossValue } from '../../math/least-squares/loss.js';
import { sabrMoney } from '../smile/sabr-alpha.js';
import type { SabrMoney } from '../smile/sabr-alpha.js';
import { sabrShape } from '../smile/sabr.js';
import type { SabrForm, SabrShape } from '../smile/sabr.js';
import { quoteResidual, quoteSlope } from './quotes.js';
import type { FitQuotes } from './quotes.js';

/** Arrays by quote, at least as long as there are quotes. */
export interface SabrPool {
  scale: Float64Array;
  c: Float64Array;
  level: Float64Array;
  skew: Float64Array;
  /** The volatilities where the objective was evaluated last. */
  model: Float64Array;
}

export interface SabrColumns extends SabrMoney, SabrPool {
  form: SabrForm;
  om: number;
}

export function sabrPool(length: number): SabrPool {
  return {
    scale: new Float64Array(length),
    c: new Float64Array(length),
    level: new Float64Array(length),
    skew: new Float64Array(length),
    model: new Float64Array(length),
  };
}

/** Tabulates a slice for a shifted forward; what the pool held before is lost. */
export function sabrColumns(
  quotes: FitQuotes,
  forward: number,
  beta: number,
  form: SabrForm,
  pool = sabrPool(quotes.count),
): SabrColumns {
  const { count, k, time } = quotes;
  const { scale, c, level, skew, model } = pool;
  const om = 1 - beta;
  const money = sabrMoney(forward, beta, time, form);
  const power = money.moneyPower;
  const factor = (form === 'normal' ? beta * (beta - 2) : om * om) / 24;
  for (let i = 0; i < count; i++) {
    const ki = k[i]!;
    // (K/F)^om - 1, G^2 and G.
    const excess = om === 0 ? 0 : expm1(om * ki);
    const square = power * power * (1 + excess);
    const g = om === 0 ? power : Math.sqrt(square);
    const y = om * ki;
    const obloj = ki === 0 || om === 0 ? g : (power * excess) / y;
    const u = y * y;
    const a = form === 'hagan' ? g * (1 + u / 24 + (u * u) / 1920) : obloj;
    const m = form !== 'normal' ? 1 : ki === 0 ? forward : (forward * expm1(ki)) / ki;
    scale[i] = m / a;
    c[i] = -ki * (form === 'hagan' ? g : obloj);
    level[i] = factor / square;
    skew[i] = beta / (4 * g);
  }
  const { moneyScale, moneyPower, moneyLevel, moneySkew } = money;
  return { time, moneyScale, moneyPower, moneyLevel, moneySkew, form, om, scale, c, level, skew, model };
}

/** Numbers that `sabrNormal` writes: cost, gradient and packed Gauss-Newton matrix. */
export const SABR_NORMAL = 10;

const shape: SabrShape = { q: 0, qz: 0, qRho: 0 };

/**
 * Writes cost, gradient and packed Gauss-Newton matrix in (alpha, rho, u), and the volatilities into `columns.model`. Returns the
 * cost, Infinity where a volatility is not above 0.
 *
 * Where the bracket of Theta is negative the volatility has a maximum in alpha, at which the matrix is blind to alpha. With `bent` the
 * second derivative in alpha is added to it, where positive: for a search, which would otherwise creep along such maxima.
 */
export function sabrNormal(
  quotes: FitQuotes,
  columns: SabrColumns,
  alpha: number,
  rho: number,
  u: number,
  normal: Float64Array,
  bent = false,
): number {
  const { count, volatility, inverseError, plain, loss, time } = quotes;
  const { scale, c, level, skew, model: models } = columns;
  if (!(alpha > 0)) return Infinity;
  const weight = time * alpha * alpha;
  const product = rho * u;
  const bend = ((2 - 3 * rho * rho) * u) / 12;
  const curvature = 0.5 * u * bend;
  const bendRho = 0.25 * product * u;
  let cost = 0;
  let fold = 0;
  let g0 = 0, g1 = 0, g2 = 0, h00 = 0, h10 = 0, h11 = 0, h20 = 0, h21 = 0, h22 = 0; // prettier-ignore
  for (let i = 0; i < count; i++) {
    const ci = c[i]!;
    const skewed = skew[i]!;
    sabrShape(u * ci, rho, shape);
    const excess = weight * (level[i]! + skewed * product + curvature);
    const theta = 1 + excess;
    const q = shape.q;
    const unit = scale[i]!;
    const base = unit * alpha;
    const model = base * q * theta;
    if (!(model > 0)) return Infinity;
    models[i] = model;
    let r: number;
    let slope: number;
    let influence: number;
    let curved = 1;
    if (plain) {
      slope = inverseError[i]!;
      r = (model - volatility[i]!) * slope;
      influence = r;
      cost += r * r;
    } else {
      const w = model * model * time;
      r = quoteResidual(quotes, i, w);
      const halfWidth = quotes.deadzone[i]!;
      cost += lossValue(loss, r, halfWidth);
      if (r === 0 && Number.isNaN(quotes.target[i]!)) continue;
      slope = quoteSlope(quotes, i, w) * 2 * model * time;
      influence = lossInfluence(loss, r, halfWidth);
      curved = lossCurvature(loss, r, halfWidth);
    }
    const lift = base * slope;
    fold += lift * q * excess * influence;
    const j0 = slope * unit * q * (theta + 2 * excess);
    const j1 = lift * (shape.qRho * theta + q * weight * (skewed * u - bendRho));
    const j2 = lift * (shape.qz * ci * theta + q * weight * (skewed * rho + bend));
    g0 += j0 * influence;
    g1 += j1 * influence;
    g2 += j2 * influence;
    const c0 = curved * j0;
    const c1 = curved * j1;
    h00 += c0 * j0;
    h10 += c0 * j1;
    h11 += c1 * j1;
    h20 += c0 * j2;
    h21 += c1 * j2;
    h22 += curved * j2 * j2;
  }
  cost *= 0.5;
  normal[0] = cost;
  normal[1] = g0;
  normal[2] = g1;
  normal[3] = g2;
  normal[4] = bent && fold > 0 ? h00 + (6 * fold) / (alpha * alpha) : h00;
  normal[5] = h10;
  normal[6] = h11;
  normal[7] = h20;
  normal[8] = h21;
  normal[9] = h22;
  return cost;
}

/**
 * The same with alpha eliminated by the at-the-money formula: cost, gradient and packed Gauss-Newton matrix in (rho, nu), from
 * those in (alpha, rho, u) by u = nu / alpha and `alphaSlopes`.
 */
export function sabrNormalAtMoney(
  quotes: FitQuotes,
  columns: SabrColumns,
  alpha: number,
  rho: number,
  nu: number,
  normal: Float64Array,
): number {
  const u = nu / alpha;
  const cost = sabrNormal(quotes, columns, alpha, rho, u, full);
  alphaSlopes(columns, alpha, rho, nu, slopes);
  const alphaRho = slopes[0]!;
  const alphaNu = slopes[1]!;
  // Columns of d(alpha, rho, u)/d(rho, nu).
  const uRho = (-u * alphaRho) / alpha;
  const uNu = (1 - u * alphaNu) / alpha;
  const [, g0, g1, g2, h00, h10, h11, h20, h21, h22] = full as unknown as NormalNumbers;
  const row0 = h00 * alphaNu + h20 * uNu;
  const row1 = h10 * alphaNu + h21 * uNu;
  const row2 = h20 * alphaNu + h22 * uNu;
  normal[0] = cost;
  normal[1] = g0 * alphaRho + g1 + g2 * uRho;
  normal[2] = g0 * alphaNu + g2 * uNu;
  normal[3] =
    h11 + 2 * (h10 * alphaRho + h21 * uRho) + h00 * alphaRho * alphaRho + 2 * h20 * alphaRho * uRho + h22 * uRho * uRho;
  normal[4] = row0 * alphaRho + row1 + row2 * uRho;
  normal[5] = row0 * alphaNu + row2 * uNu;
  return cost;
}

const full = new Float64Array(SABR_NORMAL);
const slopes = new Float64Array(2);

/** What sabrNormal writes. */
type NormalNumbers = [number, number, number, number, number, number, number, number, number, number];

/** Writes d alpha / d(rho, nu) along the at-the-money formula. */
export function alphaSlopes(money: SabrMoney, alpha: number, rho: number, nu: number, out: Float64Array): void {
  const { time, moneyLevel, moneySkew } = money;
  const curvature = ((2 - 3 * rho * rho) * nu * nu) / 24;
  const theta = 1 + time * (moneyLevel * alpha * alpha + moneySkew * rho * nu * alpha + curvature);
  const byAlpha = theta + alpha * time * (2 * moneyLevel * alpha + moneySkew * rho * nu);
  out[0] = (-alpha * time * (moneySkew * nu * alpha - 0.25 * rho * nu * nu)) / byAlpha;
  out[1] = (-alpha * time * (moneySkew * rho * alpha + ((2 - 3 * rho * rho) * nu) / 12)) / byAlpha;
}

/** Residuals and, row-major, their Jacobian in (alpha, rho, u), for a general engine; either may be left out. */
export function sabrJacobian(
  quotes: FitQuotes,
  columns: SabrColumns,
  x: Float64Array,
  residuals: Float64Array | undefined,
  jacobian: Float64Array | undefined,
): void {
  const [alpha, rho, u] = x as unknown as [number, number, number];
  const { scale, c, level, skew, time } = columns;
  const weight = time * alpha * alpha;
  const bend = ((2 - 3 * rho * rho) * u) / 12;
  for (let i = 0; i < quotes.count; i++) {
    sabrShape(u * c[i]!, rho, shape);
    const { q, qz, qRho } = shape;
    const excess = weight * (level[i]! + skew[i]! * rho * u + 0.5 * u * bend);
    const model = scale[i]! * alpha * q * (1 + excess);
    const w = model > 0 ? model * model * time : NaN;
    const r = quoteResidual(quotes, i, w);
    if (residuals !== undefined) residuals[i] = r;
    if (jacobian === undefined) continue;
    const inside = Number.isNaN(quotes.target[i]!) && r === 0;
    const slope = inside ? 0 : quoteSlope(quotes, i, w) * 2 * model * time * scale[i]!;
    jacobian[3 * i] = slope * q * (1 + 3 * excess);
    jacobian[3 * i + 1] = slope * alpha * (qRho * (1 + excess) + q * weight * u * (skew[i]! - 0.25 * rho * u));
    jacobian[3 * i + 2] = slope * alpha * (qz * c[i]! * (1 + excess) + q * weight * (skew[i]! * rho + bend));
  }
}
