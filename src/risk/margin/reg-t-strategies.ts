/**
 * Regulation T's margin of a book of options on one underlying: every short option is carried naked, covered by the shares, as a
 * spread against a long option of its type that does not expire before it, or together with a short option of the other type, whichever
 * makes the whole cheapest. Per unit, gross of the premiums received, as for a naked option:
 *
 *   spread      width of the strikes where it can lose, 0 where it cannot: its largest loss
 *   straddle    the greater naked requirement plus the premium of the other option
 *   covered     0, the shares being margined for themselves
 *
 *   minimise  sum of units x requirement   subject to   each short option carried once, each long option and share used at most once
 *
 * Calls held short, puts held long and shares sold on one side, puts held short, calls held long and shares held on the other: every
 * pairing joins the two sides, so this is a transportation problem, its optimum exact and whole where the quantities are. Options that
 * all expire together need no more than the largest loss of the whole book at expiry, where that is bounded: a condor's or a
 * butterfly's. Cboe Rule 10.3; FINRA Rule 4210(f)(2).
 */
import { requireArray, requireFinite, requireNonNegative, requireOneOf, requirePositive } from '../../check.js';
import type { Failure } from '../../errors.js';
import type { Instant } from '../../market/quote.js';
import { linearProgram } from '../../math/linear-program.js';
import type { LinearRow } from '../../math/linear-program.js';
import type { OptionType } from '../../pricing/option.js';
import { regTMargin } from './reg-t.js';

export interface RegTLeg {
  type: OptionType;
  strike: number;
  expiry: Instant;
  /** Units of the underlying, long positive. */
  quantity: number;
  /** Market value per unit. */
  premium: number;
}

export interface RegTBook {
  spot: number;
  options: readonly RegTLeg[];
  /** Held, negative where sold short; 0 where missing. They cover options and are not margined here. */
  shares?: number | undefined;
  /** On a broad index. */
  index?: boolean | undefined;
}

export interface RegTPairing {
  kind: 'naked' | 'spread' | 'straddle' | 'covered';
  units: number;
  /** Into `options`; of a straddle the call. */
  short: number;
  /** The long option of a spread, or the put of a straddle. */
  other?: number | undefined;
  requirement: number;
}

export type RegTStrategies =
  | {
      ok: true;
      initialMargin: number;
      pairings: RegTPairing[];
      /** Of the pairings: above `initialMargin` where the largest loss of the whole book is less. */
      paired: number;
      /** At expiry, net of nothing paid or received; Infinity where it has no bound or the options do not expire together. */
      largestLoss: number;
    }
  | Failure<'infeasible' | 'unbounded' | 'no-convergence'>;

/** Throws InputError where a price is not above 0, a premium is below it or a quantity is not finite. */
export function regTStrategyMargin(book: RegTBook): RegTStrategies {
  requireBook(book);
  const { options, shares = 0 } = book;
  const candidates = pairingsOf(book);
  const shareRow = options.length;
  const rows: LinearRow[] = options.map(({ quantity }, i) => ({
    ...columnsUsing(candidates, (pairing) => pairing.short === i || pairing.other === i),
    ...(quantity < 0 ? { lower: -quantity, upper: -quantity } : { upper: quantity }),
  }));
  rows[shareRow] = { ...columnsUsing(candidates, ({ kind }) => kind === 'covered'), upper: Math.abs(shares) };
  const solved = linearProgram({ objective: candidates.map(({ requirement }) => requirement), rows });
  if (!solved.ok) return solved;
  const pairings = candidates.flatMap((pairing, j) => {
    const units = solved.x[j]!;
    return units > 0 ? [{ ...pairing, units, requirement: units * pairing.requirement }] : [];
  });
  const paired = pairings.reduce((sum, { requirement }) => sum + requirement, 0);
  const largestLoss = largestLossOf(book);
  return { ok: true, initialMargin: Math.min(paired, largestLoss), pairings, paired, largestLoss };
}

function columnsUsing(
  candidates: readonly RegTPairing[],
  uses: (pairing: RegTPairing) => boolean,
): Pick<LinearRow, 'columns' | 'values'> {
  const columns = candidates.flatMap((pairing, j) => (uses(pairing) ? [j] : []));
  return { columns, values: columns.map(() => 1) };
}

/** All that may be made of one unit of each short option, with its requirement. */
function pairingsOf({ spot, options, shares = 0, index }: RegTBook): RegTPairing[] {
  const naked = options.map(({ type, strike, premium }) => {
    return regTMargin({ type, strike, spot, premium, index }).initialMargin;
  });
  return options.flatMap((short, i) => {
    if (!(short.quantity < 0)) return [];
    const found: RegTPairing[] = [{ kind: 'naked', units: 1, short: i, requirement: naked[i]! }];
    if (short.type === 'call' ? shares > 0 : shares < 0) {
      found.push({ kind: 'covered', units: 1, short: i, requirement: 0 });
    }
    options.forEach((other, j) => {
      if (other.quantity > 0 && other.type === short.type && other.expiry >= short.expiry) {
        const width = short.type === 'call' ? other.strike - short.strike : short.strike - other.strike;
        found.push({ kind: 'spread', units: 1, short: i, other: j, requirement: Math.max(width, 0) });
      }
      if (other.quantity < 0 && short.type === 'call' && other.type === 'put') {
        const requirement = naked[i]! >= naked[j]! ? naked[i]! + other.premium : naked[j]! + short.premium;
        found.push({ kind: 'straddle', units: 1, short: i, other: j, requirement });
      }
    });
    return found;
  });
}

/** At expiry, over prices of 0, the strikes and beyond the last. */
function largestLossOf({ options, shares = 0 }: RegTBook): number {
  const held = options.filter(({ quantity }) => quantity !== 0);
  if (held.length === 0) return 0;
  if (shares !== 0 || held.some(({ expiry }) => expiry !== held[0]!.expiry)) return Infinity;
  const calls = held.reduce((sum, { type, quantity }) => sum + (type === 'call' ? quantity : 0), 0);
  if (calls < 0) return Infinity;
  const payoff = (price: number): number =>
    held.reduce((sum, { type, strike, quantity }) => {
      return sum + quantity * Math.max(type === 'call' ? price - strike : strike - price, 0);
    }, 0);
  return Math.max(0, ...[0, ...held.map(({ strike }) => strike)].map((price) => -payoff(price)));
}

function requireBook({ spot, options, shares = 0 }: RegTBook): void {
  requirePositive('spot', spot);
  requireFinite('shares', shares);
  requireArray('options', options);
  options.forEach(({ type, strike, expiry, quantity, premium }, i) => {
    const at = `options[${i}]`;
    requireOneOf(`${at}.type`, type, ['call', 'put']);
    requirePositive(`${at}.strike`, strike);
    requireFinite(`${at}.expiry`, expiry);
    requireFinite(`${at}.quantity`, quantity);
    requireNonNegative(`${at}.premium`, premium);
  });
}
