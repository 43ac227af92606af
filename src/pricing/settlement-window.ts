/**
 * Coin-settled options inside their settlement window: the settlement price is the average of the index over a window of length
 * A, of which `elapsed` = a have passed with running average M; tau = A - a remain.
 *
 *   F* = (a M + tau F)/A                      the forward of the average
 *   s  = sigma (tau/A) sqrt(tau/3) F/F*       the deviation of its logarithm
 *   c  = DF omega [N(omega d1) - (K/F*) N(omega d2)],  d1,2 = ln(F* /K)/s +- s/2
 *
 * The average of a Brownian path over the rest of the window has a third of its variance; F* is exact, s of first order in
 * sigma sqrt(tau): the relative error of the variance is sigma^2 tau / 12, and the covariance of the average with the last
 * price, which the coin payoff also feels, moves F* by a sixth of sigma^2 tau (1e-5 for half an hour at 100% volatility).
 *
 * Greeks are derivatives of c by one jet: in F (through F* and s), K, sigma and passing time, while fixings come in at the
 * present forward. So F* stays as time passes, theta is pure decay, and charm contains the delta that each fixing takes away.
 */
import { requireNonNegative, requireObject, requirePositive, requireWithin } from '../check.js';
import { InputError } from '../errors.js';
import { logRatio } from '../math/logarithm.js';
import * as jet from '../math/jet.js';
import { normalPdf } from '../math/normal.js';
import type { Jet } from '../math/jet.js';
import { standardDeviation } from './black-greeks.js';
import type { Greeks } from './greeks.js';
import { FORWARD, FORWARD_VARIABLES, greeksFromJet, STRIKE, TIME, VOLATILITY } from './jet-greeks.js';
import type { InverseOption } from './option.js';

/** Times to expiry and to the end of the window may differ by this many years (a thirtieth of a second) from rounding. */
const TIME_TOLERANCE = 1e-9;
/** Deviations below this are none: their third powers would leave the range of doubles. */
const LEAST_DEVIATION = 1e-70;

export interface WindowState {
  /** False while the window has not begun. */
  inside: boolean;
  length: number;
  elapsed: number;
  average: number;
}

/**
 * Checks a settlement window against the time to expiry: before it begins (`elapsed` 0) expiry is at least the window away, inside
 * it timeToExpiry = window - elapsed. Throws an InputError otherwise.
 */
export function checkWindow(settlement: InverseOption['settlement'], timeToExpiry: number): WindowState {
  requireObject('settlement', settlement);
  const { window, elapsed, average } = settlement!;
  const length = requirePositive('settlement.window', window);
  requireWithin('settlement.elapsed', elapsed, 0, length);
  if (elapsed > 0) requirePositive('settlement.average', average);
  else requireNonNegative('settlement.average', average);
  const missing = timeToExpiry - (length - elapsed);
  if (elapsed > 0 ? Math.abs(missing) > TIME_TOLERANCE : missing < -TIME_TOLERANCE) {
    const relation = elapsed > 0 ? 'timeToExpiry + elapsed' : 'at most timeToExpiry before the window begins';
    throw new InputError('settlement.window', window, relation);
  }
  return { inside: elapsed > 0, length, elapsed, average };
}

/** F* and the time for which the volatility acts on it: s = sigma sqrt(varianceTime). */
export function insideWindow(window: WindowState, forward: number): { forward: number; varianceTime: number } {
  const { length, elapsed, average } = window;
  const left = length - elapsed;
  const mean = (elapsed / length) * average + (left / length) * forward;
  const weight = ((left / length) * forward) / mean;
  return { forward: mean, varianceTime: (weight * weight * left) / 3 };
}

