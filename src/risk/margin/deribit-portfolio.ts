/**
 * Deribit's portfolio margin, per underlying, in coin for inverse books and in dollars for linear ones:
 *
 *   standard table  moves i R/n, i = -n .. n, with volatilities up, the same and down:
 *                   up v max(v (1 + up (30/d)^p), floor), down v max(1 - down (30/d)^p, 0), d days to expiry (1 at least),
 *                   p the short power below 30 days and the long one from there
 *   extended table  moves -66%, -33%, +50%, +100% ... +500%, volatility up, each loss brought to the edge of the standard table:
 *                   adj = pnl factor (R/|m|) (1 + m)/(1 + sgn(m) R), the last ratio (coin books alone) turning coin at the far price
 *                   into coin at the edge, then damped towards 0 by min(|adj|, (max(|m|/R, 1) - 1) damper / ((1 + sgn(m) R) I))
 *   scan            -min(0, least cell), gains first multiplied by pnlOffset
 *   roll shock      sum over expiries |delta| max(least move, e^(annual move x T) - 1), perpetuals an expiry of their own at T = 0
 *   delta shock     for large books: rate |d|, rate = min(most, mInc max(|d| - threshold/I, 0)), with d the delta left when long
 *                   options (d1) take off what futures and short options (d2) are, never beyond 0
 *   initial         scan + roll shock + delta shock,   maintenance mmFactor of it
 *
 * Reproduces the published sample of the API's simulation endpoint. Source: Deribit API reference, portfolio margin; Deribit support.
 */
import { requireFinite, requireNonNegative, requireObject } from '../../check.js';
import { InputError } from '../../errors.js';
import { exp } from '../../math/exponential.js';
import type { MarginEngine, MarginRules } from './margin.js';
import { totalGains } from './margin-cells.js';
import type { ShockedCell } from './margin-cells.js';
import { commonCurrency, groupRows, marginRows, priceOfCoin } from './margin-rows.js';
import type { MarginRow, VolatilityShock } from './margin-rows.js';
import { termMultiplier } from './volatility-term.js';

export interface DeribitPortfolioParameters {
  /** R, of the standard table. */
  priceRange: number;
  /** Relative, at 30 days to expiry. */
  volUp: number;
  volDown: number;
  shortPower: number;
  longPower: number;
  /** Volatility up is at least this. */
  minVolatilityForShockUp: number;
  extendedTableFactor: number;
  /** US dollars. */
  extendedDampener: number;
  annualisedMoveRisk: number;
  minAnnualisedMove: number;
  /** US dollars of delta from which the delta shock sets in. */
  deltaTotalLiqShockThreshold: number;
  maxDeltaShock: number;
  /** Of the delta shock's rate, per coin. */
  mInc: number;
  /** Maintenance over initial margin. */
  mmFactor: number;
  /** n, 4 where missing. */
  bucketsPerSide?: number | undefined;
  /** Share of a cell's gain that counts; 0 where missing. */
  pnlOffset?: number | undefined;
}

const rules: MarginRules = {
  venue: 'Deribit',
  version: 'portfolio margin, risk matrix',
  effectiveDate: '2025-01-01',
  source:
    'docs.deribit.com: private/get_margins and portfolio margin simulation sample; support.deribit.com: Portfolio margin',
  unconfirmed: [
    'where the floor of the volatility shocked up applies: to the shocked volatility here',
    'the damper of the extended table: its direction is that of the published vectors, its formula a reconstruction',
    'the delta shock and the delta of options in the roll shock: Black deltas here',
    'offsets between underlyings: none here, requirements add up',
  ],
};

const EXTENDED_MOVES = [-0.66, -0.33, 0.5, 1, 2, 3, 4, 5];

interface Cell {
  label: string;
  pnl: number;
}

/** Throws InputError on parameters out of range, and where account or snapshot are not as they must be. In the currency all positions settle in, or the account's. */
export const deribitPortfolioMargin: MarginEngine<DeribitPortfolioParameters> = (account, snapshot, parameters) => {
  requireParameters(parameters);
  const read = marginRows(account, snapshot);
  const { currency, rate } = commonCurrency(read, account);
  const groups = groupRows(read.rows, ({ instrument }) => `${instrument.underlying}/${instrument.settlement}`);
  const sums = { scan: 0, rollShock: 0, deltaShock: 0 };
  let worstScenario: Cell | undefined;
  for (const rows of groups.values()) {
    const factor = rate(rows[0]!);
    const worst = worstCell(rows, parameters);
    sums.scan += factor * Math.max(0, -worst.pnl);
    sums.rollShock += factor * rollShock(rows, parameters);
    sums.deltaShock += factor * deltaShock(rows, parameters);
    if (worstScenario === undefined || worst.pnl * factor < worstScenario.pnl) {
      worstScenario = { label: worst.label, pnl: worst.pnl * factor };
    }
  }
  const { mmFactor } = parameters;
  const both = (initial: number) => ({ initial, maintenance: mmFactor * initial });
  const riskMatrix = sums.scan + sums.rollShock + sums.deltaShock;
  return {
    initialMargin: riskMatrix,
    maintenanceMargin: mmFactor * riskMatrix,
    currency,
    components: {
      scan: both(sums.scan),
      rollShock: both(sums.rollShock),
      deltaShock: both(sums.deltaShock),
      contingency: both(0),
    },
    worstScenario,
    rules,
    excluded: read.excluded,
  };
};

