/** What an account is exposed to, as text for a terminal: warnings first, then equity, ratios, Greeks, ladders and concentration. */
import type { PositionRejection } from '../portfolio/read/rejection.js';
import { utc } from './calibration-report.js';
import type { ExposureReport, GreeksIn } from './exposure-figures.js';
import type { ExposureWarning } from './exposure-warnings.js';
import { amount, figure, percent } from './figure.js';
import { ladderBy } from './ladder-sums.js';
import { textTable } from './text-table.js';
import type { TextColumn } from './text-table.js';

/** The whole report, ending in a newline. */
export function exposureText(report: ExposureReport): string {
  const parts = [
    heading(report),
    warningLines(report.warnings),
    equityTable(report),
    ratioTable(report),
    underlyingTable(report),
    greeksTable(report),
    coinTable(report),
    ladderTable(report, 'expiry'),
    ladderTable(report, 'delta'),
    concentrationTable(report),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** One line for each row of positions that could not be read. */
export function positionRejections(file: string, rejected: readonly PositionRejection[]): string {
  return rejected
    .map(({ line, index, id, field, reason, message }) => {
      const place = line > 0 ? `line ${line}` : `row ${index + 1}`;
      const where = [place, ...(id === '' ? [] : [id]), ...(field === '' ? [] : [field])].join(', ');
      return `${file}: ${where}: ${reason}: ${message}`;
    })
    .join('\n');
}

function columns(...headers: [string, ...string[]][]): TextColumn[] {
  return headers.map((header, i) => ({ header, align: i === 0 ? 'left' : 'right' }));
}

function isCoin(report: ExposureReport, currency: string): boolean {
  return report.markets.some(({ underlying }) => underlying === currency);
}

function heading({ account, asOf, numeraire, markets }: ExposureReport): string {
  const spots = markets.map(({ underlying, spot, expiries }) => {
    return `${underlying} ${figure(spot)} (${expiries} ${expiries === 1 ? 'expiry' : 'expiries'})`;
  });
  return `account ${account} | as of ${utc(asOf)} | figures in ${numeraire}\nmarket ${spots.join(', ')}`;
}

function warningLines(warnings: readonly ExposureWarning[]): string {
  if (warnings.length === 0) return 'warnings: none';
  const shown = (ids: readonly string[]): string =>
    ids.length <= 5 ? ids.join(', ') : `${ids.slice(0, 5).join(', ')} and ${ids.length - 5} more`;
  return ['warnings', ...warnings.map(({ code, message, ids }) => `  ${code}: ${message}: ${shown(ids)}`)].join('\n');
}

function equityTable(report: ExposureReport): string {
  const { equity, exposure, numeraire } = report;
  const rows = equity.rows.map((row) => {
    const money = (value: number): string => (value === 0 ? '' : amount(value, isCoin(report, row.currency)));
    const owed = -(row.borrowed + row.interest);
    const parts = [row.cash, row.spot, row.options, row.futures, row.funding, owed, row.equity].map(money);
    return [row.currency, ...parts, amount(row.reported, isCoin(report, numeraire))];
  });
  const total = ['total', '', '', '', '', '', '', '', amount(exposure.equity, isCoin(report, numeraire))];
  const adjusted = [
    'after haircuts',
    '',
    '',
    '',
    '',
    '',
    '',
    '',
    amount(exposure.adjustedEquity, isCoin(report, numeraire)),
  ];
  const titles = columns(
    ['equity'],
    ['cash'],
    ['spot'],
    ['options'],
    ['futures'],
    ['funding'],
    ['owed'],
    ['equity'],
    [`in ${numeraire}`],
  );
  return textTable(titles, [...rows, total, adjusted]);
}

function ratioTable(report: ExposureReport): string {
  const { exposure: e, numeraire } = report;
  const money = (value: number): string => amount(value, isCoin(report, numeraire));
  const rows = [
    ['gross notional', money(e.grossNotional), figure(e.grossLeverage)],
    ['net notional', money(e.netNotional), figure(e.netLeverage)],
    ['gross delta notional', money(e.grossDeltaNotional), figure(e.grossDeltaLeverage)],
    ['net delta notional', money(e.netDeltaNotional), figure(e.deltaLeverage)],
    ['coin delta, without collateral', '', figure(e.coinDeltaLeverage)],
    ['effective leverage', '', figure(e.effectiveLeverage)],
    ['long premium', money(e.longPremium), ''],
    ['short premium', money(e.shortPremium), ''],
    ...(e.marginUsage === undefined ? [] : [['margin usage', '', percent(e.marginUsage)]]),
  ];
  return textTable(columns(['exposure'], [numeraire], ['over equity']), rows);
}

function underlyingTable(report: ExposureReport): string {
  const { exposure, numeraire } = report;
  const money = (value: number): string => amount(value, isCoin(report, numeraire));
  const rows = Object.entries(exposure.byUnderlying).map(([name, { units, notional, deltaNotional }]) => [
    name,
    figure(units, 4),
    money(deltaNotional),
    money(notional),
  ]);
  const titles = columns(
    ['with collateral', 'underlying'],
    ['delta', 'units'],
    ['delta', numeraire],
    ['notional', numeraire],
  );
  return rows.length === 0 ? '' : textTable(titles, rows);
}

function greeksTable(report: ExposureReport): string {
  const rows = report.greeks.flatMap((greeks) => greekRows(report, greeks));
  const titles = columns(
    ['positions', 'in'],
    ['', 'value'],
    ['delta', 'cash'],
    ['gamma', 'per 1%'],
    ['vega', 'per point'],
    ['theta', 'per day'],
    ['rho', 'per bp'],
  );
  return textTable(titles, rows);
}

function greekRows(report: ExposureReport, { numeraire, total }: GreeksIn): string[][] {
  const money = (value: number): string => amount(value, isCoin(report, numeraire));
  const { value, cashDelta, gammaPerPercent, vegaPerPoint, thetaPerDay, rhoPerBasisPoint } = total;
  return [[numeraire, ...[value, cashDelta, gammaPerPercent, vegaPerPoint, thetaPerDay, rhoPerBasisPoint].map(money)]];
}

function coinTable({ coins }: ExposureReport): string {
  const rows = Object.entries(coins).map(([coin, row]) => [
    coin,
    ...[row.equityInCoin, row.coinDelta, row.usdDelta, row.coinGamma].map((value) => figure(value, 6)),
  ]);
  const titles = columns(
    ['with collateral', 'coin'],
    ['equity', 'coins'],
    ['delta', 'coin'],
    ['delta', 'dollar'],
    ['gamma', 'coin'],
  );
  return rows.length === 0 ? '' : textTable(titles, rows);
}

function ladderTable(report: ExposureReport, axis: 'expiry' | 'delta'): string {
  const money = (value: number): string => amount(value, isCoin(report, report.numeraire));
  const rows = ladderBy(report.ladder, axis).map((cell) => [
    `${cell.underlying} ${cell[axis]}`,
    ...[cell.cashDelta, cell.gammaPerPercent, cell.vegaPerPoint, cell.thetaPerDay].map(money),
  ]);
  const title = axis === 'expiry' ? 'by time to expiry' : 'by delta of the call';
  const titles = columns(
    [title, ''],
    ['delta', 'cash'],
    ['gamma', 'per 1%'],
    ['vega', 'per point'],
    ['theta', 'per day'],
  );
  return rows.length === 0 ? '' : textTable(titles, rows);
}

function concentrationTable({ concentration }: ExposureReport): string {
  const rows = concentration.map(({ figure: what, by, count, effectiveNumber, largest, topShare }) => [
    `${what} by ${by}`,
    String(count),
    figure(effectiveNumber, 1),
    percent(topShare),
    largest,
  ]);
  const titles: TextColumn[] = [
    ...columns(['concentration', ''], ['', 'count'], ['effective', 'count'], ['share of', 'largest']),
    { header: ['', 'largest'], align: 'left' },
  ];
  return rows.length === 0 ? '' : textTable(titles, rows);
}
