/**
 * The worst error of each special function over seeded random arguments, against 80-digit references, in units in the last place
 * of the exact result. Shared by the tests, which hold the bounds, and by scripts/accuracy-report.ts, which prints the figures.
 */
import { erf, erfc, erfcx, inverseErf } from '../../src/math/erf.js';
import { exp, expm1 } from '../../src/math/exponential.js';
import { log, log1p, logRatio } from '../../src/math/logarithm.js';
import { inverseNormalCdf, mills, millsComplement, normalCdf, normalPdf } from '../../src/math/normal.js';
import * as reference from '../reference/normal.js';
import { HALF, ONE, PI, real, SQRT_TWO_PI, TWO, type Real } from '../reference/real.js';

/** One line of a report: the worst error seen and the bound it must keep. */
export interface AccuracyRow {
  name: string;
  region: string;
  samples: number;
  worst: number;
  bound: number;
  unit: string;
  /** Where the worst error was. */
  at: readonly number[];
}

export type Random = () => number;

/** Uniform numbers in [0, 1), the same in every run (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function uniform(from: number, to: number): (random: Random) => number {
  return (random) => from + (to - from) * random();
}

/** Size log-uniform, either sign where `signed`. */
export function logUniform(from: number, to: number, signed = false): (random: Random) => number {
  return (random) => {
    const size = Math.exp(Math.log(from) + (Math.log(to) - Math.log(from)) * random());
    return signed && random() < 0.5 ? -size : size;
  };
}

/** |approximation - exact| in units in the last place of the exact value; subnormal results count their fixed unit. */
export function ulpError(approximation: number, exact: Real): number {
  const size = Math.abs(exact.toNumber());
  if (!Number.isFinite(size)) return approximation === exact.toNumber() ? 0 : Infinity;
  if (!Number.isFinite(approximation)) return Infinity;
  const exponent = size === 0 ? -1074 : Math.max(Math.floor(Math.log2(size)), -1022) - 52;
  // In two steps, since 2^1074 is no double.
  return Math.abs(real(approximation).sub(exact).mul(TWO.pow(-exponent)).toNumber());
}

interface Case {
  name: string;
  region: string;
  draw: ((random: Random) => number)[];
  evaluate: (...x: number[]) => number;
  exact: (...x: number[]) => Real;
  bound: number;
}

/** Phi(z) - 1/2 without cancellation. */
function centralProbability(z: Real): Real {
  let term = z;
  let sum = z;
  const square = z.mul(z);
  for (let n = 1; !term.isZero() && term.abs().gt(sum.abs().mul('1e-75')); n++) {
    term = term.mul(square).div(-2 * n);
    sum = sum.add(term.div(2 * n + 1));
  }
  return sum.div(SQRT_TWO_PI);
}

function exactErf(x: Real): Real {
  if (x.abs().lt(2)) return centralProbability(x.mul(TWO.sqrt())).mul(2);
  const tail = ONE.sub(exactErfc(x.abs()));
  return x.isNegative() ? tail.neg() : tail;
}

function exactErfc(x: Real): Real {
  return reference.normalCdf(x.mul(TWO.sqrt()).neg()).mul(2);
}

function exactErfcx(x: Real): Real {
  return reference.mills(x.mul(TWO.sqrt())).mul(TWO.div(PI).sqrt());
}

/** z with ln Phi(-z) = ln p from a double near it: two steps of Newton's method. */
function exactTailQuantile(p: Real, near: number): Real {
  let z = real(near);
  for (let i = 0; i < 3; i++) {
    const m = reference.mills(z);
    const logTail = m.ln().sub(z.mul(z).mul(HALF)).sub(SQRT_TWO_PI.ln());
    z = z.add(logTail.sub(p.ln()).mul(m));
  }
  return z;
}

function exactCentralQuantile(u: Real, near: number): Real {
  let z = real(near);
  for (let i = 0; i < 3; i++) {
    z = z.sub(centralProbability(z).sub(u).mul(SQRT_TWO_PI).mul(z.mul(z).mul(HALF).exp()));
  }
  return z;
}

