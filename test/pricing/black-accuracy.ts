/**
 * The worst error of the Black kernel, prices and Greeks over seeded random options, region by region, against 80-digit values.
 * Shared by the tests, which hold the bounds, and by scripts/accuracy-report.ts, which prints the figures.
 *
 * Out of the money the unit is 2^-53 (1 + h^2) of the value, h = |ln(F/K)|/s; for Greeks it is 1e-13 (1 + h^2) of the sum of the
 * absolute terms of the closed form. In spot models h counts both parts of the logarithm, (|ln(S/K)| + |(r - q)T|)/s: the
 * sum is formed in doubles.
 */
import {
  outOfTheMoneyFraction,
  outOfTheMoneyShortfall,
  outOfTheMoneyValue,
  scaledBlack,
} from '../../src/pricing/black.js';
import { black76 } from '../../src/pricing/black76.js';
import { blackScholes } from '../../src/pricing/black-scholes.js';
import type { GreekName, Greeks } from '../../src/pricing/greeks.js';
import type { ForwardOption, OptionType, SpotOption } from '../../src/pricing/option.js';
import { seededRandom, type AccuracyRow, type Random } from '../math/accuracy.js';
import { blackAt } from '../reference/double-double.js';
import { blackScholesGreeks } from '../reference/greeks.js';
import { otmBlack, otmBlackComplement, otmBlackValue, scaledBlack as exactScaledBlack } from '../reference/values.js';
import { real, type Real } from '../reference/real.js';

const EPSILON = 2 ** -53;

function between(random: Random, from: number, to: number): number {
  return from + (to - from) * random();
}

function betweenLogs(random: Random, from: number, to: number): number {
  return from * (to / from) ** random();
}

/** |approximation / exact - 1|; 0 where both vanish among the doubles. */
function relative(approximation: number, exact: Real): number {
  if (exact.isZero()) return approximation === 0 ? 0 : Infinity;
  return Math.abs(real(approximation).div(exact).sub(1).toNumber());
}

interface Region {
  region: string;
  h: [from: number, to: number];
  s: [from: number, to: number];
}

/** What is judged: the scalar models, or others with the same calls. */
export interface LognormalModels {
  blackScholes: { greeks(option: SpotOption): Greeks };
  black76: { price(option: ForwardOption): number; greeks(option: ForwardOption): Greeks };
}

const scalarModels: LognormalModels = { blackScholes, black76 };

/** (h, s) rectangles that cover every regime of the kernel and its seams. */
const regions: Region[] = [
  { region: 'h < 1, s 1e-8 to 0.4', h: [0, 1], s: [1e-8, 0.4] },
  { region: 'h < 3, s 0.4 to 1', h: [0, 3], s: [0.4, 1] },
  { region: 'h < 6, s 1 to 12', h: [0, 6], s: [1, 12] },
  { region: 'h < 6, s 12 to 60', h: [0, 6], s: [12, 60] },
  { region: 'h 1 to 10, s 1e-8 to 0.4', h: [1, 10], s: [1e-8, 0.4] },
  { region: 'h 3 to 10, s 0.4 to 4', h: [3, 10], s: [0.4, 4] },
  { region: 'h 10 to 30, s 1e-8 to 0.4', h: [10, 30], s: [1e-8, 0.4] },
  { region: 'h 10 to 30, s 0.4 to 10', h: [10, 30], s: [0.4, 10] },
  { region: 'h 30 to 37, s 1e-8 to 0.4', h: [30, 37], s: [1e-8, 0.4] },
  { region: 'h 30 to 37, s 0.4 to 10', h: [30, 37], s: [0.4, 10] },
];

/** The smallest value whose relative error is asked for: below it a double has too few bits. */
const SMALLEST = 1e-300;

