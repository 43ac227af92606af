/**
 * One picture of a fitted surface as SVG text: a small panel an expiry with the quotes' bid-ask bars in implied volatility
 * against log-moneyness k = ln(K/F), and the fitted curve through them. Drawn by echarts, an optional peer, without a browser.
 */
import type { CustomSeriesOption, EChartsCoreOption, LineSeriesOption, ScatterSeriesOption } from 'echarts';
import type { Failure } from '../errors.js';
import type { SliceFit } from '../volatility/calibration/fit.js';
import { smileDerivatives } from '../volatility/smile/smile.js';

export interface SmilePanel {
  title: string;
  quotes: {
    /** ln(K/F) */
    k: number;
    /** Implied volatility, decimal; 0 where there is no bid. */
    bid: number;
    /** Infinity where there is no ask. */
    ask: number;
    /** What the curve was fitted to, decimal; NaN where the quote is only a bound. */
    target: number;
  }[];
  curve: { k: number; volatility: number }[];
}

export interface SmileChartOptions {
  title: string;
  subtitle?: string | undefined;
  /** Panels in a row; as many as make a page of about A4 proportions where missing. */
  columns?: number | undefined;
}

export type SmileChart = { ok: true; svg: string; width: number; height: number } | Failure<'echarts-missing'>;

const panelWidth = 250;
const panelHeight = 165;
const gapX = 46;
const gapY = 52;
const margin = { left: 74, right: 26, top: 104, bottom: 58 };
const colors = {
  curve: '#c2410c',
  bar: '#64748b',
  target: '#0f172a',
  bound: '#0e7490',
  zero: '#cbd5e1',
  text: '#1e293b',
  faint: '#e2e8f0',
};
const names = { bar: 'bid-ask', bound: 'one-sided quote', target: 'fit target', curve: 'fitted smile' };

/** The panel of one fitted slice. `asOf` in milliseconds gives the days in its title. */
export function smilePanel(fit: SliceFit, points = 121): SmilePanel {
  const { expiry, timeToExpiry, logMoneyness, volatilityBid, volatilityAsk, volatility } = fit.input;
  const quotes = logMoneyness.map((k, i) => ({
    k,
    bid: volatilityBid[i]!,
    ask: volatilityAsk[i]!,
    target: volatility[i]!,
  }));
  const lowest = Math.min(0, ...logMoneyness);
  const highest = Math.max(0, ...logMoneyness);
  const pad = 0.04 * (highest - lowest);
  const curve = Array.from({ length: points }, (_, i) => {
    const k = lowest - pad + ((highest - lowest + 2 * pad) * i) / (points - 1);
    return { k, volatility: Math.sqrt(smileDerivatives(fit.parameters, k).w / timeToExpiry) };
  });
  const days = 365 * timeToExpiry;
  return {
    title: `${new Date(expiry).toISOString().slice(0, 10)}   ${days < 10 ? days.toFixed(1) : days.toFixed(0)} days`,
    quotes,
    curve,
  };
}

/** Draws the panels. Fails with 'echarts-missing' where the optional peer echarts is not installed. */
export async function smileChart(panels: readonly SmilePanel[], options: SmileChartOptions): Promise<SmileChart> {
  const echarts = await loadEcharts();
  if (echarts === undefined) {
    return {
      ok: false,
      reason: 'echarts-missing',
      message: 'pictures need the optional package echarts: npm install echarts@6',
    };
  }
  const columns = Math.max(1, Math.min(panels.length, options.columns ?? Math.ceil(Math.sqrt(panels.length))));
  const lines = Math.max(1, Math.ceil(panels.length / columns));
  const width = margin.left + columns * panelWidth + (columns - 1) * gapX + margin.right;
  const height = margin.top + lines * panelHeight + (lines - 1) * gapY + margin.bottom;
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption(chartOption(panels, options, columns, width, height));
  const svg = withoutRunNumbers(chart.renderToSVGString());
  chart.dispose();
  return { ok: true, svg, width, height };
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
    core.use([charts.CustomChart, charts.LineChart, charts.ScatterChart]);
    core.use([components.GridComponent, components.LegendComponent, components.TitleComponent]);
    core.use([renderers.SVGRenderer]);
    return core;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** The renderer numbers charts and styles as they come in a process; without the numbers the same panels give the same bytes. */
function withoutRunNumbers(svg: string): string {
  return svg
    .replaceAll(/ class="zr\d+-cls-\d+"/g, '')
    .replaceAll(/<style >.*?<\/style>\n?/gs, '')
    .replaceAll(/\bzr\d+-/g, 'zr-');
}

function chartOption(
  panels: readonly SmilePanel[],
  { title, subtitle }: SmileChartOptions,
  columns: number,
  width: number,
  height: number,
): EChartsCoreOption {
  const place = (i: number) => ({
    left: margin.left + (i % columns) * (panelWidth + gapX),
    top: margin.top + Math.floor(i / columns) * (panelHeight + gapY),
  });
  const axisTitle = { color: colors.text, fontSize: 12, fontWeight: 'normal' as const };
  return {
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: 'Helvetica, Arial, DejaVu Sans, sans-serif' },
    title: [
      {
        text: title,
        subtext: subtitle ?? '',
        left: margin.left - 8,
        top: 12,
        itemGap: 6,
        textStyle: { fontSize: 17, color: colors.text },
        subtextStyle: { fontSize: 12, color: colors.bar },
      },
      ...panels.map((panel, i) => ({
        text: panel.title,
        left: place(i).left,
        top: place(i).top - 22,
        padding: 0,
        textStyle: { fontSize: 12, fontWeight: 'bold' as const, color: colors.text },
      })),
      { text: 'log-moneyness  ln(K/F)', left: width / 2 - 60, top: height - 26, padding: 0, textStyle: axisTitle },
    ],
    legend: {
      data: [
        { name: names.bar, icon: 'rect' },
        { name: names.bound, icon: 'rect' },
        { name: names.target, icon: 'circle' },
        { name: names.curve, icon: 'rect' },
      ],
      right: margin.right + 10,
      top: 16,
      itemWidth: 14,
      itemHeight: 4,
      itemGap: 26,
      textStyle: { color: colors.text, fontSize: 12 },
    },
    grid: panels.map((_, i) => ({ ...place(i), width: panelWidth, height: panelHeight })),
    xAxis: panels.map((panel, i) => ({ ...axis(panelRange(panel).k), gridIndex: i, axisLine: { onZero: false } })),
    yAxis: panels.map((panel, i) => ({
      ...axis(panelRange(panel).percent),
      gridIndex: i,
      axisLine: { lineStyle: { color: colors.zero } },
      ...(i % columns === 0 ? { name: 'implied volatility (%)', nameLocation: 'middle', nameGap: 42 } : {}),
      nameTextStyle: { color: colors.text, fontSize: 11 },
    })),
    series: panels.flatMap((panel, i) => panelSeries(panel, i)),
  };
}

