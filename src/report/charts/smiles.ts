/**
 * The smiles of a fitted surface in one picture: a small panel an expiry with the quotes' bid-ask bars in implied volatility against
 * log-moneyness k = ln(K/F), the fitted curve through them, and the quotes that were left out. Options of a chart as plain data, drawn
 * by whoever has a renderer.
 */
import type { CustomSeriesOption, EChartsCoreOption, LineSeriesOption } from 'echarts';
import type { Rejection } from '../../errors.js';
import type { OptionChain } from '../../market/chain.js';
import { logRatio } from '../../math/logarithm.js';
import { black76 } from '../../pricing/black76.js';
import type { SliceFit } from '../../volatility/calibration/fit.js';
import { smileDerivatives } from '../../volatility/smile/smile.js';
import { legendRows } from './legend.js';
import { ink } from './palette.js';
import { iconOf, marksSeries, polygonAt, polygons } from './smile-marks.js';

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
  /** Quotes that were left out, at the volatility of their price. */
  rejected?: { k: number; volatility: number; reason: string }[] | undefined;
}

export interface SmileChartOptions {
  title: string;
  subtitle?: string | undefined;
  /** Panels in a row; as many as make a page of about A4 proportions where missing. */
  columns?: number | undefined;
  /** Of the drawing area of each, in pixels; small enough for four in a row of a page where missing. */
  panel?: { width: number; height: number } | undefined;
}

const smallPanel = { width: 250, height: 165 };
const gapX = 46;
const gapY = 52;
const margin = { left: 74, right: 26, bottom: 58 };
const LEGEND = { height: 20, icon: 14, gap: 22, letters: 12 };
/** From one row of the legend to the next. */
const LEGEND_ROW = LEGEND.gap + 8;
/** Colours of the parts; for a page that changes between light and dark the names of its variables. */
export interface SmileColours {
  paper: string;
  curve: string;
  bar: string;
  target: string;
  bound: string;
  rejected: string;
  /** Of the reasons that no shape is left for. */
  rejectedToo: string;
  zero: string;
  text: string;
  faint: string;
}

export const printColours: SmileColours = {
  paper: '#ffffff',
  curve: '#c2410c',
  bar: '#64748b',
  target: '#0f172a',
  bound: '#0e7490',
  rejected: '#8f4a86',
  rejectedToo: '#9a6a00',
  zero: '#cbd5e1',
  text: '#1e293b',
  faint: '#e2e8f0',
};

export const pageColours: SmileColours = {
  paper: 'transparent',
  curve: 'var(--series-2)',
  bar: 'var(--series-6)',
  target: ink.text,
  bound: 'var(--series-1)',
  rejected: 'var(--series-4)',
  rejectedToo: 'var(--series-5)',
  zero: ink.line,
  text: ink.text,
  faint: ink.faint,
};
const names = {
  bar: 'bid-ask',
  bound: 'one-sided quote',
  target: 'fit target',
  curve: 'fitted smile',
};
const leftOut = (reason: string): string => `left out: ${reason}`;

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

/** What was left out of an expiry, at the implied volatility of its mid, mark or last price; what has none is not drawn. */
export function rejectedQuotes(
  { input }: SliceFit,
  rejected: readonly Rejection[],
  chain: OptionChain,
): { k: number; volatility: number; reason: string }[] {
  const reasonOf = new Map(rejected.map(({ id, reason }) => [id, reason]));
  const { forward, discountFactor, timeToExpiry, expiry } = input;
  return chain.quotes.flatMap((quote) => {
    const reason = quote.expiry === expiry ? reasonOf.get(quote.instrument) : undefined;
    // The in-the-money side is the other half of a pair that is drawn.
    if (reason === undefined || reason === 'in-the-money') return [];
    const { bid, ask, type, strike } = quote;
    const price = bid !== undefined && ask !== undefined ? 0.5 * (bid + ask) : (quote.mark ?? quote.last ?? ask ?? bid);
    if (price === undefined || !(price > 0) || !(strike > 0)) return [];
    const money = chain.settlement === 'inverse' ? price * forward : price;
    const implied = black76.impliedVolatility({ type, forward, strike, timeToExpiry, discountFactor }, money);
    return implied.ok ? [{ k: logRatio(strike, forward), volatility: implied.volatility, reason }] : [];
  });
}

