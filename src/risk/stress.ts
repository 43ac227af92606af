/**
 * Stress by name and by history. The templates are moves of round sizes that traders ask about: illustrations, not records of any day.
 * Whoever uses one as a record fills in its source and date.
 */
import type { Account } from '../portfolio/account.js';
import type { Excluded, MissingPolicy } from '../portfolio/missing.js';
import type { MarketSnapshot } from '../portfolio/snapshot.js';
import type { SmileDynamics } from '../volatility/smile/dynamics.js';
import { factorShifts, requireReturns, type FactorReturns } from './factor-returns.js';
import type { LiquidityStress } from './liquidity.js';
import type { Scenario } from './scenario.js';
import { sampledPnl } from './value-at-risk/sampled-pnl.js';

export interface StressTemplate extends Scenario {
  /** Always: the sizes are round numbers. */
  illustrative: true;
  /** What the template stands for. */
  description: string;
  /** Of order books in the same scenario, for liquidity. */
  liquidity?: LiquidityStress | undefined;
  /** Share by which correlations go to 1, for covariances: see stressCorrelation. */
  correlation?: number | undefined;
  /** Where the sizes come from, and of what day, once the user says so. */
  source?: string | undefined;
  date?: string | undefined;
}

const relative = (factor: 'spot' | 'volatility' | 'basis', size: number): Scenario['shifts'][number] => ({
  factor,
  kind: 'relative',
  size,
});

/** Of every underlying alike. */
export const stressTemplates: readonly StressTemplate[] = [
  {
    name: 'crash',
    illustrative: true,
    description: 'Spot down 30%, volatilities up 60%.',
    shifts: [relative('spot', -0.3), relative('volatility', 0.6)],
  },
  {
    name: 'rally',
    illustrative: true,
    description: 'Spot up 25%, volatilities down 10%.',
    shifts: [relative('spot', 0.25), relative('volatility', -0.1)],
  },
  {
    name: 'volatility-crush',
    illustrative: true,
    description: 'After an event: volatilities down 40% at 30 days, by days to expiry.',
    shifts: [{ ...relative('volatility', -0.4), term: { shortPower: 0.3, longPower: 0.5 } }],
  },
  {
    name: 'deep-crash',
    illustrative: true,
    description:
      'Spot halved, volatilities doubled, order books at a fifth of their depth and three times their spread.',
    shifts: [relative('spot', -0.5), relative('volatility', 1)],
    liquidity: { depth: 0.2, spread: 3 },
  },
  {
    name: 'funding-spike',
    illustrative: true,
    description: 'Longs of perpetuals pay 1% a day for three days.',
    shifts: [
      { factor: 'time', kind: 'absolute', size: 3 / 365 },
      { factor: 'funding', kind: 'set', size: 0.01 },
    ],
  },
  {
    name: 'basis-collapse',
    illustrative: true,
    description: 'Forwards and listed futures at the spot.',
    shifts: [relative('basis', -1)],
  },
  {
    name: 'correlation-to-one',
    illustrative: true,
    description: 'All spots down 20% together; correlations of a covariance at 1.',
    shifts: [relative('spot', -0.2)],
    correlation: 1,
  },
  {
    name: 'liquidity-gone',
    illustrative: true,
    description: 'Order books at a fifth of their depth; prices as they are.',
    shifts: [],
    liquidity: { depth: 0.2 },
  },
];

/** A currency that settles contracts falls by a share against all others; 5% where missing. */
export function depegTemplate(currency: string, share = 0.05): StressTemplate {
  return {
    name: `depeg-${currency}`,
    illustrative: true,
    description: `${currency} falls against all other currencies.`,
    shifts: [{ factor: 'fx', underlying: currency, kind: 'relative', size: -share }],
  };
}

export interface HistoricalStress {
  /** Of each row of returns applied to the market of now, in the account's reporting currency. */
  pnl: Float64Array;
  /** The row that loses most, or gains least. */
  worst: { day: number; pnl: number };
  excluded: Excluded[];
}

/**
 * What the days of the past would do to the account now, by full revaluation. Throws InputError naming the field of the account, the
 * snapshot or the returns that is not as it must be.
 */
export function historicalStress(
  account: Account,
  snapshot: MarketSnapshot,
  returns: FactorReturns,
  options: { dynamics?: SmileDynamics | undefined; missing?: MissingPolicy | undefined } = {},
): HistoricalStress {
  const shiftsOf = factorShifts(returns);
  const { rows } = requireReturns(returns);
  const { pnl, excluded } = sampledPnl(account, snapshot, rows.map(shiftsOf), options);
  const day = pnl.reduce((least, value, i) => (value < pnl[least]! ? i : least), 0);
  return { pnl, worst: { day, pnl: pnl[day]! }, excluded };
}
