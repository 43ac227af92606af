/** `zomma exposure`: reads the account and the market, prints what the account is exposed to, and writes what was asked for. */
import { exposureReport } from '../report/exposure-figures.js';
import { exposureText } from '../report/exposure-report.js';
import { recordJson } from '../report/record-json.js';
import { explain, mends, writeReport } from './files.js';
import type { ExposureArguments } from './grammar/exposure.js';
import { readPortfolio } from './read-portfolio.js';
import type { Streams } from './streams.js';

/** True where there is a report. Throws CommandError or InputError on what cannot be read or valued. */
export function exposure(args: ExposureArguments, streams: Streams): boolean {
  const portfolio = readPortfolio(args, streams);
  if (portfolio === undefined) return false;
  const { account, snapshot, rejected, indexPrices, unproved, american } = portfolio;
  const { numeraire, missing } = args;
  const options = { numeraire, missing, rejected, indexPrices, unproved };
  const report = explain('the account', () => exposureReport(account, snapshot, options), {
    ...mends,
    numeraire: '--numeraire',
  });
  writeReport(streams, { text: exposureText(report), json: () => recordJson({ ...report, american }) }, args.json);
  return true;
}
