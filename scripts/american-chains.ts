/**
 * Takes early exercise out of real American chains and writes the results into docs/american.md, between the heading "Chains made
 * European" and the next, and into docs/real-chains.md under "American chains". Run: npx tsx scripts/american-chains.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { americanChains, readAmericanChain } from '../benchmarks/data/american-chains.js';
import { median } from '../benchmarks/chain-result.js';
import { dataRoot, hasData } from '../benchmarks/data/real-chains.js';
import { deAmericanise } from '../src/market/de-americanise.js';
import type { DeAmericanisedExpiry } from '../src/market/de-americanise.js';
import { calibrateSurface } from '../src/volatility/calibration/surface-fit.js';

if (!hasData) {
  process.stderr.write(`no data under ${dataRoot}: set ZOMMA_DATA\n`);
  process.exit(1);
}

const percent = (value: number, digits = 2): string => `${(100 * value).toFixed(digits)}%`;

interface Rows {
  /** Of docs/american.md. */
  carry: string[];
  /** Of docs/real-chains.md. */
  fit: string[];
}

const rows = americanChains.map((real): Rows => {
  const chain = readAmericanChain(real);
  const started = performance.now();
  const result = deAmericanise(chain, real.options);
  const milliseconds = performance.now() - started;
  const listed = new Set(chain.quotes.map(({ expiry }) => expiry)).size;
  if (!result.ok) {
    const puts = chain.quotes.filter(({ type }) => type === 'put').length;
    return {
      carry: [real.name, `0 of ${listed}`, '', `\`${result.reason}\``, '', '', '', '', ''],
      fit: [
        real.name,
        `0 of ${listed}`,
        `0 of ${chain.quotes.length}`,
        '',
        '',
        `\`${result.reason}\`: ${puts} puts of ${chain.quotes.length} quotes`,
      ],
    };
  }
  const { expiries, quotes } = result;
  const sum = (of: (expiry: DeAmericanisedExpiry) => number): number =>
    expiries.reduce((total, expiry) => total + of(expiry), 0);
  const near = sum((expiry) => expiry.near);
  const equal = sum((expiry) => expiry.equal);
  const middle = expiries.reduce((best, expiry) =>
    Math.abs(expiry.timeToExpiry - 0.25) < Math.abs(best.timeToExpiry - 0.25) ? expiry : best,
  );
  const { carry, interval, discountFactor, discountInterval, timeToExpiry } = middle;
  const fit = calibrateSurface(result.chain);
  const surface = fit.ok ? `${fit.proved ? 'proved' : 'not proved'}, ${fit.fits.length} expiries` : `\`${fit.reason}\``;
  const beyond = fit.ok ? fit.fits.filter(({ input }) => input.discountFactor > 1).length : 0;
  const carryRow = [
    real.name,
    `${expiries.length} of ${listed}`,
    `${equal} of ${near} (${percent(equal / near, 0)})`,
    `${percent(carry)} +- ${percent(interval[1] - carry)}`,
    `${discountFactor.toFixed(4)}, ${discountInterval.map((factor) => factor.toFixed(4)).join(' to ')} (T = ${timeToExpiry.toFixed(2)})`,
    percent(quotes.filter(({ europeanOk }) => europeanOk).length / quotes.length, 0),
    median(quotes.filter(({ europeanOk }) => !europeanOk).map(({ premium }) => premium)).toFixed(3),
    surface + (beyond > 0 ? `, ${beyond} with a factor above 1` : ''),
    (milliseconds / 1000).toFixed(1),
  ];
  const fits = fit.ok ? fit.fits : [];
  const fitRow = [
    real.name,
    `${fits.length} of ${listed}`,
    `${quotes.length} of ${chain.quotes.length}`,
    median(fits.map(({ diagnostics }) => diagnostics.rmseBp)).toFixed(1),
    percent(median(fits.map(({ diagnostics }) => diagnostics.shareInsideSpread)), 0),
    fit.ok ? (fit.proved ? 'proved' : 'not proved') : `\`${fit.reason}\``,
  ];
  return { carry: carryRow, fit: fitRow };
});

