/**
 * The SABR least-squares objective at fixed beta. What F, K and beta decide is tabulated once per slice:
 *
 *   volatility_i = scale_i alpha q(z_i) Theta_i,   z_i = nu c_i / alpha,
 *   Theta_i = 1 + T [level_i alpha^2 + skew_i rho nu alpha + (2 - 3 rho^2) nu^2 / 24]
 *
 * One pass over the quotes gives cost, gradient and Gauss-Newton matrix in (alpha, rho, nu), or with alpha eliminated by the
 * at-the-money formula in (rho, nu). Nothing is allocated in the pass.
 */
import { exp } from '../../math/exponential.js';
import { lossCurvature, lossInfluence, lossValue } from '../../math/least-squares/loss.js';
import { sabrMoney } from '../smile/sabr-alpha.js';
import type { SabrMoney } from '../smile/sabr-alpha.js';
import { newSabrGeometry, sabrGeometry, sabrShape } from '../smile/sabr.js';
import type { SabrForm, SabrShape } from '../smile/sabr.js';
import { quoteResidual, quoteSlope } from './quotes.js';
import type { FitQuotes } from './quotes.js';

export interface SabrColumns extends SabrMoney {
  form: SabrForm;
  om: number;
  scale: Float64Array;
  c: Float64Array;
  level: Float64Array;
  skew: Float64Array;
  volatilityAt(i: number, alpha: number, rho: number, nu: number): number;
  /** d alpha / d(rho, nu) along the at-the-money formula. */
  alphaSlopes(alpha: number, rho: number, nu: number): [number, number];
}

/** Tabulates a slice for a shifted forward. */
export function sabrColumns(quotes: FitQuotes, forward: number, beta: number, form: SabrForm): SabrColumns {
  const { count, k, time } = quotes;
  const om = 1 - beta;
  const geometry = newSabrGeometry();
  const scale = new Float64Array(count);
  const c = new Float64Array(count);
  const level = new Float64Array(count);
  const skew = new Float64Array(count);
  const factor = form === 'normal' ? beta * (beta - 2) : om * om;
  for (let i = 0; i < count; i++) {
    sabrGeometry(forward, forward * exp(k[i]!), beta, form, geometry);
    const { g, a, b, l, m } = geometry;
    scale[i] = m / (g * a);
    c[i] = g * b * l;
    level[i] = factor / (24 * g * g);
    skew[i] = beta / (4 * g);
  }
  const columns: SabrColumns = {
    ...sabrMoney(forward, beta, time, form),
    form,
    om,
    scale,
    c,
    level,
    skew,
    volatilityAt(i, alpha, rho, nu) {
      sabrShape((nu * c[i]!) / alpha, rho, shape);
      const bracket = level[i]! * alpha * alpha + skew[i]! * rho * nu * alpha + ((2 - 3 * rho * rho) * nu * nu) / 24;
      return scale[i]! * alpha * shape.q * (1 + time * bracket);
    },
    alphaSlopes(alpha, rho, nu) {
      const { moneyLevel, moneySkew } = columns;
      const curvature = ((2 - 3 * rho * rho) * nu * nu) / 24;
      const theta = 1 + time * (moneyLevel * alpha * alpha + moneySkew * rho * nu * alpha + curvature);
      const byAlpha = theta + alpha * time * (2 * moneyLevel * alpha + moneySkew * rho * nu);
      const byRho = alpha * time * (moneySkew * nu * alpha - 0.25 * rho * nu * nu);
      const byNu = alpha * time * (moneySkew * rho * alpha + ((2 - 3 * rho * rho) * nu) / 12);
      return [-byRho / byAlpha, -byNu / byAlpha];
    },
  };
  return columns;
}

const shape: SabrShape = { q: 0, qz: 0, qRho: 0 };

/**
 * Cost, gradient and packed Gauss-Newton matrix at (alpha, rho, nu), in those variables or, `eliminated`, in (rho, nu). Returns the
 * cost, Infinity where a volatility is not above 0.
 */
