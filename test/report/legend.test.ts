/** Rows of a legend, counted as echarts lays them out. */
import { expect, it } from 'vitest';
import { legendRows } from '../../src/report/charts/legend.js';

const style = { icon: 26, gap: 10, letters: 11 };
const dates = Array.from({ length: 12 }, (_, i) => `2026-01-${10 + i}`);

it('has no row without words, one where they fit, and more where they do not', () => {
  expect(legendRows([], { ...style, width: 500 })).toBe(0);
  expect(legendRows(['spot'], { ...style, width: 10 })).toBe(1);
  expect(legendRows(dates.slice(0, 11), { ...style, width: 1100 })).toBe(1);
  expect(legendRows(dates, { ...style, width: 1100 })).toBe(2);
  expect(legendRows(dates, { ...style, width: 480 })).toBe(3);
});

it('never has fewer rows in less room', () => {
  let before = Infinity;
  for (let width = 50; width <= 1500; width += 10) {
    const rows = legendRows(dates, { ...style, width });
    expect(rows).toBeLessThanOrEqual(before);
    before = rows;
  }
});
