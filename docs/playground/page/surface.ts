/** The surface as a map, and in three dimensions once that is asked for: plotly's bundle is large and loaded then. */
import type plotlyBundle from 'plotly.js-gl3d-dist-min';
import type { Surface3d } from 'zomma/report/charts/surface-3d.js';
import { surfaceMapOption } from 'zomma/report/charts/surface-grid.js';
import type { SurfaceGrid } from 'zomma/report/charts/surface-grid.js';
import { openChart } from './chart.js';
import { byId } from './dom.js';

export interface SurfaceSection {
  show(grid: SurfaceGrid, solid: Surface3d): void;
}

type Plotly = typeof plotlyBundle;

export function openSurfaceSection(): SurfaceSection {
  const map = openChart(byId('surface', HTMLElement), 'Implied volatility by expiry and strike');
  const place = byId('solid', HTMLElement);
  const button = byId('draw-solid', HTMLButtonElement);
  let plotly: Plotly | undefined;
  let figure: Surface3d | undefined;

  const draw = async (): Promise<void> => {
    if (plotly === undefined || figure === undefined) return;
    const { data, layout } = inColours(figure);
    await plotly.react(place, data, layout, { responsive: true, displayModeBar: false });
  };
  const attempt = (work: Promise<void>): void => {
    work.catch((error: unknown) => {
      place.textContent = `The surface cannot be drawn in three dimensions here: ${String(error)}`;
    });
  };

  button.addEventListener('click', () => {
    button.disabled = true;
    byId('solid-figure', HTMLElement).hidden = false;
    attempt(
      import('plotly.js-gl3d-dist-min').then((loaded) => {
        plotly = loaded.default;
        button.hidden = true;
        return draw();
      }),
    );
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    attempt(draw());
  });

  return {
    show(grid, solid) {
      figure = solid;
      const option = surfaceMapOption(grid);
      map.draw((width) => ({ option, width: Math.max(560, width), height: 70 + 26 * grid.rows.length }));
      attempt(draw());
    },
  };
}

/** With the values of the page's variables in the place of their names. */
function inColours(figure: Surface3d): Surface3d {
  const styles = getComputedStyle(document.documentElement);
  return JSON.parse(JSON.stringify(figure), (_, value: unknown) => {
    const [, name] = (typeof value === 'string' ? /^var\((--[\w-]+)\)$/.exec(value) : null) ?? [];
    return name === undefined ? value : styles.getPropertyValue(name).trim();
  }) as Surface3d;
}
