/**
 * How far an account is from its venue's hands: equity against what must be maintained.
 *
 *   margin ratio   maintenance / equity: liquidated from 1
 *   equity ratio   equity / maintenance: the same from the other side, as Binance's unified accounts quote it
 *
 * Collateral counts after its haircuts (adjusted equity) where the account has any.
 */
import { requireNonNegative, requireObject } from '../check.js';
import { InputError } from '../errors.js';
import type { Currency } from '../market/quote.js';
import type { Account } from '../portfolio/account.js';
import { accountEquity, adjustedEquity } from '../portfolio/equity.js';
import { openMarket } from '../portfolio/market-view.js';
import type { MarketSnapshot } from '../portfolio/snapshot.js';
import type { MarginResult } from './margin/margin.js';

export type HealthStatus = 'ok' | 'warning' | 'margin-call' | 'liquidation' | 'bankrupt';

/** Margin ratios from which a status holds: .667, .833 and 1 where missing (equity ratios 1.5, 1.2 and 1). */
export interface HealthThresholds {
  warning: number;
  marginCall: number;
  liquidation: number;
}

export interface AccountHealth {
  /** In the currency of the margin, after haircuts. */
  equity: number;
  currency: Currency;
  /** Maintenance margin over equity; 0 without a margin, Infinity without equity. */
  marginRatio: number;
  /** Infinity without a margin. */
  equityRatio: number;
  /** Initial margin over equity. */
  initialMarginUsage: number;
  /** Equity less maintenance margin. */
  excessLiquidity: number;
  /** Equity less initial margin: what new positions may use, below 0 where none may be opened. */
  buyingPower: number;
  status: HealthStatus;
}

const USUAL: HealthThresholds = { warning: 1 / 1.5, marginCall: 1 / 1.2, liquidation: 1 };

/** Throws InputError naming what of the account, the market or the margin is not as it must be. */
export function accountHealth(
  account: Account,
  snapshot: MarketSnapshot,
  margin: MarginResult,
  thresholds: HealthThresholds = USUAL,
): AccountHealth {
  requireObject('margin', margin);
  const initial = requireNonNegative('margin.initialMargin', margin.initialMargin);
  const maintenance = requireNonNegative('margin.maintenanceMargin', margin.maintenanceMargin);
  requireThresholds(thresholds);
  const { currency } = margin;
  const equity = collateralEquity(account, snapshot, currency);
  const over = (part: number): number => (part === 0 ? 0 : equity > 0 ? part / equity : Infinity);
  const marginRatio = over(maintenance);
  return {
    equity,
    currency,
    marginRatio,
    equityRatio: maintenance === 0 ? Infinity : equity / maintenance,
    initialMarginUsage: over(initial),
    excessLiquidity: equity - maintenance,
    buyingPower: equity - initial,
    status: statusOf(marginRatio, equity, maintenance, thresholds),
  };
}

/** What counts against margin, in a currency: equity after haircuts, or the equity itself where there are none. */
export function collateralEquity(account: Account, snapshot: MarketSnapshot, currency: Currency): number {
  if (account.collateral === undefined || Object.keys(account.collateral).length === 0) {
    return accountEquity(account, snapshot, currency).equity;
  }
  const { adjusted } = adjustedEquity(account, snapshot);
  if (currency === account.reportingCurrency) return adjusted;
  const conversion = openMarket(snapshot).conversion(account.reportingCurrency, currency);
  if (conversion === undefined) {
    throw new InputError('margin.currency', currency, `a currency with a rate to ${account.reportingCurrency}`);
  }
  return adjusted * conversion.rate;
}

function statusOf(
  ratio: number,
  equity: number,
  maintenance: number,
  { warning, marginCall, liquidation }: HealthThresholds,
): HealthStatus {
  if (maintenance === 0) return 'ok';
  if (equity <= 0) return 'bankrupt';
  if (ratio >= liquidation) return 'liquidation';
  if (ratio >= marginCall) return 'margin-call';
  return ratio >= warning ? 'warning' : 'ok';
}

function requireThresholds({ warning, marginCall, liquidation }: HealthThresholds): void {
  requireNonNegative('thresholds.warning', warning);
  if (!(marginCall >= warning)) throw new InputError('thresholds.marginCall', marginCall, 'at least warning');
  if (!(liquidation >= marginCall)) throw new InputError('thresholds.liquidation', liquidation, 'at least marginCall');
}
