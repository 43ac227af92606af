/**
 * Feedback control of leverage: what is wanted, held back by bands, speed and lag, and an emergency branch that is not.
 *
 *   wanted   L* = min( target volatility / forecast, drawdown rule, caps ) x regime multiplier, on the chosen side
 *   normal   smoothed, no trade inside the band, at most so much leverage a step, filled `lag` steps later
 *   ripcord  from the hard margin ratio (or leverage) on until the release one: at once down to min(|L|, L*, ripcord target),
 *            outstanding orders cancelled, no band, no speed limit
 *
 * A pure function of state and inputs: a run replays to the same bytes. Leverage counts what is held and what is on its way, so that
 * a lag does not trade twice. Target and drawdown rules: vol-target.ts, drawdown.ts; bands: rebalance.ts.
 */
import { requireFinite, requireNonNegative, requireOneOf, requirePositive, requireWithin } from '../check.js';
import { InputError } from '../errors.js';
import { drawdownLeverage } from './drawdown.js';
import { tightestCap } from './max-leverage.js';
import type { LeverageCap } from './max-leverage.js';
import { shouldRebalance } from './rebalance.js';
import { volTargetLeverage } from './vol-target.js';

export interface LeveragePolicy {
  targetVolatility: number;
  /** Limits of the size of leverage; 0 where the minimum is missing. */
  minimum?: number | undefined;
  maximum: number;
  /** 'long' where missing: the sign of the exposure. */
  side?: 'long' | 'short' | undefined;
  /** No drawdown rule where missing. */
  drawdown?: { alpha: number; multiplier: number } | undefined;
  /** Factor on the target by regime, 0 or more; 1 for regimes not named. */
  regimes?: Readonly<Record<string, number>> | undefined;
  /** Half width of the band around the target, in leverage; 0 where missing. */
  band?: number | undefined;
  /** 'boundary' where missing. */
  destination?: 'target' | 'boundary' | 'halfway' | undefined;
  /** Weight of the new target against the last one, above 0; 1 where missing. */
  smoothing?: number | undefined;
  /** Largest change of leverage in a step; none where missing. */
  maximumStep?: number | undefined;
  /** Steps from decision to fill; 0 where missing. */
  lag?: number | undefined;
  ripcord: {
    /** Maintenance margin over equity at or above which the emergency begins. */
    marginRatio: number;
    /** Below which it ends; the same where missing. */
    release?: number | undefined;
    /** Size of leverage at or above which it begins as well; none where missing. */
    leverage?: number | undefined;
    /** Size of leverage to go down to. */
    target: number;
  };
}

export interface LeverageState {
  /** Highest equity so far. */
  peak: number;
  /** Smoothed target of the last step, in size; none before the first. */
  target?: number | undefined;
  emergency: boolean;
  /** Steps taken. */
  time: number;
  /** Decided and not yet filled, in currency, by the step at which they fill. */
  pending: readonly { due: number; trade: number }[];
}

export interface LeverageInputs {
  equity: number;
  /** In currency, signed, as measured now: orders filled up to now are in it. */
  exposure: number;
  forecastVolatility: number;
  /** Maintenance margin over equity. */
  marginRatio: number;
  /** Limits of the size of leverage by name (max-leverage.ts). */
  caps?: readonly LeverageCap[] | undefined;
  regime?: string | undefined;
}

export type LeverageReason =
  | 'volatility-target'
  | 'minimum'
  | 'maximum'
  | 'drawdown'
  | `cap:${string}`
  | `regime:${string}`
  | 'smoothed'
  | 'inside-band'
  | 'step-limit'
  | 'lagged'
  | 'ripcord'
  | 'insolvent';

export interface LeverageAction {
  kind: 'hold' | 'increase' | 'reduce' | 'emergency';
  /** Decided now, in currency of exposure, signed. */
  trade: number;
  /** To be sent now: what was decided `lag` steps ago, and all of an emergency. */
  execute: number;
}

export interface LeverageStep {
  /** Signed leverage wanted, before the band. */
  target: number;
  action: LeverageAction;
  /** What decided, the binding limit of the target first. */
  reasons: LeverageReason[];
  state: LeverageState;
}

export interface LeverageController {
  readonly initial: LeverageState;
  step: (state: LeverageState, inputs: LeverageInputs) => LeverageStep;
}

/** Throws InputError on a policy out of range; its `step` on inputs out of range. */
export function createLeverageController(policy: LeveragePolicy): LeverageController {
  const rules = checked(policy);
  return {
    initial: { peak: 0, emergency: false, time: 0, pending: [] },
    step: (state, inputs) => decide(rules, state, inputs),
  };
}

type Rules = ReturnType<typeof checked>;

function checked(policy: LeveragePolicy) {
  const maximum = requireNonNegative('maximum', policy.maximum);
  const lag = policy.lag ?? 0;
  if (!Number.isInteger(lag) || lag < 0) throw new InputError('lag', lag, 'a whole number, 0 or more');
  const smoothing = requirePositive('smoothing', policy.smoothing ?? 1);
  const hard = requirePositive('ripcord.marginRatio', policy.ripcord.marginRatio);
  for (const [name, factor] of Object.entries(policy.regimes ?? {})) requireNonNegative(`regimes.${name}`, factor);
  return {
    targetVolatility: requireNonNegative('targetVolatility', policy.targetVolatility),
    minimum: requireWithin('minimum', policy.minimum ?? 0, 0, maximum),
    maximum,
    sign: requireOneOf('side', policy.side ?? 'long', ['long', 'short']) === 'long' ? 1 : -1,
    drawdown: policy.drawdown,
    regimes: policy.regimes ?? {},
    band: requireNonNegative('band', policy.band ?? 0),
    destination: requireOneOf('destination', policy.destination ?? 'boundary', ['target', 'boundary', 'halfway']),
    smoothing: requireWithin('smoothing', smoothing, 0, 1),
    maximumStep: policy.maximumStep === undefined ? Infinity : requirePositive('maximumStep', policy.maximumStep),
    lag,
    hard,
    release: requireWithin('ripcord.release', policy.ripcord.release ?? hard, 0, hard),
    hardLeverage:
      policy.ripcord.leverage === undefined ? Infinity : requirePositive('ripcord.leverage', policy.ripcord.leverage),
    ripcordTarget: requireNonNegative('ripcord.target', policy.ripcord.target),
  };
}

