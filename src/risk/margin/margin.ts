/**
 * Margin rules behind one interface: an account, a market and the parameters of a rule set in, two requirements out, never negative,
 * in the currency the rules work in. Venues change their parameters without notice: every result names the rules, their version, date
 * and source, and what of them could not be confirmed. It is a model of the venue, not the venue.
 */
import type { Currency } from '../../market/quote.js';
import type { Account } from '../../portfolio/account.js';
import type { Excluded } from '../../portfolio/missing.js';
import type { MarketSnapshot } from '../../portfolio/snapshot.js';

export interface Requirement {
  initial: number;
  maintenance: number;
}

export interface MarginRules {
  venue: string;
  version: string;
  /** ISO date. */
  effectiveDate: string;
  source: string;
  /** What the source leaves open, and how it is taken here. */
  unconfirmed: string[];
}

export interface MarginResult {
  initialMargin: number;
  maintenanceMargin: number;
  currency: Currency;
  components: Record<string, Requirement>;
  /** By position id, where the rules work position by position. */
  positions?: Record<string, Requirement> | undefined;
  worstScenario?: { label: string; pnl: number } | undefined;
  rules: MarginRules;
  /** Positions the market has no data for; they have no margin here. */
  excluded: Excluded[];
}

/** "What if" is a call with more positions. */
export type MarginEngine<P> = (account: Account, snapshot: MarketSnapshot, parameters: P) => MarginResult;

export function addRequirement(to: Requirement, { initial, maintenance }: Requirement): void {
  to.initial += initial;
  to.maintenance += maintenance;
}
