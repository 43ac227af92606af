/** Value and Greeks of an American option in its own terms: limits, the collocation engine, or finite differences. */
import { InputError } from '../../errors.js';
import { exp } from '../../math/exponential.js';
import { standardDeviation } from '../black-greeks.js';
import type { Greeks } from '../greeks.js';
import { intrinsicPut, type CanonicalPut } from './canonical-put.js';
import { escrowAt } from './dividends.js';
import { differencePrice, type DifferenceSolution } from './finite-difference.js';
import type { Accuracy } from './put-edges.js';
import type { PutGreeks } from './put-greeks.js';
import { putGreeks, putPrice } from './put-price.js';
import { certainValue, differenceProblem, intrinsicValue, putOf, type AmericanTerms } from './terms.js';

/** Delta, gamma, vega, theta and both rhos, as {@link Greeks}. */
export type AmericanGreeks = Pick<Greeks, 'price' | 'delta' | 'gamma' | 'vega' | 'theta' | 'rho' | 'dividendRho'> &
  Partial<Greeks>;

const DIFFERENCE_SIZES: Record<Accuracy, readonly [points: number, steps: number]> = {
  fast: [200, 40],
  default: [600, 120],
  accurate: [1200, 240],
};

export function differenceSolution(terms: AmericanTerms, accuracy: Accuracy): DifferenceSolution {
  const [points, steps] = DIFFERENCE_SIZES[accuracy];
  return differencePrice(differenceProblem(terms, 'american'), points, steps);
}

/** The value; volatility may be Infinity where there are no cash dividends. */
export function americanValue(terms: AmericanTerms, accuracy: Accuracy): number {
  const { timeToExpiry, volatility, strike, dividends } = terms;
  if (timeToExpiry === 0) return intrinsicValue(terms);
  const deviation = standardDeviation(volatility, timeToExpiry);
  if (deviation === 0 || strike === 0) return certainValue(terms).value;
  if (deviation === Infinity) return greatestValue(terms);
  if (dividends !== undefined) return differenceSolution(terms, accuracy).price;
  const put = putOf(terms);
  const value = putPrice(put, accuracy);
  // Rates a few hundred times the volatility: the grid of the differences follows the carry.
  if (Number.isNaN(value)) return differenceSolution(terms, 'accurate').price;
  return inOwnUnits(terms, put, value);
}

/** Times the scale; the exercise value itself where it is exercised, without the rounding of the strike-1 put. */
function inOwnUnits(terms: AmericanTerms, put: CanonicalPut, value: number): number {
  const intrinsic = intrinsicValue(terms);
  return value === intrinsicPut(put) ? intrinsic : Math.max(put.scale * value, intrinsic);
}

/** Value at infinite volatility, which no price reaches: K for a put and S for a call, undiscounted or not. */
export function greatestValue({
  isCall,
  spot,
  strike,
  rate,
  dividendYield,
  timeToExpiry,
  dividends,
}: AmericanTerms): number {
  if (dividends !== undefined) throw new InputError('volatility', Infinity, 'finite where there are cash dividends');
  return isCall
    ? spot * Math.max(1, exp(-dividendYield * timeToExpiry))
    : strike * Math.max(1, exp(-rate * timeToExpiry));
}

export function americanGreeks(terms: AmericanTerms, accuracy: Accuracy): AmericanGreeks {
  const { timeToExpiry, volatility, strike, dividends } = terms;
  const deviation = standardDeviation(volatility, timeToExpiry);
  if (timeToExpiry === 0 || deviation === 0 || strike === 0) return certainGreeks(terms);
  if (deviation === Infinity) return boundlessGreeks(terms);
  if (dividends !== undefined) return differenceGreeks(terms, accuracy);
  const put = putOf(terms);
  const greeks = putGreeks(put, accuracy);
  return greeks === undefined ? differenceGreeks(terms, 'accurate') : fromPut(terms, put, greeks);
}

