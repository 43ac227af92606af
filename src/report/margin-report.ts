/** What a venue's rules ask of an account, how far it is from them, and at which prices it would be liquidated: text and record. */
import type { Account } from '../portfolio/account.js';
import type { Currency } from '../market/quote.js';
import { quoteCurrency } from '../portfolio/valuation.js';
import type { MarketSnapshot } from '../portfolio/snapshot.js';
import { accountHealth, type AccountHealth } from '../risk/account-health.js';
import { liquidationPrices } from '../risk/liquidation-prices.js';
import { deribitPortfolioMargin } from '../risk/margin/deribit-portfolio.js';
import {
  deribitPortfolioBitcoin,
  deribitPortfolioEther,
  deribitStandardBitcoin,
} from '../risk/margin/deribit-presets.js';
import { deribitStandardMargin } from '../risk/margin/deribit-standard.js';
import type { MarginResult } from '../risk/margin/margin.js';
import { scanMargin } from '../risk/margin/scan.js';
import { amount, figure, percent } from './figure.js';
import { textTable } from './text-table.js';
import { withoutExcluded } from './usable-account.js';

/** Rule sets by name, with the parameters of their presets. */
export const marginRules = {
  'deribit-standard': (account, snapshot) => deribitStandardMargin(account, snapshot, deribitStandardBitcoin),
  'deribit-portfolio-btc': (account, snapshot) => deribitPortfolioMargin(account, snapshot, deribitPortfolioBitcoin),
  'deribit-portfolio-eth': (account, snapshot) => deribitPortfolioMargin(account, snapshot, deribitPortfolioEther),
  paradex: (account, snapshot) => scanMargin(account, snapshot, 'paradex'),
} as const satisfies Record<string, (account: Account, snapshot: MarketSnapshot) => MarginResult>;

export type MarginRuleName = keyof typeof marginRules;
export const marginRuleNames = Object.keys(marginRules) as MarginRuleName[];

export interface MarginReport {
  schema: 1;
  asOf: number;
  margin: MarginResult;
  health: AccountHealth;
  /** By underlying the account holds derivatives on: prices at which equity is the maintenance margin. */
  liquidation: {
    underlying: string;
    /** Of its prices. */
    quote: Currency;
    spot: number;
    below?: number | undefined;
    above?: number | undefined;
    roots: number[];
  }[];
}

/** Throws InputError for what the rules do not margin, and what the snapshot lacks for the account's equity. */
export function marginReport(account: Account, snapshot: MarketSnapshot, rules: MarginRuleName): MarginReport {
  const engine = marginRules[rules];
  const margin = engine(account, snapshot);
  const usable = withoutExcluded(account, margin.excluded);
  const quotes = new Map(
    usable.positions.flatMap(({ instrument: i }) => (i.kind === 'spot' ? [] : [[i.underlying, quoteCurrency(i)]])),
  );
  return {
    schema: 1,
    asOf: snapshot.asOf,
    margin,
    health: accountHealth(usable, snapshot, margin),
    liquidation: [...quotes].map(([underlying, quote]) => {
      const { below, above, roots } = liquidationPrices(usable, snapshot, { underlying, margin: engine });
      return { underlying, quote, spot: snapshot.underlyings[underlying]!.spot, below, above, roots };
    }),
  };
}

/** Whether amounts are in the coin of an underlying that is held, whose units are large. */
export function isInCoin({ margin, liquidation }: Pick<MarginReport, 'margin' | 'liquidation'>): boolean {
  return liquidation.some(({ underlying }) => underlying === margin.currency);
}

export function marginText(report: MarginReport): string {
  const { margin, health, liquidation } = report;
  const { rules, currency, components, worstScenario, excluded } = margin;
  const isCoin = isInCoin(report);
  const money = (value: number): string => amount(value, isCoin);
  const away = (price: number | undefined, spot: number): string =>
    price === undefined ? 'none' : `${figure(price, 2)} (${percent(price / spot - 1)})`;
  const parts = [
    `${rules.venue}, ${rules.version}, as of ${rules.effectiveDate}: a model of the rules, amounts in ${currency}`,
    textTable(
      [
        { header: ['component'], align: 'left' },
        { header: ['initial'], align: 'right' },
        { header: ['maintenance'], align: 'right' },
      ],
      [
        ...Object.entries(components).map(([name, { initial, maintenance }]) => [
          name,
          money(initial),
          money(maintenance),
        ]),
        ['all', money(margin.initialMargin), money(margin.maintenanceMargin)],
      ],
    ),
    ...(worstScenario === undefined ? [] : [`worst cell: ${worstScenario.label}, ${money(worstScenario.pnl)}`]),
    `equity ${money(health.equity)}, margin ratio ${percent(health.marginRatio)}, initial margin used ${percent(health.initialMarginUsage)}: ${health.status}`,
    textTable(
      [
        { header: ['liquidation of'], align: 'left' },
        { header: ['spot'], align: 'right' },
        { header: ['below'], align: 'right' },
        { header: ['above'], align: 'right' },
      ],
      liquidation.map(({ underlying, spot, below, above }) => [
        underlying,
        figure(spot, 2),
        away(below, spot),
        away(above, spot),
      ]),
    ),
    ...(rules.unconfirmed.length === 0 ? [] : [`not confirmed: ${rules.unconfirmed.join('; ')}`]),
    ...(excluded.length === 0
      ? []
      : [`left out: ${excluded.map(({ positionId, reason }) => `${positionId} (${reason})`).join(', ')}`]),
  ];
  return `${parts.join('\n\n')}\n`;
}
