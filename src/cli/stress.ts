/** `zomma stress`: reads the account and the market, prints what moves of the market would do, and writes what was asked for. */
import { stressReport, stressText } from '../report/stress-report.js';
import { explain, mends, writeJson } from './files.js';
import type { StressArguments } from './grammar/stress.js';
import { readBook } from './read-book.js';
import { readMarket } from './read-market.js';
import type { Streams } from './streams.js';

/** True where there is a grid. Throws CommandError or InputError on what cannot be read or valued. */
export function stress(args: StressArguments, streams: Streams): boolean {
  const book = readBook(args, streams);
  if (book === undefined) {
    streams.stderr.write('zomma: no position could be read\n');
    return false;
  }
  const { account } = book;
  const market = readMarket(
    args,
    account.positions.map(({ instrument }) => instrument),
    streams,
  );
  if (market === undefined) return false;
  const report = explain('the account', () => stressReport(account, market.snapshot, args.days), mends);
  streams.stdout.write(stressText(report));
  if (args.json !== undefined) {
    writeJson('--json', args.json, report);
    streams.stdout.write(`\nreport written to ${args.json}\n`);
  }
  return true;
}
