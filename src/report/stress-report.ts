/** What moves of the market would do to an account: the grid and the named scenarios as text for a terminal, and as JSON. */
import type { Account } from '../portfolio/account.js';
import type { Excluded } from '../portfolio/missing.js';
import type { MarketSnapshot } from '../portfolio/snapshot.js';
import { runScenarios, scenarioGrid } from '../risk/scenario.js';
import { stressTemplates } from '../risk/stress.js';
import { amount, percent } from './figure.js';
import { textTable } from './text-table.js';

const SPOT_MOVES = [-0.5, -0.3, -0.2, -0.1, -0.05, 0, 0.05, 0.1, 0.2, 0.3, 0.5];
const VOLATILITY_MOVES = [-0.25, 0, 0.25, 0.5];

export interface StressReport {
  schema: 1;
  asOf: number;
  currency: string;
  equity: number;
  /** That passed before the move. */
  days: number;
  /** Relative moves. */
  spot: number[];
  volatility: number[];
  /** Profit, [spot][volatility]. */
  grid: number[][];
  worst: { spot: number; volatility: number; pnl: number };
  /** Illustrative templates, not history. */
  scenarios: { name: string; description: string; pnl: number; equity: number }[];
  excluded: Excluded[];
}

/** Everything valued anew in each market; positions the market lacks data for are left out and listed. */
export function stressReport(account: Account, snapshot: MarketSnapshot, days = 0): StressReport {
  const currency = account.reportingCurrency;
  const grid = scenarioGrid(account, snapshot, {
    spot: SPOT_MOVES,
    volatility: VOLATILITY_MOVES,
    horizonDays: [days],
    volatilityKind: 'relative',
    missing: 'exclude',
  });
  const named = runScenarios(account, snapshot, stressTemplates, { missing: 'exclude' });
  const [s, v] = grid.worst.cell;
  return {
    schema: 1,
    asOf: snapshot.asOf,
    currency,
    equity: named.equityNow,
    days,
    spot: SPOT_MOVES,
    volatility: VOLATILITY_MOVES,
    grid: SPOT_MOVES.map((_, i) => VOLATILITY_MOVES.map((__, j) => grid.portfolio[i * VOLATILITY_MOVES.length + j]!)),
    worst: { spot: SPOT_MOVES[s]!, volatility: VOLATILITY_MOVES[v]!, pnl: grid.worst.pnl },
    scenarios: named.scenarios.map(({ name, pnl, equity }, i) => {
      return { name, description: stressTemplates[i]!.description, pnl, equity };
    }),
    excluded: grid.excluded,
  };
}

export function stressText(report: StressReport): string {
  const { currency, equity, days, spot, volatility, grid, worst, scenarios, excluded } = report;
  const move = (size: number): string => `${size > 0 ? '+' : ''}${percent(size)}`;
  const share = (pnl: number): string => (equity > 0 ? percent(pnl / equity) : 'no equity');
  const parts = [
    `equity ${amount(equity)} ${currency}; profit in ${currency} if every spot and volatility moved at once${days === 0 ? '' : `, ${days} days on`}`,
    textTable(
      [
        { header: ['spot', ''], align: 'right' },
        ...volatility.map((size) => ({ header: ['volatility', move(size)], align: 'right' as const })),
      ],
      spot.map((size, i) => [move(size), ...grid[i]!.map((pnl) => amount(pnl))]),
    ),
    `worst of the grid: ${amount(worst.pnl)} (${share(worst.pnl)} of equity) at spot ${move(worst.spot)}, volatility ${move(worst.volatility)}`,
    textTable(
      [
        { header: ['scenario (illustrative)'], align: 'left' },
        { header: ['profit'], align: 'right' },
        { header: ['of equity'], align: 'right' },
        { header: ['equity after'], align: 'right' },
      ],
      scenarios.map(({ name, pnl, equity: after }) => [name, amount(pnl), share(pnl), amount(after)]),
    ),
    ...(excluded.length === 0
      ? []
      : [`left out: ${excluded.map(({ positionId, reason }) => `${positionId} (${reason})`).join(', ')}`]),
  ];
  return `${parts.join('\n\n')}\n`;
}
