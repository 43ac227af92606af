/**
 * Trading fees as venues write them: a rate by who provided the liquidity, within a floor and caps, falling with volume.
 *
 *   fee = clamp(rate x notional, minimum, maximum),   for options at most capFraction x premium,  plus a fixed amount a transaction
 *
 * Amounts in one currency, positive for what is paid; a negative maker rate is a rebate. Every number is a parameter: schedules change.
 */
import { requireArray, requireFinite, requireNonNegative, requireOneOf, requireWithin } from '../check.js';
import { InputError } from '../errors.js';
import { compensatedSum } from '../math/sum.js';

export interface FeeTier {
  /** Trading volume from which the rates hold. */
  fromVolume: number;
  /** Of the notional; negative for a rebate. */
  maker: number;
  taker: number;
}

export interface FeeSchedule {
  /** In rising volume, the first from 0; rates must not rise. */
  tiers: readonly FeeTier[];
  /** Least and greatest fee of a trade; none where missing. A rebate has no floor. */
  minimum?: number | undefined;
  maximum?: number | undefined;
  /** For options: the greatest share of the premium, which comes before the floor. */
  premiumCap?: number | undefined;
  /** Of the notional, at settlement; with its own share of the option's value as cap. */
  deliveryRate?: number | undefined;
  deliveryCap?: number | undefined;
  /** Of the notional, for positions the venue closes. */
  liquidationRate?: number | undefined;
  /** Per transaction, whatever its size: gas. */
  perTransaction?: number | undefined;
  /** The part of the fees taken off the cheaper direction of a combination: 1 for free, 0 where missing. */
  comboDiscount?: number | undefined;
  /** Whether a rebate may exceed the fee of the other side; false where missing. */
  netRebate?: boolean | undefined;
}

export interface FeeTrade {
  role: 'maker' | 'taker';
  /** Of the underlying, in currency: price of the underlying times units. */
  notional: number;
  /** An option's premium, in currency; missing for other instruments. */
  premium?: number | undefined;
}

/** Throws InputError where the schedule contradicts itself or an amount is negative. `volume` chooses the tier; 0 where missing. */
export function tradeFee(schedule: FeeSchedule, trade: FeeTrade, volume = 0): number {
  const fixed = requireNonNegative('perTransaction', schedule.perTransaction ?? 0);
  return legFee(schedule, trade, tierOf(schedule, volume)) + fixed;
}

/**
 * One transaction of several legs: the bought and the sold legs are added up, and the cheaper direction is reduced by `comboDiscount`.
 * The share of each leg is returned with it. Throws as {@link tradeFee}.
 */
export function comboFee(
  schedule: FeeSchedule,
  legs: readonly (FeeTrade & { side: 'buy' | 'sell' })[],
  volume = 0,
): { fee: number; legs: number[] } {
  const tier = tierOf(schedule, volume);
  const discount = requireWithin('comboDiscount', schedule.comboDiscount ?? 0, 0, 1);
  const fees = legs.map((leg) => legFee(schedule, leg, tier));
  const total = (side: 'buy' | 'sell'): number =>
    compensatedSum(fees.filter((_, k) => requireOneOf(`legs[${k}].side`, legs[k]!.side, ['buy', 'sell']) === side));
  const [bought, sold] = [total('buy'), total('sell')];
  const cheaper = bought < sold ? 'buy' : 'sell';
  // A rebate is not reduced.
  const reduced = fees.map((fee, k) => (legs[k]!.side === cheaper && fee > 0 ? fee * (1 - discount) : fee));
  const fixed = legs.length === 0 ? 0 : requireNonNegative('perTransaction', schedule.perTransaction ?? 0);
  return { fee: compensatedSum(reduced) + fixed, legs: reduced };
}

/** At settlement; `value` is what an option pays, for its cap. Throws InputError on negative amounts. */
export function deliveryFee(schedule: FeeSchedule, notional: number, value?: number): number {
  const fee = requireNonNegative('deliveryRate', schedule.deliveryRate ?? 0) * requireNonNegative('notional', notional);
  if (value === undefined || schedule.deliveryCap === undefined) return fee;
  return Math.min(fee, requireNonNegative('deliveryCap', schedule.deliveryCap) * requireNonNegative('value', value));
}

/** For a position the venue closes. Throws InputError on negative amounts. */
export function liquidationFee(schedule: FeeSchedule, notional: number): number {
  return (
    requireNonNegative('liquidationRate', schedule.liquidationRate ?? 0) * requireNonNegative('notional', notional)
  );
}

function legFee(schedule: FeeSchedule, { role, notional, premium }: FeeTrade, tier: FeeTier): number {
  requireOneOf('role', role, ['maker', 'taker']);
  const rate = role === 'maker' ? tier.maker : tier.taker;
  const raw = rate * requireNonNegative('notional', notional);
  const minimum = requireNonNegative('minimum', schedule.minimum ?? 0);
  const maximum = schedule.maximum === undefined ? Infinity : requireNonNegative('maximum', schedule.maximum);
  if (minimum > maximum) throw new InputError('minimum', minimum, `${maximum}, the maximum, or less`);
  const cap =
    premium === undefined || schedule.premiumCap === undefined
      ? maximum
      : Math.min(
          maximum,
          requireNonNegative('premiumCap', schedule.premiumCap) * requireNonNegative('premium', premium),
        );
  if (rate < 0) return Math.max(raw, -cap);
  return notional === 0 ? 0 : Math.min(Math.max(raw, minimum), cap);
}

function tierOf({ tiers, netRebate }: FeeSchedule, volume: number): FeeTier {
  requireNonNegative('volume', volume);
  if (requireArray('tiers', tiers).length === 0) throw new InputError('tiers.length', 0, 'above 0');
  if (tiers[0]!.fromVolume !== 0) throw new InputError('tiers[0].fromVolume', tiers[0]!.fromVolume, '0');
  tiers.forEach((tier, k) => {
    requireFinite(`tiers[${k}].maker`, tier.maker);
    requireNonNegative(`tiers[${k}].taker`, tier.taker);
    if (netRebate !== true && tier.maker < -tier.taker) {
      throw new InputError(
        `tiers[${k}].maker`,
        tier.maker,
        `${-tier.taker} or more: a rebate within the fee of the taker`,
      );
    }
    const before = tiers[k - 1];
    if (before === undefined) return;
    if (!(tier.fromVolume > before.fromVolume)) {
      throw new InputError(`tiers[${k}].fromVolume`, tier.fromVolume, `above ${before.fromVolume}, the tier before`);
    }
    if (tier.maker > before.maker) throw new InputError(`tiers[${k}].maker`, tier.maker, `${before.maker} or less`);
    if (tier.taker > before.taker) throw new InputError(`tiers[${k}].taker`, tier.taker, `${before.taker} or less`);
  });
  return tiers.findLast((tier) => tier.fromVolume <= volume)!;
}
