/** What a venue's rules would ask of an account at other prices of one underlying, the whole account valued anew at each. */
import type { Account } from '../portfolio/account.js';
import type { MarketSnapshot } from '../portfolio/snapshot.js';
import { collateralEquity } from '../risk/account-health.js';
import { shiftMarket } from '../risk/shift-market.js';
import { marginRules, type MarginReport, type MarginRuleName } from './margin-report.js';
import { withoutExcluded } from './usable-account.js';

export interface MarginCurve {
  underlying: string;
  /** Rising, and at each the figures in the currency of the margin. */
  spots: number[];
  equity: number[];
  initialMargin: number[];
  maintenanceMargin: number[];
}

const POINTS = 61;
/** Prices drawn on either side of the spot at least, and at most where a liquidation price lies beyond: multiples of the spot. */
const NEAR = [0.5, 1.5] as const;
const FAR = [0.25, 4] as const;

/**
 * One curve an underlying of the report, with the smile at its strikes as liquidation prices have it. Throws InputError as marginReport
 * does.
 */
export function marginCurves(
  account: Account,
  snapshot: MarketSnapshot,
  rules: MarginRuleName,
  { margin, liquidation }: Pick<MarginReport, 'margin' | 'liquidation'>,
): MarginCurve[] {
  const usable = withoutExcluded(account, margin.excluded);
  const engine = marginRules[rules];
  return liquidation.map(({ underlying, spot, below = spot, above = spot }) => {
    const low = Math.max(FAR[0] * spot, Math.min(NEAR[0] * spot, 0.9 * below));
    const high = Math.min(FAR[1] * spot, Math.max(NEAR[1] * spot, 1.1 * above));
    const curve: MarginCurve = { underlying, spots: [], equity: [], initialMargin: [], maintenanceMargin: [] };
    for (let i = 0; i < POINTS; i++) {
      const size = low + ((high - low) * i) / (POINTS - 1);
      const moved = shiftMarket(snapshot, [{ factor: 'spot', underlying, kind: 'set', size }], 'sticky-strike');
      const { initialMargin, maintenanceMargin, currency } = engine(usable, moved);
      curve.spots.push(size);
      curve.equity.push(collateralEquity(usable, moved, currency));
      curve.initialMargin.push(initialMargin);
      curve.maintenanceMargin.push(maintenanceMargin);
    }
    return curve;
  });
}