function exactQuantile(p: number): Real {
  if (p > 0.4 && p < 0.6) return exactCentralQuantile(real(p).sub(HALF), inverseNormalCdf(p));
  if (p <= 0.4) return exactTailQuantile(real(p), -inverseNormalCdf(p)).neg();
  return exactTailQuantile(ONE.sub(real(p)), inverseNormalCdf(p));
}

function exactInverseErf(y: number): Real {
  const central = Math.abs(y) < 0.5;
  const size = real(y).abs();
  const x = central
    ? exactCentralQuantile(size.mul(HALF), Math.SQRT2 * inverseErf(Math.abs(y)))
    : exactTailQuantile(ONE.sub(size).mul(HALF), Math.SQRT2 * inverseErf(Math.abs(y)));
  return (y < 0 ? x.neg() : x).mul(HALF.sqrt());
}

const cases: Case[] = [
  { name: 'exp', region: '|x| <= 1', draw: [uniform(-1, 1)], evaluate: exp, exact: (x) => real(x).exp(), bound: 1 },
  {
    name: 'exp',
    region: '-745 to 709.7',
    draw: [uniform(-745, 709.7)],
    evaluate: exp,
    exact: (x) => real(x).exp(),
    bound: 1,
  },
  {
    name: 'expm1',
    region: '|x| from 1e-20 to 30',
    draw: [logUniform(1e-20, 30, true)],
    evaluate: expm1,
    exact: (x) => real(x).exp().sub(ONE),
    bound: 2,
  },
  { name: 'log', region: '0.5 to 2', draw: [uniform(0.5, 2)], evaluate: log, exact: (x) => real(x).ln(), bound: 1 },
  {
    name: 'log',
    region: '1e-320 to 1e308',
    draw: [logUniform(1e-320, 1e308)],
    evaluate: log,
    exact: (x) => real(x).ln(),
    bound: 1,
  },
  {
    name: 'log1p',
    region: '|x| from 1e-20 to 0.99',
    draw: [logUniform(1e-20, 0.99, true)],
    evaluate: log1p,
    exact: (x) => ONE.add(real(x)).ln(),
    bound: 2,
  },
  {
    name: 'log1p',
    region: '1 to 1e300',
    draw: [logUniform(1, 1e300)],
    evaluate: log1p,
    exact: (x) => ONE.add(real(x)).ln(),
    bound: 2,
  },
  {
    name: 'logRatio',
    region: 'a/b from 0.99999 to 1.00001',
    draw: [uniform(50, 200), uniform(-1e-5, 1e-5)],
    evaluate: (b, step) => logRatio(b + b * step, b),
    exact: (b, step) =>
      real(b + b * step)
        .div(real(b))
        .ln(),
    bound: 2,
  },
  {
    name: 'logRatio',
    region: 'a/b from 0.2 to 5',
    draw: [uniform(50, 200), logUniform(0.2, 5)],
    evaluate: (b, ratio) => logRatio(b * ratio, b),
    exact: (b, ratio) =>
      real(b * ratio)
        .div(real(b))
        .ln(),
    bound: 2,
  },
  {
    name: 'logRatio',
    region: 'a and b from 1e-320 to 1e308',
    draw: [logUniform(1e-320, 1e308), logUniform(1e-320, 1e308)],
    evaluate: logRatio,
    exact: (a, b) => real(a).div(real(b)).ln(),
    bound: 2,
  },
  { name: 'mills', region: '0 to 5', draw: [uniform(0, 5)], evaluate: mills, exact: reference.mills, bound: 3 },
  {
    name: 'mills',
    region: '5 to 1e12',
    draw: [logUniform(5, 1e12)],
    evaluate: mills,
    exact: reference.mills,
    bound: 2,
  },
  { name: 'mills', region: '-37 to 0', draw: [uniform(-37, 0)], evaluate: mills, exact: reference.mills, bound: 4 },
  {
    name: 'millsComplement',
    region: '0 to 5',
    draw: [uniform(0, 5)],
    evaluate: millsComplement,
    exact: (z) => ONE.sub(real(z).mul(reference.mills(z))),
    bound: 6,
  },
  {
    name: 'millsComplement',
    region: '5 to 1e12',
    draw: [logUniform(5, 1e12)],
    evaluate: millsComplement,
    exact: (z) => ONE.sub(real(z).mul(reference.mills(z))),
    bound: 6,
  },
  {
    name: 'millsComplement',
    region: '-37 to 0',
    draw: [uniform(-37, 0)],
    evaluate: millsComplement,
    exact: (z) => ONE.sub(real(z).mul(reference.mills(z))),
    bound: 4,
  },
  {
    name: 'normalPdf',
    region: '-38.5 to 38.5',
    draw: [uniform(-38.5, 38.5)],
    evaluate: normalPdf,
    exact: reference.normalDensity,
    bound: 2,
  },
  {
    name: 'normalCdf',
    region: '-38.4 to 0',
    draw: [uniform(-38.4, 0)],
    evaluate: normalCdf,
    exact: reference.normalCdf,
    bound: 4,
  },
  {
    name: 'normalCdf',
    region: '0 to 9',
    draw: [uniform(0, 9)],
    evaluate: normalCdf,
    exact: reference.normalCdf,
    bound: 2,
  },
  {
    name: 'erf',
    region: '|x| from 1e-20 to 6',
    draw: [logUniform(1e-20, 6, true)],
    evaluate: erf,
    exact: (x) => exactErf(real(x)),
    bound: 2,
  },
  {
    name: 'erfc',
    region: '-6 to 1',
    draw: [uniform(-6, 1)],
    evaluate: erfc,
    exact: (x) => exactErfc(real(x)),
    bound: 4,
  },
  {
    name: 'erfc',
    region: '1 to 27',
    draw: [uniform(1, 27)],
    evaluate: erfc,
    exact: (x) => exactErfc(real(x)),
    bound: 4,
  },
  {
    name: 'erfcx',
    region: '-26 to 0',
    draw: [uniform(-26, 0)],
    evaluate: erfcx,
    exact: (x) => exactErfcx(real(x)),
    bound: 4,
  },
  {
    name: 'erfcx',
    region: '1e-10 to 1e12',
    draw: [logUniform(1e-10, 1e12)],
    evaluate: erfcx,
    exact: (x) => exactErfcx(real(x)),
    bound: 5,
  },
  {
    name: 'inverseErf',
    region: '|y| from 1e-20 to 1',
    draw: [logUniform(1e-20, 0.9999999, true)],
    evaluate: inverseErf,
    exact: exactInverseErf,
    bound: 4,
  },
  {
    name: 'inverseErf',
    region: '1 - y from 1e-15 to 0.5',
    draw: [(random) => 1 - logUniform(1e-15, 0.5)(random)],
    evaluate: inverseErf,
    exact: exactInverseErf,
    bound: 4,
  },
  {
    name: 'inverseNormalCdf',
    region: '5e-324 to 0.25',
    draw: [logUniform(5e-324, 0.25)],
    evaluate: inverseNormalCdf,
    exact: exactQuantile,
    bound: 2,
  },
  {
    name: 'inverseNormalCdf',
    region: '0.1 to 0.9',
    draw: [uniform(0.1, 0.9)],
    evaluate: inverseNormalCdf,
    exact: exactQuantile,
    bound: 4,
  },
];

/** One row a function and region, from `samples` arguments each. */
export function specialFunctionAccuracy(samples: number, seed: number): AccuracyRow[] {
  return cases.map(({ name, region, draw, evaluate, exact, bound }) => {
    const random = seededRandom(seed);
    let worst = 0;
    let at: number[] = [];
    for (let i = 0; i < samples; i++) {
      const x = draw.map((next) => next(random));
      const error = ulpError(evaluate(...x), exact(...x));
      if (!(error <= worst)) [worst, at] = [error, x];
    }
    return { name, region, samples, worst, bound, unit: 'ulp', at };
  });
}
