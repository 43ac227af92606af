/** What of a calibrated surface is drawn as curves: total variance by expiry, and the density of the price at each. */
import { exp } from '../../math/exponential.js';
import { log } from '../../math/logarithm.js';
import { normalCdf } from '../../math/normal.js';
import type { SliceFit } from '../../volatility/calibration/fit.js';
import { smileDerivatives } from '../../volatility/smile/smile.js';
import type { VolatilitySurface } from '../../volatility/surface/surface.js';
import type { LineChart } from './line-chart.js';

const POINTS = 121;
/** Of a density, which bends more. */
const DENSITY_POINTS = 241;

/** ISO date of an instant. */
export function dateOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}

/** Total variance w = sigma^2 T against log-moneyness, over the quoted strikes: curves that do not cross are free of calendar arbitrage. */
export function varianceChart(fits: readonly SliceFit[]): LineChart {
  return {
    x: 'log-moneyness ln(K/F)',
    y: 'total variance σ²T, logarithmic',
    logarithmic: true,
    series: fits.map(({ input, parameters }) => {
      const lowest = Math.min(...input.logMoneyness);
      const highest = Math.max(...input.logMoneyness);
      return {
        name: dateOf(input.expiry),
        points: Array.from({ length: POINTS }, (_, i): [number, number] => {
          const k = lowest + ((highest - lowest) * i) / (POINTS - 1);
          return [k, smileDerivatives(parameters, k).w];
        }),
      };
    }),
  };
}

/** Density of ln(K/F) in standard deviations at the money of each expiry, so that near and far ones compare, over the middle 99.8%, as far as 4.5 of them. */
export function densityChart(surface: VolatilitySurface): LineChart {
  return {
    x: 'ln(K/F) in at-the-money standard deviations',
    y: 'density (per standard deviation)',
    xRange: [-4.5, 4.5],
    series: surface.data.slices.map(({ expiry, timeToExpiry, forward, parameters }) => {
      const deviation = Math.sqrt(smileDerivatives(parameters, 0).w);
      const from = surface.quantile(0.001, timeToExpiry);
      const to = surface.quantile(0.999, timeToExpiry);
      return {
        name: dateOf(expiry),
        points: Array.from({ length: DENSITY_POINTS }, (_, i): [number, number] => {
          const strike = from * exp((i / (DENSITY_POINTS - 1)) * log(to / from));
          return [log(strike / forward) / deviation, deviation * strike * surface.density(strike, timeToExpiry)];
        }),
      };
    }),
  };
}

/** At-the-money volatility by time, with the volatility of the strikes one standard deviation below and above. */
export function termChart(surface: VolatilitySurface): LineChart {
  const { slices } = surface.data;
  const curve = (deviations: number): [number, number][] =>
    slices.map(({ timeToExpiry, forward, parameters }) => {
      const atm = Math.sqrt(smileDerivatives(parameters, 0).w);
      return [365 * timeToExpiry, 100 * surface.volatility(forward * exp(deviations * atm), timeToExpiry)];
    });
  const share = Math.round(100 * normalCdf(-1));
  return {
    x: 'days to expiry, logarithmic',
    y: 'implied volatility (%)',
    logarithmicX: true,
    xRange: [365 * slices[0]!.timeToExpiry * 0.8, 365 * slices.at(-1)!.timeToExpiry * 1.25],
    dots: true,
    series: [
      { name: 'at the money', points: curve(0) },
      { name: `one deviation below (about the lower ${share}%)`, points: curve(-1) },
      { name: `one deviation above (about the upper ${share}%)`, points: curve(1) },
    ],
  };
}