export function sabrNormal(
  quotes: FitQuotes,
  columns: SabrColumns,
  alpha: number,
  rho: number,
  nu: number,
  normal: Float64Array,
  eliminated: boolean,
): number {
  const { count, volatility, inverseError, plain, loss, time } = quotes;
  const { scale, c, level, skew } = columns;
  if (!(alpha > 0)) return Infinity;
  const inverseAlpha = 1 / alpha;
  const alphaSquare = alpha * alpha;
  const product = rho * nu * alpha;
  const curvature = ((2 - 3 * rho * rho) * nu * nu) / 24;
  const curvatureNu = ((2 - 3 * rho * rho) * nu) / 12;
  let alphaRho = 0;
  let alphaNu = 0;
  if (eliminated) [alphaRho, alphaNu] = columns.alphaSlopes(alpha, rho, nu);
  let cost = 0;
  let g0 = 0, g1 = 0, g2 = 0, h00 = 0, h10 = 0, h11 = 0, h20 = 0, h21 = 0, h22 = 0; // prettier-ignore
  for (let i = 0; i < count; i++) {
    const ci = c[i]!;
    const z = nu * ci * inverseAlpha;
    sabrShape(z, rho, shape);
    const { q, qz, qRho } = shape;
    const bracket = level[i]! * alphaSquare + skew[i]! * product;
    const theta = 1 + time * (bracket + curvature);
    const base = scale[i]! * alpha;
    const model = base * q * theta;
    if (!(model > 0)) return Infinity;
    let r: number;
    let slope: number;
    let influence: number;
    let bend = 1;
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
      bend = lossCurvature(loss, r, halfWidth);
    }
    const byAlpha = scale[i]! * ((q - z * qz) * theta + q * time * (level[i]! * 2 * alphaSquare + skew[i]! * product));
    const byRho = base * (qRho * theta + q * time * (skew[i]! * nu * alpha - 0.25 * rho * nu * nu));
    const byNu = base * (qz * ci * inverseAlpha * theta + q * time * (skew[i]! * rho * alpha + curvatureNu));
    const j0 = slope * byAlpha;
    const j1 = slope * (byRho + byAlpha * alphaRho);
    const j2 = slope * (byNu + byAlpha * alphaNu);
    g0 += j0 * influence;
    g1 += j1 * influence;
    g2 += j2 * influence; // prettier-ignore
    h00 += bend * j0 * j0;
    h10 += bend * j1 * j0;
    h11 += bend * j1 * j1; // prettier-ignore
    h20 += bend * j2 * j0;
    h21 += bend * j2 * j1;
    h22 += bend * j2 * j2; // prettier-ignore
  }
  cost *= 0.5;
  normal[0] = cost;
  if (eliminated) {
    normal[1] = g1;
    normal[2] = g2;
    normal[3] = h11;
    normal[4] = h21;
    normal[5] = h22; // prettier-ignore
  } else {
    normal[1] = g0;
    normal[2] = g1;
    normal[3] = g2; // prettier-ignore
    normal[4] = h00;
    normal[5] = h10;
    normal[6] = h11;
    normal[7] = h20;
    normal[8] = h21;
    normal[9] = h22; // prettier-ignore
  }
  return cost;
}

/** Residuals and, row-major, their Jacobian in (alpha, rho, nu), for a general engine; either may be left out. */
export function sabrJacobian(
  quotes: FitQuotes,
  columns: SabrColumns,
  x: Float64Array,
  residuals: Float64Array | undefined,
  jacobian: Float64Array | undefined,
): void {
  const [alpha, rho, nu] = x as unknown as [number, number, number];
  const { scale, c, level, skew, time } = columns;
  for (let i = 0; i < quotes.count; i++) {
    const z = (nu * c[i]!) / alpha;
    sabrShape(z, rho, shape);
    const { q, qz, qRho } = shape;
    const product = rho * nu * alpha;
    const curvature = ((2 - 3 * rho * rho) * nu * nu) / 24;
    const theta = 1 + time * (level[i]! * alpha * alpha + skew[i]! * product + curvature);
    const base = scale[i]! * alpha;
    const model = base * q * theta;
    const w = model > 0 ? model * model * time : NaN;
    const r = quoteResidual(quotes, i, w);
    if (residuals !== undefined) residuals[i] = r;
    if (jacobian === undefined) continue;
    const inside = Number.isNaN(quotes.target[i]!) && r === 0;
    const slope = inside ? 0 : quoteSlope(quotes, i, w) * 2 * model * time;
    jacobian[3 * i] =
      slope * scale[i]! * ((q - z * qz) * theta + q * time * (2 * level[i]! * alpha * alpha + skew[i]! * product));
    jacobian[3 * i + 1] = slope * base * (qRho * theta + q * time * (skew[i]! * nu * alpha - 0.25 * rho * nu * nu));
    jacobian[3 * i + 2] =
      slope *
      base *
      ((qz * c[i]! * theta) / alpha + q * time * (skew[i]! * rho * alpha + ((2 - 3 * rho * rho) * nu) / 12));
  }
}
