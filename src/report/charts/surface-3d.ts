/**
 * A surface and the quotes it was fitted to in three dimensions, as plain data for plotly: colours are names of the page's variables,
 * 'var(--ink)', which whoever draws replaces. Holds numbers and dates only, no names of instruments.
 */
import type { SliceFit } from '../../volatility/calibration/fit.js';
import { smileDerivatives } from '../../volatility/smile/smile.js';
import type { VolatilitySurface } from '../../volatility/surface/surface.js';
import { dateOf } from './surface-charts.js';
import { surfaceGrid } from './surface-grid.js';

export interface Surface3d {
  data: Record<string, unknown>[];
  layout: Record<string, unknown>;
}

const REACH = 2.5;
const STEPS = 40;
/** Ticks. */
const DAYS = [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000];

/** Quotes beyond the strikes shown are left out. */
export function surface3d(surface: VolatilitySurface, fits: readonly SliceFit[]): Surface3d {
  const deviations = Array.from({ length: STEPS + 1 }, (_, i) => rounded(REACH * ((2 * i) / STEPS - 1), 4));
  const { rows } = surfaceGrid(surface, deviations);
  const quotes = fits.flatMap(({ input, parameters }) => {
    const deviation = Math.sqrt(smileDerivatives(parameters, 0).w);
    return input.volatility.flatMap((volatility, i) => {
      const x = input.logMoneyness[i]! / deviation;
      return Number.isFinite(volatility) && Math.abs(x) <= REACH
        ? [{ x: rounded(x, 4), y: rounded(365 * input.timeToExpiry, 3), z: rounded(100 * volatility, 3) }]
        : [];
    });
  });
  const axis = (text: string) => ({
    title: { text, font: { size: 12 } },
    color: 'var(--ink)',
    gridcolor: 'var(--faint)',
    zerolinecolor: 'var(--line)',
    backgroundcolor: 'var(--paper)',
    showspikes: false,
  });
  return {
    data: [
      {
        type: 'surface',
        name: 'fitted surface',
        x: deviations,
        y: rows.map(({ days }) => rounded(days, 3)),
        z: rows.map(({ volatilities }) => volatilities.map((volatility) => rounded(100 * volatility, 3))),
        text: rows.map(({ expiry, strikes }) =>
          strikes.map((strike) => `${dateOf(expiry)}, strike ${String(Number(strike.toPrecision(6)))}`),
        ),
        hovertemplate: '%{text}<br>volatility %{z:.2f}%<extra></extra>',
        colorscale: 'Cividis',
        opacity: 0.9,
        colorbar: {
          title: { text: 'volatility (%)', font: { size: 12, color: 'var(--ink)' } },
          tickfont: { color: 'var(--ink)' },
          outlinewidth: 0,
          thickness: 14,
          len: 0.7,
        },
        contours: { z: { show: true, usecolormap: false, color: 'var(--line)', width: 1 } },
      },
      {
        type: 'scatter3d',
        name: 'quotes',
        mode: 'markers',
        x: quotes.map(({ x }) => x),
        y: quotes.map(({ y }) => y),
        z: quotes.map(({ z }) => z),
        marker: { size: 2, color: 'var(--series-2)' },
        hovertemplate: 'quote: %{z:.2f}% at %{x:.2f} deviations, %{y:.1f} days<extra></extra>',
      },
    ],
    layout: {
      paper_bgcolor: 'var(--paper)',
      font: { family: 'Helvetica, Arial, DejaVu Sans, sans-serif', size: 11, color: 'var(--ink)' },
      margin: { l: 0, r: 0, t: 8, b: 0 },
      showlegend: false,
      scene: {
        xaxis: axis('ln(K/F) in standard deviations'),
        yaxis: { ...axis('days to expiry'), type: 'log', tickvals: DAYS, ticktext: DAYS.map(String) },
        zaxis: axis('implied volatility (%)'),
        aspectmode: 'manual',
        aspectratio: { x: 1.3, y: 1.3, z: 0.8 },
        camera: { eye: { x: 1.45, y: -1.55, z: 0.7 }, center: { x: 0, y: 0, z: -0.22 } },
      },
    },
  };
}

function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
