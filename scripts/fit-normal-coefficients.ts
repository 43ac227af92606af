/**
 * Every coefficient of src/math/{exponential,logarithm,mills,erf}.ts, computed from scratch in 80-digit arithmetic:
 *
 *   npx tsx scripts/fit-normal-coefficients.ts
 *
 * prints, for each fit, the coefficients (lowest power first) and the largest error over points between the fitted ones, once
 * with the coefficients as computed and once as rounded to doubles; then checks that the source holds exactly these doubles, and
 * ends with exit code 1 where it does not.
 *
 * The method is weighted least squares of N - f Q over the previous Q (Sanathanan and Koerner 1963), the weights raised where
 * the error is large (Lawson 1961) until it is level.
 */
import { readFileSync } from 'node:fs';
import { mills } from '../test/reference/normal.js';
import { HALF, ONE, PI, real, SQRT_TWO_PI, TWO, ZERO, type Real } from '../test/reference/real.js';

interface Fit {
  name: string;
  /** The source file that holds the coefficients. */
  file: string;
  /** What the printed error is relative to. */
  errorOf: string;
  /** Fitted points. */
  points: Real[];
  target: (x: Real) => Real;
  /** Multiplies the error at x, where the target is f. */
  weight: (x: Real, f: Real) => Real;
  /** The rational's linear form at x: numerator - f denominator = sum columns[i] unknown[i] - constant. */
  linearForm: (x: Real, f: Real) => { columns: Real[]; constant: Real };
  /** The coefficients from the unknowns, lowest power first. */
  polynomials: (unknowns: Real[]) => { numerator: Real[]; denominator: Real[] };
  /** A first guess of the denominator's size; 1 where missing. */
  firstDenominator?: (x: Real) => Real;
  iterations: number;
}

function powers(x: Real, count: number): Real[] {
  const list = [ONE];
  while (list.length < count) list.push(list[list.length - 1]!.mul(x));
  return list;
}

function evaluate(coefficients: readonly Real[], x: Real): Real {
  return coefficients.reduceRight((sum, coefficient) => sum.mul(x).add(coefficient), ZERO);
}

/** Chebyshev points of an interval. */
function chebyshev(from: number, to: number, count: number): Real[] {
  return Array.from({ length: count }, (_, i) =>
    real((from + to) / 2 - ((to - from) / 2) * Math.cos((Math.PI * (2 * i + 1)) / (2 * count))),
  );
}

/** Solves the normal equations of rows x = right by Cholesky; the 80 digits carry the squared condition. */
function leastSquares(rows: readonly Real[][], right: readonly Real[]): Real[] {
  const n = rows[0]!.length;
  const lower: Real[][] = [];
  const solution: Real[] = [];
  for (let i = 0; i < n; i++) {
    lower.push([]);
    for (let j = 0; j <= i; j++) {
      let sum = rows.reduce((total, row) => total.add(row[i]!.mul(row[j]!)), ZERO);
      for (let k = 0; k < j; k++) sum = sum.sub(lower[i]![k]!.mul(lower[j]![k]!));
      lower[i]!.push(i === j ? sum.sqrt() : sum.div(lower[j]![j]!));
    }
    let sum = rows.reduce((total, row, k) => total.add(row[i]!.mul(right[k]!)), ZERO);
    for (let k = 0; k < i; k++) sum = sum.sub(lower[i]![k]!.mul(solution[k]!));
    solution.push(sum.div(lower[i]![i]!));
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) solution[i] = solution[i]!.sub(lower[k]![i]!.mul(solution[k]!));
    solution[i] = solution[i]!.div(lower[i]![i]!);
  }
  return solution;
}

function solve(fit: Fit): ReturnType<Fit['polynomials']> {
  const targets = fit.points.map(fit.target);
  const base = fit.points.map((x, i) => fit.weight(x, targets[i]!));
  let previous = fit.points.map((x) => fit.firstDenominator?.(x) ?? ONE);
  let lawson = fit.points.map(() => 1);
  let result = fit.polynomials([]);
  for (let iteration = 0; iteration < fit.iterations; iteration++) {
    const right: Real[] = [];
    const rows = fit.points.map((x, i) => {
      const scale = base[i]!.mul(real(Math.sqrt(lawson[i]!))).div(previous[i]!);
      const { columns, constant } = fit.linearForm(x, targets[i]!);
      right.push(constant.mul(scale));
      return columns.map((column) => column.mul(scale));
    });
    result = fit.polynomials(leastSquares(rows, right));
    const { numerator, denominator } = result;
    previous = fit.points.map((x) => evaluate(denominator, x));
    const errors = fit.points.map((x, i) =>
      Math.abs(evaluate(numerator, x).div(previous[i]!).sub(targets[i]!).mul(base[i]!).toNumber()),
    );
    const largest = Math.max(...errors);
    if (iteration > 1) lawson = lawson.map((weight, i) => weight * (errors[i]! / largest + 1e-6));
    const mean = lawson.reduce((a, b) => a + b) / lawson.length;
    lawson = lawson.map((weight) => weight / mean);
  }
  return result;
}

