/**
 * How far an investor with proportional trading costs lets a risky weight drift before trading, by dynamic programming.
 *
 * Utility of constant relative risk aversion g removes wealth from the problem; what is left is the weight w just after a trade. With
 * G(w) = w R + (1 - w) e^(r dt) the growth of wealth in a step and w' = w R / G the weight it ends in,
 *
 *   H(w) = 1/(1-g) ln E[(G e^h(w'))^(1-g)]     (g = 1: E[ln G + h(w')]),   ln R normal, by Gauss-Hermite
 *   h(w) = max( H(w),  max over b > w of H(b) + ln((1 + l w)/(1 + l b)),  max over s < w of H(s) + ln((1 - l w)/(1 - l s)) )
 *
 * since buying from w to b multiplies wealth by (1 + l w)/(1 + l b), and selling likewise. So the lower end of the region is the
 * argmax of H - ln(1 + l w), the upper end that of H - ln(1 - l w), and beyond them h continues along the cost of going back.
 * Relative value iteration subtracts h at the centre until the shape stands still. Asymptotically, for small steps and costs,
 *
 *   half width = (3/(2g) w*^2 (1 - w*)^2 l)^(1/3),   w* = (drift - rate)/(g volatility^2)
 *
 * Davis and Norman, "Portfolio selection with transaction costs" (1990); Janecek and Shreve (2004). A weight above 1 is treated as
 * continuous trading would: the quadrature's outermost return, not an unbounded one, decides whether a step can be survived.
 */
