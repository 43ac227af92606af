/**
 * American and European options by finite differences, with cash dividends: the engine where `dividends` are given, and a check on the
 * others where they are not.
 *
 *   S_t = A_t e^(y - sigma^2 t / 2) + D_t,   y = sigma times Brownian motion,   W = e^(-rt) V:   W_t + sigma^2 W_yy / 2 = 0
 *   W(t, y) >= e^(-rt) omega (S_t(y) - K) at every t, just before an ex-date included
 *
 * In y nothing drifts, however large the rates are beside the volatility: carry, dividends and discounting move the obstacle instead. In
 * the model `spot` the values also move along y at an ex-date, W(t-, S) = W(t+, S - d). Steps are TR-BDF2 (Bank et al., 1985), graded
 * as squares from expiry and from each ex-date, where the edge of exercise moves like a square root; each solves its obstacle problem
 * exactly (obstacle-step.ts). The strike at expiry lies on a point. Two runs, the second twice as fine both ways, are extrapolated.
 * Forsyth and Vetzal, Quadratic convergence for valuing American options (2002); Reisinger and Whitley (2014) for the time change.
 */
import { exp } from '../../math/exponential.js';
import { log } from '../../math/logarithm.js';
import { escrowAt, type DividendSchedule } from './dividends.js';
import { obstacleStep, obstacleWork } from './obstacle-step.js';

export interface DifferenceProblem {
  readonly isCall: boolean;
  readonly spot: number;
  readonly strike: number;
  readonly timeToExpiry: number;
  readonly volatility: number;
  readonly rate: number;
  readonly dividendYield: number;
  readonly dividends: DividendSchedule | undefined;
  readonly exercise: 'american' | 'european';
}

export interface DifferenceSolution {
  price: number;
  delta: number;
  gamma: number;
  theta: number;
  /** Where it is exercised, spot by time to expiry: the spots next to the edge, from expiry on. */
  edges: { timeToExpiry: number; spot: number }[];
}

/** Points to either side in units of the standard deviation: what lies beyond is worth 1e-12. */
const REACH = 7;
const GAMMA = 2 - Math.SQRT2;

interface Grid {
  readonly h: number;
  readonly first: number;
  readonly count: number;
}

/**
 * `points` across the grid and `steps` to expiry of the coarser run; strike, volatility and time above 0. The error of the extrapolated
 * price is of the order 1e-7 of the strike with the defaults: docs/american.md.
 */
export function differencePrice(problem: DifferenceProblem, points = 600, steps = 120): DifferenceSolution {
  const coarse = run(problem, gridOf(problem, points, 1), steps);
  const fine = run(problem, gridOf(problem, points, 2), 2 * steps);
  const refine = (a: number, b: number): number => b + (b - a) / 3;
  const omega = problem.isCall ? 1 : -1;
  const intrinsic = omega * (problem.spot - problem.strike);
  const price = refine(coarse.price, fine.price);
  const american = problem.exercise === 'american';
  if (american && fine.price <= intrinsic * (1 + 1e-13)) {
    return { price: intrinsic, delta: omega, gamma: 0, theta: 0, edges: fine.edges };
  }
  return {
    price: american ? Math.max(price, intrinsic, 0) : Math.max(price, 0),
    delta: refine(coarse.delta, fine.delta),
    gamma: refine(coarse.gamma, fine.gamma),
    theta: refine(coarse.theta, fine.theta),
    edges: fine.edges,
  };
}

/** A_t = e^(this + (r - q) t). */
function logLevel({ spot, dividends }: DifferenceProblem): number {
  return log(spot - (dividends?.escrow ?? 0));
}

function gridOf(problem: DifferenceProblem, points: number, refinement: number): Grid {
  const { volatility, timeToExpiry, rate, dividendYield, strike, spot, dividends } = problem;
  const s = volatility * Math.sqrt(timeToExpiry);
  let low = -REACH * s;
  if (dividends?.model === 'spot') {
    const paid = escrowAt(dividends, rate - dividendYield, 0);
    low += log(Math.max(1 - paid / spot, 0.05));
  }
  const high = REACH * s;
  let h = (high - low) / points;
  // A node on the strike at expiry, and one on today's spot unless both are within half a cell.
  const strikeLeft = strike - (dividends?.escrowAtExpiry ?? 0);
  let shift = 0;
  if (strikeLeft > 0) {
    const kink = log(strikeLeft) - logLevel(problem) - (rate - dividendYield) * timeToExpiry + 0.5 * s * s;
    const cells = Math.round(Math.abs(kink) / h);
    if (Math.abs(kink) < high) {
      if (cells > 0) h = Math.abs(kink) / cells;
      else shift = kink;
    }
  }
  const below = Math.ceil((shift - low) / h);
  const above = Math.ceil((high - shift) / h);
  return { h: h / refinement, first: shift - below * h, count: (below + above) * refinement + 1 };
}

