/** `zomma calibrate`: reads the files into a chain, calibrates, prints the report and writes what was asked for. */
import { basename } from 'node:path';
import { calibrationJson } from '../report/calibration-json.js';
import { calibrationReport, chainHeading, rejectionSummary, utc } from '../report/calibration-report.js';
import { smileChart, smilePanel } from '../report/smile-chart.js';
import { CommandError } from './command-error.js';
import { writeText } from './files.js';
import { fitChain } from './fit-chain.js';
import type { CalibrateArguments } from './grammar/calibrate.js';
import { readChain } from './read-chain.js';
import type { Streams } from './streams.js';

/** True where there is a surface. Throws CommandError or InputError on files that cannot be read. */
export async function calibrate(args: CalibrateArguments, streams: Streams): Promise<boolean> {
  const { stdout, stderr } = streams;
  const { chain, description } = readChain(args);
  const title =
    args.files.length === 1
      ? basename(args.files[0]!)
      : `${basename(args.files[0]!)} and ${args.files.length - 1} more`;
  const heading = { title, description, chain };
  const { fit, milliseconds, european } = fitChain(chain, args, streams);
  if (!fit.ok) {
    stdout.write(`${chainHeading(heading)}\n\n${rejectionSummary(fit.rejected, chain)}\n`);
    stderr.write(`zomma: no surface: ${fit.reason}: ${fit.message}\n`);
    return false;
  }
  stdout.write(calibrationReport({ ...heading, fit, milliseconds }));
  if (args.json !== undefined) {
    const files = args.files.map((file) => basename(file));
    writeText('--json', args.json, calibrationJson({ files, description, chain, fit, european }));
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
    writeText('--svg', args.svg, picture.svg);
    stdout.write(`picture written to ${args.svg}\n`);
  }
  return true;
}
