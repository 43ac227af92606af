/**
 * Greeks in the spot, from Greeks in something that moves in proportion to it, and of what is then multiplied by a power of the
 * spot: a coin's price in dollars (power 1), a dollar value in coin (power -1).
 *
 *   y = a S          V_S = a V_y, V_SS = a^2 V_yy ...           the forward F = phi S at constant phi
 *   U = c S^n V      U_S = c S^n (V_S + n V/S)
 *                    U_SS = c S^n (V_SS + 2 n V_S/S + n (n-1) V/S^2)
 *                    U_SSS = c S^n (V_SSS + 3 n V_SS/S + 3 n (n-1) V_S/S^2 + n (n-1) (n-2) V/S^3)
 *
 * and alike for the derivatives of vega and theta. The numbers -2 to 2 are the powers that occur.
 */
import type { GreekName, Greeks } from '../pricing/greeks.js';

/** All seventeen, in the order of the columns of a book. */
export const greekNames: readonly GreekName[] = [
  'price',
  'delta',
  'gamma',
  'vega',
  'theta',
  'rho',
  'dividendRho',
  'vanna',
  'volga',
  'charm',
  'veta',
  'speed',
  'zomma',
  'color',
  'ultima',
  'dualDelta',
  'dualGamma',
];

export const GREEK_COUNT = greekNames.length;

export const zeroGreeks: Readonly<Greeks> = {
  price: 0,
  delta: 0,
  gamma: 0,
  vega: 0,
  theta: 0,
  rho: 0,
  dividendRho: 0,
  vanna: 0,
  volga: 0,
  charm: 0,
  veta: 0,
  speed: 0,
  zomma: 0,
  color: 0,
  ultima: 0,
  dualDelta: 0,
  dualGamma: 0,
};

/** From derivatives in y to derivatives in S, where y = a S. */
export function greeksBySpot(greeks: Greeks, a: number): Greeks {
  return {
    ...greeks,
    delta: greeks.delta * a,
    gamma: greeks.gamma * a * a,
    vanna: greeks.vanna * a,
    charm: greeks.charm * a,
    speed: greeks.speed * a * a * a,
    zomma: greeks.zomma * a * a,
    color: greeks.color * a * a,
  };
}

/** Of `factor` (S/spot)^power V: the value is multiplied by `factor` at the spot. */
export function timesSpotPower(greeks: Greeks, spot: number, power: number, factor: number): Greeks {
  const first = power / spot;
  const second = ((power - 1) * first) / spot;
  const third = ((power - 2) * second) / spot;
  return {
    price: factor * greeks.price,
    delta: factor * (greeks.delta + first * greeks.price),
    gamma: factor * (greeks.gamma + 2 * first * greeks.delta + second * greeks.price),
    vega: factor * greeks.vega,
    theta: factor * greeks.theta,
    rho: factor * greeks.rho,
    dividendRho: factor * greeks.dividendRho,
    vanna: factor * (greeks.vanna + first * greeks.vega),
    volga: factor * greeks.volga,
    charm: factor * (greeks.charm + first * greeks.theta),
    veta: factor * greeks.veta,
    speed: factor * (greeks.speed + 3 * first * greeks.gamma + 3 * second * greeks.delta + third * greeks.price),
    zomma: factor * (greeks.zomma + 2 * first * greeks.vanna + second * greeks.vega),
    color: factor * (greeks.color + 2 * first * greeks.charm + second * greeks.theta),
    ultima: factor * greeks.ultima,
    dualDelta: factor * greeks.dualDelta,
    dualGamma: factor * greeks.dualGamma,
  };
}

/** Of an amount whose value moves as spot^power: a balance in coin, or a value seen from a coin. */
export function amountGreeks(value: number, spot: number, power: number): Greeks {
  return timesSpotPower({ ...zeroGreeks, price: value }, spot, power, 1);
}