const section = `## Chains made European

\`\`\`ts
import { deAmericanise } from 'zomma/market';
import { american } from 'zomma/pricing';

const [asOf, expiry] = [Date.UTC(2026, 0, 5), Date.UTC(2026, 6, 6)];
const share = { spot: 100, timeToExpiry: (expiry - asOf) / (365 * 86_400_000), rate: 0.04, dividendYield: 0.01 };
const quotes = [95, 100, 105].flatMap((strike) =>
  (['call', 'put'] as const).map((type) => {
    const price = american.price({ ...share, type, strike, volatility: 0.25 });
    const instrument = type + ' ' + String(strike);
    return { instrument, underlying: 'X', type, strike, expiry, bid: price - 0.01, ask: price + 0.01 };
  }),
);
const chain = { underlying: 'X', venue: 'none', asOf, style: 'american', settlement: 'linear', premiumCurrency: 'USD' } as const;
const made = deAmericanise({ ...chain, spot: 100, multiplier: 100, quotes, rejected: [] }, { rate: 0.04 });
made.ok && (made.expiries[0]?.carry ?? NaN); // => 0.0300
made.ok && (made.quotes[5]?.premium ?? NaN); // => 0.2
\`\`\`

\`calibrateSurface(made.chain)\` takes the result as it is. \`deAmericanise\` (zomma/market) finds at each strike near the money (within a quarter of a standard deviation, at least four strikes) the
carry r - q at which call and put have the same volatility, puts a robust line through what they say, and takes the premium of early
exercise out of every quote at the volatility of its own bid and ask. The carry comes with two standard deviations either way. The
preset is \`fast\`: its error, 4e-6 of the strike at most, is far inside a tick's worth of spread.

The rate is the caller's. Pairs near the money hardly tell it: closing quotes of SPY in September 2025, 24 strikes an
expiry, gave 8% to 15%. Without one it is 2.5% +- 2.5%, a discount factor of at most 1 at the end of its interval, and each premium's
\`modelRisk\` says what two errors of carry and rate do to it. So it is in the table, nothing but the files going into it, where nothing is
said to be assumed. With 4.5% +- 0.25% for SPY in 2022, 5.3% +- 0.25% in 2023, 4.1% in 2025 and 4.3% for NVDA, about what Treasury bills of
those days paid (an assumption: no file says it), the carry of the third month moves by 0.03%, 0.04%, 0.01% and 0.34%, as many pairs agree
to within 4 and the surfaces are proved as before; and the discount factors that the surface finds from parity, which come out above 1 at
some expiries of SPY's two oldest chains where the rate is anything, stay below it.

The dividend of the very next day (\`dividendNextDay\`) costs nothing and matters most: on the eve of its ex-date SPY's calls are
worth their exercise. The file of 2023-09-14 does not have it. Taken as it is, 171 of 209 pairs agree; with the spot that the first expiry
implies (\`spot: 'implied'\`, 0.91 below the printed one), 192; with $1.583 leaving the share on 2023-09-15, which is an
assumption too (the fund's announced distribution), 206, and 209 of 212 with the rate: the row so named. A spot printed after the close is replaced by \`spot: 'implied'\` as well: NVDA's
is 0.71 below the printed one, and with that one the carry would be -3.5%.

What is left out: one volatility a strike for the option's whole life, and cash dividends read as a yield (the quarter of March 2023, two
weeks after an ex-date, is where SPY's pairs of December 2022 contradict each other, perhaps for that reason). Cash dividends can be given;
the grid takes a hundred times longer.

Written by \`npx tsx scripts/american-chains.ts\`. Equal: pairs near the money whose call and put volatilities overlap within bid and
ask. Carry and discount factor at the expiry nearest to three months, with their intervals. European: quotes whose premium is below a
tenth of the half-spread; premium: the median of the others, in dollars. The surface is \`calibrateSurface\` of the result as it comes, whose
parity is held against the discount factors given. Seconds: taking the premiums out.

| chain | expiries | equal | carry | discount factor | European | premium | surface | s |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${rows.map(({ carry }) => `| ${carry.join(' | ')} |`).join('\n')}

The MSFT file lists puts only, 0 calls: no pair, so no carry to imply; with \`dividendYield\` given its quotes are read all the same.
`;

const fitSection = `## American chains

The same fits where early exercise was taken out first, from what the files say alone: \`npx tsx scripts/american-chains.ts\` writes this
table; carries, premiums and what is assumed: [american.md](american.md). Quotes: made European of listed. On the command line it is \`--american\`.

| chain | expiries | quotes | RMSE, bp | inside | surface |
| --- | ---: | ---: | ---: | ---: | --- |
${rows.map(({ fit }) => `| ${fit.join(' | ')} |`).join('\n')}
`;

/** A section in the place of the one before, or of nothing; it ends at the heading `next`. */
function place(file: string, heading: string, next: string, text: string): void {
  const page = new URL(`../docs/${file}`, import.meta.url);
  const before = readFileSync(page, 'utf8');
  const start = before.indexOf(heading);
  const end = before.indexOf(next);
  if (end < 0) throw new Error(`docs/${file} has no heading "${next}"`);
  writeFileSync(page, before.slice(0, start < 0 ? end : start) + text + '\n' + before.slice(end));
}

place('american.md', '## Chains made European', '## What it does not do', section);
place('real-chains.md', '## American chains', '## Where the fit is wider', fitSection);