function kernelRows(samples: number, seed: number): AccuracyRow[] {
  const rows: AccuracyRow[] = [];
  for (const { region, h: hRange, s: sRange } of regions) {
    const random = seededRandom(seed);
    const fraction = row('outOfTheMoneyFraction', region, samples, 8, '2^-53 (1 + h^2)');
    // Beyond h the conditions grow with d = t - h instead: both have a factor e^(d^2/2) or its inverse.
    const scaled = row('scaledBlack', region, samples, 8, '2^-53 (1 + max(h, t - h)^2)');
    const shortfall = row('outOfTheMoneyShortfall', region, samples, 8, '2^-53 (1 + max(h, t - h)^2)');
    for (let i = 0; i < samples; i++) {
      const s = betweenLogs(random, ...sRange);
      const x = between(random, ...hRange) * s;
      const h = x / s;
      const t = s / 2;
      const condition = 1 + Math.max(h, t - h) ** 2;
      const exact = otmBlack(x, s);
      const rest = otmBlackComplement(x, s);
      if (exact.gt(SMALLEST)) {
        note(fraction, relative(outOfTheMoneyFraction(x, s), exact) / EPSILON / (1 + h * h), [x, s]);
      }
      if (t - h < 37) note(scaled, relative(scaledBlack(h, t), exactScaledBlack(x, s)) / EPSILON / condition, [x, s]);
      if (rest.gt(SMALLEST)) {
        note(shortfall, relative(outOfTheMoneyShortfall(x, s), rest) / EPSILON / condition, [x, s]);
      }
    }
    rows.push(fraction, scaled, shortfall);
  }
  return rows;
}

/** Rectangles for the dense samples: everything next to the money, where most options are and the regimes of a kernel meet. */
const denseRegions: Region[] = [
  { region: 'h 0.2 to 1, s 1 to 1.2', h: [0.2, 1], s: [1, 1.2] },
  { region: 'h < 1.5, s 0.5 to 2', h: [0, 1.5], s: [0.5, 2] },
  { region: 'h < 3, s 0.05 to 0.6', h: [0, 3], s: [0.05, 0.6] },
  { region: 'h < 3, s 1e-6 to 0.05', h: [0, 3], s: [1e-6, 0.05] },
  { region: 'h 1.5 to 6, s 0.2 to 5', h: [1.5, 6], s: [0.2, 5] },
];

/** outOfTheMoneyFraction against 25 digits, which are cheap enough for many thousand points. */
function denseRows(samples: number, seed: number): AccuracyRow[] {
  return denseRegions.map(({ region, h: hRange, s: sRange }) => {
    const random = seededRandom(seed);
    const fraction = row('outOfTheMoneyFraction', `${region}, dense`, samples, 8, '2^-53 (1 + h^2)');
    for (let i = 0; i < samples; i++) {
      const s = betweenLogs(random, ...sRange);
      const x = between(random, ...hRange) * s;
      const h = x / s;
      const { value } = blackAt(x, s);
      const error = Math.abs(outOfTheMoneyFraction(x, s) - value[0] - value[1]) / value[0];
      note(fraction, error / EPSILON / (1 + h * h), [x, s]);
    }
    return fraction;
  });
}

interface Draw {
  forward: number;
  strike: number;
  timeToExpiry: number;
  volatility: number;
  rate: number;
  dividendYield: number;
  type: OptionType;
}

interface Market {
  region: string;
  time: [from: number, to: number];
  volatility: [from: number, to: number];
  h: [from: number, to: number];
}

const MINUTE = 1 / 525600;

const markets: Market[] = [
  {
    region: 'ordinary: |h| < 4, a day to 3 years, vol 5% to 200%',
    time: [1 / 365, 3],
    volatility: [0.05, 2],
    h: [0, 4],
  },
  { region: 'a minute to expiry, |h| < 8', time: [MINUTE, MINUTE], volatility: [0.05, 2], h: [0, 8] },
  { region: 'vol 1000%, |h| < 8', time: [1 / 365, 2], volatility: [10, 10], h: [0, 8] },
  { region: 'wings: |h| 8 to 36', time: [1 / 365, 2], volatility: [0.01, 1], h: [8, 36] },
  { region: '|d| near 38', time: [1 / 365, 2], volatility: [0.05, 0.5], h: [36.9, 37.8] },
  { region: '30 years, vol 0.1% to 20%, |h| < 8', time: [30, 30], volatility: [0.001, 0.2], h: [0, 8] },
];

