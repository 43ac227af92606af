/**
 * Greeks beyond the seventeen: any mixed derivative up to third order of a value in spot or forward, strike, time, volatility and
 * rates, from one jet through the pricing formula.
 *
 *   V = omega [A N(omega d1) - B N(omega d2)],  dV = omega N(omega d1) dA - omega N(omega d2) dB + A n(d1) ds
 *   A = U e^(-qT), B = K e^(-rT), s = sigma sqrt(T),  d1,2 = [ln(U/K) + (r - q)T]/s +- s/2
 *
 * The jet is built from this gradient, whose terms do not cancel, so the derivatives are as accurate as closed forms. In forward
 * models U is the forward and V = DF times the undiscounted value; in Bachelier's, dV/DF = omega N(omega d) d(F - K) + n(d) dv. Time derivatives are with
 * passing time, at constant rates; in forward models at constant forward. The classical names: Haug, The Complete Guide to
 * Option Pricing Formulas (2007), chapter 2.
 */
import { InputError } from '../errors.js';
import { requireArray, requireOneOf } from '../check.js';
import * as jet from '../math/jet.js';
import type { Jet } from '../math/jet.js';
import { logRatio } from '../math/logarithm.js';
import { normalCdf, normalPdf } from '../math/normal.js';
import { bachelier } from './bachelier.js';
import { standardDeviation } from './black-greeks.js';
import { black76 } from './black76.js';
import { blackScholes } from './black-scholes.js';
import { zeroRate, type OnCurves } from './curves.js';
import { rateFromDiscountFactor } from './discounting.js';
import { displaced } from './displaced.js';
import type { DisplacedOption, ForwardOption, SpotOption } from './option.js';

/** Models and the options they take. */
export interface JetModels {
  'black-scholes': OnCurves<SpotOption>;
  black76: ForwardOption;
  bachelier: ForwardOption;
  displaced: DisplacedOption;
}
export type JetModelName = keyof JetModels;

/** What a derivative can be by. `underlying` is the spot, or the forward; `time` passes. Forward models have no dividendYield. */
export type JetVariable = 'underlying' | 'strike' | 'time' | 'volatility' | 'rate' | 'dividendYield';

const VARIABLES: readonly JetVariable[] = ['underlying', 'strike', 'time', 'volatility', 'rate', 'dividendYield'];
const N = VARIABLES.length;
const [UNDERLYING, STRIKE, TIME, VOLATILITY, RATE, YIELD] = [0, 1, 2, 3, 4, 5] as const;

/** Deviations and times below these are none: their fourth powers would leave the range of doubles. */
const LEAST_DEVIATION = 1e-70;
const LEAST_TIME = 1e-70;

/** Derivatives beyond {@link Greeks}, per unit, in the same units: vol and rates per 1.00, time per year and passing. */
export interface HigherGreeks {
  /** Risk-neutral probability of ending in the money; one half on the strike without time or volatility. */
  probabilityInTheMoney: number;
  /** Delta times underlying over price: relative move per relative move. Infinite, with the sign of delta, where the price is 0. */
  elasticity: number;
  /** d2V/dt2 */
  thetaDecay: number;
  /** d3V/dS dt2 */
  charmDecay: number;
  /** d3V/dvol dt2 */
  vetaDecay: number;
  /** d3V/dS dvol dt */
  vannaDecay: number;
  /** d3V/dvol2 dt */
  volgaDecay: number;
  /** d3V/dS dvol2 */
  vannaVolatility: number;
  /** d2V/dS dK */
  crossGamma: number;
  /** d2V/dK dvol */
  dualVanna: number;
  /** d2V/dK dt */
  dualCharm: number;
  /** d3V/dK3 */
  dualSpeed: number;
  /** d3V/dK2 dvol */
  dualZomma: number;
  /** d3V/dK2 dt */
  dualColor: number;
  /** d2V/dS dr */
  deltaRho: number;
  /** d2V/dvol dr, also called rhova */
  vera: number;
  /** d2V/dr2 */
  rhoConvexity: number;
  /** d2V/dr dt */
  rhoDecay: number;
  /** d2V/dS dq; 0 in forward models, as are the next two */
  deltaDividendRho: number;
  /** d2V/dvol dq */
  dividendVera: number;
  /** d2V/dq2 */
  dividendRhoConvexity: number;
}

