/** A surface on a grid of expiries and strikes, the strikes in at-the-money standard deviations so that near and far expiries compare. */
import type { EChartsCoreOption } from 'echarts';
import { exp } from '../../math/exponential.js';
import { smileDerivatives } from '../../volatility/smile/smile.js';
import type { VolatilitySurface } from '../../volatility/surface/surface.js';
import { figure } from '../figure.js';
import { heatMapOption } from './heat-map.js';
import { dateOf } from './surface-charts.js';

export interface SurfaceGrid {
  /** ln(K/F) in units of the volatility at the forward times the root of time. */
  deviations: number[];
  /** One row an expiry of the surface. */
  rows: {
    expiry: number;
    days: number;
    strikes: number[];
    /** Decimal. */
    volatilities: number[];
  }[];
}

export function surfaceGrid(surface: VolatilitySurface, deviations: readonly number[]): SurfaceGrid {
  return {
    deviations: [...deviations],
    rows: surface.data.slices.map(({ expiry, timeToExpiry, forward, parameters }) => {
      const deviation = Math.sqrt(smileDerivatives(parameters, 0).w);
      const strikes = deviations.map((count) => forward * exp(count * deviation));
      return {
        expiry,
        days: 365 * timeToExpiry,
        strikes,
        volatilities: strikes.map((strike) => surface.volatility(strike, timeToExpiry)),
      };
    }),
  };
}

/** The grid as a picture: volatilities in percent, expiries from the earliest at the top. */
export function surfaceMapOption({ deviations, rows }: SurfaceGrid): EChartsCoreOption {
  return heatMapOption({
    x: 'ln(K/F) in at-the-money standard deviations',
    y: 'expiry',
    columns: deviations.map((count) => `${count > 0 ? '+' : ''}${count}`),
    rows: rows.map(({ expiry }) => dateOf(expiry)).reverse(),
    values: rows.map(({ volatilities }) => volatilities.map((volatility) => 100 * volatility)).reverse(),
    faintest: 100 * rows.reduce((least, row) => Math.min(least, ...row.volatilities), Infinity),
    format: (value) => figure(value, 1),
  });
}