/** Times from expiry down to 0 where something happens, with the cash paid there. */
function segments({ timeToExpiry, dividends }: DifferenceProblem): { from: number; to: number; paid: number }[] {
  const list: { from: number; to: number; paid: number }[] = [];
  let from = timeToExpiry;
  const times = dividends?.times ?? [];
  for (let i = times.length - 1; i >= 0; i--) {
    const time = times[i]!;
    if (time > timeToExpiry) continue;
    list.push({ from, to: time, paid: dividends!.amounts[i]! });
    from = time;
  }
  list.push({ from, to: 0, paid: 0 });
  return list;
}

interface Sheet {
  readonly problem: DifferenceProblem;
  readonly grid: Grid;
  readonly logLevel: number;
  readonly omega: 1 | -1;
  /** e^y at the points. */
  readonly growth: Float64Array;
}

/** A_t e^(-sigma^2 t/2). */
function levelAt({ problem, logLevel: start }: Sheet, t: number): number {
  const { rate, dividendYield, volatility } = problem;
  return exp(start + (rate - dividendYield - 0.5 * volatility * volatility) * t);
}

/** D just after t, or just before it. */
function cashAt({ problem }: Sheet, t: number, before: boolean): number {
  const { dividends, rate, dividendYield } = problem;
  if (dividends === undefined || dividends.model === 'spot') return 0;
  const carry = rate - dividendYield;
  const after = escrowAt(dividends, carry, t);
  const at = before ? dividends.times.indexOf(t) : -1;
  return at < 0 ? after : after + dividends.amounts[at]!;
}

/** Discounted proceeds of exercise at the points. */
function fillObstacle(sheet: Sheet, t: number, before: boolean, out: Float64Array): void {
  const { problem, omega, growth } = sheet;
  const discount = omega * exp(-problem.rate * t);
  const level = discount * levelAt(sheet, t);
  const rest = discount * (cashAt(sheet, t, before) - problem.strike);
  for (let i = 0; i < out.length; i++) out[i] = level * growth[i]! + rest;
}

/** What holding to expiry far in the money is worth at t, discounted to 0, where the share's random part is e^y. */
interface Held {
  /** Of the share, which is never below nothing after the dividends to come. */
  readonly growth: number;
  readonly later: number;
  /** Cash less strike, and omega times the discount factor. */
  readonly rest: number;
  readonly discount: number;
}

function heldFrom(sheet: Sheet, t: number): Held {
  const { problem, omega } = sheet;
  const { rate, timeToExpiry, volatility, strike, dividends } = problem;
  let later = 0;
  if (dividends?.model === 'spot') {
    const carry = rate - problem.dividendYield;
    dividends.times.forEach((time, i) => {
      if (time > t && time <= timeToExpiry) later += dividends.amounts[i]! * exp(carry * (timeToExpiry - time));
    });
  }
  return {
    growth: levelAt(sheet, timeToExpiry) * exp(0.5 * volatility * volatility * (timeToExpiry - t)),
    later,
    rest: (dividends?.escrowAtExpiry ?? 0) - strike,
    discount: exp(-rate * timeToExpiry) * omega,
  };
}

function heldValue({ growth, later, rest, discount }: Held, share: number): number {
  const left = growth * share - later;
  const value = discount * ((left > 0 ? left : 0) + rest);
  return value > 0 ? value : 0;
}

function fillEnds(sheet: Sheet, t: number, w: Float64Array, obstacle: Float64Array): void {
  const american = sheet.problem.exercise === 'american';
  const held = heldFrom(sheet, t);
  const last = w.length - 1;
  w[0] = heldValue(held, sheet.growth[0]!);
  w[last] = heldValue(held, sheet.growth[last]!);
  if (!american) return;
  if (obstacle[0]! > w[0]) w[0] = obstacle[0]!;
  if (obstacle[last]! > w[last]) w[last] = obstacle[last]!;
}

