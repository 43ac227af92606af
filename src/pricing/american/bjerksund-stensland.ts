/**
 * Bjerksund and Stensland 2002: the value of exercising at a boundary of two flat steps, in closed form. A feasible strategy, so a lower
 * bound. Its levels are the paper's; they lie too near the strike where sigma^2 T is large, and the bound falls behind (docs/american.md).
 *
 *   call, carry b = r - q:  beta = 1/2 - b/v + sqrt((b/v - 1/2)^2 + 2r/v),  v = sigma^2
 *   B_inf = K beta / (beta - 1),  B_0 = K max(1, r/(r - b)),   t_1 = (sqrt 5 - 1) T / 2
 *   I(t) = B_0 + (B_inf - B_0)(1 - e^h(t)),   h(t) = -(b t + 2 sigma sqrt t) K^2 / ((B_inf - B_0) B_0)
 *
 * I(T) is the boundary to time t_1, I(t_1... T) after it. Bjerksund and Stensland, Closed form valuation of American options (2002);
 * notation of Haug (2007), section 3.1.2.
 */
import { bivariateNormalCdf } from '../../math/bivariate-normal.js';
import { exp } from '../../math/exponential.js';
import { log } from '../../math/logarithm.js';
import { normalCdf } from '../../math/normal.js';
import { europeanPut, exerciseRegion, intrinsicPut, type CanonicalPut } from './canonical-put.js';

interface Call {
  /** ln of the spot; the strike is 1. */
  x: number;
  rate: number;
  carry: number;
  sigma: number;
}

/** e^lambda S^gamma [N(d) - (I/S)^kappa N(d - 2 ln(I/S)/(sigma sqrt T))], the claim S^gamma below H that dies at I. */
function phi({ x, rate, carry, sigma }: Call, t: number, gamma: number, logH: number, logI: number): number {
  const s = sigma * Math.sqrt(t);
  const variance = sigma * sigma;
  const growth = (-rate + gamma * carry + 0.5 * gamma * (gamma - 1) * variance) * t;
  const kappa = (2 * carry) / variance + 2 * gamma - 1;
  const d = -(x - logH + (carry + (gamma - 0.5) * variance) * t) / s;
  const near = exp(growth + gamma * x) * normalCdf(d);
  const image = normalCdf(d - (2 * (logI - x)) / s);
  return image === 0 ? near : near - exp(growth + gamma * x + kappa * (logI - x)) * image;
}

/** The same over two periods: S^gamma below H at T, dead at I_2 until t_1 and at I_1 after it. */
function psi(
  { x, rate, carry, sigma }: Call,
  T: number,
  gamma: number,
  logH: number,
  logI2: number,
  logI1: number,
  t1: number,
): number {
  const variance = sigma * sigma;
  const s1 = sigma * Math.sqrt(t1);
  const s = sigma * Math.sqrt(T);
  const rho = Math.sqrt(t1 / T);
  const growth = (-rate + gamma * carry + 0.5 * gamma * (gamma - 1) * variance) * T + gamma * x;
  const kappa = (2 * carry) / variance + 2 * gamma - 1;
  const drift = carry + (gamma - 0.5) * variance;
  const e1 = (x - logI1 + drift * t1) / s1;
  const e2 = (2 * logI2 - x - logI1 + drift * t1) / s1;
  const e3 = (x - logI1 - drift * t1) / s1;
  const e4 = (2 * logI2 - x - logI1 - drift * t1) / s1;
  const f1 = (x - logH + drift * T) / s;
  const f2 = (2 * logI2 - x - logH + drift * T) / s;
  const f3 = (2 * logI1 - x - logH + drift * T) / s;
  const f4 = (x + 2 * logI1 - logH - 2 * logI2 + drift * T) / s;
  const part = (power: number, p: number): number => (p === 0 ? 0 : exp(growth + kappa * power) * p);
  return (
    part(0, bivariateNormalCdf(-e1, -f1, rho)) -
    part(logI2 - x, bivariateNormalCdf(-e2, -f2, rho)) -
    part(logI1 - x, bivariateNormalCdf(-e3, -f3, -rho)) +
    part(logI1 - logI2, bivariateNormalCdf(-e4, -f4, -rho))
  );
}

/**
 * The lower bound of a put of strike 1 with rate above 0, by the call with spot and strike, rate and yield exchanged. At least the
 * European and the exercise value, which it falls back on where rates are negative and the formula has no meaning.
 */
export function bjerksundStensland(put: CanonicalPut): number {
  const { moneyness, logMoneyness, volatility, timeToExpiry } = put;
  const european = europeanPut(put);
  const floor = Math.max(european, intrinsicPut(put));
  const region = exerciseRegion(put.rate, put.dividendYield, timeToExpiry);
  if (region !== 'below' || !(put.rate > 0)) return floor;
  const rate = put.dividendYield;
  const carry = put.dividendYield - put.rate;
  const variance = volatility * volatility;
  const shape = carry / variance - 0.5;
  const beta = -shape + Math.sqrt(shape * shape + (2 * rate) / variance);
  const perpetual = beta / (beta - 1);
  const atExpiry = Math.max(1, rate / put.rate);
  if (!(perpetual > atExpiry) || perpetual === Infinity) return floor;
  const level = (t: number): number => {
    const h = -(carry * t + 2 * volatility * Math.sqrt(t)) / ((perpetual - atExpiry) * atExpiry);
    return atExpiry + (perpetual - atExpiry) * (1 - exp(Math.min(h, 0)));
  };
  const t1 = 0.5 * (Math.sqrt(5) - 1) * timeToExpiry;
  const i1 = level(timeToExpiry - t1);
  const i2 = level(timeToExpiry);
  const x = -logMoneyness;
  const logI1 = log(i1);
  const logI2 = log(i2);
  if (x >= logI2) return floor;
  const call: Call = { x, rate, carry, sigma: volatility };
  const a1 = (i1 - 1) * exp(-beta * logI1);
  const a2 = (i2 - 1) * exp(-beta * logI2);
  const value =
    a2 * (exp(beta * x) - phi(call, t1, beta, logI2, logI2)) +
    phi(call, t1, 1, logI2, logI2) -
    phi(call, t1, 1, logI1, logI2) -
    phi(call, t1, 0, logI2, logI2) +
    phi(call, t1, 0, logI1, logI2) +
    a1 * (phi(call, t1, beta, logI1, logI2) - psi(call, timeToExpiry, beta, logI1, logI2, logI1, t1)) +
    psi(call, timeToExpiry, 1, logI1, logI2, logI1, t1) -
    psi(call, timeToExpiry, 1, 0, logI2, logI1, t1) -
    psi(call, timeToExpiry, 0, logI1, logI2, logI1, t1) +
    psi(call, timeToExpiry, 0, 0, logI2, logI1, t1);
  // The call has strike 1 and spot 1/m: in units of the put's strike it is m times that.
  const inPutUnits = value * moneyness;
  return inPutUnits > floor ? inPutUnits : floor;
}
