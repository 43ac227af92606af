/** A chart in an element: drawn as SVG, so that the colours are the page's variables in light and dark, and redrawn when its width changes. */
import type { EChartsCoreOption } from 'echarts';
import { CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkLineComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([
  CustomChart,
  LineChart,
  ScatterChart,
  GridComponent,
  LegendComponent,
  TitleComponent,
  MarkLineComponent,
  SVGRenderer,
]);

export interface Drawing {
  option: EChartsCoreOption;
  width: number;
  height: number;
}

export type EChart = ReturnType<typeof init>;

export interface Chart {
  readonly echart: EChart;
  /** Draws what `drawing` gives for the width there is, now and whenever that changes. */
  draw(drawing: (width: number) => Drawing): void;
}

/** `label` says in words what the picture shows. */
export function openChart(box: HTMLElement, label: string, afterDraw?: () => void): Chart {
  box.classList.add('chart');
  const canvas = document.createElement('div');
  canvas.role = 'img';
  canvas.ariaLabel = label;
  box.append(canvas);
  const echart = init(canvas, null, { renderer: 'svg', width: 1, height: 1 });
  let current: ((width: number) => Drawing) | undefined;
  let drawnFor = 0;
  /** A box that scrolls can be reached by the keyboard. */
  const scrolls = (yes: boolean): void => {
    if (yes) box.tabIndex = 0;
    else box.removeAttribute('tabindex');
    box.role = yes ? 'region' : null;
    box.ariaLabel = yes ? label : null;
  };
  const redraw = (): void => {
    drawnFor = box.clientWidth;
    if (current === undefined || drawnFor === 0) return;
    const { option, width, height } = current(drawnFor);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    echart.resize({ width, height });
    echart.setOption(option, { notMerge: true });
    scrolls(width > drawnFor);
    afterDraw?.();
  };
  new ResizeObserver(() => {
    if (box.clientWidth !== drawnFor) redraw();
  }).observe(box);
  return {
    echart,
    draw(drawing) {
      current = drawing;
      redraw();
    },
  };
}
