/** What an account is exposed to, as sections of a page: ratios, Greeks, profit over spot and volatility, profile at the next expiry. */
import type { Account } from '../../portfolio/account.js';
import { coinDelta } from '../../portfolio/coin-delta.js';
import { exposureMetrics } from '../../portfolio/exposure.js';
import type { Exposure } from '../../portfolio/exposure.js';
import { netGreeks } from '../../portfolio/net-greeks.js';
import { payoffProfile } from '../../portfolio/payoff-profile.js';
import type { MarketSnapshot } from '../../portfolio/snapshot.js';
import { scenarioGrid } from '../../risk/scenario.js';
import { heatMapOption } from '../charts/heat-map.js';
import { lineChartOption } from '../charts/line-chart.js';
import { amount, figure, percent } from '../figure.js';
import type { Draw } from './market-sections.js';
import { htmlTable, markup } from './markup.js';
import type { Markup } from './markup.js';
import { htmlFigure, htmlFigures } from './page.js';
import type { PageSection } from './page.js';

export interface AccountInput {
  account: Account;
  snapshot: MarketSnapshot;
}

const SPOT_MOVES = [-0.3, -0.2, -0.1, -0.05, 0, 0.05, 0.1, 0.2, 0.3];
const VOLATILITY_MOVES = [-0.3, -0.15, 0, 0.25, 0.5];
const WIDTH = 1100;

/** Positions the market lacks data for are left out and listed. */
export function accountSections({ account: given, snapshot }: AccountInput, draw: Draw): PageSection[] {
  const exposure = exposureMetrics(given, snapshot, { missing: 'exclude' });
  const lost = new Set(exposure.excluded.map(({ positionId }) => positionId));
  const account = { ...given, positions: given.positions.filter(({ id }) => !lost.has(id)) };
  const currency = account.reportingCurrency;
  return [
    { id: 'exposure', title: 'Exposure', body: [exposureFigures(exposure, currency), coinTable(account, snapshot)] },
    { id: 'greeks', title: 'Greeks', body: [greeksTable(account, snapshot)] },
    {
      id: 'stress',
      title: 'Profit over spot and volatility',
      body: [
        htmlFigure(
          draw(heatMap(account, snapshot), WIDTH, 330).svg,
          `Profit of the account in ${currency} if every spot and every volatility moved at once, everything valued anew`,
        ),
      ],
    },
    ...profiles(account, snapshot, draw),
  ];
}

function exposureFigures(e: Exposure, currency: string): Markup {
  const money = (value: number): string => `${amount(value)} ${currency}`;
  const figures = htmlFigures([
    { name: 'equity', value: money(e.equity) },
    { name: 'collateral after haircuts', value: money(e.adjustedEquity) },
    { name: 'gross notional', value: money(e.grossNotional) },
    { name: 'net delta notional', value: money(e.netDeltaNotional) },
    { name: 'gross leverage', value: `${figure(e.grossLeverage)} x` },
    { name: 'delta leverage', value: `${figure(e.deltaLeverage)} x` },
    { name: 'effective leverage', value: `${figure(e.effectiveLeverage)} x` },
    { name: 'premium held / owed', value: `${amount(e.longPremium)} / ${amount(e.shortPremium)}` },
  ]);
  const rows = e.excluded.map(({ positionId, reason }) => [positionId, reason]);
  if (rows.length === 0) return figures;
  return markup`${figures}${htmlTable({ caption: 'Positions left out of every figure', headers: ['position', 'reason'], rows })}`;
}

function coinTable(account: Account, snapshot: MarketSnapshot): Markup {
  const coins = Object.entries(coinDelta(account, snapshot));
  if (coins.length === 0) return markup``;
  return htmlTable({
    caption: 'Deltas of coin books: counted in coin, and in dollars (with the equity that is held in coin)',
    headers: ['coin', 'delta in coin', 'equity in coin', 'delta in dollars, coins'],
    rows: coins.map(([coin, { coinDelta: inCoin, equityInCoin, usdDelta }]) => [
      coin,
      figure(inCoin, 4),
      figure(equityInCoin, 4),
      figure(usdDelta, 4),
    ]),
  });
}