/** Both ledgers inside the window, from the checked option and its undiscounted value in coin. */
export function windowGreeks(option: {
  omega: 1 | -1;
  forward: number;
  strike: number;
  timeToExpiry: number;
  volatility: number;
  discountFactor: number;
  rate: number;
  index: number;
  window: WindowState;
  coinValue: number;
}): { coin: Greeks; usd: Greeks; netDelta: number } {
  const { forward, index, timeToExpiry, strike, volatility, window } = option;
  const effective = insideWindow(window, forward);
  // Without deviation on the strike: half the payoff, to first order.
  const even = effective.forward === strike && standardDeviation(volatility, effective.varianceTime) === 0;
  const kept = even ? 1 + FORWARD_VARIABLES : undefined;
  const ledger = (value: Jet): Greeks =>
    greeksFromJet(kept === undefined ? value : jet.scale(value, 0.5).fill(0, kept), timeToExpiry);

  const coin = ledger(coinJet(option, jet.variable(FORWARD_VARIABLES, FORWARD, forward)));
  const spot = jet.variable(FORWARD_VARIABLES, FORWARD, index);
  const usd = ledger(jet.multiply(spot, coinJet(option, jet.scale(spot, forward / index))));
  return { coin, usd, netDelta: forward * coin.delta };
}

/** The coin value as a jet in (F, K, sigma, t), the forward given as a jet so that it may follow the index. */
function coinJet(option: Parameters<typeof windowGreeks>[0], forward: Jet): Jet {
  const { omega, strike, volatility, discountFactor, rate, window, coinValue } = option;
  const { length, elapsed, average } = window;
  const left = length - elapsed;
  const time = jet.variable(FORWARD_VARIABLES, TIME, 0);
  const strikeJet = jet.variable(FORWARD_VARIABLES, STRIKE, strike);
  const growth = jet.scale(jet.exp(jet.scale(time, rate)), discountFactor);

  // Fixings at the present forward add to the sum a M; the weight of the forward shrinks by as much.
  const fixed = jet.shift(jet.scale(time, option.forward), elapsed * average);
  const weight = jet.scale(jet.shift(jet.scale(time, -1), left), 1 / length);
  const mean = jet.add(jet.scale(fixed, 1 / length), jet.multiply(weight, forward));

  const s = standardDeviation(volatility, insideWindow(window, option.forward).varianceTime);
  const x = logRatio(mean[0]!, strike);
  const d1 = x / s + 0.5 * s;
  const density = s > LEAST_DEVIATION && s < Infinity ? normalPdf(d1) : 0;
  const strikeShare = jet.divide(strikeJet, mean);
  if (density === 0) {
    // Exercise is certain or impossible; a saturated call is one coin, a saturated put K/F*.
    if (s > 0 && Math.abs(x) < 0.5 * s * s) {
      return omega === 1 ? growth : jet.multiply(growth, strikeShare);
    }
    const payoff = jet.multiply(growth, jet.scale(jet.shift(jet.scale(strikeShare, -1), 1), omega));
    return jet.scale(payoff, omega * x >= 0 ? 1 : 0);
  }

  const root = jet.sqrt(jet.scale(jet.multiply(weight, jet.constant(FORWARD_VARIABLES, length)), 1 / 3));
  const sJet = jet.multiply(
    jet.multiply(jet.variable(FORWARD_VARIABLES, VOLATILITY, volatility), jet.multiply(weight, root)),
    jet.divide(forward, mean),
  );
  const xJet = jet.subtract(jet.log(mean), jet.log(strikeJet));
  xJet[0] = x;
  const ratio = jet.divide(xJet, sJet);
  const d1Jet = jet.add(ratio, jet.scale(sJet, 0.5));
  const d2Jet = jet.subtract(ratio, jet.scale(sJet, 0.5));
  // dc/dF* = omega K N(omega d2)/F*^2, dc/dK = -omega N(omega d2)/F*, dc/ds = n(d1).
  const byStrike = jet.scale(jet.divide(jet.normalCdf(jet.scale(d2Jet, omega)), mean), -omega);
  const byMean = jet.scale(jet.multiply(byStrike, strikeShare), -1);
  const value = jet.fromGradient(coinValue, [
    [byMean, mean],
    [byStrike, strikeJet],
    [jet.normalPdf(d1Jet), sJet],
  ]);
  return jet.multiply(growth, value);
}
