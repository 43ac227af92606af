/** The command line's grammar: what may be written after `zomma`, and the checked record it becomes. */
import { parseArgs } from 'node:util';
import { requireOneOf } from '../check.js';
import { InputError } from '../errors.js';
import { parseInstant } from '../market/date.js';
import type { Instant } from '../market/quote.js';
import type { Engine } from '../math/least-squares/problem.js';
import { CommandError } from './command-error.js';

export const venues = ['deribit', 'cboe', 'csv'] as const;
export type VenueName = (typeof venues)[number];

export const models = ['svi', 'essvi', 'sabr'] as const;
export type ModelOption = (typeof models)[number];
export const arbitrageOptions = ['certify', 'report'] as const;
export type ArbitrageOption = (typeof arbitrageOptions)[number];

export interface CalibrateArguments {
  command: 'calibrate';
  files: string[];
  /** Recognised from the file where missing. */
  venue?: VenueName | undefined;
  /** A named column layout of a CSV feed; recognised from the header where missing. */
  layout?: string | undefined;
  asOf?: Instant | undefined;
  underlying?: string | undefined;
  model: ModelOption;
  /** Whether the surface has to be proved free of arbitrage, or is left as it fits best. */
  arbitrage: ArbitrageOption;
  engine: Engine;
  json?: string | undefined;
  svg?: string | undefined;
}

export type Arguments = CalibrateArguments | { command: 'help' } | { command: 'version' };

/** Throws CommandError or InputError on anything the grammar does not know. */
export function readArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parse(argv);
  if (values.help === true || (argv.length === 1 && argv[0] === 'help')) return { command: 'help' };
  if (values.version === true) return { command: 'version' };

  const [command, ...files] = positionals;
  if (command === undefined) throw new CommandError('no command given; see zomma --help');
  if (command !== 'calibrate') throw new CommandError(`unknown command '${command}'; see zomma --help`);
  if (files.length === 0) throw new CommandError('calibrate needs at least one file of quotes; see zomma --help');
  const model = requireOneOf('--model', values.model ?? 'svi', models);
  const calibrate: CalibrateArguments = {
    command,
    files,
    layout: values.layout,
    underlying: values.underlying,
    model,
    arbitrage: readArbitrage(values.arbitrage, model),
    engine: requireOneOf('--engine', values.engine ?? 'trust-region', ['trust-region', 'ml']),
    json: values.json,
    svg: values.svg,
  };
  if (values.venue !== undefined) calibrate.venue = requireOneOf('--venue', values.venue, venues);
  if (values['as-of'] !== undefined) calibrate.asOf = readInstant('--as-of', values['as-of']);
  return calibrate;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        venue: { type: 'string' },
        layout: { type: 'string' },
        'as-of': { type: 'string' },
        underlying: { type: 'string' },
        model: { type: 'string' },
        arbitrage: { type: 'string' },
        engine: { type: 'string' },
        json: { type: 'string' },
        svg: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'v' },
      },
    });
  } catch (error) {
    // parseArgs explains itself in one sentence; what follows it is advice on escaping.
    if (error instanceof TypeError) throw new CommandError(error.message.split('. ')[0]!);
    throw error;
  }
}

/** SABR's expansion has arbitrage in its wings whatever the parameters: it can only be reported on. */
function readArbitrage(given: string | undefined, model: ModelOption): ArbitrageOption {
  const arbitrage = requireOneOf('--arbitrage', given ?? (model === 'sabr' ? 'report' : 'certify'), arbitrageOptions);
  if (model === 'sabr' && arbitrage === 'certify') {
    throw new CommandError('--arbitrage certify: a SABR surface can only be reported on, with --arbitrage report');
  }
  return arbitrage;
}

/** A date and time that names its offset, as milliseconds: local time is never assumed. */
function readInstant(field: string, text: string): Instant {
  const instant = text.includes('T') ? parseInstant(text) : undefined;
  if (instant === undefined) {
    throw new InputError(field, text, 'a date and time with its offset, like 2026-01-13T12:00:00Z');
  }
  return instant;
}

export const usage = `zomma: option quotes in, a calibrated volatility surface out

usage
  zomma calibrate FILE... [options]

  FILE               quotes of one venue at one instant: Deribit book summary (JSON), Deribit CSV
                     exports, Cboe quotedata (CSV) and others; several files join into one chain

options
  --venue NAME       ${venues.join(', ')}; recognised from the file where missing
  --layout NAME      column layout of a CSV feed; recognised from its header where missing
  --as-of INSTANT    when the quotes were taken, like 2026-01-13T12:00:00Z; needed where the file
                     does not say
  --underlying NAME  which underlying or root of a file that holds several: BTC, SPX, SPXW ...
  --model NAME       ${models.join(', ')} (default svi)
  --arbitrage NAME   certify (default): only a surface proved free of arbitrage; report: the best
                     fits, with what is wrong with them (the default, and all there is, for sabr)
  --engine NAME      trust-region (default) or ml
  --json OUT         write the surface and the fits to a JSON file
  --svg OUT          write a picture of the smiles (needs the package echarts)
  -h, --help         this text
  -v, --version      the version

exit codes
  0  a surface was calibrated (expiries that could not be fitted are listed)
  1  the quotes do not give a surface; the reason and the rejected rows are printed
  2  the command line or an input file could not be read
  3  an internal error
`;
