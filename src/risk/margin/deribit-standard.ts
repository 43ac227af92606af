/**
 * Deribit's standard margin: position by position, summed. Per contract of an option on one coin, U the forward of its expiry, m its
 * mark in coin and otm = max(0, K - U)/U for a call, max(0, U - K)/U for a put:
 *
 *   long         none: the premium is paid
 *   short call   initial max(.15 - otm, .10) + m          maintenance .075 + m
 *   short put    initial max(max(.15 - otm, .10) + m, maintenance)   maintenance max(.075, .075 m) + m
 *   future       initial (a + inc s) s, maintenance (b + inc s) s, s the size in coin
 *
 * Options in dollars: the same shares of the index, with the mark in dollars. Source: Deribit support, "Inverse options",
 * "Linear perpetual", "Margin types".
 */
import { requireNonNegative, requireObject } from '../../check.js';
import { addRequirement } from './margin.js';
import type { MarginEngine, MarginRules, Requirement } from './margin.js';
import { commonCurrency, marginRows } from './margin-rows.js';
import type { MarginRow } from './margin-rows.js';

export interface DeribitStandardParameters {
  /** Initial margin rate of a small future position. */
  a: number;
  /** Maintenance margin rate of a small future position. */
  b: number;
  /** Growth of both rates per coin of size. */
  inc: number;
  /** Of short options: .15, .10 and .075 where missing. */
  shortInitial?: number | undefined;
  shortInitialFloor?: number | undefined;
  shortMaintenance?: number | undefined;
}

const rules: MarginRules = {
  venue: 'Deribit',
  version: 'standard margin',
  effectiveDate: '2025-01-01',
  source: 'support.deribit.com: Inverse options; Linear perpetual; Margin types',
  unconfirmed: ['whether the underlying of an option is the index or the forward of its expiry: the forward here'],
};

/** Throws InputError on parameters below 0, and where account or snapshot are not as they must be. In the currency all positions settle in, or the account's. */
export const deribitStandardMargin: MarginEngine<DeribitStandardParameters> = (account, snapshot, parameters) => {
  requireObject('parameters', parameters);
  for (const name of ['a', 'b', 'inc'] as const) requireNonNegative(name, parameters[name]);
  for (const name of ['shortInitial', 'shortInitialFloor', 'shortMaintenance'] as const) {
    if (parameters[name] !== undefined) requireNonNegative(name, parameters[name]);
  }
  const read = marginRows(account, snapshot);
  const { currency, rate } = commonCurrency(read, account);
  const components = { options: { initial: 0, maintenance: 0 }, futures: { initial: 0, maintenance: 0 } };
  const positions: Record<string, Requirement> = {};
  for (const row of read.rows) {
    const isOption = row.instrument.kind === 'option';
    const own = isOption ? optionMargin(row, parameters) : futureMargin(row, parameters);
    const factor = rate(row);
    const converted = { initial: own.initial * factor, maintenance: own.maintenance * factor };
    addRequirement(isOption ? components.options : components.futures, converted);
    for (const { positionId, share } of row.shares) {
      positions[positionId] = {
        initial: converted.initial * share,
        maintenance: converted.maintenance * share,
      };
    }
  }
  return {
    initialMargin: components.options.initial + components.futures.initial,
    maintenanceMargin: components.options.maintenance + components.futures.maintenance,
    currency,
    components,
    positions,
    rules,
    excluded: read.excluded,
  };
};

function optionMargin(
  { instrument, units, value, forward, index, inCoin }: MarginRow,
  {
    shortInitial = 0.15,
    shortInitialFloor = 0.1,
    shortMaintenance = 0.075,
  }: Pick<DeribitStandardParameters, 'shortInitial' | 'shortInitialFloor' | 'shortMaintenance'>,
): Requirement {
  if (instrument.kind !== 'option' || units >= 0) return { initial: 0, maintenance: 0 };
  const isCall = instrument.type === 'call';
  const scale = inCoin ? 1 : index;
  const mark = value / scale;
  const otm = Math.max(0, isCall ? instrument.strike - forward : forward - instrument.strike) / forward;
  const initial = Math.max(shortInitial - otm, shortInitialFloor) + mark;
  const maintenance = (isCall ? shortMaintenance : Math.max(shortMaintenance, shortMaintenance * mark)) + mark;
  const size = Math.abs(units) * scale;
  return { initial: size * (isCall ? initial : Math.max(initial, maintenance)), maintenance: size * maintenance };
}

function futureMargin(
  { units, delta, forward, inCoin }: MarginRow,
  { a, b, inc }: DeribitStandardParameters,
): Requirement {
  const size = Math.abs(units * delta);
  const value = size * (inCoin ? 1 : forward);
  return { initial: (a + inc * size) * value, maintenance: (b + inc * size) * value };
}
