/**
 * Portfolio margin of Derive (formerly Lyra v2), as its risk manager's contract computes it:
 *
 *   cell          sum over expiries (discounted shocked value - value) + gains of perpetuals
 *                 options of an expiry together at the shocked forward and volatility; a value above 0 is multiplied by
 *                 d = base exp(-T (r rateMultiplier + rateAddition)), one below 0 is left as it is, or divided by its own d
 *   basis         sum over expiries of min(gain at the forward up, gain at the forward down, 0) (addition + multiplier T)
 *   contingency   index x (options x short options per strike + perpetuals x |perpetuals|)
 *   maintenance   contingency - min(worst cell, basis)
 *   initial       factor x maintenance + oracle add-on,  factor = initialFactor + depeg factor max(threshold - stable price, 0)
 *
 * The contract returns what is left, value + cash less these; here they are requirements, at least 0, to hold against equity.
 * Volatility shocks are scaled by (30 days / T)^power. With `skew`, two cells more: derive-skew.ts. Source: derivexyz/v2-core, PMRMLib.
 */
import { requireArray, requireFinite, requireNonNegative, requireObject, requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import { exp } from '../../math/exponential.js';
import type { OptionInstrument } from '../../portfolio/instrument.js';
import type { MarketView } from '../../portfolio/market-view.js';
import type { MarginEngine, MarginRules } from './margin.js';
import { requireSkew, skewMultiplier, type DeriveSkew, type SkewKind } from './derive-skew.js';
import { commonCurrency, groupRows, marginRows, priceOfCoin } from './margin-rows.js';
import type { MarginRow, VolatilityShock } from './margin-rows.js';
import { shortOptions } from './short-options.js';
import { termMultiplier } from './volatility-term.js';

export interface StaticDiscount {
  base: number;
  rateMultiplier: number;
  rateAddition: number;
}

export interface DerivePortfolioParameters {
  /** Relative moves of spot and forwards. */
  moves: number[];
  /** Relative, at 30 days to expiry. */
  volUp: number;
  volDown: number;
  shortPower: number;
  longPower: number;
  /** Days to expiry below which volatility shocks grow no further. */
  floorDays: number;
  /** Of an expiry worth more than 0 in a cell. */
  discount: StaticDiscount;
  /** Of an expiry worth less than 0, by division; none where missing. */
  negativeDiscount?: StaticDiscount | undefined;
  basis: { up: number; down: number; addition: number; multiplier: number };
  /** Shares of the index, per unit. */
  optionContingency: number;
  perpetualContingency: number;
  /** At least 1. */
  initialFactor: number;
  /** 1 where missing. */
  stablePrice?: number | undefined;
  depeg: { threshold: number; factor: number };
  /** The least confidence any oracle reports; 1 where missing. Below the threshold, (1 - confidence) x margin x index per unit is added. */
  confidence?: number | undefined;
  oracle: { threshold: number; margin: number };
  /** The skew scenarios of v2.1; none where missing. */
  skew?: DeriveSkew | undefined;
}

/** The parameters of the contract's own configuration. */
export const deriveParameters: DerivePortfolioParameters = {
  moves: [-0.15, -0.1, -0.05, 0, 0.05, 0.1, 0.15],
  volUp: 0.45,
  volDown: 0.3,
  shortPower: 0.3,
  longPower: 0.13,
  floorDays: 1,
  discount: { base: 0.95, rateMultiplier: 2, rateAddition: 0.12 },
  basis: { up: 0.05, down: -0.05, addition: 0.25, multiplier: 0.01 },
  optionContingency: 0.01,
  perpetualContingency: 0.025,
  initialFactor: 1.3,
  depeg: { threshold: 0.98, factor: 4 },
  oracle: { threshold: 0.6, margin: 0.5 },
};

const rules: MarginRules = {
  venue: 'Derive',
  version: 'portfolio margin risk manager, v2',
  effectiveDate: '2024-01-01',
  source: 'github.com/derivexyz/v2-core: PMRMLib and its default configuration',
  unconfirmed: [
    'the parameters in force on chain: each market sets its own',
    'the parameters of the skew scenarios of v2.1: an input, none in the preset; damping of far cells and other collaterals are not modelled',
    'base assets held as collateral: not margined here, they count in equity',
    'the confidence of each expiry and of the spot apart: one confidence here, on all options and perpetuals by absolute size',
    'options are valued undiscounted by the contract: by the discount factors of the surface here',
  ],
};

/** Factors on volatility: 1 + up m and max(1 - down m, 0), m of the time to expiry. */
export function deriveVolatilityFactors(
  days: number,
  { volUp, volDown, shortPower, longPower, floorDays }: DerivePortfolioParameters,
): { up: number; down: number } {
  const scale = termMultiplier(days, { shortPower, longPower }, floorDays);
  return { up: 1 + volUp * scale, down: Math.max(1 - volDown * scale, 0) };
}

/** Throws InputError on parameters out of range, and where account or snapshot are not as they must be. In the currency all positions settle in, or the account's. */
export const derivePortfolioMargin: MarginEngine<DerivePortfolioParameters> = (account, snapshot, parameters) => {
  requireParameters(parameters);
  const read = marginRows(account, snapshot);
  const { currency, rate } = commonCurrency(read, account);
  const sums = { scan: 0, contingency: 0, oracle: 0 };
  let worstScenario: { label: string; pnl: number } | undefined;
  const groups = groupRows(read.rows, ({ instrument }) => `${instrument.underlying}/${instrument.settlement}`);
  for (const rows of groups.values()) {
    const factor = rate(rows[0]!);
    const worst = worstOf(rows, parameters, read.view);
    const { contingency, oracle } = chargesOf(rows, parameters);
    sums.scan -= factor * worst.pnl;
    sums.contingency += factor * contingency;
    sums.oracle += factor * oracle;
    if (worstScenario === undefined || factor * worst.pnl < worstScenario.pnl) {
      worstScenario = { label: worst.label, pnl: factor * worst.pnl };
    }
  }
  const { initialFactor, depeg, stablePrice = 1 } = parameters;
  const scale = initialFactor + depeg.factor * Math.max(depeg.threshold - stablePrice, 0);
  const maintenanceMargin = sums.scan + sums.contingency;
  return {
    initialMargin: scale * maintenanceMargin + sums.oracle,
    maintenanceMargin,
    currency,
    components: {
      scan: { initial: scale * sums.scan, maintenance: sums.scan },
      contingency: { initial: scale * sums.contingency, maintenance: sums.contingency },
      oracle: { initial: sums.oracle, maintenance: 0 },
    },
    worstScenario,
    rules,
    excluded: read.excluded,
  };
};

interface Expiry {
  rows: MarginRow[];
  years: number;
  value: number;
  discount: number;
  negativeDiscount: number;
}

/** The least of all cells and the basis contingency; at most 0. */
function worstOf(
  rows: readonly MarginRow[],
  parameters: DerivePortfolioParameters,
  view: MarketView,
): { label: string; pnl: number } {
  const options = rows.filter(({ instrument }) => instrument.kind === 'option');
  const rest = rows.filter(({ instrument }) => instrument.kind !== 'option');
  const expiries = [...groupRows(options, expiryKey).values()].map((own) => expiryOf(own, parameters, view));
  const gain = (of: readonly MarginRow[], move: number, shock: VolatilityShock): number =>
    of.reduce((sum, row) => sum + row.units * row.gain(1 + move, shock), 0);
  const still: VolatilityShock = (volatility) => volatility;
  const shocks: Record<string, VolatilityShock> = {
    up: (volatility, days) => volatility * deriveVolatilityFactors(days, parameters).up,
    same: still,
    down: (volatility, days) => volatility * deriveVolatilityFactors(days, parameters).down,
  };

  const { up, down, addition, multiplier } = parameters.basis;
  const basis = expiries.reduce((sum, { rows: own, years }) => {
    return sum + Math.min(gain(own, up, still), gain(own, down, still), 0) * (addition + multiplier * years);
  }, 0);
  let worst = { label: 'basis', pnl: Math.min(basis, 0) };
  for (const move of parameters.moves) {
    for (const [name, shock] of Object.entries(shocks)) {
      let pnl = gain(rest, move, still);
      for (const { rows: own, value, discount, negativeDiscount } of expiries) {
        const shocked = value + gain(own, move, shock);
        pnl += (shocked > 0 ? shocked * discount : shocked / negativeDiscount) - value;
      }
      if (pnl < worst.pnl) worst = { label: `spot ${move}, volatility ${name}`, pnl };
    }
  }
  for (const kind of parameters.skew === undefined ? [] : (['linear', 'absolute'] as const)) {
    const pnl = expiries.reduce((sum, expiry) => sum - Math.abs(skewGain(kind, expiry, parameters.skew!)), 0);
    if (pnl < worst.pnl) worst = { label: `skew ${kind}`, pnl };
  }
  return worst;
}

/** Of an expiry whose forward stays, discounts included. */
function skewGain(
  kind: SkewKind,
  { rows, years, value, discount, negativeDiscount }: Expiry,
  skew: DeriveSkew,
): number {
  const shocked = rows.reduce((sum, row) => {
    const { strike } = row.instrument as OptionInstrument;
    const factor = skewMultiplier(kind, skew, strike, row.forward, years);
    return sum + row.units * row.gain(1, (volatility) => volatility * factor);
  }, value);
  return (shocked > 0 ? shocked * discount : shocked / negativeDiscount) - value;
}

function expiryKey({ instrument }: MarginRow): string {
  return instrument.kind === 'option' ? String(instrument.expiry) : '';
}

function expiryOf(
  rows: MarginRow[],
  { discount, negativeDiscount }: DerivePortfolioParameters,
  view: MarketView,
): Expiry {
  const { instrument, timeToExpiry: years } = rows[0]!;
  const market = view.underlying(instrument.underlying);
  const rate = (instrument.kind === 'option' ? market?.expiry(instrument.expiry)?.rate : undefined) ?? 0;
  const of = ({ base, rateMultiplier, rateAddition }: StaticDiscount): number =>
    base * exp(-years * (Math.max(rate, 0) * rateMultiplier + rateAddition));
  return {
    rows,
    years,
    value: rows.reduce((sum, row) => sum + row.units * row.value, 0),
    discount: of(discount),
    negativeDiscount: negativeDiscount === undefined ? 1 : of(negativeDiscount),
  };
}

function chargesOf(
  rows: readonly MarginRow[],
  parameters: DerivePortfolioParameters,
): { contingency: number; oracle: number } {
  const { optionContingency, perpetualContingency, oracle, confidence = 1 } = parameters;
  const coin = priceOfCoin(rows[0]!);
  const short = shortOptions(rows).reduce((sum, { units }) => sum + units, 0);
  let perpetuals = 0;
  let options = 0;
  for (const { instrument, units, delta } of rows) {
    if (instrument.kind === 'option') options += Math.abs(units);
    else perpetuals += Math.abs(units * delta);
  }
  return {
    contingency: coin * (optionContingency * short + perpetualContingency * perpetuals),
    oracle: confidence < oracle.threshold ? coin * (1 - confidence) * oracle.margin * (perpetuals + options) : 0,
  };
}

function requireParameters(p: DerivePortfolioParameters): void {
  requireObject('parameters', p);
  requireArray('moves', p.moves);
  if (p.moves.length === 0) throw new InputError('moves.length', 0, 'at least 1');
  [...p.moves, p.basis.up, p.basis.down].forEach((move, i) => {
    const field = i < p.moves.length ? `moves[${i}]` : i === p.moves.length ? 'basis.up' : 'basis.down';
    if (!(requireFinite(field, move) > -1)) throw new InputError(field, move, 'above -1');
  });
  for (const name of ['volUp', 'volDown', 'optionContingency', 'perpetualContingency'] as const) {
    requireNonNegative(name, p[name]);
  }
  for (const name of ['shortPower', 'longPower'] as const) requireFinite(name, p[name]);
  requirePositive('floorDays', p.floorDays);
  requireDiscount('discount', p.discount);
  if (p.negativeDiscount !== undefined) requireDiscount('negativeDiscount', p.negativeDiscount);
  requireNonNegative('basis.addition', p.basis.addition);
  requireNonNegative('basis.multiplier', p.basis.multiplier);
  if (!(p.initialFactor >= 1 && p.initialFactor < Infinity)) {
    throw new InputError('initialFactor', p.initialFactor, 'a finite number of at least 1');
  }
  requireNonNegative('depeg.threshold', p.depeg.threshold);
  requireNonNegative('depeg.factor', p.depeg.factor);
  requireNonNegative('oracle.threshold', p.oracle.threshold);
  requireNonNegative('oracle.margin', p.oracle.margin);
  requireNonNegative('stablePrice', p.stablePrice ?? 1);
  if (p.skew !== undefined) requireSkew(p.skew);
  const { confidence = 1 } = p;
  if (!(confidence >= 0 && confidence <= 1)) throw new InputError('confidence', confidence, 'from 0 to 1');
}

function requireDiscount(field: string, { base, rateMultiplier, rateAddition }: StaticDiscount): void {
  if (!(base > 0 && base <= 1)) throw new InputError(`${field}.base`, base, 'above 0, at most 1');
  requireNonNegative(`${field}.rateMultiplier`, rateMultiplier);
  requireNonNegative(`${field}.rateAddition`, rateAddition);
}
