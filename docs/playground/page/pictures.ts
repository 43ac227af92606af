/** The pictures and tables of a calibration, apart from the smile that is edited. */
import { lineChartOption } from 'zomma/report/charts/line-chart.js';
import type { LineChart } from 'zomma/report/charts/line-chart.js';
import { pageColours, smilePictureOption } from 'zomma/report/charts/smiles.js';
import type { SmilePanel } from 'zomma/report/charts/smiles.js';
import type { FitView } from '../protocol.js';
import { openChart } from './chart.js';
import type { Chart, Drawing } from './chart.js';
import { byId } from './dom.js';
import { openSurfaceSection } from './surface.js';
import { showFigures, showTable } from './tables.js';

export interface Pictures {
  /** Of a draft, what has come with it; the other pictures stay. */
  show(view: FitView): void;
}

/** Of a small panel in pixels: the least width, the gap beside it, and what the picture takes on both sides. */
const PANEL = { least: 240, gap: 46, sides: 100, height: 165 };

export function openPictures(): Pictures {
  const smiles = openChart(byId('smiles', HTMLElement), 'Smiles of all expiries');
  const surface = openSurfaceSection();
  const term = openChart(byId('term', HTMLElement), 'Volatility by time to expiry');
  const variance = openChart(byId('variance', HTMLElement), 'Total variance by log-moneyness, one curve an expiry');
  const density = openChart(byId('density', HTMLElement), 'Risk-neutral density, one curve an expiry');

  const drawDensity = (curves: LineChart | undefined): void => {
    byId('density', HTMLElement).hidden = curves === undefined;
    byId('density-caption', HTMLElement).textContent =
      curves === undefined
        ? 'The surface has arbitrage and implies no density everywhere.'
        : 'Risk-neutral density of the price at each expiry.';
    if (curves !== undefined) drawLines(density, curves);
  };

  return {
    show(view) {
      byId('found', HTMLElement).hidden = !view.ok;
      byId('left-out-section', HTMLElement).hidden = false;
      showTable(byId('left-out', HTMLElement), view.leftOut);
      if (!view.ok) return;
      showFigures(byId('figures', HTMLElement), view.figures);
      showTable(byId('certificates', HTMLElement), view.certificates);
      showTable(byId('fits', HTMLElement), view.fits);
      if (view.pictures === undefined) return;
      const panels = view.slices.map(({ panel }) => panel);
      smiles.draw((width) => smilesIn(panels, width));
      surface.show(view.pictures.grid, view.pictures.solid);
      drawLines(term, view.pictures.term);
      drawLines(variance, view.pictures.variance);
      drawDensity(view.pictures.density);
    },
  };
}

/** As many in a row as there is room for, as wide as they can be. */
function smilesIn(panels: readonly SmilePanel[], width: number): Drawing {
  const { least, gap, sides, height } = PANEL;
  const columns = Math.max(1, Math.min(4, Math.floor((width - sides + gap) / (least + gap))));
  const panel = { width: Math.max(least, Math.floor((width - sides + gap) / columns) - gap), height };
  return smilePictureOption(panels, { title: '', columns, panel }, pageColours);
}

function drawLines(chart: Chart, lines: LineChart): void {
  chart.draw((room) => {
    const width = Math.max(480, room);
    return { option: lineChartOption(lines, width), width, height: 400 };
  });
}