import { requireFinite, requireNonNegative, requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import type { Failure } from '../errors.js';
import { cubeRoot } from '../math/cube-root.js';
import { exp, expm1 } from '../math/exponential.js';
import { gaussHermite } from '../math/gauss-hermite.js';
import { log, log1p } from '../math/logarithm.js';

export interface NoTradeRegionInput {
  /** Expected growth rate of the risky price, continuously compounded, per year. */
  drift: number;
  /** Of cash, continuously compounded, per year. */
  rate: number;
  /** Annual, decimal. */
  volatility: number;
  /** Relative risk aversion g; 1 is logarithmic utility. */
  riskAversion: number;
  /** Cost of one trade as a part of what is traded. */
  oneWayCost: number;
  /** Years from one decision to the next. */
  step: number;
  /** Points of the weight grid; 241 where missing. */
  grid?: number | undefined;
  /** Gauss-Hermite nodes of the return; 9 where missing. */
  nodes?: number | undefined;
}

export interface NoTradeRegion {
  ok: true;
  /** Buy up to here from below, sell down to `upper` from above, and stay still between. */
  lower: number;
  upper: number;
  /** The weight held if trading were free. */
  merton: number;
  asymptoticHalfWidth: number;
  iterations: number;
  /** The grid of weights after a trade. */
  weights: Float64Array;
  /** H there, less h at the weight nearest the Merton weight: log certainty equivalent, relative. */
  value: Float64Array;
  /** The weight to trade to from each grid weight. */
  policy: Float64Array;
  /** Log certainty equivalent gained per year under the best policy. */
  growth: number;
}

const CONVERGED = 1e-12;
const MAX_ITERATIONS = 200_000;
const WIDENINGS = 6;

/** The Merton weight (drift - rate)/(g volatility^2). */
export function mertonWeight(i: { drift: number; rate: number; volatility: number; riskAversion: number }): number {
  return (i.drift - i.rate) / (i.riskAversion * i.volatility * i.volatility);
}

/** (3/(2g) w^2 (1-w)^2 l)^(1/3): the half width of the region as cost and step vanish; 0 at weights 0 and 1. */
export function asymptoticHalfWidth(weight: number, riskAversion: number, oneWayCost: number): number {
  const spread = weight * (1 - weight);
  return cubeRoot((1.5 / riskAversion) * spread * spread * oneWayCost);
}

/**
 * 'corner-solution' where the best weight is not inside a region with two ends: a Merton weight of 0, 1 or below 0, costs so large
 * that one end leaves (0, 1), or leverage a single step could wipe out; 'no-convergence' after 200,000 iterations. Throws InputError
 * on a volatility, risk aversion or step not above 0, a cost outside [0, 1), a grid below 41 points or nodes outside 2 to 64.
 */
export function solveNoTradeRegion(
  i: NoTradeRegionInput,
): NoTradeRegion | Failure<'no-convergence' | 'corner-solution'> {
  const problem = checked(i);
  const { merton, cost } = problem;
  if (!(merton > 0) || Math.abs(merton - 1) < 1e-9) {
    return failure('corner-solution', 'the weight without costs is 0, 1 or negative', merton, merton > 0.5 ? 1 : 0);
  }
  const asymptotic = asymptoticHalfWidth(merton, problem.riskAversion, cost);
  const stepSd = problem.volatility * Math.abs(merton * (1 - merton)) * Math.sqrt(problem.step);
  let reach = 2 * asymptotic + 6 * stepSd;
  for (let widening = 0; widening < WIDENINGS; widening++) {
    const from = merton < 1 ? Math.max(merton - reach, 0) : Math.max(merton - reach, 1);
    const to = merton < 1 ? Math.min(merton + reach, 1) : merton + reach;
    const solved = iterate(problem, from, to);
    if (solved === undefined) {
      return failure('corner-solution', 'one step could take all of the wealth at weights of the grid', to, 1);
    }
    if (!solved.converged) {
      return failure('no-convergence', 'the values still moved', solved.iterations, MAX_ITERATIONS);
    }
    const { lower, upper } = solved;
    if (lower > from && upper < to) {
      const { iterations, weights, value, policy, growth } = solved;
      const region = { lower, upper, merton, asymptoticHalfWidth: asymptotic };
      return { ok: true, ...region, iterations, weights, value, policy, growth };
    }
    if ((lower <= from && (from === 0 || from === 1)) || (upper >= to && to === 1)) {
      return failure('corner-solution', 'an end of the region leaves the weights between', lower <= from ? from : to);
    }
    reach *= 2;
  }
  return failure('corner-solution', 'no end of the region was found', merton);
}

function failure<R extends 'no-convergence' | 'corner-solution'>(
  reason: R,
  message: string,
  value: number,
  limit?: number,
): Failure<R> {
  return { ok: false, reason, message, value, limit };
}

interface Problem {
  merton: number;
  riskAversion: number;
  cost: number;
  volatility: number;
  step: number;
  /** Gross returns of the risky asset at the nodes, their probabilities, and the return of cash. */
  returns: Float64Array;
  probabilities: Float64Array;
  cash: number;
  grid: number;
}

function checked(i: NoTradeRegionInput): Problem {
  const volatility = requirePositive('volatility', i.volatility);
  const riskAversion = requirePositive('riskAversion', i.riskAversion);
  const step = requirePositive('step', i.step);
  const drift = requireFinite('drift', i.drift);
  const rate = requireFinite('rate', i.rate);
  const cost = requireNonNegative('oneWayCost', i.oneWayCost);
  if (cost >= 1) throw new InputError('oneWayCost', cost, 'below 1');
  const grid = i.grid ?? 241;
  if (!Number.isInteger(grid) || grid < 41) throw new InputError('grid', grid, 'a whole number, 41 or more');
  const nodes = i.nodes ?? 9;
  if (!Number.isInteger(nodes) || nodes < 2 || nodes > 64) throw new InputError('nodes', nodes, 'from 2 to 64');
  const { nodes: z, weights: probabilities } = gaussHermite(nodes);
  const mean = (drift - 0.5 * volatility * volatility) * step;
  const returns = z.map((zi) => exp(mean + volatility * Math.sqrt(step) * zi));
  const merton = mertonWeight({ drift, rate, volatility, riskAversion });
  return { merton, riskAversion, cost, volatility, step, returns, probabilities, cash: exp(rate * step), grid };
}

interface Iterated {
  converged: boolean;
  iterations: number;
  lower: number;
  upper: number;
  weights: Float64Array;
  value: Float64Array;
  policy: Float64Array;
  growth: number;
}

/** Relative value iteration on a grid; undefined where wealth could end. */
function iterate(p: Problem, from: number, to: number): Iterated | undefined {
  const n = p.grid;
  const width = (to - from) / (n - 1);
  const weights = Float64Array.from({ length: n }, (_, k) => (k === n - 1 ? to : from + k * width));
  const transitions = prepare(p, weights, from, width);
  if (transitions === undefined) return undefined;
  const buying = weights.map((w) => log1p(p.cost * w));
  const selling = weights.map((w) => log1p(-p.cost * w));
  const centre = Math.min(Math.max(Math.round((p.merton - from) / width), 0), n - 1);
  const h = new Float64Array(n);
  const value = new Float64Array(n);
  const gain = new Float64Array(n);
  let iterations = 0;
  for (;;) {
    iterations++;
    applyStep(p, transitions, h, value);
    for (let k = 0; k < n; k++) gain[k] = value[k]! - buying[k]!;
    const buy = argmax(gain);
    const buyValue = gain[buy]!;
    for (let k = 0; k < n; k++) gain[k] = value[k]! - selling[k]!;
    const sell = argmax(gain);
    const sellValue = gain[sell]!;
    const middle = value[centre]!;
    let change = 0;
    for (let k = 0; k < n; k++) {
      const best = k < buy ? buying[k]! + buyValue : k > sell ? selling[k]! + sellValue : value[k]!;
      const next = best - middle;
      change = Math.max(change, Math.abs(next - h[k]!));
      h[k] = next;
    }
    if (change < CONVERGED || iterations >= MAX_ITERATIONS) {
      const upper = from + vertex(gain, sell) * width;
      for (let k = 0; k < n; k++) gain[k] = value[k]! - buying[k]!;
      const lower = from + vertex(gain, buy) * width;
      const policy = weights.map((w) => Math.min(Math.max(w, lower), upper));
      for (let k = 0; k < n; k++) value[k]! -= middle;
      return {
        ...{ converged: change < CONVERGED, iterations, lower, upper, weights, value, policy },
        growth: middle / p.step,
      };
    }
  }
}

/** Where each weight and node leads: the four grid points around w', their cubic weights, and the log growth on the way. */
interface Transitions {
  first: Int32Array;
  /** Four interpolation weights each. */
  shares: Float64Array;
  logGrowth: Float64Array;
}

function prepare(p: Problem, weights: Float64Array, from: number, width: number): Transitions | undefined {
  const n = weights.length;
  const m = p.returns.length;
  const first = new Int32Array(n * m);
  const shares = new Float64Array(4 * n * m);
  const logGrowth = new Float64Array(n * m);
  const to = weights[n - 1]!;
  for (let k = 0; k < n; k++) {
    for (let j = 0; j < m; j++) {
      const at = k * m + j;
      const growth = weights[k]! * p.returns[j]! + (1 - weights[k]!) * p.cash;
      if (!(growth > 0)) return undefined;
      let next = (weights[k]! * p.returns[j]!) / growth;
      logGrowth[at] = log(growth);
      // Beyond the grid the investor trades back to its edge, at cost.
      if (next < from) {
        logGrowth[at] += log1p(p.cost * next) - log1p(p.cost * from);
        next = from;
      } else if (next > to) {
        if (!(p.cost * next < 1)) return undefined;
        logGrowth[at] += log1p(-p.cost * next) - log1p(-p.cost * to);
        next = to;
      }
      const position = (next - from) / width;
      const start = Math.min(Math.max(Math.floor(position) - 1, 0), n - 4);
      first[at] = start;
      lagrange(position - start, shares, 4 * at);
    }
  }
  return { first, shares, logGrowth };
}

/** The cubic through four points 0, 1, 2, 3 at x: the weight of each. */
function lagrange(x: number, out: Float64Array, at: number): void {
  const [a, b, c] = [x - 1, x - 2, x - 3];
  out[at] = (-a * b * c) / 6;
  out[at + 1] = (x * b * c) / 2;
  out[at + 2] = (-x * a * c) / 2;
  out[at + 3] = (x * a * b) / 6;
}

/** H from h. */
function applyStep(p: Problem, { first, shares, logGrowth }: Transitions, h: Float64Array, value: Float64Array): void {
  const m = p.returns.length;
  const power = 1 - p.riskAversion;
  for (let k = 0; k < value.length; k++) {
    let sum = 0;
    for (let j = 0; j < m; j++) {
      const at = k * m + j;
      const start = first[at]!;
      const here =
        logGrowth[at]! +
        shares[4 * at]! * h[start]! +
        shares[4 * at + 1]! * h[start + 1]! +
        shares[4 * at + 2]! * h[start + 2]! +
        shares[4 * at + 3]! * h[start + 3]!;
      sum += p.probabilities[j]! * (power === 0 ? here : expm1(power * here));
    }
    value[k] = power === 0 ? sum : log1p(sum) / power;
  }
}

function argmax(values: Float64Array): number {
  let best = 0;
  for (let k = 1; k < values.length; k++) if (values[k]! > values[best]!) best = k;
  return best;
}

/** Where between the points a grid function is largest: the vertex of the parabola through the best one and its neighbours. */
function vertex(values: Float64Array, best: number): number {
  if (best === 0 || best === values.length - 1) return best;
  const [left, middle, right] = [values[best - 1]!, values[best]!, values[best + 1]!];
  const curvature = left - 2 * middle + right;
  return curvature < 0 ? best - (0.5 * (right - left)) / curvature : best;
}
