/**
 * Derivatives of a put of strike 1 exercised early: those of the European put and of the premium's integral, nothing by differences.
 *
 *   earned  e = r e^(-rt) N(-d-) - q S e^(-qt) N(-d+),   D = e^(-rt) n(d-),   S e^(-qt) n(d+) = B_u D,   w = sigma sqrt t
 *   e_x = -D (r - q B_u)/w - q S e^(-qt) N(-d+),   e_b = D (r - q B_u)/w,   e_sigma = D (r d+ - q B_u d-)/sigma, ...
 *
 * Delta and gamma hold the edge, which does not depend on the spot. Vega and the rhos move it: with F(H, p) = 0 the equations at the
 * collocation points, dH/dp = -(dF/dH)^(-1) dF/dp, by Newton's matrix at the solution (boundary.ts). Theta is what the equation
 * of the continuation region leaves: theta = rV - (r - q) S delta - sigma^2 S^2 gamma / 2.
 *
 * Where two edges meet before expiry the meeting time needs no derivative: nothing is earned there.
 */
import { exp, exponentials } from '../../math/exponential.js';
import { eliminate } from '../../math/gaussian-elimination.js';
import { blackGreeks } from '../black-greeks.js';
import { assemble, logEdgeAtExpiry, type Edge } from './boundary.js';
import type { CanonicalPut } from './canonical-put.js';
import { interpolate, RIGHT_SIDES, type Collocation } from './collocation.js';
import { gradedRuleOf } from './graded-rule.js';
import { hazardExcesses } from './node-columns.js';

const INVERSE_SQRT_TWO_PI = 0.3989422804014327;

/** By moneyness, volatility, passing time, rate and dividend yield of the strike-1 put. */
export interface PutGreeks {
  price: number;
  delta: number;
  gamma: number;
  vega: number;
  theta: number;
  rho: number;
  dividendRho: number;
}

/** Value, d/dx, d2/dx2 (x = ln S), d/dsigma, d/dr, d/dq of the premium. */
const PREMIUM_TERMS = 6;

export function emptyPremium(): Float64Array {
  return new Float64Array(PREMIUM_TERMS);
}

/**
 * Adds `sign` times the premium of one edge, solved to `horizon` in `grid`, with its derivatives. The grid's system is overwritten
 * by the derivatives of H. False where the matrix is singular.
 */
