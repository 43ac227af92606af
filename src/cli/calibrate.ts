/** `zomma calibrate`: reads the files into a chain, calibrates, prints the report and writes what was asked for. */
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Instant } from '../market/quote.js';
import { sliceInputs } from '../market/slice-inputs.js';
import { calibrationJson } from '../report/calibration-json.js';
import { calibrationReport, chainHeading, rejectionSummary, utc } from '../report/calibration-report.js';
import { smileChart, smilePanel } from '../report/smile-chart.js';
import { calibrateSurface } from '../volatility/calibration/surface-fit.js';
import type { CalibrateArguments } from './arguments.js';
import { CommandError, systemReason } from './command-error.js';
import { readChain } from './read-chain.js';
import type { Streams } from './streams.js';

/** Expiries from which a progress line is worth its while. */
const manyExpiries = 4;

/** True where there is a surface. Throws CommandError or InputError on files that cannot be read. */
export async function calibrate(args: CalibrateArguments, { stdout, stderr }: Streams): Promise<boolean> {
  const { chain, description } = readChain(args);
  const title =
    args.files.length === 1
      ? basename(args.files[0]!)
      : `${basename(args.files[0]!)} and ${args.files.length - 1} more`;
  const heading = { title, description, chain };

  const slices = chain.style === 'american' ? undefined : sliceInputs(chain);
  const milliseconds = new Map<Instant, number>();
  const showProgress = stderr.isTTY === true && (slices?.slices.length ?? 0) >= manyExpiries;
  let started = performance.now();
  const fit = calibrateSurface(chain, {
    model: args.model,
    arbitrage: args.arbitrage,
    engine: args.engine,
    slices,
    onSlice: ({ expiry, index, count }) => {
      const now = performance.now();
      milliseconds.set(expiry, now - started);
      if (showProgress) stderr.write(`\r\x1b[Kfitted ${index + 1} of ${count}: ${utc(expiry)}`);
      started = performance.now();
    },
  });
  if (showProgress) stderr.write('\r\x1b[K');

  if (!fit.ok) {
    stdout.write(`${chainHeading(heading)}\n\n${rejectionSummary(fit.rejected, chain)}\n`);
    stderr.write(`zomma: no surface: ${fit.reason}: ${fit.message}\n`);
    return false;
  }
  stdout.write(calibrationReport({ ...heading, fit, milliseconds }));
  if (args.json !== undefined) {
    const files = args.files.map((file) => basename(file));
    write('--json', args.json, calibrationJson({ files, description, chain, fit }));
    stdout.write(`surface and fits written to ${args.json}\n`);
  }
  if (args.svg !== undefined) {
    const subtitle = [description, `${chain.venue}, as of ${utc(chain.asOf)}`].filter((part) => part !== undefined);
    const picture = await smileChart(
      fit.fits.map((slice) => smilePanel(slice)),
      {
        title: `${chain.underlying} implied volatility: ${title}`,
        subtitle: subtitle.join('   '),
      },
    );
    if (!picture.ok) throw new CommandError(`--svg: ${picture.message}`);
    write('--svg', args.svg, picture.svg);
    stdout.write(`picture written to ${args.svg}\n`);
  }
  return true;
}

function write(option: string, file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new CommandError(`${option}: ${file} cannot be written: ${systemReason(error)}`);
  }
}