function run(problem: DifferenceProblem, grid: Grid, steps: number): DifferenceSolution {
  const { count, h, first } = grid;
  const growth = Float64Array.from({ length: count }, (_, i) => exp(first + i * h));
  const sheet: Sheet = { problem, grid, logLevel: logLevel(problem), omega: problem.isCall ? 1 : -1, growth };
  const american = problem.exercise === 'american';
  const w = new Float64Array(count);
  const stage = new Float64Array(count);
  const obstacle = new Float64Array(count);
  const work = obstacleWork(count);
  const edges: { timeToExpiry: number; spot: number }[] = [];
  const { timeToExpiry, volatility } = problem;
  fillObstacle(sheet, timeToExpiry, false, w);
  for (let i = 0; i < count; i++) w[i] = Math.max(w[i]!, 0);
  const parts = segments(problem);
  const roots = parts.map(({ from, to }) => Math.sqrt(from - to));
  const total = roots.reduce((sum, root) => sum + root, 0);
  const diffusion = (0.5 * volatility * volatility) / (h * h);
  parts.forEach(({ from, to, paid }, part) => {
    const count_ = from > to ? Math.max(Math.round((steps * roots[part]!) / total), 8) : 0;
    let t = from;
    for (let k = 1; k <= count_; k++) {
      const next = k === count_ ? to : from - (from - to) * (k / count_) ** 2;
      const dt = t - next;
      const a = 0.5 * GAMMA * dt * diffusion;
      const middle = t - GAMMA * dt;
      const { right } = work;
      for (let i = 1; i < count - 1; i++) right[i] = w[i]! + a * (w[i - 1]! - 2 * w[i]! + w[i + 1]!);
      fillObstacle(sheet, middle, false, obstacle);
      stage.set(w);
      fillEnds(sheet, middle, stage, obstacle);
      obstacleStep(stage, a, american ? obstacle : undefined, work);
      const ahead = 1 / (GAMMA * (2 - GAMMA));
      const back = (1 - GAMMA) ** 2 * ahead;
      for (let i = 1; i < count - 1; i++) right[i] = ahead * stage[i]! - back * w[i]!;
      fillObstacle(sheet, next, false, obstacle);
      fillEnds(sheet, next, w, obstacle);
      obstacleStep(w, a, american ? obstacle : undefined, work);
      t = next;
      if (american) noteEdges(sheet, t, work.held, edges);
    }
    if (!(paid > 0)) return;
    if (problem.dividends?.model === 'spot') payFromSpot(sheet, to, paid, w, stage);
    if (american) {
      fillObstacle(sheet, to, true, obstacle);
      for (let i = 0; i < count; i++) if (obstacle[i]! > w[i]!) w[i] = obstacle[i]!;
    }
  });
  return { ...readOut(sheet, w), edges };
}

/** W(t-, S) = W(t+, S - d), by cubic interpolation; below the grid what the end's condition says. */
function payFromSpot(sheet: Sheet, t: number, paid: number, w: Float64Array, old: Float64Array): void {
  const { grid, growth, problem, omega } = sheet;
  const { h, first, count } = grid;
  old.set(w);
  const level = levelAt(sheet, t);
  const discount = exp(-problem.rate * t) * omega;
  const american = problem.exercise === 'american';
  const held = heldFrom(sheet, t);
  for (let i = 0; i < count; i++) {
    const left = (level * growth[i]! - paid) / level;
    const place = left > 0 ? (log(left) - first) / h : -1;
    if (place < 1) {
      const share = left > 0 ? left : 0;
      const kept = heldValue(held, share);
      const exercised = american ? discount * (level * share - problem.strike) : 0;
      w[i] = exercised > kept ? exercised : kept;
      continue;
    }
    const floor = Math.floor(place);
    const at = floor < count - 3 ? floor : count - 3;
    const u = place - at;
    const a = old[at - 1]!;
    const b = old[at]!;
    const c = old[at + 1]!;
    const d = old[at + 2]!;
    const value = b + u * (c - b) + ((u * (u - 1)) / 6) * ((2 - u) * (a - 2 * b + c) + (u + 1) * (b - 2 * c + d));
    w[i] = value > 0 ? value : 0;
  }
}

/** The spots between a held and a free point. */
function noteEdges(sheet: Sheet, t: number, held: Uint8Array, edges: DifferenceSolution['edges']): void {
  const { growth, problem } = sheet;
  for (let i = 2; i < held.length - 1; i++) {
    if (held[i] === held[i - 1]) continue;
    const spot = levelAt(sheet, t) * 0.5 * (growth[i]! + growth[i - 1]!) + cashAt(sheet, t, false);
    edges.push({ timeToExpiry: problem.timeToExpiry - t, spot });
  }
}

/** Value and derivatives at y = 0, from the polynomial through the seven nearest points. */
function readOut({ problem, grid }: Sheet, w: Float64Array): Omit<DifferenceSolution, 'edges'> {
  const { h, first } = grid;
  const place = -first / h;
  const at = Math.round(place);
  const u = place - at;
  const p = (k: number): number => w[at + k]!;
  const one = (p(3) - 9 * p(2) + 45 * p(1) - 45 * p(-1) + 9 * p(-2) - p(-3)) / 60;
  const two = (2 * p(3) - 27 * p(2) + 270 * p(1) - 490 * p(0) + 270 * p(-1) - 27 * p(-2) + 2 * p(-3)) / 180;
  const three = (-p(3) + 8 * p(2) - 13 * p(1) + 13 * p(-1) - 8 * p(-2) + p(-3)) / 8;
  const four = (-p(3) + 12 * p(2) - 39 * p(1) + 56 * p(0) - 39 * p(-1) + 12 * p(-2) - p(-3)) / 6;
  const price = p(0) + u * (one + u * (two / 2 + u * (three / 6 + (u * four) / 24)));
  const slope = (one + u * (two + u * (three / 2 + (u * four) / 6))) / h;
  const bend = (two + u * (three + (u * four) / 2)) / (h * h);
  const { spot, rate, dividendYield, volatility, dividends } = problem;
  const random = spot - (dividends?.escrow ?? 0);
  const variance = volatility * volatility;
  return {
    price,
    delta: slope / random,
    gamma: (bend - slope) / (random * random),
    theta: rate * price + slope * (0.5 * variance - ((rate - dividendYield) * spot) / random) - 0.5 * variance * bend,
  };
}
