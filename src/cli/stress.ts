/** `zomma stress`: reads the account and the market, prints what moves of the market would do, and writes what was asked for. */
import { recordJson } from '../report/record-json.js';
import { stressReport, stressText } from '../report/stress-report.js';
import { explain, mends, writeReport } from './files.js';
import type { StressArguments } from './grammar/stress.js';
import { readPortfolio } from './read-portfolio.js';
import type { Streams } from './streams.js';

/** True where there is a grid. Throws CommandError or InputError on what cannot be read or valued. */
export function stress(args: StressArguments, streams: Streams): boolean {
  const portfolio = readPortfolio(args, streams);
  if (portfolio === undefined) return false;
  const { account, snapshot, american } = portfolio;
  const report = explain('the account', () => stressReport(account, snapshot, args.days), mends);
  writeReport(streams, { text: stressText(report), json: () => recordJson({ ...report, american }) }, args.json);
  return true;
}
