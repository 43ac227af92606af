/**
 * The probability that an account is called within a horizon, by simulated paths of one spot with the whole account valued anew:
 * options, coin collateral and the margin under the venue's own rules.
 *
 *   S_(t+dt) = S_t exp((mu - sigma^2/2) dt + sigma sqrt(dt) Z),   called at the first step where equity - requirement < 0
 *
 * The excess is computed once on a grid in ln S, the strikes among its points, and interpolated on lines along the paths; beyond the
 * grid it is the one at its end. Watching at steps alone misses what happens between them; with `continuous` each step also sees the
 * price e^(-+.5826 sigma sqrt(dt)) further in either direction, the shift of Broadie, Glasserman and Kou (1997) applied to the path
 * instead of the barrier. Time does not pass for the options. Paths come in antithetic pairs, and the interval is of the pairs' means.
 */
import { requireFinite, requireNonNegative, requireOneOf, requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import { exp } from '../math/exponential.js';
import { log } from '../math/logarithm.js';
import { inverseNormalCdf } from '../math/normal.js';
import { seededRandom } from '../math/random.js';
import type { Account } from '../portfolio/account.js';
import type { MarketSnapshot } from '../portfolio/snapshot.js';
import type { SmileDynamics } from '../volatility/smile/dynamics.js';
import { collateralEquity } from './account-health.js';
import type { MarginResult } from './margin/margin.js';
import { shiftMarket } from './shift-market.js';

export interface MarginCallSimulation {
  /** Whose price moves. */
  underlying: string;
  margin: (account: Account, snapshot: MarketSnapshot) => MarginResult;
  /** What equity is held against; 'maintenance' where missing. */
  requirement?: 'initial' | 'maintenance' | undefined;
  /** Annual, decimal. */
  volatility: number;
  /** Expected growth rate of the price, per year; 0 where missing. */
  drift?: number | undefined;
  horizonYears: number;
  /** Times the account is looked at. */
  steps: number;
  /** Of paths and their mirror images. */
  pairs: number;
  seed: number;
  /** Whether the account is watched between steps; true where missing. */
  continuous?: boolean | undefined;
  /** Of the interval; .95 where missing. */
  confidence?: number | undefined;
  /** Of the smile; 'sticky-strike' where missing. */
  dynamics?: SmileDynamics | undefined;
  /** Points of the grid, beside the strikes; 201 where missing. */
  gridPoints?: number | undefined;
}

export interface SimulatedMarginCall {
  probability: number;
  standardError: number;
  interval: [number, number];
  /** That the account is below its requirement at the end of the horizon. */
  terminalProbability: number;
  /** Mean shortfall at the step of the call, in the currency of the margin; 0 where there is no call. */
  expectedCall: number;
  currency: string;
  /** Years until the call of the paths that are called: the share called by the end of each step. */
  calledBy: { years: number; probability: number }[];
}

/** -zeta(1/2) / sqrt(2 pi) */
const SHIFT = 0.5825971579390106;

/** Throws InputError on options out of range, and as the margin rules and the valuation do. */
export function simulateMarginCall(
  account: Account,
  snapshot: MarketSnapshot,
  options: MarginCallSimulation,
): SimulatedMarginCall {
  const { steps, pairs, continuous = true, confidence = 0.95 } = requireOptions(options, snapshot);
  const sigma = options.volatility;
  const dt = options.horizonYears / steps;
  const drift = ((options.drift ?? 0) - 0.5 * sigma * sigma) * dt;
  const deviation = sigma * Math.sqrt(dt);
  const shift = continuous ? SHIFT * deviation : 0;
  const { excess, currency } = excessGrid(account, snapshot, options);
  const random = seededRandom(options.seed);

  const calls = new Float64Array(steps);
  const draws = new Float64Array(steps);
  const immediate = excess(0) < 0;
  let [sum, squares, terminal, shortfall] = [0, 0, 0, 0];
  for (let pair = 0; pair < pairs; pair++) {
    for (let step = 0; step < steps; step++) draws[step] = random.normal();
    let called = 0;
    for (const sign of [1, -1]) {
      let x = 0;
      let at = immediate ? 0 : -1;
      let left = immediate ? excess(0) : 0;
      for (let step = 0; step < steps; step++) {
        x += drift + sign * deviation * draws[step]!;
        if (at >= 0) continue;
        const here = shift === 0 ? excess(x) : Math.min(excess(x), excess(x - shift), excess(x + shift));
        if (here < 0) {
          at = step;
          left = here;
        }
      }
      if (excess(x) < 0) terminal += 1;
      if (at < 0) continue;
      called += 1;
      calls[at]! += 1;
      shortfall -= left;
    }
    sum += called / 2;
    squares += (called / 2) ** 2;
  }
  const probability = sum / pairs;
  const variance = Math.max(squares / pairs - probability * probability, 0);
  const standardError = Math.sqrt(variance / Math.max(pairs - 1, 1));
  const width = -inverseNormalCdf(0.5 * (1 - confidence));
  const count = 2 * pairs;
  let until = 0;
  return {
    probability,
    standardError,
    interval: wilson(probability, pairs, variance, width),
    terminalProbability: terminal / count,
    expectedCall: sum === 0 ? 0 : shortfall / (2 * sum),
    currency,
    calledBy: Array.from(calls, (number, step) => {
      until += number;
      return { years: (step + 1) * dt, probability: until / count };
    }),
  };
}

/** Wilson's interval with as many independent trials as the variance is worth; it does not shrink to a point at 0 or 1. */
function wilson(p: number, pairs: number, variance: number, z: number): [number, number] {
  const trials = variance > 0 ? (p * (1 - p) * pairs) / variance : pairs;
  const square = z * z;
  const middle = (p + square / (2 * trials)) / (1 + square / trials);
  const half = (z / (1 + square / trials)) * Math.sqrt((p * (1 - p)) / trials + square / (4 * trials * trials));
  return [Math.max(Math.min(middle - half, p), 0), Math.min(Math.max(middle + half, p), 1)];
}

/** Deviations of the horizon the grid spans on either side. */
const REACH = 8;

/** The excess of equity over the requirement at S exp(x), between points of a grid on lines. */
function excessGrid(
  account: Account,
  snapshot: MarketSnapshot,
  o: MarginCallSimulation,
): { excess: (x: number) => number; currency: string } {
  const { underlying, margin, dynamics = 'sticky-strike', gridPoints = 201, requirement = 'maintenance' } = o;
  const spot = snapshot.underlyings[underlying]!.spot;
  let currency = '';
  const exact = (x: number): number => {
    const size = spot * exp(x);
    const moved =
      x === 0 ? snapshot : shiftMarket(snapshot, [{ factor: 'spot', underlying, kind: 'set', size }], dynamics);
    const required = margin(account, moved);
    currency = required.currency;
    const held = requirement === 'initial' ? required.initialMargin : required.maintenanceMargin;
    return collateralEquity(account, moved, currency) - held;
  };
  const span = REACH * o.volatility * Math.sqrt(o.horizonYears) + Math.abs(o.drift ?? 0) * o.horizonYears;
  if (span === 0) {
    const now = exact(0);
    return { excess: () => now, currency };
  }
  const even = Array.from({ length: gridPoints }, (_, i) => span * ((2 * i) / (gridPoints - 1) - 1));
  const strikes = account.positions.flatMap(({ instrument }) =>
    instrument.kind === 'option' && instrument.underlying === underlying ? [log(instrument.strike / spot)] : [],
  );
  const inside = strikes.filter((x) => Math.abs(x) < span);
  const points = Float64Array.from([...new Set([0, ...even, ...inside])]).sort();
  const values = Float64Array.from(points, exact);
  const excess = (x: number): number => {
    let low = 0;
    let high = points.length - 1;
    if (!(x > points[low]!)) return values[low]!;
    if (!(x < points[high]!)) return values[high]!;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (points[middle]! <= x) low = middle;
      else high = middle;
    }
    const share = (x - points[low]!) / (points[high]! - points[low]!);
    return values[low]! + share * (values[high]! - values[low]!);
  };
  return { excess, currency };
}

function requireOptions(o: MarginCallSimulation, snapshot: MarketSnapshot): MarginCallSimulation {
  if (!Object.hasOwn(snapshot.underlyings, o.underlying)) {
    throw new InputError('underlying', o.underlying, 'one of the snapshot');
  }
  requireOneOf('requirement', o.requirement ?? 'maintenance', ['initial', 'maintenance']);
  requireNonNegative('volatility', o.volatility);
  requireFinite('drift', o.drift ?? 0);
  requirePositive('horizonYears', o.horizonYears);
  const whole = (field: string, value: number, least: number): void => {
    if (!(Number.isInteger(value) && value >= least)) {
      throw new InputError(field, value, `a whole number of at least ${least}`);
    }
  };
  whole('steps', o.steps, 1);
  whole('pairs', o.pairs, 2);
  whole('gridPoints', o.gridPoints ?? 201, 3);
  const { confidence = 0.95 } = o;
  if (!(confidence > 0 && confidence < 1)) throw new InputError('confidence', confidence, 'between 0 and 1');
  return o;
}
