import { describe, expect, it } from 'vitest';
import { barChartOption } from '../../../src/report/charts/bar-chart.js';
import { openRenderer } from '../../../src/report/charts/draw.js';
import { heatMapOption } from '../../../src/report/charts/heat-map.js';
import { lineChartOption } from '../../../src/report/charts/line-chart.js';
import { iconOf, polygonAt, polygons } from '../../../src/report/charts/smile-marks.js';
import { pageColours, smilePictureOption } from '../../../src/report/charts/smiles.js';

const draw = (await openRenderer())!;
/** Words of a picture with the place of each. */
function wordsOf(svg: string): { word: string; x: number; y: number }[] {
  return [...svg.matchAll(/<text ([^>]*)>([^<]*)<\/text>/g)].map(([, attributes, word]) => {
    const [, tx = '0', ty = '0'] = /translate\(([-\d.]+) ([-\d.]+)\)/.exec(attributes!) ?? [];
    const [, x = '0'] = / x="([-\d.]+)"/.exec(` ${attributes!}`) ?? [];
    const [, y = '0'] = / y="([-\d.]+)"/.exec(` ${attributes!}`) ?? [];
    return { word: word!, x: Number(tx) + Number(x), y: Number(ty) + Number(y) };
  });
}
const points = [
  [10, 1],
  [20, 2],
] as const;

