import type { ImpliedVolatility } from './implied-volatility.js';

/** The three verbs every pricing model has. */
export interface Model<O, G> {
  price(option: O): number;
  greeks(option: O): G;
  impliedVolatility(option: Omit<O, 'volatility'>, price: number): ImpliedVolatility;
}
