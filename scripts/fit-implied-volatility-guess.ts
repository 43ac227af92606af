/**
 * Fits the first guesses of the implied-volatility solvers and prints them as TypeScript, each with the relative error it reached
 * on a grid finer than the one it was fitted on:
 *
 *   npx tsx scripts/fit-implied-volatility-guess.ts
 *
 * Every fit is a polynomial, linear in its coefficients, brought close to minimax by iteratively reweighted least squares
 * (Lawson 1961). The forms are those of src/pricing/implied-volatility-guess.ts and bachelier-implied-volatility.ts.
 */
import { Matrix, QrDecomposition } from 'ml-matrix';
import { mills, millsComplement, normalPdf } from '../src/math/normal.js';
import { scaledBlack } from '../src/pricing/black.js';

const INVERSE_SQRT_TWO_PI = 0.3989422804014327;
/** The guesses hold for |ln(F/K)| up to here. */
const LARGEST_X = 3;
const LOWER_BASE = 4;
const UPPER_BASE = 1;
const BACHELIER_BASE = 4;
/** Coefficients per power of the first variable: the number of powers of the second one. */
const LOWER_ROWS = [4, 4, 4, 4, 4, 4, 3, 3, 2, 2, 1, 1];
const UPPER_ROWS = [4, 4, 4, 3, 3, 2];
const DIGITS = 10;

/** One sample: the basis functions there, the value they must reach and the weight that makes the error relative. */
interface Sample {
  basis: number[];
  value: number;
  weight: number;
}

/** Extrema of a Chebyshev polynomial: both ends, and dense there. */
function chebyshevNodes(from: number, to: number, count: number): number[] {
  return Array.from(
    { length: count },
    (_, i) => from + ((to - from) * (1 - Math.cos((Math.PI * i) / (count - 1)))) / 2,
  );
}

/** Both ends and equal steps between: the grid that states the error. */
function evenNodes(from: number, to: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));
}

function tensorBasis(rows: readonly number[], first: number, second: number): number[] {
  return rows.flatMap((count, i) => Array.from({ length: count }, (_, j) => first ** i * second ** j));
}

function errorsOf(samples: readonly Sample[], coefficients: readonly number[]): number[] {
  return samples.map(({ basis, value, weight }) => {
    const sum = basis.reduce((total, b, i) => total + b * coefficients[i]!, 0);
    return Math.abs(weight * (sum - value));
  });
}

function fit(samples: readonly Sample[], iterations = 60): number[] {
  let lawson = samples.map(() => 1);
  let best: number[] = [];
  let bestError = Infinity;
  for (let iteration = 0; iteration < iterations; iteration++) {
    const scale = samples.map((sample, i) => sample.weight * Math.sqrt(lawson[i]!));
    const design = new Matrix(samples.map((sample, i) => sample.basis.map((b) => b * scale[i]!)));
    const target = Matrix.columnVector(samples.map((sample, i) => sample.value * scale[i]!));
    const coefficients = new QrDecomposition(design).solve(target).to1DArray();
    const errors = errorsOf(samples, coefficients);
    const worst = Math.max(...errors);
    if (worst < bestError) [best, bestError] = [coefficients, worst];
    lawson = lawson.map((weight, i) => weight * (errors[i]! / worst + 1e-3));
    const mean = lawson.reduce((a, b) => a + b, 0) / lawson.length;
    lawson = lawson.map((weight) => weight / mean);
  }
  return best.map((coefficient) => Number(coefficient.toPrecision(DIGITS)));
}

/** Polynomial text in Horner form, lowest power first. */
function horner(coefficients: readonly (number | string)[], variable: string): string {
  return coefficients
    .map(String)
    .reduceRight((rest, coefficient) => `${coefficient} + ${variable} * (${rest})`)
    .replace(/\((-?[\d.e-]+)\)/g, '$1');
}

function tensorHorner(rows: readonly number[], coefficients: readonly number[], first: string, second: string): string {
  let next = 0;
  const inner = rows.map((count) => {
    const row = coefficients.slice(next, next + count);
    next += count;
    return count === 1 ? String(row[0]) : horner(row, second);
  });
  return horner(
    inner.map((text) => (/[+*]/.test(text) ? `(${text})` : text)),
    first,
  );
}

function report(name: string, text: string, samples: readonly Sample[], coefficients: readonly number[]): void {
  const worst = Math.max(...errorsOf(samples, coefficients));
  console.log(`// ${name}: ${coefficients.length} terms, relative error ${worst.toExponential(2)}`);
  console.log(`return ${text};\n`);
}

// Price at the inflection s = sqrt(2x), over sqrt(x), as a polynomial in sqrt(x).