/** The largest weighted error between the fitted points. */
function errorBetween(fit: Fit, numerator: readonly Real[], denominator: readonly Real[]): number {
  let largest = 0;
  for (let i = 1; i < fit.points.length; i++) {
    const x = fit.points[i - 1]!.add(fit.points[i]!).mul(HALF);
    const f = fit.target(x);
    const error = evaluate(numerator, x).div(evaluate(denominator, x)).sub(f).mul(fit.weight(x, f));
    largest = Math.max(largest, Math.abs(error.toNumber()));
  }
  return largest;
}

/** A polynomial of the given degree. */
function polynomial(degree: number): Pick<Fit, 'linearForm' | 'polynomials'> {
  return {
    linearForm: (x, f) => ({ columns: powers(x, degree + 1), constant: f }),
    polynomials: (unknowns) => ({ numerator: unknowns, denominator: [ONE] }),
  };
}

/** Numerator over denominator, the latter with constant 1. */
function rational(numeratorDegree: number, denominatorDegree: number): Pick<Fit, 'linearForm' | 'polynomials'> {
  return {
    linearForm: (x, f) => ({
      columns: [
        ...powers(x, numeratorDegree + 1),
        ...powers(x, denominatorDegree + 1)
          .slice(1)
          .map((power) => power.mul(f).neg()),
      ],
      constant: f,
    }),
    polynomials: (unknowns) => ({
      numerator: unknowns.slice(0, numeratorDegree + 1),
      denominator: [ONE, ...unknowns.slice(numeratorDegree + 1)],
    }),
  };
}

/** Numerator over denominator, the latter with leading coefficient 1. */
function monicRational(numeratorDegree: number, denominatorDegree: number): Pick<Fit, 'linearForm' | 'polynomials'> {
  return {
    linearForm: (x, f) => {
      const power = powers(x, denominatorDegree + 1);
      return {
        columns: [
          ...power.slice(0, numeratorDegree + 1),
          ...power.slice(0, denominatorDegree).map((p) => p.mul(f).neg()),
        ],
        constant: f.mul(power[denominatorDegree]!),
      };
    },
    polynomials: (unknowns) => ({
      numerator: unknowns.slice(0, numeratorDegree + 1),
      denominator: [...unknowns.slice(numeratorDegree + 1), ONE],
    }),
  };
}

const HALF_LOG_TWO = TWO.ln().toNumber() / 2;

/** Integral of phi from 0 to z: Phi(z) - 1/2 without the cancellation near 0. */
function centralProbability(z: Real): Real {
  let term = z;
  let sum = z;
  const square = z.mul(z);
  for (let n = 1; term.abs().gt(sum.abs().mul('1e-75')); n++) {
    term = term.mul(square).div(-2 * n);
    sum = sum.add(term.div(2 * n + 1));
  }
  return sum.div(SQRT_TWO_PI);
}

/** A root of f near a start, by Newton's method on f / f'. */
function root(start: Real, step: (z: Real) => Real): Real {
  let z = start;
  for (let i = 0; i < 40; i++) {
    const change = step(z);
    z = z.sub(change);
    if (change.abs().lt(z.abs().mul('1e-60'))) break;
  }
  return z;
}

function centralQuantile(u: Real): Real {
  return root(u.mul(SQRT_TWO_PI), (z) => centralProbability(z).sub(u).mul(SQRT_TWO_PI).mul(z.mul(z).mul(HALF).exp()));
}

/** z with ln Phi(-z) = -t^2/2. */
function tailQuantile(t: Real): Real {
  const constant = SQRT_TWO_PI.ln();
  return root(t, (z) => {
    const m = mills(z);
    return z.mul(z).mul(HALF).add(constant).sub(m.ln()).sub(t.mul(t).mul(HALF)).mul(m);
  });
}

