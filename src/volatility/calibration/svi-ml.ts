/**
 * The SVI slice for ml-levenberg-marquardt, which knows no constraints that couple parameters: smooth variables that keep every
 * valid smile and no other,
 *
 *   R = 2 / (1 + e^-y1),  L = 2 / (1 + e^-y2),  m = y3,  sigma = e^y4,  v = e^y5,  a = v - sigma sqrt(R L).
 *
 * A minimum with an active bound lies at infinity here and is approached until the cost stops falling.
 */
import { exp } from '../../math/exponential.js';
import { mlLevenbergMarquardt } from '../../math/least-squares/ml.js';
import { log } from '../../math/logarithm.js';
import type { SviParameters } from '../smile/parameters.js';
import { quoteResidual, quoteSlope } from './quotes.js';
import type { FitQuotes } from './quotes.js';
import { raiseToFloor } from './svi-box.js';
import type { SviBox } from './svi-box.js';
import { evaluateSvi, sviNormal } from './svi-objective.js';
import { completeSlopes, firstLinearQuotes, setStart } from './svi-projection.js';
import type { SviSearch } from './svi-search.js';

const PLACES = [0.1, 0.3, 0.5, 0.7, 0.9];
const RATIOS = [0.03, 0.1, 0.3, 0.9];
const STARTS = 2;
const TOLERANCES = { costTolerance: 1e-13, stepTolerance: 1e-13, gradientTolerance: 0, maxIterations: 2000 };

/** The best of a few searches by the package, from the best points of a grid, or from `start` alone. */
export function sviMl(
  quotes: FitQuotes,
  box: SviBox,
  start: SviParameters | undefined,
): { found: SviSearch; starts: number } {
  const linear = sviNormal(quotes.count);
  firstLinearQuotes(quotes, linear);
  const starts: { x: Float64Array; cost: number }[] = [];
  if (start === undefined) {
    for (const place of PLACES) {
      for (const ratio of RATIOS) {
        const x = new Float64Array(5);
        setStart(box, place, ratio, x);
        completeSlopes(quotes, linear, box, x);
        starts.push({ x, cost: evaluateSvi(quotes, x, linear) });
        firstLinearQuotes(quotes, linear);
      }
    }
    starts.sort((a, b) => a.cost - b.cost);
  } else {
    const x = Float64Array.of(start.a, start.b * (1 + start.rho), start.b * (1 - start.rho), start.m, log(start.sigma));
    starts.push({ x, cost: 0 });
  }
  const problem = {
    parameters: 5,
    residuals: quotes.count,
    deadzone: quotes.loss === 'spread-deadzone' ? quotes.deadzone : undefined,
    evaluate: (y: Float64Array, r: Float64Array): void => {
      const x = fromSmooth(y);
      const sigma = exp(x[4]!);
      for (let i = 0; i < quotes.count; i++) {
        const u = quotes.k[i]! - x[3]!;
        const z = Math.sqrt(u * u + sigma * sigma);
        const w = x[0]! + 0.5 * (x[1]! * (z + u) + x[2]! * (z - u));
        r[i] = w > 0 ? quoteResidual(quotes, i, w) : NaN;
      }
    },
    jacobian: (y: Float64Array, j: Float64Array): void => {
      smoothJacobian(quotes, y, j);
    },
  };
  let best: SviSearch | undefined;
  let tried = 0;
  for (const { x } of starts.slice(0, STARTS)) {
    tried++;
    const found = mlLevenbergMarquardt(problem, toSmooth(box, x), quotes.loss, TOLERANCES);
    if (!found.ok || (best !== undefined && !(found.cost < best.cost))) continue;
    const at = fromSmooth(found.x);
    for (let j = 1; j < 5; j++) at[j] = Math.min(box.high[j]!, Math.max(box.low[j]!, at[j]!));
    const onFloor = raiseToFloor(box, at);
    best = { x: at, cost: found.cost, onFloor, iterations: found.iterations, termination: found.termination };
  }
  best ??= { x: starts[0]!.x, cost: Infinity, onFloor: false, iterations: 0, termination: 'iterations' };
  return { found: best, starts: tried };
}

function fromSmooth(y: Float64Array): Float64Array {
  const right = 2 / (1 + exp(-y[0]!));
  const left = 2 / (1 + exp(-y[1]!));
  return Float64Array.of(exp(y[4]!) - exp(y[3]!) * Math.sqrt(right * left), right, left, y[2]!, y[3]!);
}

/** Nearly on a bound counts as a little inside it: at infinity nothing moves any more. */
function toSmooth(box: SviBox, x: Float64Array): Float64Array {
  const inside = (slope: number): number => Math.min(1.99, Math.max(1e4 * box.low[1]!, slope));
  const right = inside(x[1]!);
  const left = inside(x[2]!);
  const least = x[0]! + exp(x[4]!) * Math.sqrt(x[1]! * x[2]!);
  return Float64Array.of(
    log(right / (2 - right)),
    log(left / (2 - left)),
    x[3]!,
    x[4]!,
    log(Math.max(1e4 * box.floor, least)),
  );
}

function smoothJacobian(quotes: FitQuotes, y: Float64Array, j: Float64Array): void {
  const x = fromSmooth(y);
  const right = x[1]!;
  const left = x[2]!;
  const sigma = exp(x[4]!);
  const root = Math.sqrt(right * left);
  const v = exp(y[4]!);
  for (let i = 0; i < quotes.count; i++) {
    const u = quotes.k[i]! - x[3]!;
    const z = Math.sqrt(u * u + sigma * sigma);
    const p = 0.5 * (z + u);
    const q = 0.5 * (z - u);
    const w = x[0]! + right * p + left * q;
    const bound = quotes.target[i] !== quotes.target[i];
    const slope = bound && quoteResidual(quotes, i, w) === 0 ? 0 : quoteSlope(quotes, i, w);
    // dR/dy1 = R (1 - R/2); da/dR = -sigma sqrt(L / R) / 2
    j[5 * i] = slope * right * (1 - right / 2) * (p - (sigma * root) / (2 * right));
    j[5 * i + 1] = slope * left * (1 - left / 2) * (q - (sigma * root) / (2 * left));
    j[5 * i + 2] = (slope * (left * q - right * p)) / z;
    j[5 * i + 3] = slope * ((0.5 * (right + left) * sigma * sigma) / z - sigma * root);
    j[5 * i + 4] = slope * v;
  }
}
