/** What a reader of an account's exposure has to know before trusting the figures. */
import type { Account } from '../portfolio/account.js';
import type { Excluded } from '../portfolio/missing.js';
import type { PositionRejection } from '../portfolio/read/rejection.js';
import type { MarketSnapshot } from '../portfolio/snapshot.js';

export type ExposureWarningCode =
  /** Equity is 0 or less. */
  | 'insolvent'
  /** Rows of the account's files that could not be read: not in any figure. */
  | 'rejected-rows'
  /** Positions the market has no data for: not in any figure, or at their payoff. */
  | 'excluded'
  /** Instruments past their expiry: at their payoff at the spot. */
  | 'expired'
  /** Options that expire before the first or after the last expiry of their surface. */
  | 'outside-expiries'
  /** The spot is more than 1% away from the index the positions were taken at. */
  | 'index-differs'
  /** A surface older than the snapshot by more than an hour. */
  | 'old-surface'
  /** A surface that is not proved free of arbitrage. */
  | 'not-proved';

export interface ExposureWarning {
  code: ExposureWarningCode;
  /** One sentence. */
  message: string;
  /** Of the positions, lines or underlyings it is about. */
  ids: string[];
}

export interface WarningInput {
  excluded: readonly Excluded[];
  expired: readonly string[];
  insolvent: boolean;
  missing?: string | undefined;
  rejected?: readonly PositionRejection[] | undefined;
  indexPrices?: Record<string, number> | undefined;
  unproved?: readonly string[] | undefined;
}

const INDEX_TOLERANCE = 0.01;
const HOUR = 3_600_000;

/** Most serious first. */
export function exposureWarnings(account: Account, snapshot: MarketSnapshot, input: WarningInput): ExposureWarning[] {
  const { excluded, expired, insolvent, rejected = [], indexPrices = {}, unproved = [] } = input;
  const ids = (rows: readonly { positionId: string }[]): string[] => rows.map(({ positionId }) => positionId);
  const intrinsic = input.missing === 'intrinsic' ? ' or are options at their payoff' : '';
  const outside = outsideExpiries(account, snapshot);
  const old = Object.entries(snapshot.underlyings).filter(([, { surface }]) => snapshot.asOf - surface.asOf > HOUR);
  const differing = Object.entries(indexPrices).filter(([name, index]) => {
    const spot = snapshot.underlyings[name]?.spot;
    return spot !== undefined && Math.abs(spot / index - 1) > INDEX_TOLERANCE;
  });
  const found: ExposureWarning[] = [
    {
      code: 'insolvent',
      message: 'equity is not positive: every ratio is infinite',
      ids: insolvent ? [account.id] : [],
    },
    {
      code: 'rejected-rows',
      message: 'rows of the positions that could not be read are in no figure',
      ids: rejected.map(
        ({ line, id, index }) => `${line > 0 ? `line ${line}` : `row ${index + 1}`}${id === '' ? '' : ` (${id})`}`,
      ),
    },
    {
      code: 'excluded',
      message: `positions the market has no data for are in no figure${intrinsic}`,
      ids: ids(excluded),
    },
    { code: 'expired', message: 'instruments past their expiry count at their payoff at the spot', ids: [...expired] },
    {
      code: 'outside-expiries',
      message: 'options outside the expiries of their surface have extrapolated volatilities',
      ids: outside,
    },
    {
      code: 'index-differs',
      message: 'the spot is more than 1% away from the index that the positions were taken at',
      ids: differing.map(([name]) => name),
    },
    {
      code: 'old-surface',
      message: 'surfaces more than an hour older than the report',
      ids: old.map(([name]) => name),
    },
    { code: 'not-proved', message: 'surfaces that are not proved free of arbitrage', ids: [...unproved] },
  ];
  return found.filter((warning) => warning.ids.length > 0);
}

function outsideExpiries(account: Account, snapshot: MarketSnapshot): string[] {
  return account.positions.flatMap(({ id, instrument }) => {
    if (instrument.kind !== 'option' || instrument.expiry <= snapshot.asOf) return [];
    const slices = snapshot.underlyings[instrument.underlying]?.surface.slices ?? [];
    const [first, last] = [slices[0], slices[slices.length - 1]];
    return first === undefined || (instrument.expiry >= first.expiry && instrument.expiry <= last!.expiry) ? [] : [id];
  });
}
