/**
 * Errors of volatility forecasts out of sample. Whatever is fitted (lambda, GARCH, the scale of implied variance, the weights of the
 * blend) is fitted before the split; the errors are those after it, on periods that do not overlap.
 */
import { meanSquaredError, mincerZarnowitz, qlike } from '../src/control/forecast-loss.js';
import { blendVol, fitBlendWeights, variancePremiumScale } from '../src/control/volatility-blend.js';
import { log } from '../src/math/logarithm.js';
import { ewmaVol, fitEwmaLambda } from '../src/risk/forecast/ewma.js';
import { fitGarch } from '../src/risk/forecast/garch.js';
import { garchTerm } from '../src/risk/forecast/garch-term.js';
import { garchVariances } from '../src/risk/forecast/garch-variance.js';
import { yangZhangVariance } from '../src/risk/forecast/range-estimators.js';
import type { Series } from './strategy-series.js';

export interface ForecastRow {
  series: string;
  horizon: number;
  from: number;
  periods: number;
  forecast: string;
  qlike: number;
  /** Root of the mean squared error of variance. */
  rootMeanSquaredError: number;
  slope: number;
  slopeError: number;
  rSquared: number;
  note: string;
}

const RANGE_BARS = 22;
const WARM_UP = 60;

/** Every forecast of the variance of the `horizon` bars after a close. */
export function forecastErrors(series: Series, horizon: number): ForecastRow[] {
  const { bars, impliedVolatility, periodsPerYear } = series;
  const returns = bars.slice(1).map(({ close }, i) => log(close / bars[i]!.close));
  const known = bars.map((_, t) => t).filter((t) => t >= WARM_UP && t + horizon < bars.length);
  const hasImplied = series.impliedSource !== '';
  const usable = hasImplied ? known.filter((t) => impliedVolatility[t]! > 0) : known;
  const split = usable[Math.floor(usable.length / 2)]!;
  const origins = usable.filter((t) => (t - split) % horizon === 0);
  // The last training period ends at the split.
  const train = origins.filter((t) => t + horizon <= split);
  const test = origins.filter((t) => t >= split);
  const before = returns.slice(0, split);

  const seed = Math.sqrt(before.slice(0, WARM_UP).reduce((sum, r) => sum + r * r, 0) / WARM_UP);
  const { lambda } = fitEwmaLambda(before, { seed });
  const ewma = ewmaVol(returns, { lambda, seed });
  const sources: { name: string; at: (t: number) => number; note: string }[] = [
    // Return t - 1 ends at bar t.
    { name: 'EWMA', at: (t) => periodsPerYear * ewma[t - 1]! ** 2, note: `lambda ${lambda.toFixed(3)}` },
  ];
  const garch = fitGarch(before, { asymmetric: true });
  if (garch.ok) {
    const variances = garchVariances(returns, garch);
    sources.push({
      name: 'GJR-GARCH',
      at: (t) => periodsPerYear * garchTerm(garch, variances[t]!, horizon).meanVariance,
      note: `persistence ${garch.persistence.toFixed(3)}`,
    });
  }
  if (series.hasRanges) {
    sources.push({
      name: 'range (Yang-Zhang)',
      at: (t) => periodsPerYear * yangZhangVariance(bars.slice(t - RANGE_BARS, t + 1)),
      note: `${RANGE_BARS} bars`,
    });
  }
  if (hasImplied) sources.push({ name: 'implied', at: (t) => impliedVolatility[t]! ** 2, note: series.impliedSource });

  const realised = (t: number): number =>
    (periodsPerYear / horizon) * returns.slice(t, t + horizon).reduce((sum, r) => sum + r * r, 0);
  const trained = train.map(realised);
  const names = sources.map(({ name }) => name);
  const table = train.map((t) => sources.map(({ at }) => at(t)));
  const fit = fitBlendWeights({ forecastVariance: table, realisedVariance: trained, convex: false });
  const all = [...sources];
  if (hasImplied) {
    const scale = variancePremiumScale(
      trained,
      train.map((t) => impliedVolatility[t]! ** 2),
    );
    all.push({
      name: 'implied, scaled',
      at: (t) => scale * impliedVolatility[t]! ** 2,
      note: `scale ${scale.toFixed(2)}`,
    });
  }
  if (fit.ok) {
    all.push({
      name: 'blend',
      at: (t) =>
        blendVol({ volatilities: sources.map(({ at }) => Math.sqrt(at(t))), weights: fit.weights }).volatility ** 2,
      note: fit.weights.map((weight, k) => `${weight.toFixed(2)} ${names[k]!}`).join(', '),
    });
  }
  const actual = test.map(realised);
  return all.map(({ name, at, note }) => {
    const forecast = test.map(at);
    const line = mincerZarnowitz(actual, forecast);
    return {
      series: series.name,
      horizon,
      from: bars[split]!.at,
      periods: test.length,
      forecast: name,
      qlike: qlike(actual, forecast),
      rootMeanSquaredError: Math.sqrt(meanSquaredError(actual, forecast)),
      slope: line.ok ? line.slope : NaN,
      slopeError: line.ok ? line.slopeError : NaN,
      rSquared: line.ok ? line.rSquared : NaN,
      note,
    };
  });
}