function drawOption(random: Random, { time, volatility, h }: Market): Draw {
  const timeToExpiry = betweenLogs(random, ...time);
  const sigma = betweenLogs(random, ...volatility);
  const forward = betweenLogs(random, 0.01, 1e5);
  const x = between(random, ...h) * sigma * Math.sqrt(timeToExpiry) * (random() < 0.5 ? -1 : 1);
  return {
    forward,
    strike: forward * Math.exp(-x),
    timeToExpiry,
    volatility: sigma,
    rate: between(random, -0.05, 0.15),
    dividendYield: between(random, -0.05, 0.15),
    type: random() < 0.5 ? 'call' : 'put',
  };
}

function priceRows(samples: number, seed: number, models = scalarModels): AccuracyRow[] {
  const rows: AccuracyRow[] = [];
  for (const market of markets) {
    const random = seededRandom(seed);
    const kernel = row('outOfTheMoneyValue', market.region, samples, 8, '2^-53 (1 + h^2)');
    const price = row('black76.price, out of the money', market.region, samples, 8, '2^-53 (1 + h^2)');
    for (let i = 0; i < samples; i++) {
      const { forward, strike, timeToExpiry, volatility } = drawOption(random, market);
      const s = volatility * Math.sqrt(timeToExpiry);
      const h = Math.abs(Math.log(forward / strike)) / s;
      const exact = otmBlackValue(forward, strike, volatility, timeToExpiry);
      if (!exact.gt(SMALLEST)) continue;
      const type = forward < strike ? 'call' : 'put';
      const at = [forward, strike, volatility, timeToExpiry];
      note(kernel, relative(outOfTheMoneyValue(forward, strike, s), exact) / EPSILON / (1 + h * h), at);
      const value = models.black76.price({ type, forward, strike, timeToExpiry, volatility });
      note(price, relative(value, exact) / EPSILON / (1 + h * h), at);
    }
    rows.push(kernel, price);
  }
  return rows;
}

/** The sums of the absolute terms of the closed forms, every bracket multiplied out; ln(S/K) and (r - q)T count apart. */
function absoluteTerms(exact: Record<GreekName, Real>, o: Draw, spot: number): Greeks {
  const { strike: K, timeToExpiry: T, volatility: sigma, rate: r, dividendYield: q } = o;
  const s = sigma * Math.sqrt(T);
  const carry = Math.abs(r - q);
  const d = (Math.abs(Math.log(spot / K)) + carry * T) / s + s / 2;
  const size = (name: GreekName): number => Math.abs(exact[name].toNumber());
  const { vega, gamma } = { vega: size('vega'), gamma: size('gamma') };
  const density = vega / Math.sqrt(T) / spot;
  const drift = (d * carry) / s;
  return {
    price: size('price'),
    delta: size('delta'),
    gamma,
    vega,
    theta: (vega * sigma) / (2 * T) + Math.abs(q) * spot * size('delta') + Math.abs(r) * K * size('dualDelta'),
    rho: size('rho'),
    dividendRho: size('dividendRho'),
    vanna: (density * d) / sigma,
    volga: (vega * d * d) / sigma,
    charm: Math.abs(q) * size('delta') + density * (carry / s + d / (2 * T)),
    veta: vega * (Math.abs(q) + 1 / (2 * T) + drift + (d * d) / (2 * T)),
    speed: (gamma / spot) * (d / s + 1),
    zomma: (gamma * (d * d + 1)) / sigma,
    color: gamma * (Math.abs(q) + drift + (1 + d * d) / (2 * T)),
    ultima: (vega / sigma / sigma) * (d * d * (1 + d * d) + 2 * d * d),
    dualDelta: size('dualDelta'),
    dualGamma: size('dualGamma'),
  };
}

