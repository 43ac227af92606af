/** Shared by the tests of forward models: every Greek by 50-digit differentiation of a value in (F, K, sigma, T). */
import type { GreekName, Greeks } from '../../src/pricing/greeks.js';
import { differentiate } from '../reference/greeks.js';
import { real, type Real, type RealLike } from '../reference/real.js';

/** How often each Greek differentiates in F, K, sigma and passing time. */
export const ORDERS: Record<Exclude<GreekName, 'rho' | 'dividendRho'>, readonly [number, number, number, number]> = {
  price: [0, 0, 0, 0],
  delta: [1, 0, 0, 0],
  gamma: [2, 0, 0, 0],
  vega: [0, 0, 1, 0],
  theta: [0, 0, 0, 1],
  vanna: [1, 0, 1, 0],
  volga: [0, 0, 2, 0],
  charm: [1, 0, 0, 1],
  veta: [0, 0, 1, 1],
  speed: [3, 0, 0, 0],
  zomma: [2, 0, 1, 0],
  color: [2, 0, 0, 1],
  ultima: [0, 0, 3, 0],
  dualDelta: [0, 1, 0, 0],
  dualGamma: [0, 2, 0, 0],
};

export const GREEK_NAMES = Object.keys(ORDERS) as (keyof typeof ORDERS)[];

/** e^(-r T) times an undiscounted value, as a function of (F, K, sigma, T), differentiated at a point. */
export function exactGreeks(
  undiscounted: (forward: Real, strike: Real, volatility: Real, timeToExpiry: Real) => Real,
  at: readonly [number, number, number, number],
  rate: RealLike,
  step?: RealLike,
): Record<keyof typeof ORDERS, Real> {
  const discounted = (...point: Real[]): Real => {
    const [F, K, sigma, T] = point as [Real, Real, Real, Real];
    return undiscounted(F, K, sigma, T).mul(real(rate).mul(T).neg().exp());
  };
  return Object.fromEntries(
    GREEK_NAMES.map((name) => {
      const orders = ORDERS[name];
      const derivative = differentiate(discounted, at, orders, step);
      return [name, orders[3] === 1 ? derivative.neg() : derivative];
    }),
  ) as Record<keyof typeof ORDERS, Real>;
}

/** Largest |found - exact| / scale over the Greeks, with the name of the worst. */
export function worstError(
  found: Greeks,
  exact: Record<keyof typeof ORDERS, Real>,
  scale: (name: keyof typeof ORDERS, orders: readonly [number, number, number, number]) => number,
): { name: string; error: number } {
  let worst = { name: 'none', error: 0 };
  for (const name of GREEK_NAMES) {
    const size = Math.abs(exact[name].toNumber()) + scale(name, ORDERS[name]);
    const error = Math.abs(real(found[name]).sub(exact[name]).toNumber()) / size;
    if (!(error <= worst.error)) worst = { name, error };
  }
  return worst;
}
