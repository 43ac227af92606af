/**
 * Greeks of a quanto option: Black's on the adjusted forward, which itself moves with the forward, the volatility and time.
 *
 *   V = DF B(F_Q, K, s),  F_Q = F e^(-rho sigma sigma_X (T - t)),  s = sigma sqrt(T - t)
 *
 * One jet in (F, K, sigma, t) from dB = omega N(omega d1) dF_Q - omega N(omega d2) dK + F_Q n(d1) ds; passing time holds F and
 * r = -ln(DF)/T. Source: Reiner, Quanto mechanics (1992).
 */
import * as jet from '../math/jet.js';
import type { Jet } from '../math/jet.js';
import { logRatio } from '../math/logarithm.js';
import { normalPdf } from '../math/normal.js';
import { standardDeviation } from './black-greeks.js';
import { black76 } from './black76.js';
import { rateFromDiscountFactor } from './discounting.js';
import type { Greeks } from './greeks.js';
import { FORWARD, FORWARD_VARIABLES, greeksFromJet, STRIKE, TIME, VOLATILITY } from './jet-greeks.js';
import type { ForwardOption } from './option.js';
import { quantoForward } from './quanto.js';

/** Deviations below this are none: their third powers would leave the range of doubles. */
const LEAST_DEVIATION = 1e-70;

/** The volatility of settlement per quote currency, and its correlation with the underlying. */
export interface QuantoMarket {
  fxVolatility: number;
  correlation: number;
}

/**
 * Value and Greeks before the fixed exchange rate, derivatives in the forward before the adjustment. At expiry, without volatility
 * and where no double holds the density: those of the payoff at the adjusted forward. Throws an InputError for an option black76
 * refuses, a negative volatility or a correlation outside [-1, 1].
 */
export function quantoGreeks(option: ForwardOption, market: QuantoMarket): Greeks {
  const { forward, strike, timeToExpiry, volatility, discountFactor = 1 } = option;
  const adjusted = quantoForward(forward, { ...market, volatility, timeToExpiry });
  const plain = black76.greeks({ ...option, forward: adjusted });
  const s = standardDeviation(volatility, timeToExpiry);
  const x = logRatio(adjusted, strike);
  const density = s > LEAST_DEVIATION && s < Infinity && strike > 0 ? normalPdf(x / s + 0.5 * s) : 0;
  const omega = option.type === 'call' ? 1 : -1;
  const n = FORWARD_VARIABLES;
  const timeLeft = jet.shift(jet.scale(jet.variable(n, TIME, 0), -1), timeToExpiry);
  const sigma = jet.variable(n, VOLATILITY, volatility);
  const drift = jet.scale(jet.multiply(sigma, timeLeft), -market.correlation * market.fxVolatility);
  const forwardJet = jet.multiply(jet.variable(n, FORWARD, forward), jet.exp(drift));
  const strikeJet = jet.variable(n, STRIKE, strike);
  const growth = discountJet(discountFactor, timeToExpiry);
  let value: Jet;
  if (density === 0) {
    // Exercise is certain, impossible or even; delta says which.
    const exercised = plain.delta / discountFactor;
    const payoff = jet.add(jet.scale(forwardJet, exercised), jet.scale(strikeJet, plain.dualDelta / discountFactor));
    if (x === 0 && s === 0) payoff.fill(0, 1 + n);
    value = jet.multiply(growth, payoff);
  } else {
    const deviation = jet.multiply(sigma, jet.sqrt(timeLeft));
    const money = jet.subtract(jet.log(forwardJet), jet.log(strikeJet));
    money[0] = x;
    const ratio = jet.divide(money, deviation);
    const half = jet.scale(deviation, 0.5);
    const d1 = jet.add(ratio, half);
    const undiscounted = jet.fromGradient(plain.price / discountFactor, [
      [jet.scale(jet.normalCdf(jet.scale(d1, omega)), omega), forwardJet],
      [jet.scale(jet.normalCdf(jet.scale(jet.subtract(ratio, half), omega)), -omega), strikeJet],
      [jet.multiply(forwardJet, jet.normalPdf(d1)), deviation],
    ]);
    value = jet.multiply(growth, undiscounted);
  }
  value[0] = plain.price;
  return greeksFromJet(value, timeToExpiry);
}

/** e^(-r (T - t)) with passing time. */
function discountJet(discountFactor: number, timeToExpiry: number): Jet {
  const rate = rateFromDiscountFactor(discountFactor, timeToExpiry);
  return jet.scale(jet.exp(jet.scale(jet.variable(FORWARD_VARIABLES, TIME, 0), rate)), discountFactor);
}