function axis([min, max]: [number, number]) {
  return {
    type: 'value',
    min,
    max,
    splitNumber: 4,
    axisTick: { show: false },
    axisLabel: { color: colors.text, fontSize: 10, showMinLabel: false, showMaxLabel: false },
    splitLine: { lineStyle: { color: colors.faint } },
  };
}

/** What a panel shows: all strikes; in height the curve and the fit targets with room around them, so that a wide quote is cut off. */
function panelRange({ quotes, curve }: SmilePanel): { k: [number, number]; percent: [number, number] } {
  const heights = [...curve.map(({ volatility }) => volatility), ...quotes.map(({ target }) => target)].filter(
    (height) => Number.isFinite(height),
  );
  const ks = [...curve, ...quotes].map(({ k }) => k);
  const [low, high] = [Math.min(...heights), Math.max(...heights)];
  const room = 0.18 * (high - low) + 0.01;
  return {
    k: [Math.min(...ks), Math.max(...ks)],
    percent: [100 * Math.max(0, low - room), 100 * (high + room)],
  };
}

function panelSeries(panel: SmilePanel, i: number): (CustomSeriesOption | LineSeriesOption | ScatterSeriesOption)[] {
  const axes = { xAxisIndex: i, yAxisIndex: i, silent: true };
  const isBound = (quote: SmilePanel['quotes'][number]) => Number.isNaN(quote.target);
  return [
    {
      ...axes,
      type: 'custom',
      name: names.bound,
      color: colors.bound,
      clip: true,
      z: 1,
      // The bound, and where the volatility may lie from there: above a bid, below an ask.
      data: panel.quotes.filter(isBound).map(({ k, bid, ask }) => (bid > 0 ? [k, 100 * bid, 1] : [k, 100 * ask, -1])),
      renderItem: (_, api) => {
        const [x, y] = api.coord([api.value(0), api.value(1)]) as [number, number];
        const up = Number(api.value(2));
        const tip = y - 14 * up;
        const arrow = `M${x - 3} ${y}H${x + 3}M${x} ${y}V${tip}M${x - 2.5} ${tip + 4 * up}L${x} ${tip}L${x + 2.5} ${tip + 4 * up}`;
        return stroke(arrow, colors.bound);
      },
    },
    {
      ...axes,
      type: 'custom',
      name: names.bar,
      color: colors.bar,
      clip: true,
      z: 2,
      data: panel.quotes.filter((quote) => !isBound(quote)).map(({ k, bid, ask }) => [k, 100 * bid, 100 * ask]),
      renderItem: (_, api) => {
        const [x, low] = api.coord([api.value(0), api.value(1)]) as [number, number];
        const [, high] = api.coord([api.value(0), api.value(2)]) as [number, number];
        return stroke(`M${x - 2} ${low}H${x + 2}M${x} ${low}V${high}M${x - 2} ${high}H${x + 2}`, colors.bar);
      },
    },
    {
      ...axes,
      type: 'line',
      name: names.curve,
      color: colors.curve,
      lineStyle: { color: colors.curve, width: 1.6 },
      showSymbol: false,
      z: 3,
      data: panel.curve.map(({ k, volatility }) => [k, 100 * volatility]),
    },
    {
      ...axes,
      type: 'scatter',
      name: names.target,
      color: colors.target,
      symbolSize: 2.5,
      z: 4,
      data: panel.quotes.filter((quote) => !isBound(quote)).map(({ k, target }) => [k, 100 * target]),
    },
  ];
}

function stroke(pathData: string, color: string) {
  return { type: 'path' as const, shape: { pathData }, style: { fill: 'none', stroke: color, lineWidth: 1 } };
}