function decide(rules: Rules, state: LeverageState, inputs: LeverageInputs): LeverageStep {
  const equity = requireFinite('equity', inputs.equity);
  const exposure = requireFinite('exposure', inputs.exposure);
  const marginRatio = inputs.marginRatio === Infinity ? Infinity : requireFinite('marginRatio', inputs.marginRatio);
  const time = state.time + 1;
  const peak = Math.max(state.peak, equity);
  if (equity <= 0) {
    const trade = 0 - exposure;
    const next = { peak, target: 0, emergency: true, time, pending: [] };
    return { target: 0, action: { kind: 'emergency', trade, execute: trade }, reasons: ['insolvent'], state: next };
  }
  const wanted = wantedLeverage(rules, inputs, equity, peak);
  const reasons = wanted.reasons;
  const held = exposure / equity;
  const emergency =
    marginRatio >= (state.emergency ? rules.release : rules.hard) || Math.abs(held) >= rules.hardLeverage;
  if (emergency) {
    // An exposure on the wrong side is closed. Never more than what is held.
    const size = held * rules.sign <= 0 ? 0 : Math.min(Math.abs(held), wanted.size, rules.ripcordTarget);
    const target = rules.sign * size;
    const trade = size === Math.abs(held) ? 0 : target * equity - exposure;
    const next = { peak, target: size, emergency: true, time, pending: [] };
    reasons.push('ripcord');
    return { target, action: { kind: 'emergency', trade, execute: trade }, reasons, state: next };
  }
  const last = state.target ?? wanted.size;
  // Smoothing may delay an increase, but not lift the target over its limits.
  const smoothed = Math.min((1 - rules.smoothing) * last + rules.smoothing * wanted.size, wanted.limit);
  if (smoothed !== wanted.size) reasons.push('smoothed');
  const target = rules.sign * smoothed;
  const due = state.pending.filter((order) => order.due <= time);
  const waiting = state.pending.filter((order) => order.due > time);
  const sum = (orders: typeof waiting): number => orders.reduce((total, { trade }) => total + trade, 0);
  const current = (exposure + sum(due) + sum(waiting)) / equity;
  const trade = limitedTrade(rules, current, target, reasons) * equity;
  const isLagged = rules.lag > 0 && trade !== 0;
  if (isLagged) reasons.push('lagged');
  const execute = sum(due) + (rules.lag === 0 ? trade : 0);
  const pending = isLagged ? [...waiting, { due: time + rules.lag, trade }] : waiting;
  const kind = trade === 0 ? 'hold' : Math.abs(current + trade / equity) > Math.abs(current) ? 'increase' : 'reduce';
  const next = { peak, target: smoothed, emergency: false, time, pending };
  return { target, action: { kind, trade, execute }, reasons, state: next };
}

/** The size of leverage wanted and the limit that smoothing may not lift it over, the binding reason first. */
function wantedLeverage(
  rules: Rules,
  inputs: LeverageInputs,
  equity: number,
  peak: number,
): { size: number; limit: number; reasons: LeverageReason[] } {
  const { targetVolatility, minimum, maximum } = rules;
  const byVolatility = volTargetLeverage({
    ...{ targetVolatility, minimum, maximum },
    forecastVolatility: inputs.forecastVolatility,
  });
  const limits: LeverageCap[] = [{ name: 'maximum', limit: maximum }];
  if (rules.drawdown !== undefined) {
    limits.push({ name: 'drawdown', limit: drawdownLeverage({ value: equity, peak, ...rules.drawdown }).target });
  }
  for (const { name, limit } of inputs.caps ?? []) limits.push({ name: `cap:${name}`, limit });
  const tightest = tightestCap(limits);
  const size = Math.min(byVolatility.target, tightest.target);
  const byTarget = byVolatility.binding === 'none' ? 'volatility-target' : byVolatility.binding;
  const reasons: LeverageReason[] =
    tightest.target < byVolatility.target ? [tightest.binding as LeverageReason] : [byTarget];
  const factor = inputs.regime === undefined ? 1 : regimeFactor(rules, inputs.regime);
  if (factor !== 1) reasons.push(`regime:${inputs.regime!}`);
  // A multiplier above 1 still ends at the caps.
  return { size: Math.min(size * factor, tightest.target), limit: tightest.target, reasons };
}

function regimeFactor({ regimes }: Rules, regime: string): number {
  return Object.hasOwn(regimes, regime) ? regimes[regime]! : 1;
}

/** The change of leverage after band and speed limit. */
function limitedTrade(rules: Rules, current: number, target: number, reasons: LeverageReason[]): number {
  const { band, destination, maximumStep } = rules;
  const { trade } = shouldRebalance({ current, target, band, destination });
  if (trade === 0) {
    reasons.push('inside-band');
    return 0;
  }
  if (Math.abs(trade) <= maximumStep) return trade;
  reasons.push('step-limit');
  return Math.sign(trade) * maximumStep;
}
