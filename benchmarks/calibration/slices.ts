/**
 * Slices to calibrate: half equity index, half crypto; one day to three years; the true smile is SVI, SABR (lognormal, Hagan)
 * or the mixture of two lognormals of a scheduled event. Every option is priced from the truth plus noise within the spread,
 * its price rounded to the venue's tick, and inverted again. Strikes whose price is under two ticks are drawn closer in.
 */
import type { SliceInput } from '../../src/market/slice.js';
import { outOfTheMoneyFraction } from '../../src/pricing/black.js';
import { randomStream } from './random.js';
import type { RandomStream } from './random.js';

export type Regime = 'equity' | 'crypto';
export type Truth = 'svi' | 'sabr' | 'event';

export interface BenchmarkSlice {
  regime: Regime;
  truth: Truth;
  slice: SliceInput;
}

type Smile = (k: number) => number;

/** Slice number `index` of the set with this seed. */
export function benchmarkSlice(index: number, seed = 1, quotes = 30): BenchmarkSlice {
  const random = randomStream(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  const regime: Regime = index % 2 === 0 ? 'equity' : 'crypto';
  const truth = (['svi', 'sabr', 'event'] as const)[Math.floor(index / 2) % 3]!;
  for (;;) {
    const slice = drawSlice(random, regime, truth, quotes);
    if (slice !== undefined) return { regime, truth, slice };
  }
}

export function benchmarkSlices(count: number, seed = 1, quotes = 30): BenchmarkSlice[] {
  return Array.from({ length: count }, (_, index) => benchmarkSlice(index, seed, quotes));
}

function drawSlice(random: RandomStream, regime: Regime, truth: Truth, quotes: number): SliceInput | undefined {
  const equity = regime === 'equity';
  const time = random.logUniform(1 / 365, 3);
  const level = equity ? random.uniform(0.1, 0.35) : random.uniform(0.35, 1.2);
  const deviation = level * Math.sqrt(time);
  const smile = drawSmile(random, regime, truth, level, time);
  const halfSpread = equity ? random.logUniform(5e-4, 3e-3) : random.logUniform(2e-3, 1.2e-2);
  // Ticks as a part of the forward: 0.05 of an index at 5000, 0.0001 or 0.0005 of a coin.
  const tick = equity ? 1e-5 : random.uniform(0, 1) < 0.5 ? 1e-4 : 5e-4;
  const left = equity ? random.uniform(2, 5) : random.uniform(1.5, 3.5);
  const right = equity ? random.uniform(1, 2.5) : random.uniform(1.5, 3.5);

  const lowest = furthestTraded(smile, -left * deviation, time, 2 * tick);
  const highest = furthestTraded(smile, right * deviation, time, 2 * tick);
  if (!(highest - lowest > 1.5 * deviation)) return undefined;
  const k: number[] = [];
  const bid: number[] = [];
  const ask: number[] = [];
  const middle: number[] = [];
  const standardDeviation: number[] = [];
  for (let i = 0; i < quotes; i++) {
    const place = (i + random.uniform(-0.3, 0.3)) / (quotes - 1);
    const moneyness = lowest + (highest - lowest) * Math.min(1, Math.max(0, place));
    const z = moneyness / deviation;
    const half = halfSpread * (1 + 0.25 * z * z);
    const quoted = smile(moneyness) + half * random.uniform(-0.6, 0.6);
    const price = Math.max(tick, tick * Math.round(otmPrice(moneyness, quoted * Math.sqrt(time)) / tick));
    const volatility = impliedDeviation(moneyness, price) / Math.sqrt(time);
    const tickDeviation =
      (impliedDeviation(moneyness, price + tick / 2) - volatility * Math.sqrt(time)) / Math.sqrt(time);
    if (!(volatility > 0.01) || !Number.isFinite(tickDeviation)) return undefined;
    k.push(moneyness);
    middle.push(volatility);
    bid.push(Math.max(1e-4, volatility - half - tickDeviation));
    ask.push(volatility + half + tickDeviation);
    standardDeviation.push(Math.sqrt((0.58 * half) ** 2 + (tickDeviation / 1.7) ** 2 + 1e-8));
  }
  return {
    underlying: equity ? 'INDEX' : 'COIN',
    expiry: 1_800_000_000_000,
    timeToExpiry: time,
    varianceTime: time,
    forward: equity ? 5000 : 60_000,
    discountFactor: 1,
    forwardVariance: 0,
    instrument: k.map((_, i) => `quote-${i}`),
    logMoneyness: k,
    volatilityBid: bid,
    volatilityAsk: ask,
    volatility: middle,
    standardDeviation,
  };
}

function drawSmile(random: RandomStream, regime: Regime, truth: Truth, level: number, time: number): Smile {
  const equity = regime === 'equity';
  const deviation = level * Math.sqrt(time);
  if (truth === 'svi') {
    // In units of the at-the-money deviation: slopes of w per unit of k / deviation, then scaled back.
    for (;;) {
      const left = (equity ? random.uniform(0.3, 1.6) : random.uniform(0.1, 0.9)) * deviation;
      const right = (equity ? random.uniform(0.02, 0.6) : random.uniform(0.1, 0.9)) * deviation;
      const m = (equity ? random.uniform(-0.5, 1.5) : random.uniform(-0.8, 0.8)) * deviation;
      const sigma = random.logUniform(0.1, 2) * deviation;
      const z = Math.sqrt(m * m + sigma * sigma);
      const a = deviation * deviation - (right * (z - m) + left * (z + m)) / 2;
      const lowest = a + sigma * Math.sqrt(left * right);
      if (lowest < 0.1 * deviation * deviation || left >= 1.9 || right >= 1.9) continue;
      return (k) => {
        const u = k - m;
        const root = Math.sqrt(u * u + sigma * sigma);
        return Math.sqrt((a + (right * (root + u) + left * (root - u)) / 2) / time);
      };
    }
  }
  if (truth === 'sabr') {
    const nu = random.uniform(0.2, 1.1) / Math.sqrt(Math.max(time, 0.05));
    const rho = equity ? random.uniform(-0.9, -0.3) : random.uniform(-0.4, 0.3);
    return (k) => lognormalSabr(k, level, rho, nu, time);
  }
  // An event moves the forward to one of two levels, with ordinary variance around each.
  const weight = random.uniform(0.15, 0.85);
  const distance = random.uniform(0.5, 2.2) * deviation;
  const low = Math.log(1 / (weight + (1 - weight) * Math.exp(distance)));
  const spreads = [deviation * random.uniform(0.4, 1), deviation * random.uniform(0.4, 1)];
  return (k) => {
    const price =
      weight * shiftedPrice(k, low, spreads[0]!) + (1 - weight) * shiftedPrice(k, low + distance, spreads[1]!);
    return impliedDeviation(k, price) / Math.sqrt(time);
  };
}

/** Hagan et al. (2002) with beta = 1. */
function lognormalSabr(k: number, alpha: number, rho: number, nu: number, time: number): number {
  const correction = 1 + time * ((rho * nu * alpha) / 4 + ((2 - 3 * rho * rho) / 24) * nu * nu);
  const zeta = (-nu / alpha) * k;
  const x = Math.log((Math.sqrt(1 - 2 * rho * zeta + zeta * zeta) + zeta - rho) / (1 - rho));
  return alpha * (Math.abs(zeta) < 1e-6 ? 1 - (rho * zeta) / 2 : zeta / x) * Math.max(0.3, correction);
}

/** Out-of-the-money value (call for k >= 0) per unit of forward where the forward is moved to exp(move). */
function shiftedPrice(k: number, move: number, deviation: number): number {
  const own = Math.exp(move) * otmPrice(k - move, deviation);
  const call = k - move >= 0 ? own : own + Math.exp(move) - Math.exp(k);
  return k >= 0 ? call : call - Math.exp(move) + Math.exp(k);
}

function otmPrice(k: number, deviation: number): number {
  return Math.min(1, Math.exp(k)) * outOfTheMoneyFraction(Math.abs(k), deviation);
}

/** Bisection on the standard deviation: slow and certain. */
function impliedDeviation(k: number, price: number): number {
  let low = 0;
  let high = 8;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (otmPrice(k, middle) < price) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The strike between the money and `limit` furthest out whose price is still at least `least`. */
function furthestTraded(smile: Smile, limit: number, time: number, least: number): number {
  let inside = 0;
  let outside = limit;
  const worth = (k: number): boolean => otmPrice(k, smile(k) * Math.sqrt(time)) >= least;
  if (worth(limit)) return limit;
  for (let i = 0; i < 30; i++) {
    const middle = (inside + outside) / 2;
    if (worth(middle)) inside = middle;
    else outside = middle;
  }
  return inside;
}
