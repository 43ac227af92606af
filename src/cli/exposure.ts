/** `zomma exposure`: reads the account and the market, prints what the account is exposed to, and writes what was asked for. */
import { exposureReport } from '../report/exposure-figures.js';
import { exposureJson } from '../report/exposure-json.js';
import { exposureText } from '../report/exposure-report.js';
import { explain, mends, writeText } from './files.js';
import type { ExposureArguments } from './grammar/exposure.js';
import { readBook } from './read-book.js';
import { readMarket } from './read-market.js';
import type { Streams } from './streams.js';

/** True where there is a report. Throws CommandError or InputError on what cannot be read or valued. */
export function exposure(args: ExposureArguments, streams: Streams): boolean {
  const book = readBook(args, streams);
  if (book === undefined) {
    streams.stderr.write('zomma: no position could be read\n');
    return false;
  }
  const { account, rejected, indexPrices } = book;
  const market = readMarket(
    args,
    account.positions.map(({ instrument }) => instrument),
    streams,
  );
  if (market === undefined) return false;
  const { numeraire, missing } = args;
  const { snapshot, unproved } = market;
  const options = { numeraire, missing, rejected, indexPrices, unproved };
  const report = explain('the account', () => exposureReport(account, snapshot, options), {
    ...mends,
    numeraire: '--numeraire',
  });
  streams.stdout.write(exposureText(report));
  if (args.json !== undefined) {
    writeText('--json', args.json, exposureJson(report));
    streams.stdout.write(`\nreport written to ${args.json}\n`);
  }
  return true;
}