/** The strike-1 put's derivatives as those of the option: a call is worth S P(K/S). */
function fromPut(terms: AmericanTerms, put: CanonicalPut, greeks: PutGreeks): AmericanGreeks {
  const { isCall } = terms;
  const { scale, moneyness } = put;
  const { price, delta, gamma, vega, theta, rho, dividendRho } = greeks;
  return {
    price: inOwnUnits(terms, put, price),
    delta: isCall ? price - moneyness * delta : delta,
    gamma: (isCall ? moneyness * moneyness * gamma : gamma) / scale,
    vega: scale * vega,
    theta: scale * theta,
    rho: scale * (isCall ? dividendRho : rho),
    dividendRho: scale * (isCall ? rho : dividendRho),
  };
}

/** Without chance: exercise at a known time t, V = omega (S_t - K) e^(-rt), or none. On the strike at expiry delta is one half. */
function certainGreeks(terms: AmericanTerms): AmericanGreeks {
  const { isCall, spot, strike, rate, dividendYield, timeToExpiry, dividends } = terms;
  const omega = isCall ? 1 : -1;
  const { value, exerciseTime: t } = certainValue(terms);
  const flat = { price: value, gamma: 0, vega: 0 };
  if (!(value > 0)) {
    const even = timeToExpiry === 0 && spot === strike;
    return { ...flat, delta: even ? 0.5 * omega : 0, theta: 0, rho: 0, dividendRho: 0 };
  }
  const delta = omega * exp(-dividendYield * t);
  let lateCash = 0;
  const carry = rate - dividendYield;
  dividends?.times.forEach((time, i) => {
    if (time < t) lateCash += dividends.amounts[i]! * time * exp(-dividendYield * t - carry * time);
  });
  const strikePart = strike * exp(-rate * t);
  return {
    ...flat,
    delta,
    // Between ex-dates the value follows dV = (rV - (r - q) S delta) dt while it is held.
    theta: t > 0 ? rate * value - carry * spot * delta : 0,
    rho: omega * (t * strikePart + lateCash),
    dividendRho: 0 - t * (value + omega * strikePart) - omega * lateCash,
  };
}

function boundlessGreeks(terms: AmericanTerms): AmericanGreeks {
  const { isCall, spot, rate, dividendYield, timeToExpiry } = terms;
  const price = greatestValue(terms);
  const own = isCall ? dividendYield : rate;
  const slope = own < 0 ? -timeToExpiry * price : 0;
  return {
    price,
    delta: isCall ? price / spot : 0,
    gamma: 0,
    vega: 0,
    theta: own < 0 ? own * price : 0,
    rho: isCall ? 0 : slope,
    dividendRho: isCall ? slope : 0,
  };
}

/** Relative to the volatility, and in rates. */
const VOLATILITY_STEP = 0.01;
const RATE_STEP = 1e-3;

/** Delta, gamma and theta from the grid; vega and the rhos by central differences of whole prices. */
function differenceGreeks(terms: AmericanTerms, accuracy: Accuracy): AmericanGreeks {
  const { price, delta, gamma, theta } = differenceSolution(terms, accuracy);
  const { volatility, rate, dividendYield } = terms;
  const slope = (change: (step: number) => AmericanTerms, step: number): number =>
    (differenceSolution(change(step), accuracy).price - differenceSolution(change(-step), accuracy).price) / (2 * step);
  return {
    price,
    delta,
    gamma,
    theta,
    vega: slope((step) => ({ ...terms, volatility: volatility + step }), VOLATILITY_STEP * volatility),
    rho: slope((step) => carried({ ...terms, rate: rate + step }), RATE_STEP),
    dividendRho: slope((step) => carried({ ...terms, dividendYield: dividendYield + step }), RATE_STEP),
  };
}

/** The same dividends, worth something else at another carry. */
function carried(terms: AmericanTerms): AmericanTerms {
  const { dividends, rate, dividendYield, timeToExpiry } = terms;
  if (dividends === undefined || dividends.model === 'spot') return terms;
  const carry = rate - dividendYield;
  return {
    ...terms,
    dividends: {
      ...dividends,
      escrow: escrowAt(dividends, carry, 0),
      escrowAtExpiry: escrowAt(dividends, carry, timeToExpiry),
    },
  };
}
