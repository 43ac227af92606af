/**
 * What npm offers for the same rows. The packages price options on a spot without dividends (floe: with), so the forward enters as
 * the spot F e^(-rT), which is a number a row and not timed. Each is asked for the most exact answer it can give; black-scholes and
 * its kin, a hundred times slower than the others, are timed on the first rows only.
 */
import { blackScholes as floePrice, calculateGreeks, calculateImpliedVolatility } from '@fullstackcraftllc/floe';
import { BlackScholes } from '@uqee/black-scholes';
import blackScholes from 'black-scholes';
import greeks from 'greeks';
import impliedVolatility from 'implied-volatility';
import { cpuNanoseconds, type Engine, type Rows, type Task } from './cases.js';

/** Enough rows for times and errors, and what is bearable where a row takes milliseconds. */
const JUDGED = 2000;
const FEW = 400;
const PASSES = 5;
/** CPU nanoseconds. */
const LONG = 5e7;

type Tasks = Partial<Record<Task, (i: number) => number>>;

/** An engine that answers the first rows, one by one. */
function rowByRow(name: string, rows: Rows, tasks: Tasks, most: number): Engine {
  const count = Math.min(most, rows.strike.length);
  const kept = { price: new Float64Array(rows.strike.length), implied: new Float64Array(rows.strike.length) };
  /** Keeps the Greeks from being optimised away. */
  const sink = new Float64Array(rows.strike.length);
  return {
    name,
    count,
    run(task) {
      const compute = tasks[task];
      if (compute === undefined) return undefined;
      const results = task === 'price' || task === 'implied' ? kept[task] : sink;
      // The best of a few passes, as for the other engines, unless one pass takes long.
      let best = Infinity;
      for (let pass = 0; pass < PASSES; pass++) {
        const begin = cpuNanoseconds();
        for (let i = 0; i < count; i++) results[i] = compute(i);
        const time = cpuNanoseconds() - begin;
        best = Math.min(best, time / count);
        if (time > LONG) break;
      }
      return best;
    },
    results: (task) => kept[task],
    close() {
      // Nothing is held.
    },
  };
}

/** One engine a package; black-scholes, greeks and implied-volatility, which share their formulas, are one. */
export function npmEngines(rows: Rows): Engine[] {
  const { strike, timeToExpiry, volatility, rate, price } = rows;
  const type = Array.from(rows.isCall, (isCall) => (isCall === 1 ? ('call' as const) : ('put' as const)));
  const spot = rows.forward.map((forward, i) => forward * Math.exp(-rate[i]! * timeToExpiry[i]!));

  const classic: Tasks = {
    price: (i) => blackScholes.blackScholes(spot[i]!, strike[i]!, timeToExpiry[i]!, volatility[i]!, rate[i]!, type[i]!),
    greeks(i) {
      const [s, k, t, v, r, callPut] = [spot[i]!, strike[i]!, timeToExpiry[i]!, volatility[i]!, rate[i]!, type[i]!];
      return (
        blackScholes.blackScholes(s, k, t, v, r, callPut) +
        greeks.getDelta(s, k, t, v, r, callPut) +
        greeks.getGamma(s, k, t, v, r) +
        greeks.getVega(s, k, t, v, r) +
        greeks.getTheta(s, k, t, v, r, callPut) +
        greeks.getRho(s, k, t, v, r, callPut)
      );
    },
    implied: (i) =>
      impliedVolatility.getImpliedVolatility(price[i]!, spot[i]!, strike[i]!, timeToExpiry[i]!, rate[i]!, type[i]!),
  };

  const options = type.map((callPut, i) => ({
    rate: rate[i]!,
    sigma: volatility[i]!,
    strike: strike[i]!,
    time: timeToExpiry[i]!,
    type: callPut,
    underlying: spot[i]!,
    price: price[i]!,
  }));
  /** Both methods stop at a price within the accuracy, and answer 0 where their steps do not get there. */
  const uqee = (method: 'bisection' | 'newton-raphson'): Tasks => {
    const model = new BlackScholes({
      priceToSigmaAccuracy: 1e-10,
      priceToSigmaMethod: method,
      priceToSigmaNRIteractions: 100,
      sigmaToPricePrecision: 'double',
    });
    return {
      price: (i) => model.option(options[i]!).price,
      greeks(i) {
        const { price: value, delta, gamma, vega, theta, rho } = model.option(options[i]!);
        return value + delta + gamma + vega + theta + rho;
      },
      implied: (i) => model.sigma(options[i]!),
    };
  };

  const floeOptions = type.map((optionType, i) => ({
    spot: spot[i]!,
    strike: strike[i]!,
    timeToExpiry: timeToExpiry[i]!,
    volatility: volatility[i]!,
    riskFreeRate: rate[i]!,
    optionType,
  }));
  const floeGreeks = (i: number): number => {
    const { price: value, delta, gamma, vega, theta, rho } = calculateGreeks(floeOptions[i]!);
    return value + delta + gamma + vega + theta + rho;
  };
  const floe: Tasks = {
    price: (i) => floePrice(floeOptions[i]!),
    greeks: floeGreeks,
    all: floeGreeks,
    implied: (i) =>
      0.01 * calculateImpliedVolatility(price[i]!, spot[i]!, strike[i]!, rate[i]!, 0, timeToExpiry[i]!, type[i]!),
  };

  return [
    rowByRow('npm @uqee/black-scholes, bisection', rows, uqee('bisection'), JUDGED),
    rowByRow('npm @uqee/black-scholes, Newton', rows, uqee('newton-raphson'), JUDGED),
    rowByRow('npm floe', rows, floe, JUDGED),
    rowByRow('npm black-scholes, greeks, implied-volatility', rows, classic, FEW),
  ];
}