function greeksTable({ positions, reportingCurrency }: Account, snapshot: MarketSnapshot): Markup {
  const { byUnderlying } = netGreeks(positions, snapshot, { numeraire: reportingCurrency });
  return htmlTable({
    caption: `Net Greeks of the positions, values in ${reportingCurrency}`,
    headers: ['underlying', 'value', 'delta (units)', 'gamma per 1%', 'vega per point', 'theta per day', 'rho per bp'],
    rows: Object.entries(byUnderlying).map(([name, g]) => {
      const spot = snapshot.underlyings[name]?.spot ?? NaN;
      return [
        name,
        amount(g.price),
        figure(g.delta, 4),
        amount((spot * spot * g.gamma) / 100),
        amount(g.vega / 100),
        amount(g.theta / 365),
        amount(g.rho / 10_000),
      ];
    }),
  });
}

function heatMap(account: Account, snapshot: MarketSnapshot) {
  const grid = scenarioGrid(account, snapshot, {
    spot: SPOT_MOVES,
    volatility: VOLATILITY_MOVES,
    horizonDays: [0],
    volatilityKind: 'relative',
  });
  const signed = (move: number): string => `${move > 0 ? '+' : ''}${percent(move).replace('.0%', '%')}`;
  return heatMapOption({
    x: 'move of spot',
    y: 'relative move of volatility',
    columns: SPOT_MOVES.map(signed),
    rows: VOLATILITY_MOVES.map(signed),
    values: VOLATILITY_MOVES.map((_, v) => SPOT_MOVES.map((__, s) => grid.portfolio[s * VOLATILITY_MOVES.length + v]!)),
    format: (value) => amount(value),
  });
}

/** One an underlying that the account holds derivatives on. */
function profiles(account: Account, snapshot: MarketSnapshot, draw: Draw): PageSection[] {
  const names = [
    ...new Set(
      account.positions.flatMap(({ instrument }) => (instrument.kind === 'option' ? [instrument.underlying] : [])),
    ),
  ];
  return names.map((name) => {
    const { spot } = snapshot.underlyings[name]!;
    const positions = account.positions.filter(({ instrument }) => instrument.underlying === name);
    const spots = Array.from({ length: 201 }, (_, i) => spot * (0.5 + i / 200));
    const numeraire = account.reportingCurrency;
    const profile = payoffProfile(positions, snapshot, { spots, numeraire });
    const now = payoffProfile(positions, snapshot, { spots, numeraire, horizonDays: 0 });
    const curve = (pnl: readonly number[]) => spots.map((at, i): [number, number] => [at, pnl[i]!]);
    const option = lineChartOption({
      x: `price of ${name}`,
      y: `profit (${numeraire})`,
      zero: true,
      series: [
        { name: 'at the next expiry', points: curve(profile.pnl) },
        { name: 'now', points: curve(now.pnl) },
      ],
      marks: [{ at: spot, label: 'spot' }],
    });
    const largest = (value: number, unbounded: boolean): string => (unbounded ? 'unbounded' : amount(value));
    return {
      id: `profile-${names.indexOf(name)}`,
      title: `Profile of ${name}`,
      body: [
        htmlFigure(draw(option, WIDTH, 380).svg, `Profit of the positions on ${name} by its price`),
        htmlFigures([
          { name: 'break-even prices', value: profile.breakEvens.map((at) => figure(at, 0)).join('; ') || 'none' },
          { name: 'largest gain', value: largest(profile.maximumGain, profile.unboundedGain) },
          { name: 'largest loss', value: largest(profile.maximumLoss, profile.unboundedLoss) },
          { name: 'probability of profit', value: percent(profile.probabilityOfProfit) },
          { name: 'expected profit', value: amount(profile.expectedPnl) },
        ]),
      ],
    };
  });
}
