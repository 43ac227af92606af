/** Charts to SVG text by echarts, an optional peer, without a browser. */
import type { EChartsCoreOption } from 'echarts';

export interface Drawing {
  svg: string;
  width: number;
  height: number;
}

/** Draws one chart after another; undefined where echarts is not installed. */
export async function openRenderer(): Promise<
  ((option: EChartsCoreOption, width: number, height: number) => Drawing) | undefined
> {
  const echarts = await loadEcharts();
  if (echarts === undefined) return undefined;
  let drawn = 0;
  return (option, width, height) => {
    const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
    chart.setOption(option);
    const svg = renumbered(chart.renderToSVGString(), drawn++);
    chart.dispose();
    return { svg, width, height };
  };
}

/** Only the parts that are drawn with, imported when a picture is asked for. */
async function loadEcharts() {
  try {
    const [core, charts, components, renderers] = await Promise.all([
      import('echarts/core'),
      import('echarts/charts'),
      import('echarts/components'),
      import('echarts/renderers'),
    ]);
    core.use([charts.BarChart, charts.CustomChart, charts.LineChart, charts.ScatterChart]);
    core.use([components.GridComponent, components.LegendComponent, components.TitleComponent]);
    core.use([components.MarkLineComponent, renderers.SVGRenderer]);
    return core;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/**
 * The renderer numbers charts and styles as they come in a process. Numbered by their place in the document instead, the same charts
 * give the same bytes, and those of one page do not share their clipping paths.
 */
function renumbered(svg: string, place: number): string {
  return svg
    .replaceAll(/ class="zr\d+-cls-\d+"/g, '')
    .replaceAll(/<style >.*?<\/style>\n?/gs, '')
    .replaceAll(/\bzr\d+-/g, place === 0 ? 'zr-' : `zr${place}-`);
}