function greekRows(samples: number, seed: number, models = scalarModels): AccuracyRow[] {
  const rows: AccuracyRow[] = [];
  for (const market of markets) {
    const random = seededRandom(seed);
    const spotRows = new Map<GreekName, AccuracyRow>();
    const forwardRows = new Map<GreekName, AccuracyRow>();
    for (let i = 0; i < samples; i++) {
      const draw = drawOption(random, market);
      const { type, forward, strike, timeToExpiry, volatility, rate, dividendYield } = draw;
      const option = { type, strike, timeToExpiry, volatility };
      const s = volatility * Math.sqrt(timeToExpiry);

      const spot = forward * Math.exp((dividendYield - rate) * timeToExpiry);
      const exact = blackScholesGreeks(type, spot, strike, volatility, timeToExpiry, rate, dividendYield);
      const terms = absoluteTerms(exact, draw, spot);
      const h = (Math.abs(Math.log(spot / strike)) + Math.abs(rate - dividendYield) * timeToExpiry) / s;
      const greeks = models.blackScholes.greeks({ ...option, spot, rate, dividendYield });
      noteGreeks(spotRows, 'blackScholes', market.region, samples, { greeks, exact, terms, h, draw });

      // A forward model is the spot model at q = r; rho and dividendRho have forms of their own.
      const flat = { ...draw, rate: 0, dividendYield: 0 };
      const exactForward = blackScholesGreeks(type, forward, strike, volatility, timeToExpiry, 0, 0);
      const termsForward = absoluteTerms(exactForward, flat, forward);
      const rho = exactForward.price.mul(-1).mul(real(timeToExpiry));
      noteGreeks(forwardRows, 'black76', market.region, samples, {
        greeks: models.black76.greeks({ ...option, forward }),
        exact: { ...exactForward, rho, dividendRho: real(0) },
        terms: { ...termsForward, rho: Math.abs(rho.toNumber()), dividendRho: 1 },
        h: Math.abs(Math.log(forward / strike)) / s,
        draw,
      });
    }
    rows.push(...spotRows.values(), ...forwardRows.values());
  }
  return rows;
}

interface Comparison {
  greeks: Greeks;
  exact: Record<GreekName, Real>;
  terms: Greeks;
  h: number;
  draw: Draw;
}

function noteGreeks(
  rows: Map<GreekName, AccuracyRow>,
  model: string,
  region: string,
  samples: number,
  { greeks, exact, terms, h, draw }: Comparison,
): void {
  for (const name of Object.keys(greeks) as GreekName[]) {
    let entry = rows.get(name);
    if (entry === undefined) {
      entry = row(`${model} ${name}`, region, samples, 1, '1e-13 (1 + h^2) of the terms');
      rows.set(name, entry);
    }
    if (terms[name] < SMALLEST) continue;
    const error = Math.abs(real(greeks[name]).sub(exact[name]).toNumber()) / terms[name];
    const { forward, strike, volatility, timeToExpiry, rate, dividendYield } = draw;
    note(entry, error / 1e-13 / (1 + h * h), [forward, strike, volatility, timeToExpiry, rate, dividendYield]);
  }
}

function row(name: string, region: string, samples: number, bound: number, unit: string): AccuracyRow {
  return { name, region, samples, worst: 0, bound, unit, at: [] };
}

function note(target: AccuracyRow, error: number, at: readonly number[]): void {
  if (error <= target.worst) return;
  target.worst = error;
  target.at = at;
}

/** Kernel functions over (h, s) rectangles. */
export const kernelAccuracy = kernelRows;
/** The value next to the money, many points. */
export const denseAccuracy = denseRows;
/** Out-of-the-money values from forward, strike, volatility and time. */
export const priceAccuracy = priceRows;
/** Every Greek of both models. */
export const greekAccuracy = greekRows;
