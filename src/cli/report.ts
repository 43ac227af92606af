/** `zomma report`: calibrates a chain, values an account in it where there is one, and writes the page. */
import { basename } from 'node:path';
import type { Account } from '../portfolio/account.js';
import type { MarketSource } from '../portfolio/build-snapshot.js';
import { accountEquity } from '../portfolio/equity.js';
import { underlyingOf } from '../portfolio/instrument-name.js';
import type { MarketSnapshot } from '../portfolio/snapshot.js';
import { chainHeading, rejectionSummary } from '../report/calibration-report.js';
import { htmlReport } from '../report/html/report.js';
import { CommandError } from './command-error.js';
import { explain, mends, writeText } from './files.js';
import { fitChain } from './fit-chain.js';
import type { ReportArguments } from './grammar/report.js';
import { readBook } from './read-book.js';
import { readChain } from './read-chain.js';
import { snapshotFor } from './read-market.js';
import type { Streams } from './streams.js';

/** True where a page was written. Throws CommandError or InputError on what cannot be read or valued. */
export async function report(args: ReportArguments, streams: Streams): Promise<boolean> {
  const { stdout, stderr } = streams;
  const { chain, description } = readChain(args);
  const title = args.files.map((file) => basename(file)).join(', ');
  const { fit } = fitChain(chain, args, streams);
  if (!fit.ok) {
    stdout.write(`${chainHeading({ title, description, chain })}\n\n${rejectionSummary(fit.rejected, chain)}\n`);
    stderr.write(`zomma: no surface: ${fit.reason}: ${fit.message}\n`);
    return false;
  }
  const hasBook = args.positions.length > 0 || args.account !== undefined;
  const book = hasBook
    ? readBook({ files: args.positions, account: args.account, cash: args.cash }, streams)
    : undefined;
  if (hasBook && book === undefined) return false;
  const source = { surface: fit.surface, fits: fit.fits, underlying: underlyingOf(chain.underlying) };
  const page = await htmlReport({
    title: `${chain.underlying}: ${title}`,
    description,
    chain,
    fit,
    book: book === undefined ? undefined : valued(book.account, [source], args),
  });
  if (!page.ok) throw new CommandError(`--html: ${page.message}`);
  writeText('--html', args.html, page.html);
  const { fits, failed, proved } = fit;
  stdout.write(
    `${fits.length} of ${fits.length + failed.length} expiries fitted, ${proved ? 'proved free of arbitrage' : 'not proved free of arbitrage'}\nreport written to ${args.html}\n`,
  );
  return true;
}

/** The account and its market, which have been found to belong together. */
function valued(
  account: Account,
  sources: readonly MarketSource[],
  args: ReportArguments,
): { account: Account; snapshot: MarketSnapshot } {
  const held = account.positions.map(({ instrument }) => instrument);
  const snapshot = snapshotFor(sources, args, held);
  explain(
    'the account',
    () => accountEquity(account, snapshot, account.reportingCurrency, { missing: 'exclude' }),
    mends,
  );
  return { account, snapshot };
}
