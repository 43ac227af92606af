/** `zomma report`: calibrates a chain, values an account in it where there is one, and writes the page and its figures. */
import { basename } from 'node:path';
import { underlyingOf } from '../portfolio/instrument-name.js';
import { accountEquity } from '../portfolio/equity.js';
import { accountFigures, type AccountInput } from '../report/account-figures.js';
import { chainHeading, rejectionSummary } from '../report/calibration-report.js';
import { htmlReport, type HtmlReportInput } from '../report/html/report.js';
import { reportJson } from '../report/report-json.js';
import type { SurfaceFit } from '../volatility/calibration/surface-fit.js';
import { CommandError } from './command-error.js';
import { explain, mends, writeText } from './files.js';
import { fitChain } from './fit-chain.js';
import type { ReportArguments } from './grammar/report.js';
import { readBook, type ReadBook } from './read-book.js';
import { readChain } from './read-chain.js';
import { snapshotFor } from './read-market.js';
import type { Streams } from './streams.js';

/** True where something was written. Throws CommandError or InputError on what cannot be read or valued. */
export async function report(args: ReportArguments, streams: Streams): Promise<boolean> {
  const { stdout, stderr } = streams;
  const { chain, description } = readChain(args);
  const files = args.files.map((file) => basename(file));
  const title = files.join(', ');
  const { fit, european } = fitChain(chain, args, streams);
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
  const figures =
    book === undefined ? undefined : accountFigures(valued(book, fit, underlyingOf(chain.underlying), args));
  if (args.html !== undefined) {
    const { threeDimensional } = args;
    const page = { title: `${chain.underlying}: ${title}`, description, chain, fit, figures, threeDimensional };
    writeText('--html', args.html, await htmlOf(page));
  }
  if (args.json !== undefined) {
    writeText('--json', args.json, reportJson({ files, description, chain, fit, european, account: figures }));
  }
  const { fits, failed, proved } = fit;
  stdout.write(
    `${fits.length} of ${fits.length + failed.length} expiries fitted, ${proved ? 'proved free of arbitrage' : 'not proved free of arbitrage'}\n`,
  );
  if (args.html !== undefined) stdout.write(`report written to ${args.html}\n`);
  if (args.json !== undefined) stdout.write(`figures written to ${args.json}\n`);
  return true;
}

async function htmlOf(input: HtmlReportInput): Promise<string> {
  const page = await htmlReport(input);
  if (page.ok) return page.html;
  throw new CommandError(`${page.reason === 'plotly-missing' ? '--3d' : '--html'}: ${page.message}`);
}

/** The account and its market, which have been found to belong together. */
function valued(
  { account, rejected, indexPrices }: ReadBook,
  fit: SurfaceFit & { ok: true },
  underlying: string,
  args: ReportArguments,
): AccountInput {
  const held = account.positions.map(({ instrument }) => instrument);
  const snapshot = snapshotFor([{ surface: fit.surface, fits: fit.fits, underlying }], args, held);
  explain(
    'the account',
    () => accountEquity(account, snapshot, account.reportingCurrency, { missing: 'exclude' }),
    mends,
  );
  const { rules, days } = args;
  return { account, snapshot, rules, days, rejected, indexPrices, unproved: fit.proved ? [] : [underlying] };
}
