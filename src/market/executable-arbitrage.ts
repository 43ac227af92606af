/**
 * Whether any prices inside the bid-ask intervals are free of static arbitrage, and if none are, the portfolios that collect.
 *
 * A call on a forward of 1 with strike kappa costs c(kappa), undiscounted. Prices of several expiries are free of static arbitrage
 * where they lie on functions C_1 <= C_2 <= ... (earlier below later), each convex, non-increasing, C(0) = 1, C >= (1 - kappa)+
 * (Carr and Madan 2005; Davis and Hobson 2007; Cousot 2007). Let H_i be the lower convex hull, made non-increasing, of the asks of
 * expiry i and of all later ones together with the forward, the call of strike 0 at price 1. Then
 *
 *   some prices between bid and ask are free of arbitrage   <=>   ask >= (1 - kappa)+   and   bid_i <= H_i(kappa)   for every quote
 *
 * H_i satisfies all conditions and no function below the asks lies above it. Where a bid is above H_i, the quote is sold and the
 * corners of the hull beside it are bought, weighted so that their mean strike is its own: every family of inequalities of Cohen,
 * Reisinger and Wang (2020) is one of these, the best one for each quote.
 */
export interface CallQuotes {
  /** Any number that grows with time to expiry. */
  expiry: ArrayLike<number>;
  /** Multiples of the forward of the expiry, above 0. */
  strike: ArrayLike<number>;
  /** Undiscounted fractions of the forward; -Infinity where there is none. */
  bid: ArrayLike<number>;
  /** Infinity where there is none. */
  ask: ArrayLike<number>;
}

/**
 * Costs less than nothing and never pays less than nothing. A sold call that ends in the money is hedged by selling the forward, as
 * many to each expiry as calls were bought there.
 */
export interface ArbitragePortfolio {
  /** The quote of which one is sold at its bid, or -1. */
  sold: number;
  /** Bought at their asks. */
  bought: { quote: number; weight: number }[];
  /** Bought at 1 (sold where negative), to receive the underlying. */
  forward: number;
  /** Lent (borrowed where negative). */
  cash: number;
  /** What setting it up brings, above `ROUNDING`. */
  credit: number;
}

/** Less than this much of the forward is rounding, not arbitrage. */
export const ROUNDING = 2 ** -40;

/** The forward among the quotes. */
const FORWARD = -1;

/** A point on or above the hull. */
interface Ask {
  strike: number;
  ask: number;
  quote: number;
}

/** At most two portfolios a quote, the one for its ask and the one for its bid; none where consistent prices exist. */
export function executableArbitrage(quotes: CallQuotes): ArbitragePortfolio[] {
  const { expiry, strike, bid, ask } = quotes;
  const found: ArbitragePortfolio[] = [];
  const byExpiry = new Map<number, number[]>();
  for (let i = 0; i < strike.length; i++) {
    const credit = Math.max(0, 1 - strike[i]!) - ask[i]!;
    if (credit > ROUNDING) {
      const inTheMoney = strike[i]! < 1;
      found.push({
        sold: -1,
        bought: [{ quote: i, weight: 1 }],
        forward: inTheMoney ? -1 : 0,
        cash: inTheMoney ? strike[i]! : 0,
        credit,
      });
    }
    const same = byExpiry.get(expiry[i]!);
    if (same) same.push(i);
    else byExpiry.set(expiry[i]!, [i]);
  }
  let corners: Ask[] = [{ strike: 0, ask: 1, quote: FORWARD }];
  for (const [, indices] of [...byExpiry].sort(([a], [b]) => b - a)) {
    const asks = indices.flatMap((i) => (ask[i]! < Infinity ? [{ strike: strike[i]!, ask: ask[i]!, quote: i }] : []));
    // Points above the hull of later expiries stay above it when more points come in.
    corners = lowerHull([...corners, ...asks]);
    for (const i of indices) {
      const portfolio = sale(i, strike[i]!, bid[i]!, corners);
      if (portfolio) found.push(portfolio);
    }
  }
  return found;
}

/** Corners of the lower convex hull by strike, up to its lowest one, whatever the order of the points. */
function lowerHull(points: Ask[]): Ask[] {
  points.sort((a, b) => a.strike - b.strike || a.ask - b.ask || a.quote - b.quote);
  const hull: Ask[] = [];
  for (const point of points) {
    const last = hull.at(-1);
    if (last?.strike === point.strike) continue;
    while (hull.length >= 2 && !turnsUp(hull.at(-2)!, hull.at(-1)!, point)) hull.pop();
    hull.push(point);
  }
  while (hull.length >= 2 && !(hull.at(-1)!.ask < hull.at(-2)!.ask)) hull.pop();
  return hull;
}

function turnsUp(a: Ask, b: Ask, c: Ask): boolean {
  return (b.ask - a.ask) * (c.strike - b.strike) < (c.ask - b.ask) * (b.strike - a.strike);
}

/** One of the quote sold against the hull, where that collects. */
function sale(quote: number, strike: number, bid: number, hull: readonly Ask[]): ArbitragePortfolio | undefined {
  let right = hull.findIndex((corner) => corner.strike >= strike);
  // Beyond the lowest corner the hull is level.
  if (right < 0) right = hull.length - 1;
  const end = hull[right]!;
  const legs: { corner: Ask; weight: number }[] = [];
  if (end.strike <= strike) {
    legs.push({ corner: end, weight: 1 });
  } else {
    const start = hull[right - 1]!;
    const weight = (end.strike - strike) / (end.strike - start.strike);
    legs.push({ corner: start, weight }, { corner: end, weight: 1 - weight });
  }
  const credit = bid - legs.reduce((sum, { corner, weight }) => sum + weight * corner.ask, 0);
  if (!(credit > ROUNDING)) return undefined;
  return {
    sold: quote,
    bought: legs.flatMap(({ corner, weight }) => (corner.quote === FORWARD ? [] : [{ quote: corner.quote, weight }])),
    forward: legs.reduce((sum, { corner, weight }) => sum + (corner.quote === FORWARD ? weight : 0), 0),
    cash: 0,
    credit,
  };
}
