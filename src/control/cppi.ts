/**
 * Constant-proportion portfolio insurance: exposure is a multiple m of what lies above a floor, the rest earns the safe rate.
 *
 *   cushion C = max(V - F, 0),   exposure = min(m C, Lmax V, cap),   V' = E S'/S + (V - E) e^(r dt),   F' = F e^(r dt)
 *   continuously:  C_t = C_0 (S_t/S_0)^m exp((1 - m) r t - m (m - 1)/2 * variance)
 *
 * The floor breaks in one step if and only if S'/S < (m - 1)/m e^(r dt): a loss beyond 1/m where r = 0. With costs c of what is traded
 * it holds for losses x with x + c (1 - x) <= 1/m. The ratchet F = max(F, p V) is time-invariant portfolio protection. Black and
 * Perold, "Theory of constant proportion portfolio insurance" (1992); Estep and Kritzman (1988).
 */
import { requireFinite, requireNonNegative, requirePositive, requireWithin } from '../check.js';
import { InputError } from '../errors.js';
import { exp } from '../math/exponential.js';
import { log } from '../math/logarithm.js';

export interface CppiState {
  /** Of the portfolio. */
  value: number;
  floor: number;
  multiplier: number;
  /** Exposure at most this times the value; no limit where missing. */
  maximumLeverage?: number | undefined;
  /** Exposure at most this, in currency; no limit where missing. */
  cap?: number | undefined;
}

export interface CppiDecision {
  cushion: number;
  exposure: number;
  /** What is left in the safe asset; negative where money is borrowed. */
  safe: number;
  binding: 'none' | 'leverage' | 'cap' | 'floor';
  /** The value is below the floor by more than rounding. */
  breached: boolean;
}

/** Throws InputError on a value or floor that is not finite, or a multiplier or limit below 0. */
export function cppiStep(s: CppiState): CppiDecision {
  const value = requireFinite('value', s.value);
  const floor = requireFinite('floor', s.floor);
  const multiplier = requireNonNegative('multiplier', s.multiplier);
  const byLeverage =
    s.maximumLeverage === undefined ? Infinity : requireNonNegative('maximumLeverage', s.maximumLeverage) * value;
  const cap = s.cap === undefined ? Infinity : requireNonNegative('cap', s.cap);
  const breached = isBreached(value, floor);
  const cushion = Math.max(value - floor, 0);
  if (cushion === 0) return { cushion, exposure: 0, safe: value, binding: 'floor', breached };
  const wanted = multiplier * cushion;
  const exposure = Math.max(Math.min(wanted, byLeverage, cap), 0);
  const binding = exposure === wanted ? 'none' : byLeverage <= cap ? 'leverage' : 'cap';
  return { cushion, exposure, safe: value - exposure, binding, breached };
}

function isBreached(value: number, floor: number): boolean {
  return value < floor - 1e-12 * Math.max(Math.abs(value), Math.abs(floor));
}

/** The floor of time-invariant protection: never falling, at least the part `kept` of the value. */
export function tippFloor(i: { floor: number; value: number; kept: number }): number {
  return Math.max(
    requireFinite('floor', i.floor),
    requireWithin('kept', i.kept, 0, 1) * requireFinite('value', i.value),
  );
}

export interface CppiSimulation {
  /** Of the risky asset, at equal steps, the first at the start. */
  prices: ArrayLike<number>;
  initialValue: number;
  /** At the start; grows at the safe rate. For a guarantee G at T this is G e^(-rT). */
  floor: number;
  multiplier: number;
  /** Of the safe asset, continuously compounded; 0 where missing. */
  rate?: number | undefined;
  /** Years between two prices; needed where the rate is not 0. */
  stepYears?: number | undefined;
  maximumLeverage?: number | undefined;
  cap?: number | undefined;
  /** Part of the value the floor follows up (time-invariant protection); no ratchet where missing. */
  ratchet?: number | undefined;
  /** Cost of a trade as a part of what is traded; 0 where missing. */
  costRate?: number | undefined;
  /** No trade while exposure is within this part of the exposure wanted; 0 where missing. */
  threshold?: number | undefined;
}