/** The whole picture, and the size it is made for. */
export function smilePictureOption(
  panels: readonly SmilePanel[],
  { title, subtitle, columns: wanted, panel: size = smallPanel }: SmileChartOptions,
  colors: SmileColours,
): { option: EChartsCoreOption; width: number; height: number } {
  const { width: panelWidth, height: panelHeight } = size;
  const columns = Math.max(1, Math.min(panels.length, wanted ?? Math.ceil(Math.sqrt(panels.length))));
  const lines = Math.max(1, Math.ceil(panels.length / columns));
  const width = margin.left + columns * panelWidth + (columns - 1) * gapX + margin.right;
  const marks = reasonMarks(panels, colors);
  const entries = [
    { name: names.bar, icon: 'rect', color: colors.bar },
    { name: names.bound, icon: 'rect', color: colors.bound },
    { name: names.target, icon: 'circle', color: colors.target },
    { name: names.curve, icon: 'rect', color: colors.curve },
    ...marks.map(({ reason, polygon, color }) => ({ name: leftOut(reason), icon: iconOf(polygon), color })),
  ];
  const legendLeft = margin.left - 8;
  const legendTop = title === '' ? 6 : 58;
  const rows = legendRows(
    entries.map(({ name }) => name),
    { ...LEGEND, width: width - legendLeft - margin.right },
  );
  const top = legendTop + LEGEND.height + LEGEND_ROW * (rows - 1) + 34;
  const height = top + lines * panelHeight + (lines - 1) * gapY + margin.bottom;
  const place = (i: number) => ({
    left: margin.left + (i % columns) * (panelWidth + gapX),
    top: top + Math.floor(i / columns) * (panelHeight + gapY),
  });
  const axisTitle = { color: colors.text, fontSize: 12, fontWeight: 'normal' as const };
  const option: EChartsCoreOption = {
    animation: false,
    backgroundColor: colors.paper,
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
      data: entries.map(({ name, icon, color }) => ({ name, icon, itemStyle: { color } })),
      left: legendLeft,
      right: margin.right,
      top: legendTop,
      itemWidth: LEGEND.icon,
      itemHeight: 8,
      itemGap: LEGEND.gap,
      textStyle: { color: colors.text, fontSize: LEGEND.letters },
    },
    grid: panels.map((_, i) => ({ ...place(i), width: panelWidth, height: panelHeight })),
    xAxis: panels.map((panel, i) => ({
      ...axis(panelRange(panel).k, colors),
      gridIndex: i,
      axisLine: { onZero: false },
    })),
    yAxis: panels.map((panel, i) => ({
      ...axis(panelRange(panel).percent, colors),
      gridIndex: i,
      axisLine: { lineStyle: { color: colors.zero } },
      ...(i % columns === 0 ? { name: 'implied volatility (%)', nameLocation: 'middle', nameGap: 42 } : {}),
      nameTextStyle: { color: colors.text, fontSize: 11 },
    })),
    series: panels.flatMap((panel, i) => [...panelSeries(panel, i, colors), ...rejectedSeries(panel, i, marks)]),
  };
  return { option, width, height };
}

function axis([min, max]: [number, number], colors: SmileColours) {
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

function panelSeries(
  { quotes, curve }: SmilePanel,
  panel: number,
  colors: SmileColours,
): (CustomSeriesOption | LineSeriesOption)[] {
  const bounds = quotes.filter(({ target }) => Number.isNaN(target));
  const targets = quotes.filter(({ target }) => !Number.isNaN(target));
  return [
    // The bound, and where the volatility may lie from there: above a bid, below an ask.
    ...([1, -1] as const).map((up) =>
      marksSeries({
        ...{ name: names.bound, color: colors.bound, panel, z: 1, filled: false },
        points: bounds
          .filter(({ bid }) => bid > 0 === up > 0)
          .map(({ k, bid, ask }) => [k, 100 * (up > 0 ? bid : ask)]),
        draw: ([at]) => {
          const [x, y] = at!;
          const tip = y - 14 * up;
          return `M${x - 3} ${y}H${x + 3}M${x} ${y}V${tip}M${x - 2.5} ${tip + 4 * up}L${x} ${tip}L${x + 2.5} ${tip + 4 * up}`;
        },
      }),
    ),
    marksSeries({
      ...{ name: names.bar, color: colors.bar, panel, z: 2, filled: false },
      points: targets.map(({ k, bid, ask }) => [k, 100 * bid, 100 * ask]),
      draw: ([lower, upper]) => {
        const [x, low] = lower!;
        const [, high] = upper!;
        return `M${x - 2} ${low}H${x + 2}M${x} ${low}V${high}M${x - 2} ${high}H${x + 2}`;
      },
    }),
    {
      xAxisIndex: panel,
      yAxisIndex: panel,
      silent: true,
      type: 'line',
      name: names.curve,
      color: colors.curve,
      lineStyle: { color: colors.curve, width: 1.6 },
      showSymbol: false,
      z: 3,
      data: curve.map(({ k, volatility }) => [k, 100 * volatility]),
    },
    marksSeries({
      ...{ name: names.target, color: colors.target, panel, z: 4, filled: true },
      points: targets.map(({ k, target }) => [k, 100 * target]),
      draw: ([at]) => `M${at![0] - 1.3} ${at![1]}a1.3 1.3 0 1 0 2.6 0a1.3 1.3 0 1 0 -2.6 0`,
    }),
  ];
}

interface ReasonMark {
  reason: string;
  polygon: (typeof polygons)[number];
  color: string;
}

/** The most frequent reason first; when the shapes run out the colour changes. */
function reasonMarks(panels: readonly SmilePanel[], { rejected, rejectedToo }: SmileColours): ReasonMark[] {
  const counts = new Map<string, number>();
  for (const { reason } of panels.flatMap((panel) => panel.rejected ?? [])) {
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts]
    .sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1))
    .map(([reason], i) => ({
      reason,
      polygon: polygons[i % polygons.length]!,
      color: i < polygons.length ? rejected : rejectedToo,
    }));
}

/** A quote beyond what the panel shows stands at its edge. */
function rejectedSeries(panel: SmilePanel, i: number, marks: readonly ReasonMark[]): CustomSeriesOption[] {
  const { k: ks, percent } = panelRange(panel);
  return marks.map(({ reason, polygon, color }) =>
    marksSeries({
      ...{ name: leftOut(reason), color, panel: i, z: 5, filled: true },
      points: (panel.rejected ?? [])
        .filter((quote) => quote.reason === reason)
        .map(({ k, volatility }) => [within(k, ks), within(100 * volatility, percent)]),
      draw: ([at]) => polygonAt(polygon, 6, at!),
    }),
  );
}

/** The value, or a mark's breadth inside of the end it lies beyond. */
function within(value: number, [low, high]: readonly [number, number]): number {
  const breadth = 0.015 * (high - low);
  return value < low ? low + breadth : value > high ? high - breadth : value;
}
