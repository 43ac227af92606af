/** The record of a fitted SVI slice: from the variables of the search to the parameters, their covariance and what bound them. */
import type { SliceInput } from '../../market/slice.js';
import { exp } from '../../math/exponential.js';
import { log } from '../../math/logarithm.js';
import type { SviParameters } from '../smile/parameters.js';
import { SVI_NAMES } from '../smile/raw-svi.js';
import { sliceFit } from './diagnostics.js';
import type { FitObjective, SliceFit } from './fit.js';
import type { FitQuotes } from './quotes.js';
import { raiseToFloor } from './svi-box.js';
import type { SviBox } from './svi-box.js';
import { evaluateSvi } from './svi-objective.js';
import type { SviNormal } from './svi-objective.js';
import type { SviSearch } from './svi-search.js';

/** SVI parameters as a point of the search, moved into its box. */
export function toSearchPoint(box: SviBox, p: SviParameters, x: Float64Array): void {
  x[1] = p.b * (1 + p.rho);
  x[2] = p.b * (1 - p.rho);
  x[3] = p.m;
  x[4] = log(p.sigma);
  for (let j = 1; j < 5; j++) x[j] = Math.min(box.high[j]!, Math.max(box.low[j]!, x[j]!));
  x[0] = p.a;
  raiseToFloor(box, x);
}

export function fromSearchPoint(x: Float64Array): SviParameters {
  const right = x[1]!;
  const left = x[2]!;
  const b = (right + left) / 2;
  return { a: x[0]!, b, rho: (right - left) / (right + left), m: x[3]!, sigma: exp(x[4]!) };
}

let modelVolatility = new Float64Array(64);
const parameterInformation = new Float64Array(15);
const floorInformation = new Float64Array(10);
const held = new Uint8Array(5);
const chain = new Float64Array(25);

/**
 * The record of a slice at the point of a search that ended there. `normal` holds the normal equations at the point where `isLast` says so,
 * and is else overwritten by them.
 */
export function sviReport(
  slice: SliceInput,
  objective: FitObjective,
  quotes: FitQuotes,
  box: SviBox,
  normal: SviNormal,
  found: SviSearch,
  starts: number,
  isLast: boolean,
): SliceFit<SviParameters> {
  const { x } = found;
  // A search ends within its tolerance of the point whose normal equations it leaves behind.
  const cost = isLast && found.termination === 'cost' ? found.cost : evaluateSvi(quotes, x, normal);
  const p = fromSearchPoint(x);
  const { b, rho, sigma } = p;
  const right = x[1]!;
  const left = x[2]!;
  if (modelVolatility.length < quotes.count) modelVolatility = new Float64Array(2 * quotes.count);
  const volatility = modelVolatility;
  const { count, k } = quotes;
  const a = x[0]!;
  const m = x[3]!;
  const variance = sigma * sigma;
  const skew = 0.5 * (right - left);
  const rate = 1 / quotes.time;
  for (let i = 0; i < count; i++) {
    const u = k[i]! - m;
    volatility[i] = Math.sqrt((a + b * Math.sqrt(u * u + variance) + skew * u) * rate);
  }
  carryToParameters(normal.matrix, p);

  const atBound: string[] = [];
  const names = ['a', 'b(1+rho)', 'b(1-rho)', 'm', 'sigma'];
  for (let j = 1; j < 5; j++) {
    held[j] = x[j]! <= box.low[j]! || x[j]! >= box.high[j]! ? 1 : 0;
    if (held[j] === 1) atBound.push(names[j]!);
  }
  held[0] = 0;
  if (found.onFloor) atBound.unshift('minimum variance');
  // d(a, b, rho, m, sigma) / d(a, R, L, m, s)
  const sum = right + left;
  chain.fill(0);
  chain[0] = 1;
  chain[6] = 0.5;
  chain[7] = 0.5;
  chain[11] = (2 * left) / (sum * sum);
  chain[12] = (-2 * right) / (sum * sum);
  chain[18] = 1;
  chain[24] = sigma;
  const onFloor = found.onFloor ? onFloorVariables(x, sigma, normal) : undefined;
  return sliceFit({
    model: 'svi',
    parameters: p,
    names: SVI_NAMES,
    values: [p.a, b, rho, p.m, sigma],
    lower: [-Infinity, 0, -1, box.low[3]!, exp(box.low[4]!)],
    upper: [Infinity, 2, 1, box.high[3]!, exp(box.high[4]!)],
    input: slice,
    objective,
    volatility,
    cost,
    variables: onFloor === undefined ? 5 : 4,
    information: onFloor?.information ?? normal.matrix,
    held: onFloor?.held ?? held,
    chain: onFloor?.chain ?? chain,
    parameterInformation,
    atBound,
    iterations: found.iterations,
    starts,
    termination: found.termination,
    rejected: [],
  });
}

/** J'J in (a, b, rho, m, sigma) from that in (a, R, L, m, s): the columns of b, rho and sigma are mixtures of those of R, L and s. */
function carryToParameters(from: Float64Array, { b, rho, sigma }: SviParameters): void {
  const up = 1 + rho;
  const down = 1 - rho;
  const inverse = 1 / sigma;
  const to = parameterInformation;
  to[0] = from[0]!;
  to[6] = from[6]!;
  to[9] = from[9]!;
  to[10] = inverse * from[10]!;
  to[13] = inverse * from[13]!;
  to[14] = inverse * inverse * from[14]!;
  to[1] = up * from[1]! + down * from[3]!;
  to[7] = up * from[7]! + down * from[8]!;
  to[11] = inverse * (up * from[11]! + down * from[12]!);
  to[3] = b * (from[1]! - from[3]!);
  to[8] = b * (from[7]! - from[8]!);
  to[12] = b * inverse * (from[11]! - from[12]!);
  const byRight = up * from[2]! + down * from[4]!;
  const byLeft = up * from[4]! + down * from[5]!;
  to[2] = up * byRight + down * byLeft;
  to[4] = b * (byRight - byLeft);
  to[5] = b * b * (from[2]! - 2 * from[4]! + from[5]!);
}

/** The report's matrices where a follows from (R, L, m, s): information, held variables and d(parameters) of those four. */
function onFloorVariables(
  x: Float64Array,
  sigma: number,
  normal: SviNormal,
): { information: Float64Array; held: Uint8Array; chain: Float64Array } {
  const root = Math.sqrt(x[1]! * x[2]!);
  // da/d(R, L, m, s) on a + sigma sqrt(R L) = v
  const level = [(-sigma * x[2]!) / (2 * root), (-sigma * x[1]!) / (2 * root), 0, -sigma * root];
  const at = (i: number, j: number): number => normal.matrix[i >= j ? (i * (i + 1)) / 2 + j : (j * (j + 1)) / 2 + i]!;
  for (let i = 0, place = 0; i < 4; i++) {
    for (let j = 0; j <= i; j++) {
      floorInformation[place++] =
        at(i + 1, j + 1) + level[i]! * at(0, j + 1) + level[j]! * at(i + 1, 0) + level[i]! * level[j]! * at(0, 0);
    }
  }
  const floorChain = new Float64Array(20);
  for (let i = 0; i < 5; i++) {
    for (let j = 0; j < 4; j++) floorChain[4 * i + j] = chain[5 * i + j + 1]! + chain[5 * i]! * level[j]!;
  }
  return { information: floorInformation, held: held.slice(1), chain: floorChain };
}
