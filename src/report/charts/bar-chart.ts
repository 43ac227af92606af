/** Level bars of gains and losses, the figure at the end of each, in panels side by side that share their names: options of a chart as plain data. */
import type { EChartsCoreOption } from 'echarts';
import { ink } from './palette.js';

export interface BarChart {
  /** From the top. */
  names: readonly string[];
  panels: readonly {
    /** With its unit. */
    title: string;
    /** One a name. */
    values: readonly number[];
  }[];
  /** The figure at a bar. */
  format: (value: number) => string;
}

const ROW = 24;
const TOP = 30;
const BOTTOM = 14;
const GAP = 26;
const RIGHT = 14;
/** Of a letter of a figure or a name, in pixels. */
const LETTER = 6.4;

/** The picture at a width, and the height it needs. */
export function barChartOption(
  { names, panels, format }: BarChart,
  width: number,
): { option: EChartsCoreOption; height: number } {
  const left = 24 + LETTER * longest(names);
  const panelWidth = (width - left - RIGHT - GAP * (panels.length - 1)) / panels.length;
  const placeOf = (i: number): number => left + i * (panelWidth + GAP);
  return {
    height: TOP + ROW * names.length + BOTTOM,
    option: {
      animation: false,
      backgroundColor: 'transparent',
      textStyle: { fontFamily: 'Helvetica, Arial, DejaVu Sans, sans-serif' },
      title: panels.map(({ title }, i) => ({
        text: title,
        left: placeOf(i),
        top: 6,
        padding: 0,
        textStyle: { fontSize: 12, fontWeight: 'bold', color: ink.text },
      })),
      grid: panels.map((_, i) => ({ left: placeOf(i), width: panelWidth, top: TOP, height: ROW * names.length })),
      xAxis: panels.map(({ values }, i) => ({
        ...{ type: 'value', gridIndex: i, show: false },
        ...extent(values, 14 + LETTER * longest(values.map(format)), panelWidth),
      })),
      yAxis: panels.map((_, i) => ({
        type: 'category',
        gridIndex: i,
        inverse: true,
        data: [...names],
        axisLine: { show: false, onZero: false },
        axisTick: { show: false },
        axisLabel: { show: i === 0, color: ink.text, fontSize: 12, interval: 0, margin: 10 },
        position: 'left',
      })),
      series: panels.map(({ values }, i) => ({
        type: 'bar',
        xAxisIndex: i,
        yAxisIndex: i,
        silent: true,
        barWidth: 14,
        data: values.map((value) => ({
          value,
          itemStyle: { color: value < 0 ? 'var(--loss)' : 'var(--gain)' },
          label: { position: value < 0 ? 'left' : 'right' },
        })),
        markLine: {
          symbol: 'none',
          silent: true,
          label: { show: false },
          lineStyle: { color: ink.line, type: 'solid' },
          data: [{ xAxis: 0 }],
        },
        label: {
          show: true,
          color: ink.text,
          fontSize: 11,
          formatter: ({ value }: { value: number }) => format(value),
        },
      })),
    },
  };
}

function longest(words: readonly string[]): number {
  return Math.max(0, ...words.map((word) => Array.from(word).length));
}

/** An axis of `width` pixels with room for a figure at the longest bar of either side. */
function extent(values: readonly number[], room: number, width: number): { min: number; max: number } {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const sides = (low < 0 ? 1 : 0) + (high > 0 || low === 0 ? 1 : 0);
  const perPixel = (high - low || 1) / Math.max(0.2 * width, width - sides * room);
  return { min: low < 0 ? low - room * perPixel : 0, max: high > 0 || low === 0 ? high + room * perPixel : 0 };
}