function inflectionPrice(root: number): number {
  return INVERSE_SQRT_TWO_PI * scaledBlack(root * Math.SQRT1_2, root * Math.SQRT1_2);
}

function inflectionSamples(nodes: readonly number[]): Sample[] {
  return nodes.map((root) => {
    const value = inflectionPrice(root) / root;
    return { basis: Array.from({ length: 9 }, (_, i) => root ** i), value, weight: 1 / value };
  });
}

// Lower half: s below the inflection. h = x/s over w / sqrt(4 + w).

function lowerSamples(
  nodes: (from: number, to: number, count: number) => number[],
  columns: number,
  count: number,
): Sample[] {
  // Dense towards x = 0, where the half reaches down to h = sqrt(x/2).
  return nodes(1e-9, Math.sqrt(LARGEST_X), columns).flatMap((rootOfX) => {
    const x = rootOfX * rootOfX;
    const toUnit = (h: number) => h / (h + 3);
    return nodes(toUnit(Math.sqrt(x / 2)), toUnit(37.5), count).flatMap((u) => {
      const h = (3 * u) / (1 - u);
      const t = (0.5 * x) / h;
      const p = normalPdf(h - t) * scaledBlack(h, t);
      if (p < 1e-301) return [];
      const w = 2 * Math.log1p((INVERSE_SQRT_TWO_PI * x) / p);
      const value = (h * Math.sqrt(4 + w)) / w;
      const root = Math.sqrt(w);
      const basis = tensorBasis(
        LOWER_ROWS,
        (root - LOWER_BASE) / (root + LOWER_BASE),
        2 * Math.sqrt(x / LARGEST_X) - 1,
      );
      return [{ basis, value, weight: 1 / value }];
    });
  });
}

// Upper half: s above the inflection. (s - sqrt(2x)) over v / sqrt(1 + pi v / 4).

function upperSamples(
  nodes: (from: number, to: number, count: number) => number[],
  columns: number,
  count: number,
): Sample[] {
  return nodes(0, 1, columns).flatMap((root) => {
    const x = LARGEST_X * root * root;
    const inflection = Math.sqrt(2 * x);
    const complement = (s: number) => {
      const [h, t] = [x / s, 0.5 * s];
      return normalPdf(h - t) * (mills(t - h) + mills(t + h));
    };
    const atInflection = 0.5 + INVERSE_SQRT_TWO_PI * mills(inflection);
    // 15.5 is beyond the last s with 1 - p >= 2^-40 for every x here.
    return nodes(1e-6, 15.5 / 16.5, count).flatMap((u) => {
      const s = inflection + u / (1 - u);
      if (complement(s) < 2 ** -40) return [];
      const v = Math.log(atInflection / complement(s));
      const bend = v / Math.sqrt(1 + (Math.PI / 4) * v);
      const basis = tensorBasis(UPPER_ROWS, (bend - UPPER_BASE) / (bend + UPPER_BASE), 2 * root - 1);
      return [{ basis, value: (s - inflection) / bend, weight: bend / s }];
    });
  });
}

// Bachelier: d = |F - K| / v over w / sqrt(4 + w), with w = 2 ln(1 + phi(0) |F - K| / value).

function bachelierSamples(nodes: readonly number[]): Sample[] {
  return nodes.map((u) => {
    const d = (3 * u) / (1 - u);
    const w = 2 * Math.log1p((INVERSE_SQRT_TWO_PI * d) / (normalPdf(d) * millsComplement(d)));
    const value = (d * Math.sqrt(4 + w)) / w;
    const root = Math.sqrt(w);
    const c = (root - BACHELIER_BASE) / (root + BACHELIER_BASE);
    return { basis: Array.from({ length: 14 }, (_, i) => c ** i), value, weight: 1 / value };
  });
}

const inflection = fit(inflectionSamples(chebyshevNodes(1e-9, Math.sqrt(LARGEST_X), 400)));
report(
  'price at the inflection over sqrt(x)',
  horner(inflection, 'root'),
  inflectionSamples(evenNodes(1e-9, Math.sqrt(LARGEST_X), 5000)),
  inflection,
);

const lower = fit(lowerSamples(chebyshevNodes, 24, 110));
report('lower half', tensorHorner(LOWER_ROWS, lower, 'c', 'm'), lowerSamples(evenNodes, 101, 501), lower);

const upper = fit(upperSamples(chebyshevNodes, 24, 110));
report('upper half', tensorHorner(UPPER_ROWS, upper, 'c', 'm'), upperSamples(evenNodes, 101, 501), upper);

const farthest = 37.3 / 40.3;
const bachelier = fit(bachelierSamples(chebyshevNodes(1e-9, farthest, 600)));
report('Bachelier', horner(bachelier, 'c'), bachelierSamples(evenNodes(1e-9, farthest, 5000)), bachelier);