export function addPremium(
  into: Float64Array,
  grid: Collocation,
  put: CanonicalPut,
  edge: Edge,
  horizon: number,
  sign: 1 | -1,
): boolean {
  const { logMoneyness: x, moneyness, rate: r, dividendYield: q, volatility: sigma, timeToExpiry } = put;
  const { count, squares, system } = grid;
  assemble(grid, r, q, sigma, horizon, edge, RIGHT_SIDES);
  if (!eliminate(system, count, count + RIGHT_SIDES)) return false;
  const width = count + RIGHT_SIDES;
  const base = logEdgeAtExpiry(r, q, edge);
  const direction = edge === 'upper' ? -1 : 1;
  const baseByRate = base < 0 ? 1 / r : 0;
  const baseByYield = base < 0 ? -1 / q : 0;
  const drift = r - q - 0.5 * sigma * sigma;
  const wait = timeToExpiry - horizon;
  const { rule, basis, atNodes } = gradedRuleOf(grid);
  for (let j = 0; j < rule.count; j++) {
    const h = interpolate(basis, j * count, squares, count);
    const root = h > 0 ? Math.sqrt(h) : 0;
    const bu = base + direction * root;
    const t = wait + horizon * rule.sine[j]! * rule.sine[j]!;
    const w = sigma * Math.sqrt(t);
    const minus = (x - bu + drift * t) / w;
    atNodes.depth[j] = root;
    atNodes.time[j] = t;
    atNodes.width[j] = w;
    atNodes.minus[j] = minus;
    atNodes.density[j] = -r * t - 0.5 * minus * minus;
    atNodes.level[j] = bu;
    atNodes.discount[j] = -r * t;
    atNodes.decay[j] = -q * t;
    atNodes.minusExcess[j] = Math.abs(minus);
    atNodes.plusExcess[j] = Math.abs(minus + w);
  }
  exponentials(atNodes.density, rule.count);
  exponentials(atNodes.level, rule.count);
  exponentials(atNodes.discount, rule.count);
  exponentials(atNodes.decay, rule.count);
  hazardExcesses(atNodes.minusExcess, rule.count);
  hazardExcesses(atNodes.plusExcess, rule.count);
  for (let j = 0; j < rule.count; j++) {
    const root = atNodes.depth[j]!;
    const level = atNodes.level[j]!;
    const t = atNodes.time[j]!;
    const w = atNodes.width[j]!;
    const weight = sign * horizon * rule.weight[j]!;
    const minus = atNodes.minus[j]!;
    const plus = minus + w;
    const density = INVERSE_SQRT_TWO_PI * atNodes.density[j]!;
    const tail = density / (Math.abs(minus) + atNodes.minusExcess[j]!);
    const spotTail = (density * level) / (Math.abs(plus) + atNodes.plusExcess[j]!);
    const strikePart = minus > 0 ? tail : atNodes.discount[j]! - tail;
    const spotPart = plus > 0 ? spotTail : moneyness * atNodes.decay[j]! - spotTail;
    const gain = (density * (r - q * level)) / w;
    const atEdge = (q * level * density) / w;
    const perRate = gain * t;
    let moveBySigma = 0;
    let moveByRate = 0;
    let moveByYield = 0;
    for (let k = 0; k < count; k++) {
      const share = basis[j * count + k]!;
      const row = k * width + count;
      moveBySigma += share * system[row]!;
      moveByRate += share * system[row + 1]!;
      moveByYield += share * system[row + 2]!;
    }
    const perSquare = root > 0 ? (0.5 * direction) / root : 0;
    into[0]! += weight * (r * strikePart - q * spotPart);
    into[1]! -= weight * (gain + q * spotPart);
    into[2]! += weight * ((minus / w) * gain + atEdge - q * spotPart);
    into[3]! += weight * ((density * (r * plus - q * level * minus)) / sigma + gain * perSquare * moveBySigma);
    into[4]! += weight * ((1 - r * t) * strikePart - perRate + gain * (baseByRate + perSquare * moveByRate));
    into[5]! += weight * ((q * t - 1) * spotPart + perRate + gain * (baseByYield + perSquare * moveByYield));
  }
  return true;
}

/** The European put's Greeks and the premium's together. */
export function withPremium(put: CanonicalPut, premium: Float64Array): PutGreeks {
  const { moneyness: m, rate: r, dividendYield: q, volatility } = put;
  const european = europeanPutGreeks(put);
  const price = european.price + premium[0]!;
  const delta = european.delta + premium[1]! / m;
  const gamma = european.gamma + (premium[2]! - premium[1]!) / (m * m);
  return {
    price,
    delta,
    gamma,
    vega: european.vega + premium[3]!,
    theta: r * price - (r - q) * m * delta - 0.5 * volatility * volatility * m * m * gamma,
    rho: european.rho + premium[4]!,
    dividendRho: european.dividendRho + premium[5]!,
  };
}

export function europeanPutGreeks(put: CanonicalPut): PutGreeks {
  const { moneyness, logMoneyness, rate, dividendYield, volatility, timeToExpiry } = put;
  const discountFactor = exp(-rate * timeToExpiry);
  const { price, delta, gamma, vega, theta, rho, dividendRho } = blackGreeks({
    isCall: false,
    underlying: moneyness,
    strike: 1,
    timeToExpiry,
    volatility,
    rate,
    dividendYield,
    discountFactor,
    discountedUnderlying: moneyness * exp(-dividendYield * timeToExpiry),
    discountedStrike: discountFactor,
    logMoneyness: logMoneyness + (rate - dividendYield) * timeToExpiry,
  });
  return { price, delta, gamma, vega, theta, rho, dividendRho };
}

/** Of a put that is exercised now: it moves with the spot and with nothing else. */
export function exercisedPut(put: CanonicalPut): PutGreeks {
  return { price: 1 - put.moneyness, delta: -1, gamma: 0, vega: 0, theta: 0, rho: 0, dividendRho: 0 };
}
