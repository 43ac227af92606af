/** Curves over a common axis: the options of a chart as plain data, drawn by whoever has a renderer. */
import type { EChartsCoreOption } from 'echarts';
import { ink, seriesStyle } from './palette.js';

export interface LineChart {
  /** With its unit. */
  x: string;
  y: string;
  series: { name: string; points: readonly (readonly [number, number])[] }[];
  /** Vertical lines with a word each: a spot, a forward, a liquidation price. */
  marks?: readonly { at: number; label: string }[] | undefined;
  /** Axes cross at y = 0. */
  zero?: boolean | undefined;
  /** Of the upright axis. */
  logarithmic?: boolean | undefined;
}

export function lineChartOption({
  x,
  y,
  series,
  marks = [],
  zero = false,
  logarithmic = false,
}: LineChart): EChartsCoreOption {
  const axis = {
    type: 'value',
    scale: true,
    nameLocation: 'middle',
    nameTextStyle: { color: ink.text, fontSize: 12 },
    axisLabel: { color: ink.text, fontSize: 11, hideOverlap: true },
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
      itemWidth: 22,
      itemHeight: 8,
      textStyle: { color: ink.text, fontSize: 11 },
    },
    grid: { left: 78, right: 26, top: series.length > 1 ? 22 + 20 * Math.ceil(series.length / 6) : 24, bottom: 52 },
    xAxis: { ...axis, name: x, nameGap: 30 },
    yAxis: { ...axis, type: logarithmic ? 'log' : 'value', name: y, nameGap: 58 },
    series: series.map(({ name, points }, i) => {
      const { color, type } = seriesStyle(i);
      return {
        type: 'line',
        name,
        color,
        lineStyle: { color, type, width: 1.7 },
        symbol: 'none',
        silent: true,
        data: points.map((point) => [...point]),
        ...(i === 0 && marks.length > 0
          ? {
              markLine: {
                symbol: 'none',
                silent: true,
                lineStyle: { color: ink.line, type: 'dashed' },
                label: { color: ink.text, fontSize: 11, formatter: '{b}', position: 'end' },
                data: marks.map(({ at, label }) => ({ xAxis: at, name: label })),
              },
            }
          : {}),
      };
    }),
  };
}
