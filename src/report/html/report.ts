/** The report on a calibrated chain, and on an account where there is one, as one HTML page that needs nothing else. */
import type { Failure } from '../../errors.js';
import { accountFigures, type AccountFigures, type AccountInput } from '../account-figures.js';
import { utc } from '../calibration-report.js';
import { openRenderer } from '../charts/draw.js';
import { surface3d } from '../charts/surface-3d.js';
import { accountSections } from './account-sections.js';
import { marketSections } from './market-sections.js';
import type { MarketInput } from './market-sections.js';
import { htmlPage } from './page.js';
import { drawSurfaceScript, PLOTLY, readPlotly } from './plotly.js';
import { riskSections } from './risk-sections.js';

export interface HtmlReportInput extends MarketInput {
  /** Adds what the account is exposed to, stressed and margined. */
  book?: AccountInput | undefined;
  /** The book's figures, where they are known already. */
  figures?: AccountFigures | undefined;
  title: string;
  /** What the file says of itself. */
  description?: string | undefined;
  /** Adds the surface in three dimensions, and the scripts that draw it: 1.8 MB more. The page has no script otherwise. */
  threeDimensional?: boolean | undefined;
}

export type HtmlReport = { ok: true; html: string } | Failure<'echarts-missing' | 'plotly-missing'>;

/** Fails with 'echarts-missing' and 'plotly-missing' where the optional peer for pictures, or for three dimensions, is not installed. */
export async function htmlReport(input: HtmlReportInput): Promise<HtmlReport> {
  const { title, description, chain, fit, book, threeDimensional = false } = input;
  const draw = await openRenderer();
  if (draw === undefined) {
    return {
      ok: false,
      reason: 'echarts-missing',
      message: 'the report needs the optional package echarts: npm install echarts@6',
    };
  }
  const plotly = threeDimensional ? await readPlotly() : undefined;
  if (threeDimensional && plotly === undefined) {
    return {
      ok: false,
      reason: 'plotly-missing',
      message: `three dimensions need the optional package ${PLOTLY}: npm install ${PLOTLY}@4`,
    };
  }
  const facts = [chain.underlying, chain.venue, `${chain.style}, ${chain.settlement}`, `as of ${utc(chain.asOf)}`];
  const figures = input.figures ?? (book === undefined ? undefined : accountFigures(book));
  return {
    ok: true,
    html: htmlPage({
      title,
      lead: [...(description === undefined ? [] : [description]), facts.join(', ')],
      sections: [
        ...(figures === undefined ? [] : [...accountSections(figures, draw), ...riskSections(figures, draw)]),
        ...marketSections({ chain, fit }, draw, plotly === undefined ? undefined : surface3d(fit.surface, fit.fits)),
      ],
      scripts: plotly === undefined ? [] : [plotly, drawSurfaceScript],
    }),
  };
}
