/** `zomma margin`: reads the account and the market, prints what the rules ask and when they step in, and writes what was asked for. */
import { recordJson } from '../report/record-json.js';
import { marginReport, marginText } from '../report/margin-report.js';
import { explain, mends, writeReport } from './files.js';
import type { MarginArguments } from './grammar/margin.js';
import { readPortfolio } from './read-portfolio.js';
import type { Streams } from './streams.js';

/** True where there is a requirement. Throws CommandError or InputError on what cannot be read or valued. */
export function margin(args: MarginArguments, streams: Streams): boolean {
  const portfolio = readPortfolio(args, streams);
  if (portfolio === undefined) return false;
  const { account, snapshot, american } = portfolio;
  const report = explain('the account', () => marginReport(account, snapshot, args.rules), mends);
  writeReport(streams, { text: marginText(report), json: () => recordJson({ ...report, american }) }, args.json);
  return true;
}
