/**
 * From jets to Greeks. A forward model hands over the jet of its value in four variables, in this order: forward, strike,
 * volatility and passing time. The seventeen Greeks are derivatives of it; what is held fixed as time passes is what the jet
 * held fixed.
 */
import * as jet from '../math/jet.js';
import type { Jet } from '../math/jet.js';
import type { Greeks } from './greeks.js';

export const FORWARD_VARIABLES = 4;
export const FORWARD = 0;
export const STRIKE = 1;
export const VOLATILITY = 2;
export const TIME = 3;

/** Greeks of a value jet in (F, K, sigma, t), with rho = -T V (forward held) and dividendRho = 0. */
export function greeksFromJet(value: Jet, timeToExpiry: number): Greeks {
  const by = (...variables: number[]): number => jet.derivative(value, ...variables);
  return {
    price: by(),
    delta: by(FORWARD),
    gamma: by(FORWARD, FORWARD),
    vega: by(VOLATILITY),
    theta: by(TIME),
    rho: -timeToExpiry * by(),
    dividendRho: 0,
    vanna: by(FORWARD, VOLATILITY),
    volga: by(VOLATILITY, VOLATILITY),
    charm: by(FORWARD, TIME),
    veta: by(VOLATILITY, TIME),
    speed: by(FORWARD, FORWARD, FORWARD),
    zomma: by(FORWARD, FORWARD, VOLATILITY),
    color: by(FORWARD, FORWARD, TIME),
    ultima: by(VOLATILITY, VOLATILITY, VOLATILITY),
    dualDelta: by(STRIKE),
    dualGamma: by(STRIKE, STRIKE),
  };
}
