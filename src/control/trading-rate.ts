/**
 * How fast to trade towards a target where a trade costs with the square of its size.
 *
 *   objective  sum (1-rho)^(t+1) (x'm - g/2 x'S x) - (1-rho)^t lam/2 dx'S dx
 *   x_t = (1 - a/lam) x_(t-1) + (a/lam) aim_t
 *   a = [ sqrt(b^2 + 4 g lam (1-rho)^2) - b ] / (2 (1-rho)),   b = g (1-rho) + lam rho
 *
 * A signal that decays at rate phi counts in the aim with 1/(1 + phi a/g). Garleanu and Pedersen, "Dynamic trading with predictable
 * returns and transaction costs" (2013). One reduction of size X within a time T, risk against impact, goes along
 * x(t) = X sinh(kappa (T - t))/sinh(kappa T): Almgren and Chriss, "Optimal execution of portfolio transactions" (2000).
 */
import { requireArray, requireFinite, requireNonNegative, requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import { exp, expm1 } from '../math/exponential.js';

export interface TradingRateInput {
  /** g, on the variance of the position. */
  riskAversion: number;
  /** lam: the cost of a trade dx is lam/2 dx'S dx. */
  cost: number;
  /** rho of the discount factor 1 - rho, in [0, 1). */
  discount: number;
}

/** `rate` is a/lam, the part of the way to the aim traded in a step, between 0 and 1. Throws InputError on numbers out of range. */
export function gpTradingRate(i: TradingRateInput): { rate: number } {
  return { rate: valueCoefficient(i) / i.cost };
}

/** a, without cancellation where b is large. */
function valueCoefficient(i: TradingRateInput): number {
  const g = requirePositive('riskAversion', i.riskAversion);
  const cost = requirePositive('cost', i.cost);
  const rho = requireNonNegative('discount', i.discount);
  if (rho >= 1) throw new InputError('discount', rho, 'below 1');
  const kept = 1 - rho;
  const b = g * kept + cost * rho;
  return (2 * g * cost * kept) / (b + Math.sqrt(b * b + 4 * g * cost * kept * kept));
}

/** By signal, the weight 1/(1 + phi a/g) of its target position in the aim; `decays` are the phi, per step, 0 or more. */
export function aimWeights(i: TradingRateInput & { decays: readonly number[] }): number[] {
  const a = valueCoefficient(i);
  requireArray('decays', i.decays);
  return i.decays.map((phi, k) => 1 / (1 + (requireNonNegative(`decays[${k}]`, phi) * a) / i.riskAversion));
}

/**
 * What is left at times 0, T/n, ..., T of a quantity to be traded away: n + 1 numbers from `quantity` to 0. `urgency` is kappa per
 * year, sqrt(risk aversion x variance / impact); 0 gives a straight line. Throws InputError on numbers out of range.
 */
export function almgrenChrissSchedule(i: {
  quantity: number;
  years: number;
  slices: number;
  urgency: number;
}): Float64Array {
  const quantity = requireFinite('quantity', i.quantity);
  const years = requirePositive('years', i.years);
  const kappa = requireNonNegative('urgency', i.urgency);
  const n = i.slices;
  if (!Number.isInteger(n) || n < 1) throw new InputError('slices', n, 'a whole number, 1 or more');
  return Float64Array.from({ length: n + 1 }, (_, k) => {
    if (k === 0) return quantity;
    if (k === n) return 0;
    const left = 1 - k / n;
    if (kappa * years < 1e-8) return quantity * left;
    // sinh(u left)/sinh(u) = e^(-u (1 - left)) (1 - e^(-2 u left))/(1 - e^(-2 u))
    const u = kappa * years;
    return (quantity * exp(-u * (1 - left)) * expm1(-2 * u * left)) / expm1(-2 * u);
  });
}