export interface CppiPath {
  /** At each price, after trading and its cost. */
  value: Float64Array;
  exposure: Float64Array;
  floor: Float64Array;
  /** Sum of trading costs. */
  costs: number;
  trades: number;
  /** Index of the first price at which the value is below the floor. */
  breachedAt?: number | undefined;
}

/** Runs {@link cppiStep} along a path of prices. Throws InputError on prices not above 0 or numbers out of range. */
export function simulateCppi(i: CppiSimulation): CppiPath {
  const n = i.prices.length;
  if (n === 0) throw new InputError('prices', i.prices, 'one price or more');
  const rate = requireFinite('rate', i.rate ?? 0);
  const stepYears = i.stepYears === undefined && rate === 0 ? 1 : requirePositive('stepYears', i.stepYears);
  const costRate = requireNonNegative('costRate', i.costRate ?? 0);
  const threshold = requireNonNegative('threshold', i.threshold ?? 0);
  if (costRate * i.multiplier >= 1) throw new InputError('costRate', costRate, 'below 1/multiplier');
  const limits = { multiplier: i.multiplier, maximumLeverage: i.maximumLeverage, cap: i.cap };
  const growth = exp(rate * stepYears);
  const path: CppiPath = {
    ...{ value: new Float64Array(n), exposure: new Float64Array(n), floor: new Float64Array(n) },
    ...{ costs: 0, trades: 0 },
  };
  let value = requirePositive('initialValue', i.initialValue);
  let floor = requireFinite('floor', i.floor);
  let exposure = 0;
  for (let t = 0; t < n; t++) {
    const price = requirePositive(`prices[${t}]`, i.prices[t]);
    if (t > 0) {
      const grown = exposure * (price / i.prices[t - 1]!);
      value = grown + (value - exposure) * growth;
      exposure = grown;
      floor *= growth;
    }
    if (i.ratchet !== undefined) floor = tippFloor({ floor, value, kept: i.ratchet });
    const wanted = exposureAfterCosts({ ...limits, value, floor }, exposure, costRate);
    const change = Math.abs(wanted - exposure);
    // The first trade and the flight from the floor are not for the threshold to stop; a change in the last digits is none.
    const bar = t === 0 || wanted === 0 ? 0 : threshold * wanted;
    if (change > bar + 8 * Number.EPSILON * Math.abs(value)) {
      const cost = costRate * change;
      value -= cost;
      path.costs += cost;
      path.trades++;
      exposure = wanted;
    }
    path.value[t] = value;
    path.exposure[t] = exposure;
    path.floor[t] = floor;
    if (path.breachedAt === undefined && isBreached(value, floor)) path.breachedAt = t;
  }
  return path;
}

/** The exposure that is the multiple of the cushion left once the trade to it has been paid for. */
function exposureAfterCosts(state: CppiState, held: number, costRate: number): number {
  const free = cppiStep(state).exposure;
  if (costRate === 0 || free === held) return free;
  if (free === 0) return 0;
  const direction = free > held ? 1 : -1;
  // E = m (V - F - c |E - held|), and no further than without costs.
  const cushion = state.value - state.floor + direction * costRate * held;
  const paid = Math.max((state.multiplier * cushion) / (1 + direction * costRate * state.multiplier), 0);
  return direction > 0 ? Math.max(Math.min(paid, free), held) : Math.min(paid, free);
}

/**
 * The value under continuous trading, from the price ratio S_t/S_0 and the variance realised on the way (volatility^2 t). `floor` is at
 * the start. Throws InputError on a ratio not above 0, or a value below the floor.
 */
export function cppiContinuousValue(i: {
  initialValue: number;
  floor: number;
  multiplier: number;
  priceRatio: number;
  realisedVariance: number;
  rate: number;
  years: number;
}): number {
  const floor = requireFinite('floor', i.floor);
  const cushion = requireNonNegative('initialValue - floor', i.initialValue - floor);
  const m = requireNonNegative('multiplier', i.multiplier);
  const carry = requireFinite('rate', i.rate) * requireNonNegative('years', i.years);
  const variance = requireNonNegative('realisedVariance', i.realisedVariance);
  const power = m * log(requirePositive('priceRatio', i.priceRatio));
  return floor * exp(carry) + cushion * exp(power + (1 - m) * carry - 0.5 * m * (m - 1) * variance);
}
