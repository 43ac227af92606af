/** What was taken out of American quotes to make them European: carry, premiums of early exercise and their model risk by expiry. */
import type { OptionChain } from '../market/chain.js';
import type { DeAmericanised } from '../market/de-americanise.js';
import { rejectionSummary, utc } from './calibration-report.js';
import { textTable } from './text-table.js';
import type { TextColumn } from './text-table.js';

/** A chain whose premiums were taken out. */
export type MadeEuropean = Extract<DeAmericanised, { ok: true }>;

const HEADERS = [
  ['days', ''],
  ['forward', ''],
  ['carry', '%'],
  ['+-', '%'],
  ['discount', 'factor'],
  ['lowest', ''],
  ['highest', ''],
  ['pairs', 'equal'],
  ['pairs', 'near'],
  ['premium', 'median'],
  ['premium', 'largest'],
  ['model risk', 'median'],
  ['model risk', 'largest'],
  ['European', '% quotes'],
];

/** One line an expiry, and what was left out. Premiums and model risk in the premium currency, `chain` the American one. */
export function americanText(made: MadeEuropean, chain: OptionChain): string {
  const columns: TextColumn[] = [
    { header: ['expiry', ''], align: 'left' },
    ...HEADERS.map((header): TextColumn => ({ header, align: 'right' })),
  ];
  const money = (value: number): string => value.toFixed(4);
  const rows = americanExpiries(made, chain).map((row) => [
    utc(row.expiry).slice(0, 16),
    (365 * row.timeToExpiry).toFixed(2),
    row.forward.toFixed(2),
    (100 * row.carry).toFixed(2),
    (50 * (row.interval[1] - row.interval[0])).toFixed(2),
    row.discountFactor.toFixed(4),
    ...row.discountInterval.map((factor) => factor.toFixed(4)),
    String(row.equal),
    String(row.near),
    money(row.medianPremium),
    money(row.largestPremium),
    money(row.medianModelRisk),
    money(row.largestModelRisk),
    row.europeanShare === undefined ? '' : (100 * row.europeanShare).toFixed(0),
  ]);
  return [
    `${chain.underlying}: early exercise taken out of ${made.quotes.length} of ${chain.quotes.length} American quotes, spot ${made.spot}`,
    textTable(columns, rows),
    `not made European: ${rejectionSummary(made.rejected, chain)}`,
  ].join('\n\n');
}

/** The same as data: each expiry with the premiums and model risk of its quotes. */
export function americanExpiries(made: MadeEuropean, chain: OptionChain) {
  return made.expiries.map((expiry) => {
    const quotes = made.quotes.filter(({ index }) => chain.quotes[index]!.expiry === expiry.expiry);
    const risks = quotes.map(({ modelRisk }) => modelRisk).sort((a, b) => a - b);
    return {
      ...expiry,
      quotes: quotes.length,
      largestPremium: quotes.reduce((most, { premium }) => Math.max(most, premium), 0),
      medianModelRisk: risks[risks.length >> 1] ?? 0,
      europeanShare:
        quotes.length === 0 ? undefined : quotes.filter(({ europeanOk }) => europeanOk).length / quotes.length,
    };
  });
}

export type AmericanExpiry = ReturnType<typeof americanExpiries>[number];

/** What a report in JSON says of the quotes behind its market. */
export interface AmericanFigures {
  underlying: string;
  spot: number;
  expiries: AmericanExpiry[];
  rejected: MadeEuropean['rejected'];
}

export function americanFigures(made: MadeEuropean, chain: OptionChain): AmericanFigures {
  const { spot, rejected } = made;
  return { underlying: chain.underlying, spot, expiries: americanExpiries(made, chain), rejected };
}
