/**
 * A synthetic chain of PM-settled index options in the shape of Cboe's delayed quote table, made from a stated eSSVI surface. It is not
 * market data: the level, the rates and the smiles are made up.
 *
 * True prices are discounted Black on forwards F = S e^((r - q) T) with r = 4% and q = 1.3%; volatilities as in the synthetic chain of
 * coins, w(k) = theta/2 (1 + rho phi k + sqrt((phi k + rho)^2 + 1 - rho^2)), one rho for all expiries and phi = eta / sqrt(theta), free of
 * static arbitrage by Gatheral and Jacquier (2014). A seeded market maker quotes around them and rounds outwards to the class's ticks.
 */
import { newYorkInstant } from '../../src/market/calendar.js';
import { civilDay, type CivilDay } from '../../src/market/date.js';
import { usSettlement } from '../../src/market/expiry.js';
import { formatOsiSymbol } from '../../src/market/venues/osi-symbol.js';
import { black76 } from '../../src/pricing/black76.js';
import type { OptionType } from '../../src/pricing/option.js';
import { ssvi } from '../../src/volatility/smile/ssvi.js';
import { randomStream } from '../calibration/random.js';

const ROOT = 'SPXW';
const SPOT = 6000;
const RATE = 0.04;
const DIVIDEND_YIELD = 0.013;
const RHO = -0.68;
/** Thursday 15 January 2026, 15:45 in New York. */
const DAY = civilDay(2026, 1, 15);
const AS_OF = newYorkInstant(DAY, 15 * 60 + 45);

const EXPIRIES = [
  { day: civilDay(2026, 1, 23), name: 'Fri Jan 23 2026', atmVolatility: 0.125, eta: 1.15, step: 50, reach: 0.09 },
  { day: civilDay(2026, 2, 20), name: 'Fri Feb 20 2026', atmVolatility: 0.14, eta: 1.1, step: 50, reach: 0.16 },
  { day: civilDay(2026, 3, 20), name: 'Fri Mar 20 2026', atmVolatility: 0.148, eta: 1.05, step: 100, reach: 0.22 },
  { day: civilDay(2026, 6, 30), name: 'Tue Jun 30 2026', atmVolatility: 0.16, eta: 1, step: 100, reach: 0.33 },
  { day: civilDay(2026, 12, 18), name: 'Fri Dec 18 2026', atmVolatility: 0.17, eta: 0.95, step: 200, reach: 0.5 },
] as const;

const HEADER =
  'Expiration Date,Calls,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest,Strike,Puts,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest';

/** The file's text; the same every time. */
export function syntheticIndexChainText(): string {
  const random = randomStream(20_260_115);
  const lines = EXPIRIES.flatMap((slice) => {
    const timeToExpiry = (usSettlement(ROOT, slice.day) - AS_OF) / (365 * 86_400_000);
    const forward = SPOT * Math.exp((RATE - DIVIDEND_YIELD) * timeToExpiry);
    const theta = slice.atmVolatility ** 2 * timeToExpiry;
    const parameters = { theta, rho: RHO, phi: slice.eta / Math.sqrt(theta) };
    const first = Math.ceil((SPOT * (1 - slice.reach)) / slice.step) * slice.step;
    const count = Math.floor((SPOT * (1 + slice.reach / 2) - first) / slice.step) + 1;
    return Array.from({ length: count }, (_, i) => {
      const strike = first + i * slice.step;
      const volatility = Math.sqrt(ssvi.totalVariance(parameters, Math.log(strike / forward)) / timeToExpiry);
      const error = random.uniform(-0.3, 0.3);
      const sides = (['call', 'put'] as const).map((type) =>
        side({ type, strike, day: slice.day, timeToExpiry, forward, volatility, error }),
      );
      return [slice.name, sides[0], `${strike}.00`, sides[1]].join(',');
    });
  });
  const title = `Synthetic index (made up; not market data),Last: ${SPOT}.00,Change: 0.00`;
  const date = `"Date: January 15, 2026 at 3:45 PM EST,Bid: 5999.50,Ask: 6000.50,Size: 1*1,Volume: 0"`;
  return `${[title, date, HEADER, ...lines].join('\n')}\n`;
}

function side(o: {
  type: OptionType;
  strike: number;
  day: CivilDay;
  timeToExpiry: number;
  forward: number;
  volatility: number;
  /** Of the quotes' middle, in half-spreads. */
  error: number;
}): string {
  const { type, strike, day, timeToExpiry, forward, volatility, error } = o;
  const discountFactor = Math.exp(-RATE * timeToExpiry);
  const { price, delta, gamma, vega } = black76.greeks({
    type,
    forward,
    strike,
    timeToExpiry,
    volatility,
    discountFactor,
  });
  const half = 0.0015 * vega + 0.05;
  const bid = Math.max(0, toTick(price + (error - 1) * half, Math.floor));
  const ask = toTick(price + (error + 1) * half, Math.ceil);
  const symbol = formatOsiSymbol({ root: ROOT, day, type, strike });
  const figures = [volatility.toFixed(4), delta.toFixed(4), gamma.toFixed(6)];
  return [symbol, price.toFixed(2), 0, bid.toFixed(2), ask.toFixed(2), 10, ...figures, 100].join(',');
}

/** 0.05 below 3, 0.10 from there. */
function toTick(price: number, round: (ticks: number) => number): number {
  const tick = price < 3 ? 0.05 : 0.1;
  return round(Number((price / tick).toFixed(9))) * tick;
}