/** The cells of both tables for the rows of one underlying, after damping and offset. Exported for what optimises over cells. */
export function portfolioCells(rows: readonly MarginRow[], parameters: DeribitPortfolioParameters): Cell[] {
  const { priceRange, bucketsPerSide = 4, extendedTableFactor, extendedDampener, pnlOffset = 0 } = parameters;
  const shocks = volatilityShocks(parameters);
  const offset = (pnl: number): number => (pnl > 0 ? pnlOffset * pnl : pnl);
  const labels: string[] = [];
  const markets: ShockedCell[] = [];
  for (let i = -bucketsPerSide; i <= bucketsPerSide; i++) {
    const move = (i * priceRange) / bucketsPerSide;
    for (const [name, shock] of Object.entries(shocks)) {
      labels.push(`${percent(move)}, volatility ${name}`);
      markets.push({ ratio: 1 + move, shock });
    }
  }
  const standard = markets.length;
  for (const move of EXTENDED_MOVES) {
    labels.push(`${percent(move)}, volatility up, extended`);
    markets.push({ ratio: 1 + move, shock: shocks.up });
  }
  const gains = totalGains(rows, markets);
  const { index, inCoin } = rows[0]!;
  EXTENDED_MOVES.forEach((move, i) => {
    const edge = 1 + Math.sign(move) * priceRange;
    const size = Math.abs(move);
    const toEdge = extendedTableFactor * (priceRange / size) * (inCoin ? (1 + move) / edge : 1);
    const adjusted = gains[standard + i]! * toEdge;
    const damper = ((Math.max(size / priceRange, 1) - 1) * extendedDampener) / (inCoin ? edge * index : 1);
    gains[standard + i] = Math.sign(adjusted) * Math.max(Math.abs(adjusted) - damper, 0);
  });
  return labels.map((label, i) => ({ label, pnl: offset(gains[i]!) }));
}

function worstCell(rows: readonly MarginRow[], parameters: DeribitPortfolioParameters): Cell {
  return portfolioCells(rows, parameters).reduce((worst, cell) => (cell.pnl < worst.pnl ? cell : worst));
}

function volatilityShocks({
  volUp,
  volDown,
  shortPower,
  longPower,
  minVolatilityForShockUp,
}: DeribitPortfolioParameters): Record<'up' | 'same' | 'down', VolatilityShock> {
  // Cells follow each other for one option: the power is that of the option before.
  let [lastDays, last] = [NaN, NaN];
  const term = (days: number): number => {
    if (days !== lastDays) [lastDays, last] = [days, termMultiplier(days, { shortPower, longPower })];
    return last;
  };
  return {
    up: (volatility, days) => Math.max(volatility * (1 + volUp * term(days)), minVolatilityForShockUp),
    same: (volatility) => volatility,
    down: (volatility, days) => volatility * Math.max(1 - volDown * term(days), 0),
  };
}

/** In the settlement currency: delta in coin, times the index for a book in dollars. */
function rollShock(
  rows: readonly MarginRow[],
  { annualisedMoveRisk, minAnnualisedMove }: DeribitPortfolioParameters,
): number {
  const byExpiry = new Map<number, number>();
  for (const { units, delta, timeToExpiry } of rows) {
    byExpiry.set(timeToExpiry, (byExpiry.get(timeToExpiry) ?? 0) + units * delta);
  }
  let sum = 0;
  for (const [years, delta] of byExpiry) {
    sum += Math.abs(delta) * Math.max(minAnnualisedMove, exp(annualisedMoveRisk * years) - 1);
  }
  return sum * priceOfCoin(rows[0]!);
}

function deltaShock(
  rows: readonly MarginRow[],
  { deltaTotalLiqShockThreshold, maxDeltaShock, mInc }: DeribitPortfolioParameters,
): number {
  let longOptions = 0;
  let rest = 0;
  for (const { instrument, units, delta } of rows) {
    if (instrument.kind === 'option' && units > 0) longOptions += units * delta;
    else rest += units * delta;
  }
  const both = longOptions + rest;
  const left = rest < 0 ? Math.min(Math.max(both, rest), 0) : Math.max(Math.min(both, rest), 0);
  const excess = Math.max(Math.abs(left) - deltaTotalLiqShockThreshold / rows[0]!.index, 0);
  return Math.min(maxDeltaShock, mInc * excess) * Math.abs(left) * priceOfCoin(rows[0]!);
}

function percent(move: number): string {
  const points = Math.round(1000 * move) / 10;
  return `${move > 0 ? '+' : ''}${points}%`;
}

function requireParameters(parameters: DeribitPortfolioParameters): void {
  requireObject('parameters', parameters);
  const { priceRange, bucketsPerSide = 4 } = parameters;
  if (!(priceRange > 0 && priceRange < 1)) throw new InputError('priceRange', priceRange, 'between 0 and 1');
  if (!(Number.isInteger(bucketsPerSide) && bucketsPerSide >= 1)) {
    throw new InputError('bucketsPerSide', bucketsPerSide, 'a whole number of at least 1');
  }
  for (const name of ['shortPower', 'longPower'] as const) requireFinite(name, parameters[name]);
  for (const name of [
    'volUp',
    'volDown',
    'minVolatilityForShockUp',
    'extendedTableFactor',
    'extendedDampener',
    'annualisedMoveRisk',
    'minAnnualisedMove',
    'deltaTotalLiqShockThreshold',
    'maxDeltaShock',
    'mInc',
    'mmFactor',
  ] as const) {
    requireNonNegative(name, parameters[name]);
  }
  if (parameters.pnlOffset !== undefined) requireNonNegative('pnlOffset', parameters.pnlOffset);
}