describe('line charts', () => {
  it('write the ticks of a logarithmic axis as the powers they are', () => {
    const series = [
      {
        name: 'w',
        points: [
          [0, 0.0002],
          [1, 0.9],
        ] as const,
      },
    ];
    const { svg } = draw(lineChartOption({ x: 'x', y: 'y', logarithmic: true, series }), 800, 400);
    const words = wordsOf(svg).map(({ word }) => word);
    expect(words).toContain('0.0001');
    expect(words.every((word) => word.length <= 6)).toBe(true);
  });

  it('keep the words of near marks apart, and leave out marks that are not in the picture', () => {
    const marks = [
      { at: 15, label: 'spot' },
      { at: 15.1, label: 'liquidation' },
      { at: 19.5, label: 'far' },
      { at: 99, label: 'outside' },
    ];
    const { svg } = draw(lineChartOption({ x: 'x', y: 'y', series: [{ name: 'a', points }], marks }), 800, 400);
    const find = (name: string) => wordsOf(svg).find(({ word }) => word === name);
    expect(Math.abs(find('spot')!.y - find('liquidation')!.y)).toBeGreaterThanOrEqual(12);
    expect(find('far')!.y).toBe(find('spot')!.y);
    expect(find('outside')).toBeUndefined();
    // Neither is cut off at the top.
    for (const name of ['spot', 'liquidation']) expect(find(name)!.y).toBeGreaterThan(8);
  });

  it('tell the curves of a legend apart by their dashes', () => {
    const series = Array.from({ length: 8 }, (_, i) => ({ name: `s${i}`, points }));
    const { svg } = draw(lineChartOption({ x: 'x', y: 'y', series }), 800, 400);
    // Once in the legend, once as a curve, for the seventh and the eighth.
    expect(svg.match(/stroke-dasharray="[^"]+"/g)!.length).toBeGreaterThanOrEqual(4);
  });

  it('show the range that is asked for, with levels in words', () => {
    const { svg } = draw(
      lineChartOption({
        ...{ x: 'x', y: 'y', series: [{ name: 'a', points }], xRange: [9.3, 21.7], yRange: [0, 120] },
        levels: [{ at: 100, label: 'liquidation 100%' }],
      }),
      800,
      400,
    );
    const words = wordsOf(svg).map(({ word }) => word);
    expect(words).toContain('liquidation 100%');
    expect(words).toContain('120');
    expect(words).not.toContain('9.3');
    expect(words).not.toContain('21.7');
  });
});

describe('bar charts', () => {
  it('write a figure at each bar, inside the picture, and names clear of them', () => {
    const { option, height } = barChartOption(
      {
        names: ['up', 'down', 'nothing'],
        panels: [{ title: 'profit (USD)', values: [1000, -250_000, 0] }],
        format: (value) => value.toFixed(0),
      },
      600,
    );
    const { svg } = draw(option, 600, height);
    const words = wordsOf(svg);
    expect(words.map(({ word }) => word)).toEqual(
      expect.arrayContaining(['up', 'down', 'nothing', '1000', '-250000', '0']),
    );
    const name = words.find(({ word }) => word === 'nothing')!;
    // A figure of seven letters ends left of its bar.
    expect(words.find(({ word }) => word === '-250000')!.x - 50).toBeGreaterThan(name.x);
    for (const { x } of words) expect(x).toBeLessThan(600);
    expect(svg).toContain('var(--loss)');
    expect(svg).toContain('var(--gain)');
  });

  it('can show nothing but zeros', () => {
    const { option, height } = barChartOption(
      { names: ['a'], panels: [{ title: 't', values: [0] }], format: String },
      400,
    );
    expect(draw(option, 400, height).svg).not.toMatch(/NaN|Infinity/);
  });
});

describe('heat maps', () => {
  it('are faintest at the value they are told, strongest farthest from it', () => {
    const option = heatMapOption({
      ...{ x: 'x', y: 'y', columns: ['a', 'b'], rows: ['r'], values: [[40, 90]], faintest: 40 },
      format: String,
    });
    const { svg } = draw(option, 400, 200);
    const opacities = [
      ...svg.matchAll(
        /fill="var\(--gain\)"[^>]*fill-opacity="([\d.]+)"|fill-opacity="([\d.]+)"[^>]*fill="var\(--gain\)"|opacity="([\d.]+)"/g,
      ),
    ]
      .map((match) => Number(match[1] ?? match[2] ?? match[3]))
      .filter((value) => value < 1);
    expect(Math.min(...opacities)).toBeCloseTo(0.06, 10);
    expect(Math.max(...opacities)).toBeCloseTo(0.4, 10);
  });
});

describe('marks of quotes', () => {
  const quotes = Array.from({ length: 50 }, (_, i) => {
    const k = (i - 25) / 50;
    return { k, bid: 0.5, ask: 0.6, target: i % 10 === 0 ? NaN : 0.55 };
  });
  const reasons = [
    'stale',
    'crossed',
    'wide-spread',
    'one-sided',
    'no-quote',
    'locked',
    'low-vega',
    'arbitrage',
    'expired',
  ];
  const rejected = reasons.flatMap((reason, i) =>
    Array.from({ length: 20 - i }, (_, j) => ({ k: (j - 10) / 40, volatility: 0.56, reason })),
  );
  const curve = [-0.5, 0, 0.5].map((k) => ({ k, volatility: 0.55 }));
  const panel = { title: 'p', quotes, curve, rejected };

  it('are one shape a series, however many quotes there are', () => {
    const shapes = [panel, { ...panel, quotes: [...quotes, ...quotes], rejected: [...rejected, ...rejected] }].map(
      (one) => {
        const { option, width, height } = smilePictureOption([one], { title: '' }, pageColours);
        const { svg } = draw(option, width, height);
        expect(svg).not.toMatch(/NaN|Infinity/);
        return svg.match(/<path /g)!.length;
      },
    );
    expect(shapes[1]).toBe(shapes[0]);
  });

  it('have a shape or a colour of their own for each reason, all in the legend', () => {
    const picture = smilePictureOption([panel], { title: '' }, pageColours);
    const legend = picture.option['legend'] as { data: { name: string; icon: string; itemStyle: { color: string } }[] };
    const marks = legend.data.filter(({ name }) => name.startsWith('left out: '));
    expect(marks.map(({ name }) => name.slice('left out: '.length))).toEqual(reasons);
    expect(new Set(marks.map(({ icon, itemStyle }) => `${icon} ${itemStyle.color}`)).size).toBe(reasons.length);
    const { svg } = draw(picture.option, picture.width, picture.height);
    for (const reason of reasons) expect(svg).toContain(`left out: ${reason}`);
  });

  it('stand at the edge of the panel where the quote lies beyond it', () => {
    const far = { ...panel, rejected: [{ k: 3, volatility: 9, reason: 'stale' }] };
    const [near, beyond] = [panel, far].map((one) => {
      const { option, width, height } = smilePictureOption([one], { title: '' }, pageColours);
      return draw(option, width, height).svg;
    });
    expect(beyond).not.toBe(near);
    expect(beyond).toContain('left out: stale');
  });

  it('are polygons about their point', () => {
    expect(new Set(polygons.map(iconOf)).size).toBe(polygons.length);
    expect(
      polygonAt(
        [
          [0, 0],
          [4, 0],
          [2, 4],
        ],
        8,
        [100, 50],
      ),
    ).toBe('M96 46L104 46L100 54Z');
  });
});
