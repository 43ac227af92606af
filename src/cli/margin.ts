/** `zomma margin`: reads the account and the market, prints what the rules ask and when they step in, and writes what was asked for. */
import { marginReport, marginText } from '../report/margin-report.js';
import { explain, mends, writeJson } from './files.js';
import type { MarginArguments } from './grammar/margin.js';
import { readBook } from './read-book.js';
import { readMarket } from './read-market.js';
import type { Streams } from './streams.js';

/** True where there is a requirement. Throws CommandError or InputError on what cannot be read or valued. */
export function margin(args: MarginArguments, streams: Streams): boolean {
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
  const report = explain('the account', () => marginReport(account, market.snapshot, args.rules), mends);
  streams.stdout.write(marginText(report));
  if (args.json !== undefined) {
    writeJson('--json', args.json, report);
    streams.stdout.write(`\nreport written to ${args.json}\n`);
  }
  return true;
}
