/**
 * SABR at the money: the volatility at the forward as a cubic in alpha, and the alpha that gives a volatility.
 *
 *   volatility = M F^(-om) alpha (1 + T [level alpha^2 + skew rho nu alpha + (2 - 3 rho^2) nu^2 / 24]),   om = 1 - beta
 *
 * with M = F for the normal form and 1 else, level and skew those of sabr.ts at K = F.
 */
import { exp } from '../../math/exponential.js';
import { log } from '../../math/logarithm.js';
import type { SabrForm } from './sabr.js';

/** What the (shifted) forward, beta, T and the form decide at the money. */
export interface SabrMoney {
  time: number;
  /** M */
  moneyScale: number;
  /** F^om */
  moneyPower: number;
  moneyLevel: number;
  moneySkew: number;
}

/** Tabulates a (shifted) forward above 0. */
export function sabrMoney(forward: number, beta: number, time: number, form: SabrForm): SabrMoney {
  const om = 1 - beta;
  const power = om === 0 ? 1 : exp(om * log(forward));
  return {
    time,
    moneyScale: form === 'normal' ? forward : 1,
    moneyPower: power,
    moneyLevel: (form === 'normal' ? beta * (beta - 2) : om * om) / (24 * power * power),
    moneySkew: beta / (4 * power),
  };
}

/** The smallest positive alpha at which the at-the-money volatility is `volatility`; NaN where there is none. */
export function sabrAlpha(money: SabrMoney, volatility: number, rho: number, nu: number): number {
  const { time, moneyScale, moneyPower, moneyLevel, moneySkew } = money;
  const target = (volatility * moneyPower) / moneyScale;
  const cubic = time * moneyLevel;
  const square = time * moneySkew * rho * nu;
  const linear = 1 + (time * (2 - 3 * rho * rho) * nu * nu) / 24;
  // f(a) = a (linear + a (square + a cubic)) - target starts below 0; Newton from 0 climbs to the first root while f is concave,
  // and a bracket guards it where it is not.
  let below = 0;
  let above = Infinity;
  let alpha = linear > 0 ? target / linear : target;
  for (let i = 0; i < 100; i++) {
    const value = alpha * (linear + alpha * (square + alpha * cubic)) - target;
    if (value === 0) return alpha;
    if (value > 0) above = alpha;
    else below = alpha;
    const slope = linear + alpha * (2 * square + 3 * alpha * cubic);
    const newton = alpha - value / slope;
    const next = newton > below && newton < above ? newton : above < Infinity ? 0.5 * (below + above) : 2 * alpha;
    if (Math.abs(next - alpha) <= 2e-16 * alpha) return next;
    alpha = next;
  }
  return above < Infinity ? alpha : NaN;
}
