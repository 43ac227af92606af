/** One picture of a fitted surface's smiles as SVG text. */
import type { Failure } from '../errors.js';
import { openRenderer } from './charts/draw.js';
import { printColours, smilePictureOption } from './charts/smiles.js';
import type { SmileChartOptions, SmilePanel } from './charts/smiles.js';

export { smilePanel } from './charts/smiles.js';
export type { SmileChartOptions, SmilePanel } from './charts/smiles.js';

export type SmileChart = { ok: true; svg: string; width: number; height: number } | Failure<'echarts-missing'>;

/** Draws the panels. Fails with 'echarts-missing' where the optional peer echarts is not installed. */
export async function smileChart(panels: readonly SmilePanel[], options: SmileChartOptions): Promise<SmileChart> {
  const draw = await openRenderer();
  if (draw === undefined) {
    return {
      ok: false,
      reason: 'echarts-missing',
      message: 'pictures need the optional package echarts: npm install echarts@6',
    };
  }
  const { option, width, height } = smilePictureOption(panels, options, printColours);
  return { ok: true, ...draw(option, width, height) };
}