/** The value of an option and its derivatives as a jet, with the probability of exercise. */
function valueJet<M extends JetModelName>(model: M, option: JetModels[M]): { value: Jet; probability: number } {
  requireOneOf<JetModelName>('model', model, ['black-scholes', 'black76', 'bachelier', 'displaced']);
  if (model === 'black-scholes') {
    const spot = option as OnCurves<SpotOption>;
    const price = blackScholes.price(spot);
    const rate = zeroRate(spot.rate ?? 0, spot.timeToExpiry);
    const dividendYield = zeroRate(spot.dividendYield ?? 0, spot.timeToExpiry);
    return lognormalJet(price, spot, spot.spot, spot.strike, rate, dividendYield);
  }
  const forward = option as ForwardOption;
  const price =
    model === 'displaced'
      ? displaced.price(option as DisplacedOption)
      : (model === 'bachelier' ? bachelier : black76).price(forward);
  const discountFactor = forward.discountFactor ?? 1;
  const rate = rateFromDiscountFactor(discountFactor, forward.timeToExpiry);
  const shift = model === 'displaced' ? (option as DisplacedOption).shift : 0;
  const undiscounted =
    model === 'bachelier'
      ? normalJet(price / discountFactor, forward)
      : lognormalJet(price / discountFactor, forward, forward.forward + shift, forward.strike + shift, 0, undefined);
  const discount = discountJet(jet.variable(N, RATE, rate), timeLeftJet(forward.timeToExpiry));
  const value = jet.multiply(discount, undiscounted.value);
  value[0] = price;
  return { value, probability: undiscounted.probability };
}

type Common = Pick<ForwardOption, 'type' | 'timeToExpiry' | 'volatility'>;

/** e^(-y T) with passing time, from the jet of y. */
function discountJet(rate: Jet, timeLeft: Jet): Jet {
  return jet.exp(jet.scale(jet.multiply(rate, timeLeft), -1));
}

/** The time left, a jet in passing time. */
function timeLeftJet(timeToExpiry: number): Jet {
  return jet.shift(jet.scale(jet.variable(N, TIME, 0), -1), timeToExpiry);
}

/** dividendYield undefined: the underlying is a forward, and nothing is discounted. */
function lognormalJet(
  price: number,
  option: Common,
  underlying: number,
  strike: number,
  rate: number,
  dividendYield: number | undefined,
): { value: Jet; probability: number } {
  const omega = option.type === 'call' ? 1 : -1;
  const { timeToExpiry: T, volatility } = option;
  const timeLeft = timeLeftJet(T);
  const underlyingJet = jet.variable(N, UNDERLYING, underlying);
  const strikeJet = jet.variable(N, STRIKE, strike);
  const rateJet = jet.variable(N, RATE, rate);
  const isForward = dividendYield === undefined;
  const yieldJet = jet.variable(N, YIELD, dividendYield ?? 0);
  const a = isForward ? underlyingJet : jet.multiply(underlyingJet, discountJet(yieldJet, timeLeft));
  const b = isForward ? strikeJet : jet.multiply(strikeJet, discountJet(rateJet, timeLeft));

  const x = logRatio(underlying, strike) + (isForward ? 0 : (rate - dividendYield) * T);
  const s = standardDeviation(volatility, T);
  const d1 = x / s + 0.5 * s;
  const d2 = x / s - 0.5 * s;
  if (
    T > LEAST_TIME &&
    s > LEAST_DEVIATION &&
    s < Infinity &&
    x < Infinity &&
    (normalPdf(d1) > 0 || normalPdf(d2) > 0)
  ) {
    const sJet = jet.multiply(jet.variable(N, VOLATILITY, volatility), jet.sqrt(timeLeft));
    let xJet = jet.subtract(jet.log(underlyingJet), jet.log(strikeJet));
    if (!isForward) xJet = jet.add(xJet, jet.multiply(jet.subtract(rateJet, yieldJet), timeLeft));
    xJet[0] = x;
    const ratio = jet.divide(xJet, sJet);
    const half = jet.scale(sJet, 0.5);
    const d1Jet = jet.add(ratio, half);
    const value = jet.fromGradient(price, [
      [jet.scale(jet.normalCdf(jet.scale(d1Jet, omega)), omega), a],
      [jet.scale(jet.normalCdf(jet.scale(jet.subtract(ratio, half), omega)), -omega), b],
      [jet.multiply(a, jet.normalPdf(d1Jet)), sJet],
    ]);
    return { value, probability: normalCdf(omega * d2) };
  }

  // Without diffusion: exercise is certain, impossible, or even; or so wide that a call is A and a put B.
  const saturated = s > LEAST_DEVIATION && x < Infinity && Math.abs(x) < 0.5 * s * s;
  if (saturated) return { value: omega === 1 ? a : b, probability: omega === 1 ? 0 : 1 };
  const exercised = x === 0 ? 0.5 : omega * x > 0 ? 1 : 0;
  return { value: claim(jet.subtract(a, b), omega, exercised), probability: exercised };
}

