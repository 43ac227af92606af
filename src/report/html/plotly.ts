/** Plotly's bundle for three dimensions, an optional peer, as text to put into a page; and the script that draws with it. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

export const PLOTLY = 'plotly.js-gl3d-dist-min';

/** Undefined where the package is not installed. */
export async function readPlotly(): Promise<string | undefined> {
  try {
    return await readFile(createRequire(import.meta.url).resolve(PLOTLY), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/**
 * Draws the figure of #surface-data into #surface-plot, its colours those of the page: strings 'var(--name)' become the variable's value,
 * anew when the reader changes between light and dark. What fails is said in its place.
 */
export const drawSurfaceScript = `(() => {
  'use strict';
  const place = document.getElementById('surface-plot');
  const figure = JSON.parse(document.getElementById('surface-data').textContent);
  const coloured = (value, styles) => {
    if (typeof value === 'string') {
      const [, name] = /^var\\((--[\\w-]+)\\)$/.exec(value) || [];
      return name === undefined ? value : styles.getPropertyValue(name).trim();
    }
    if (Array.isArray(value)) return value.map((inner) => coloured(inner, styles));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, coloured(inner, styles)]));
  };
  const fail = (reason) => {
    place.textContent = 'The surface cannot be drawn in three dimensions here: ' + reason;
    place.className = 'missing';
  };
  const draw = () => {
    const { data, layout } = coloured(figure, getComputedStyle(document.documentElement));
    const config = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ['toImage'] };
    Plotly.react(place, data, layout, config).catch((error) => fail(error.message));
  };
  const canvas = document.createElement('canvas');
  if (!canvas.getContext('webgl2') && !canvas.getContext('webgl')) return fail('the browser has no WebGL');
  try {
    draw();
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  } catch (error) {
    fail(error.message);
  }
})();`;
