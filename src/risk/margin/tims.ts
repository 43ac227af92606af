/**
 * Customer portfolio margin by theoretical intermarket margining (TIMS): each underlying is valued anew at ten equidistant points of
 * its range, five on either side, volatilities unchanged, and the largest loss is required, at least so much an option contract:
 *
 *   own(u)    max(-min over points P&L(u, point), sum over options min(0.375 |units|, market value where held long))
 *   group     max(-min over points (losses + offset x gains of its underlyings), sum of their minimums)
 *   total     sum over groups and over underlyings in none
 *
 * Ranges: +-15% for equities and narrow indices, -8% to +6% for broad indices of large companies, +-10% for broad indices of small
 * ones. Maintenance equals initial margin. FINRA Rule 4210(g); OCC, "Customer portfolio margin".
 */
import { requireArray, requireNonNegative, requireObject, requireOneOf, requireWithin } from '../../check.js';
import { InputError } from '../../errors.js';
import type { Account } from '../../portfolio/account.js';
import type { MarketSnapshot } from '../../portfolio/snapshot.js';
import { requireAccount } from '../../portfolio/validate.js';
import { excludedPositions, pnlVectors, positionHoldings, positionPnl } from '../pnl-vectors.js';
import { shiftMarket } from '../shift-market.js';
import { addRequirement } from './margin.js';
import type { MarginEngine, MarginRules, Requirement } from './margin.js';

export type TimsClass = 'equity' | 'narrow-index' | 'broad-index' | 'small-cap-index';

export interface TimsGroup {
  underlyings: readonly string[];
  /** Share of gains that offsets losses at the same point, 0 to 1. */
  offset: number;
}

export interface TimsParameters {
  /** By underlying; 'equity' where missing. */
  classes?: Record<string, TimsClass> | undefined;
  /** None where missing. */
  groups?: readonly TimsGroup[] | undefined;
  /** Per unit of an option; .375 where missing. */
  minimum?: number | undefined;
}

const RANGES: Record<TimsClass, { down: number; up: number }> = {
  equity: { down: 0.15, up: 0.15 },
  'narrow-index': { down: 0.15, up: 0.15 },
  'broad-index': { down: 0.08, up: 0.06 },
  'small-cap-index': { down: 0.1, up: 0.1 },
};

const POINTS_PER_SIDE = 5;

const rules: MarginRules = {
  venue: 'OCC',
  version: 'customer portfolio margin, TIMS',
  effectiveDate: '2025-01-01',
  source: 'FINRA Rule 4210(g); OCC: Customer portfolio margin',
  unconfirmed: [
    'offsets between product groups: inputs of the call, none where missing',
    'the cap of the minimum of a long option at its market value',
    'whether the minimums of a group are compared by group, as here, or by class',
    'the model of American options: the one of this library',
  ],
};

/**
 * All positions with a market, stocks included, in the account's reporting currency. Throws InputError on parameters out of range, an
 * underlying in two groups, and what the account or the snapshot lacks but a position's market.
 */
export const timsMargin: MarginEngine<TimsParameters> = (account, snapshot, parameters) => {
  const { minimum = 0.375 } = requireParameters(parameters);
  requireAccount(account);
  const holdings = positionHoldings(account.positions, snapshot);
  const names = [...new Set(account.positions.map(({ instrument }) => instrument.underlying))];
  const count = 2 * POINTS_PER_SIDE;
  const cells = movedMarkets(account, snapshot, parameters);
  const vectors = pnlVectors(holdings, snapshot, cells, { numeraire: account.reportingCurrency, missing: 'exclude' });
  const profits = new Map(names.map((name) => [name, new Float64Array(count)]));
  const least = new Map(names.map((name) => [name, 0]));
  holdings.positions.forEach(({ instrument }, p) => {
    const name = instrument.underlying;
    positionPnl(vectors, holdings, p).forEach((gain, cell) => {
      profits.get(name)![cell]! += gain;
    });
    if (instrument.kind !== 'option') return;
    const units = holdings.units[p]!;
    const floor = minimum * Math.abs(units);
    const worth = units * vectors.value[holdings.index[p]!]!;
    least.set(name, least.get(name)! + (units > 0 ? Math.min(floor, worth) : floor));
  });

  const grouped = new Set((parameters.groups ?? []).flatMap(({ underlyings }) => underlyings));
  const alone = names.filter((name) => !grouped.has(name)).map((name) => ({ underlyings: [name], offset: 1 }));
  const total: Requirement = { initial: 0, maintenance: 0 };
  const components: Record<string, Requirement> = {};
  let worstScenario: { label: string; pnl: number } | undefined;
  for (const { underlyings, offset } of [...(parameters.groups ?? []), ...alone]) {
    const members = underlyings.filter((name) => profits.has(name));
    if (members.length === 0) continue;
    let worst = { label: 'none', pnl: 0 };
    for (let point = 0; point < count; point++) {
      const pnl = members.reduce((sum, name) => {
        const own = profits.get(name)![point]!;
        return sum + (own > 0 ? offset * own : own);
      }, 0);
      if (pnl < worst.pnl) worst = { label: `${members.join(' and ')}, point ${point + 1} of ${count}`, pnl };
    }
    const floor = members.reduce((sum, name) => sum + least.get(name)!, 0);
    const needed = Math.max(-worst.pnl, floor);
    components[members.join('+')] = { initial: needed, maintenance: needed };
    addRequirement(total, { initial: needed, maintenance: needed });
    if (worstScenario === undefined || worst.pnl < worstScenario.pnl) worstScenario = worst;
  }
  return {
    initialMargin: total.initial,
    maintenanceMargin: total.maintenance,
    currency: account.reportingCurrency,
    components,
    worstScenario,
    rules,
    excluded: excludedPositions(vectors, holdings),
  };
};

/** From the lowest to the highest point: every underlying at its own. */
function movedMarkets(
  { positions }: Account,
  snapshot: MarketSnapshot,
  { classes = {} }: TimsParameters,
): MarketSnapshot[] {
  const names = new Set(positions.map(({ instrument }) => instrument.underlying));
  const known = [...names].filter((name) => Object.hasOwn(snapshot.underlyings, name));
  const steps = Array.from(
    { length: 2 * POINTS_PER_SIDE },
    (_, i) => i - POINTS_PER_SIDE + (i < POINTS_PER_SIDE ? 0 : 1),
  );
  return steps.map((step) => {
    const moves = known.map((underlying) => {
      const { down, up } = RANGES[classes[underlying] ?? 'equity'];
      const size = (step / POINTS_PER_SIDE) * (step < 0 ? down : up);
      return { factor: 'spot', kind: 'relative', underlying, size } as const;
    });
    return shiftMarket(snapshot, moves);
  });
}

function requireParameters(parameters: TimsParameters): TimsParameters {
  requireObject('parameters', parameters);
  const { classes = {}, groups = [], minimum = 0 } = parameters;
  requireNonNegative('minimum', minimum);
  for (const [name, kind] of Object.entries(classes)) {
    requireOneOf(`classes.${name}`, kind, Object.keys(RANGES));
  }
  requireArray('groups', groups);
  const seen = new Set<string>();
  groups.forEach(({ underlyings, offset }, i) => {
    requireArray(`groups[${i}].underlyings`, underlyings);
    requireWithin(`groups[${i}].offset`, offset, 0, 1);
    for (const name of underlyings) {
      if (seen.has(name)) throw new InputError(`groups[${i}].underlyings`, name, 'an underlying of no other group');
      seen.add(name);
    }
  });
  return parameters;
}