function normalJet(price: number, option: ForwardOption): { value: Jet; probability: number } {
  const omega = option.type === 'call' ? 1 : -1;
  const { forward, strike, timeToExpiry: T, volatility } = option;
  if (volatility === Infinity && T > 0) {
    throw new InputError('volatility', volatility, 'finite: a normal option of infinite volatility has no derivatives');
  }
  const timeLeft = timeLeftJet(T);
  const distance = jet.subtract(jet.variable(N, UNDERLYING, forward), jet.variable(N, STRIKE, strike));
  const v = standardDeviation(volatility, T);
  const d = (forward - strike) / v;
  if (T > LEAST_TIME && v > LEAST_DEVIATION && normalPdf(d) > 0) {
    const vJet = jet.multiply(jet.variable(N, VOLATILITY, volatility), jet.sqrt(timeLeft));
    const dJet = jet.divide(distance, vJet);
    const value = jet.fromGradient(price, [
      [jet.scale(jet.normalCdf(jet.scale(dJet, omega)), omega), distance],
      [jet.normalPdf(dJet), vJet],
    ]);
    return { value, probability: normalCdf(omega * d) };
  }
  const exercised = forward === strike ? 0.5 : omega * (forward - strike) > 0 ? 1 : 0;
  return { value: claim(distance, omega, exercised), probability: exercised };
}

/** Exercise of the difference for certain, never, or evenly: then half of its first derivatives by underlying and strike. */
function claim(difference: Jet, omega: 1 | -1, exercised: number): Jet {
  const value = jet.scale(difference, omega * exercised);
  if (exercised !== 0.5) return value;
  value.fill(0, 1 + STRIKE + 1);
  value[0] = 0;
  return value;
}

/**
 * The derivative of the value by up to three variables, each named once per order: mixedDerivative('black-scholes', option,
 * ['underlying', 'underlying', 'rate']) is d3V/dS2 dr. Without time or volatility, or where no double holds the density, the
 * derivatives of the discounted payoff at the forward; on the strike then half the delta and no more. Throws an InputError for an
 * option its model refuses, an unknown model or variable, more than three of them, dividendYield in a forward model.
 */
export function mixedDerivative<M extends JetModelName>(
  model: M,
  option: JetModels[M],
  by: readonly JetVariable[],
): number {
  const { value } = valueJet(model, option);
  const indices = requireArray('by', by).map((name, i) => VARIABLES.indexOf(requireOneOf(`by[${i}]`, name, VARIABLES)));
  if (indices.length > 3) throw new InputError('by', by, 'at most three variables');
  if (model !== 'black-scholes' && indices.includes(YIELD)) {
    throw new InputError('by', by, 'without dividendYield in a forward model');
  }
  return definite(jet.derivative(value, ...indices));
}

/**
 * The Greeks the table of seventeen lacks. Limits and errors as in {@link mixedDerivative}; no field is NaN, and an option
 * whose third derivatives are beyond doubles throws an InputError.
 */
export function higherGreeks<M extends JetModelName>(model: M, option: JetModels[M]): HigherGreeks {
  const { value, probability } = valueJet(model, option);
  const by = (...variables: number[]): number => definite(jet.derivative(value, ...variables));
  const underlying = model === 'black-scholes' ? (option as SpotOption).spot : (option as ForwardOption).forward;
  const exposure = by(UNDERLYING) * underlying;
  const direction = (option.type === 'call' ? 1 : -1) * Math.sign(underlying);
  return {
    probabilityInTheMoney: probability,
    elasticity: by() > 0 ? exposure / by() : direction === 0 ? 0 : direction * Infinity,
    thetaDecay: by(TIME, TIME),
    charmDecay: by(UNDERLYING, TIME, TIME),
    vetaDecay: by(VOLATILITY, TIME, TIME),
    vannaDecay: by(UNDERLYING, VOLATILITY, TIME),
    volgaDecay: by(VOLATILITY, VOLATILITY, TIME),
    vannaVolatility: by(UNDERLYING, VOLATILITY, VOLATILITY),
    crossGamma: by(UNDERLYING, STRIKE),
    dualVanna: by(STRIKE, VOLATILITY),
    dualCharm: by(STRIKE, TIME),
    dualSpeed: by(STRIKE, STRIKE, STRIKE),
    dualZomma: by(STRIKE, STRIKE, VOLATILITY),
    dualColor: by(STRIKE, STRIKE, TIME),
    deltaRho: by(UNDERLYING, RATE),
    vera: by(VOLATILITY, RATE),
    rhoConvexity: by(RATE, RATE),
    rhoDecay: by(RATE, TIME),
    deltaDividendRho: by(UNDERLYING, YIELD),
    dividendVera: by(VOLATILITY, YIELD),
    dividendRhoConvexity: by(YIELD, YIELD),
  };
}

/** Sums of infinities of both signs have no value: the option lies where third derivatives leave the range of doubles. */
function definite(value: number): number {
  if (Number.isNaN(value))
    throw new InputError('option', value, 'such that its derivatives are within the range of doubles');
  return value;
}
