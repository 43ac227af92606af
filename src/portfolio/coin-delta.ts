/**
 * The two deltas of a coin-margined account. With E(S) the worth in coin of what is held and settled in the coin, and U = S E its
 * worth in dollars,
 *
 *   coin delta    Dc = S dE/dS        what keeps the number of coins still when hedged; a venue's delta total
 *   dollar delta  Du = dU/dS = Dc + E
 *   coin gamma    S^2 d2E/dS2         in coin: S gamma - 2 delta + 2 V/S for an option
 *
 * Per unit: an inverse option adds delta - V, an inverse future N/P, coin itself 0 to Dc. Positions on the coin that settle in
 * another currency hold no coin: they add their delta to both, S gamma to the coin gamma and nothing to E, so that Du is the dollar
 * delta of everything that moves with the coin.
 */
import { requireFinite, requirePositive, requireWithin } from '../check.js';
import { runningSums } from '../math/running-sums.js';
import type { Currency } from '../market/quote.js';
import type { Account } from './account.js';
import { valueBook } from './book.js';
import { heldUnits } from './contributions.js';
import { netBalances } from './equity.js';
import { openMarket } from './market-view.js';
import type { ValuationOptions } from './missing.js';
import { GREEK_COUNT, greekNames } from './spot-greeks.js';
import type { MarketSnapshot } from './snapshot.js';
import { requireAccount } from './validate.js';

export interface CoinDelta {
  /** S dE/dS, in coin. */
  coinDelta: number;
  /** E: balances and positions settled in the coin, in coin. */
  equityInCoin: number;
  /** dU/dS, in coin. */
  usdDelta: number;
  /** S^2 d2E/dS2, in coin. */
  coinGamma: number;
}

const DELTA = greekNames.indexOf('delta');
const GAMMA = greekNames.indexOf('gamma');
const [COIN_DELTA, EQUITY, COIN_GAMMA] = [0, 1, 2] as const;

/**
 * For every coin (a currency with a spot in the snapshot) the account holds, owes or settles in. Throws InputError naming a field of
 * the account or the snapshot that is not as it must be, and what the snapshot lacks unless `missing` says otherwise.
 */
export function coinDelta(
  account: Account,
  snapshot: MarketSnapshot,
  options: Pick<ValuationOptions, 'missing' | 'smile'> = {},
): Record<Currency, CoinDelta> {
  const view = openMarket(snapshot);
  requireAccount(account);
  const balances = netBalances(account);
  const settled = account.positions.map((position) => position.instrument.settlement);
  const coins = [...new Set([...balances.keys(), ...settled])].filter((name) => view.underlying(name) !== undefined);
  const result: Record<Currency, CoinDelta> = {};
  for (const coin of coins) {
    const { spot } = view.underlying(coin)!;
    const related = account.positions.filter(
      ({ instrument }) => instrument.settlement === coin || instrument.underlying === coin,
    );
    const book = valueBook(related, snapshot, { ...options, numeraire: coin });
    const held = heldUnits(book);
    const sums = runningSums(3);
    sums.add(EQUITY, balances.get(coin) ?? 0);
    book.instruments.forEach(({ underlying, settlement }, row) => {
      const conversion = book.conversion[row];
      if (book.valued[row] === 0 || conversion === undefined) return;
      const units = held.units[row]!;
      const from = row * GREEK_COUNT;
      const value = units * book.greeks[from]! + held.gains[row]! * conversion.rate;
      if (settlement === coin) sums.add(EQUITY, value);
      if (underlying !== coin) return;
      const first = units * spot * book.greeks[from + DELTA]!;
      const second = units * spot * spot * book.greeks[from + GAMMA]!;
      if (settlement === coin) {
        sums.add(COIN_DELTA, first);
        sums.add(COIN_GAMMA, second);
      } else {
        // V/S seen from the coin: S dV/dS = S (V/S)' S + V, without the gains, which do not move.
        const now = units * book.greeks[from]!;
        sums.add(COIN_DELTA, first);
        sums.add(COIN_DELTA, now);
        sums.add(COIN_GAMMA, second);
        sums.add(COIN_GAMMA, 2 * first);
      }
    });
    const [delta, equity] = [sums.total(COIN_DELTA), sums.total(EQUITY)];
    result[coin] = {
      coinDelta: delta,
      equityInCoin: equity,
      usdDelta: delta + equity,
      coinGamma: sums.total(COIN_GAMMA),
    };
  }
  return result;
}

/**
 * The coin delta a venue shows in its settlement window, as each fixing takes its part of the option away:
 * (delta - mark) (1 - elapsed/window), in coin, from the Black-Scholes delta and the mark in coin. Throws InputError where the
 * window is not positive or `elapsed` outside it.
 */
export function settlingCoinDelta(i: { delta: number; mark: number; elapsed: number; window: number }): number {
  const window = requirePositive('window', i.window);
  const left = 1 - requireWithin('elapsed', i.elapsed, 0, window) / window;
  return (requireFinite('delta', i.delta) - requireFinite('mark', i.mark)) * left;
}
