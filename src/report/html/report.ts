/** The report on a calibrated chain, and on an account where there is one, as one HTML page that needs nothing else. */
import type { Failure } from '../../errors.js';
import { openRenderer } from '../charts/draw.js';
import { utc } from '../calibration-report.js';
import { accountSections } from './account-sections.js';
import type { AccountInput } from './account-sections.js';
import { marketSections } from './market-sections.js';
import type { MarketInput } from './market-sections.js';
import { htmlPage } from './page.js';

export interface HtmlReportInput extends MarketInput {
  /** Adds what the account is exposed to. */
  book?: AccountInput | undefined;
  title: string;
  /** What the file says of itself. */
  description?: string | undefined;
}

export type HtmlReport = { ok: true; html: string } | Failure<'echarts-missing'>;

/** Fails with 'echarts-missing' where the optional peer echarts is not installed. */
export async function htmlReport(input: HtmlReportInput): Promise<HtmlReport> {
  const draw = await openRenderer();
  if (draw === undefined) {
    return {
      ok: false,
      reason: 'echarts-missing',
      message: 'the report needs the optional package echarts: npm install echarts@6',
    };
  }
  const { title, description, chain } = input;
  const facts = [chain.underlying, chain.venue, `${chain.style}, ${chain.settlement}`, `as of ${utc(chain.asOf)}`];
  return {
    ok: true,
    html: htmlPage({
      title,
      lead: [...(description === undefined ? [] : [description]), facts.join(', ')],
      sections: [
        ...(input.book === undefined ? [] : accountSections(input.book, draw)),
        ...marketSections(input, draw),
      ],
    }),
  };
}
