/** Curves over a common axis: the options of a chart as plain data, drawn by whoever has a renderer. */
import type { EChartsCoreOption } from 'echarts';
import { legendRows } from './legend.js';
import { ink, seriesStyle } from './palette.js';

export interface LineChart {
  /** With its unit. */
  x: string;
  y: string;
  series: { name: string; points: readonly (readonly [number, number])[] }[];
  /** Vertical lines with a word each: a spot, a forward, a liquidation price. */
  marks?: readonly { at: number; label: string }[] | undefined;
  /** Level lines with a word each: a limit. */
  levels?: readonly { at: number; label: string }[] | undefined;
  /** Axes cross at y = 0. */
  zero?: boolean | undefined;
  /** Of the upright axis. */
  logarithmic?: boolean | undefined;
  /** Of the level axis. */
  logarithmicX?: boolean | undefined;
  /** A dot at every point. */
  dots?: boolean | undefined;
  /** What is shown; as much as holds the points where missing. Curves are cut off at its edge. */
  xRange?: readonly [number, number] | undefined;
  yRange?: readonly [number, number] | undefined;
}

const LEGEND = { icon: 26, gap: 10, letters: 11 };
const LEGEND_ROW = 20;
/** That pages are drawn in. */
const PAGE_WIDTH = 1100;
const LABEL_ROW = 14;
/** Words of marks nearer than this share of the axis stand one above the other. */
const LABEL_SHARE = 0.16;

/** `width` is that of the picture in pixels, which the height of its legend depends on. */
export function lineChartOption(chart: LineChart, width = PAGE_WIDTH): EChartsCoreOption {
  const { x, y, series, levels = [], zero = false, logarithmic = false, logarithmicX = false, dots = false } = chart;
  const marks = stacked(chart);
  const names = series.length > 1 ? series.map(({ name }) => name) : [];
  const rows = legendRows(names, { ...LEGEND, width });
  const labelRows = 1 + Math.max(0, ...marks.map(({ row }) => row));
  const axis = {
    nameLocation: 'middle',
    nameTextStyle: { color: ink.text, fontSize: 12 },
    axisLabel: { color: ink.text, fontSize: 11, hideOverlap: true, formatter: tick },
    axisLine: { show: true, lineStyle: { color: ink.line }, onZero: zero },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: ink.faint } },
  };
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: 'Helvetica, Arial, DejaVu Sans, sans-serif' },
    legend: {
      show: series.length > 1,
      type: 'plain',
      top: 0,
      itemWidth: LEGEND.icon,
      itemHeight: 8,
      // The line alone, with its dashes; the marker would hide them.
      itemStyle: { opacity: dots ? 1 : 0 },
      lineStyle: { width: 2 },
      itemGap: LEGEND.gap,
      textStyle: { color: ink.text, fontSize: LEGEND.letters },
    },
    grid: {
      left: 78,
      right: levels.length > 0 ? 130 : 36,
      top: 10 + LEGEND_ROW * rows + (marks.length > 0 ? LABEL_ROW * labelRows : 4),
      bottom: 52,
    },
    xAxis: {
      ...axis,
      ...axisKind(logarithmicX, chart.xRange),
      ...(chart.xRange === undefined ? {} : { axisLabel: { ...axis.axisLabel, ...endsUnlabelled } }),
      name: x,
      nameGap: 30,
    },
    yAxis: { ...axis, ...axisKind(logarithmic, chart.yRange), name: y, nameGap: 58 },
    series: series.map(({ name, points }, i) => {
      const { color, type } = seriesStyle(i);
      return {
        type: 'line',
        name,
        color,
        lineStyle: { color, type, width: 1.7 },
        symbol: dots ? 'circle' : 'none',
        symbolSize: 5,
        silent: true,
        clip: true,
        data: points.map((point) => [...point]),
        ...(i === 0 && marks.length + levels.length > 0
          ? {
              markLine: {
                symbol: 'none',
                silent: true,
                lineStyle: { color: ink.line, type: 'dashed' },
                label: { color: ink.text, fontSize: 11, formatter: '{b}', position: 'end' },
                data: [
                  ...marks.map(({ at, label, row }) => ({
                    xAxis: at,
                    name: label,
                    label: { distance: 4 + LABEL_ROW * row },
                  })),
                  ...levels.map(({ at, label }) => ({ yAxis: at, name: label })),
                ],
              },
            }
          : {}),
      };
    }),
  };
}

/** The ends of a given range are no round numbers. */
const endsUnlabelled = { showMinLabel: false, showMaxLabel: false };

function axisKind(logarithmic: boolean, range: readonly [number, number] | undefined) {
  const limits = range === undefined ? {} : { min: range[0], max: range[1] };
  return { type: logarithmic ? 'log' : 'value', scale: true, ...limits };
}

/** Ten significant digits: a tick of a logarithmic axis is a power that rounding has touched. */
function tick(value: number): string {
  const [whole = '', fraction] = String(Number(Math.abs(value).toPrecision(10))).split('.');
  const grouped = /^\d+$/.test(whole) ? whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ',') : whole;
  return `${value < 0 ? '-' : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** Each mark with the row its word stands in, so that neighbours' words do not overlap. */
function stacked({ marks = [], series, xRange }: LineChart): { at: number; label: string; row: number }[] {
  const xs = series.flatMap(({ points }) => points.map(([at]) => at));
  const [low, high] = xRange ?? [
    xs.reduce((a, b) => Math.min(a, b), Infinity),
    xs.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
  const room = LABEL_SHARE * (high - low);
  const lastInRow: number[] = [];
  return [...marks]
    .filter(({ at }) => at >= low && at <= high)
    .sort((one, other) => one.at - other.at)
    .map(({ at, label }) => {
      const free = lastInRow.findIndex((last) => at - last > room);
      const row = free === -1 ? lastInRow.length : free;
      lastInRow[row] = at;
      return { at, label, row };
    });
}