const fits: Fit[] = [
  {
    name: '(e^r - 1 - r - r^2/2)/r^3, |r| <= ln(2)/2',
    file: 'exponential.ts',
    errorOf: 'e^r, absolute',
    points: chebyshev(-HALF_LOG_TWO, HALF_LOG_TWO, 60),
    target: (r) => r.exp().sub(ONE).sub(r).sub(r.mul(r).mul(HALF)).div(r.pow(3)),
    weight: (r) => r.pow(3),
    ...polynomial(8),
    iterations: 12,
  },
  {
    name: 'A(w) = (2 atanh z - 2 z)/z^3, w = z^2 <= 0.04',
    file: 'logarithm.ts',
    errorOf: '2 atanh z, relative',
    points: chebyshev(0, 0.04, 40),
    target: (w) => {
      const z = w.sqrt();
      return ONE.add(z).div(ONE.sub(z)).ln().sub(z.mul(2)).div(z.mul(w));
    },
    weight: (w) => w.mul(HALF),
    ...polynomial(6),
    iterations: 12,
  },
  {
    name: '1/M(z) - z = N/P, z >= 0',
    file: 'mills.ts',
    errorOf: 'it, relative; those of M and 1 - z M are smaller',
    points: chebyshev(0, 1, 120).map((y) => y.mul(2.5).div(ONE.sub(y))),
    target: (z) => ONE.div(mills(z)).sub(z),
    weight: (_, f) => ONE.div(f),
    ...monicRational(10, 11),
    firstDenominator: (z) => ONE.add(z).pow(11),
    iterations: 16,
  },
  {
    name: '(1/(2 e^(z^2/2) Phi(-z)) - 1)/z - 0.68, w = z + 0.75 >= 0',
    file: 'tail-slope.ts',
    errorOf: 'it with the 0.68, relative',
    points: chebyshev(0, 0.98, 91).map((y) => y.mul(2.25).div(ONE.sub(y))),
    target: (w) => {
      const z = w.sub(real(0.75));
      return ONE.div(mills(z)).mul(PI.div(2).sqrt()).sub(ONE).div(z).sub(real(0.68));
    },
    weight: (_, f) => ONE.div(f.add(real(0.68))),
    ...monicRational(11, 11),
    firstDenominator: (w) => ONE.add(w).pow(11),
    iterations: 25,
  },
  {
    name: 'R(w) = erf(x)/x, w = x^2 <= 0.5625',
    file: 'erf.ts',
    errorOf: 'erf x, relative',
    points: chebyshev(0, 0.5625, 50),
    target: (w) => centralProbability(w.mul(2).sqrt()).mul(2).div(w.sqrt()),
    weight: (_, f) => ONE.div(f),
    ...polynomial(11),
    iterations: 12,
  },
  {
    name: 'z/u as a rational in u^2, u = Phi(z) - 1/2, |u| <= 1/4',
    file: 'erf.ts',
    errorOf: 'z, relative',
    points: chebyshev(0, 0.0625, 50),
    target: (w) => centralQuantile(w.sqrt()).div(w.sqrt()),
    weight: (_, f) => ONE.div(f),
    ...rational(5, 5),
    iterations: 12,
  },
  {
    name: 'z as a rational in t = sqrt(-2 ln Phi(-z)), Phi(-z) from 5e-324 to 1/4',
    file: 'erf.ts',
    errorOf: 'z, relative',
    points: chebyshev(1 / 38.7, 1 / Math.sqrt(2 * Math.log(4)), 50).map((y) => ONE.div(y)),
    target: tailQuantile,
    weight: (_, f) => ONE.div(f),
    ...rational(4, 3),
    iterations: 12,
  },
];

/** The numbers written in a source file, comments left out. */
function literals(file: string): Set<number> {
  const text = readFileSync(new URL(`../src/math/${file}`, import.meta.url), 'utf8');
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*/g, '');
  return new Set(Array.from(code.matchAll(/\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi), ([match]) => Number(match)));
}

let missing = 0;

function show(label: string, file: string, values: readonly number[]): void {
  console.log(`  ${label}: ${values.map(String).join(', ')}`);
  const present = literals(file);
  for (const value of values) {
    if (present.has(Math.abs(value))) continue;
    missing++;
    console.log(`  MISSING in src/math/${file}: ${value}`);
  }
}

for (const fit of fits) {
  const { numerator, denominator } = solve(fit);
  const rounded = (list: readonly Real[]): number[] => list.map((value) => value.toNumber());
  const exact = errorBetween(fit, numerator, denominator);
  const stored = errorBetween(fit, rounded(numerator).map(real), rounded(denominator).map(real));
  console.log(`${fit.name}\n  error (${fit.errorOf}): ${exact.toExponential(2)}, as stored ${stored.toExponential(2)}`);
  show('numerator', fit.file, rounded(numerator));
  if (denominator.length > 1) show('denominator', fit.file, rounded(denominator));
}

const LN2 = TWO.ln();
const LN2_HIGH = Math.round(LN2.toNumber() * 2 ** 32) / 2 ** 32;
const constants: Record<string, [file: string, value: Real | number][]> = {
  'ln 2 to 32 bits and the rest': [
    ['exponential.ts', LN2_HIGH],
    ['exponential.ts', LN2.sub(real(LN2_HIGH))],
    ['logarithm.ts', LN2_HIGH],
    ['logarithm.ts', LN2.sub(real(LN2_HIGH))],
  ],
  'log2 e': [['exponential.ts', ONE.div(LN2)]],
  'sqrt(2 pi), ln(2 pi)/2, sqrt 2, sqrt(1/2), sqrt(2/pi), 1/sqrt(2 pi)': [
    ['mills.ts', SQRT_TWO_PI],
    ['erf.ts', SQRT_TWO_PI.ln()],
    ['erf.ts', TWO.sqrt()],
    ['erf.ts', HALF.sqrt()],
    ['erf.ts', TWO.div(PI).sqrt()],
    ['normal.ts', ONE.div(SQRT_TWO_PI)],
  ],
};
for (const [name, entries] of Object.entries(constants)) {
  console.log(name);
  for (const [file, value] of entries) show(file, file, [typeof value === 'number' ? value : value.toNumber()]);
}

if (missing > 0) {
  console.log(`${missing} coefficients are not in the source`);
  process.exitCode = 1;
}
