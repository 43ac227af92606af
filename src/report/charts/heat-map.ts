/** Profit over moves of spot and volatility: a cell each, its figure written in it, colour by sign and size. */
import type { EChartsCoreOption } from 'echarts';
import { ink } from './palette.js';

export interface HeatMap {
  /** With its unit. */
  x: string;
  y: string;
  columns: readonly string[];
  rows: readonly string[];
  /** [row][column] */
  values: readonly (readonly number[])[];
  /** At which a cell has the faintest colour; 0 where missing. */
  faintest?: number | undefined;
  /** The figure in a cell. */
  format: (value: number) => string;
}

export function heatMapOption({ x, y, columns, rows, values, faintest = 0, format }: HeatMap): EChartsCoreOption {
  const farthest = Math.max(1e-300, ...values.flat().map((value) => Math.abs(value - faintest)));
  const axis = {
    type: 'category',
    nameLocation: 'middle',
    nameTextStyle: { color: ink.text, fontSize: 12 },
    axisLabel: { color: ink.text, fontSize: 11 },
    axisLine: { lineStyle: { color: ink.line } },
    axisTick: { show: false },
  };
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: 'Helvetica, Arial, DejaVu Sans, sans-serif' },
    grid: { left: 86, right: 20, top: 14, bottom: 52 },
    xAxis: { ...axis, name: x, nameGap: 30, data: [...columns] },
    yAxis: { ...axis, name: y, nameGap: 58, data: [...rows] },
    series: [
      {
        type: 'custom',
        silent: true,
        data: values.flatMap((row, j) => row.map((value, i) => [i, j, value])),
        renderItem: (_: unknown, api: CellApi) => {
          const [centreX, centreY] = api.coord([api.value(0), api.value(1)]);
          const [width, height] = api.size([1, 1]);
          const value = api.value(2);
          return {
            type: 'group',
            children: [
              {
                type: 'rect',
                shape: {
                  x: centreX - width / 2 + 1,
                  y: centreY - height / 2 + 1,
                  width: width - 2,
                  height: height - 2,
                },
                style: {
                  fill: value < faintest ? 'var(--loss)' : 'var(--gain)',
                  // Text must stay readable on it.
                  opacity: 0.06 + 0.34 * Math.sqrt(Math.abs(value - faintest) / farthest),
                },
              },
              {
                type: 'text',
                style: {
                  text: format(value),
                  x: centreX,
                  y: centreY,
                  align: 'center',
                  verticalAlign: 'middle',
                  fill: ink.text,
                  fontSize: 11,
                },
              },
            ],
          };
        },
      },
    ],
  };
}

interface CellApi {
  value(dimension: number): number;
  coord(at: [number, number]): [number, number];
  size(of: [number, number]): [number, number];
}
