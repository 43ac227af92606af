/** What may be written after `zomma leverage`. */
import { requireOneOf, requirePositive, requireWithin } from '../../check.js';
import { InputError } from '../../errors.js';
import { CommandError } from '../command-error.js';
import type { CommandGrammar } from './command.js';
import { readNumber } from './options.js';

export interface LeverageArguments {
  command: 'leverage';
  side: 'long' | 'short';
  /** Annual, of the asset. */
  volatility: number;
  /** Annual, wanted of the account; no such limit where missing. */
  target?: number | undefined;
  /** Of the notional. */
  maintenance: number;
  /** Adverse move to survive, a decimal. */
  shock?: number | undefined;
  /** Of liquidation within `days`. */
  probability?: number | undefined;
  days: number;
  /** Initial margin of the notional. */
  initial?: number | undefined;
  maximum?: number | undefined;
  json?: string | undefined;
}

export const leverageGrammar: CommandGrammar<LeverageArguments> = {
  name: 'leverage',
  takes: [
    ...(['volatility', 'target', 'maintenance', 'shock', 'probability', 'days', 'initial', 'maximum'] as const),
    ...(['side', 'json'] as const),
  ],
  read(files, values) {
    if (files[0] !== undefined) throw new CommandError(`leverage reads no file, got ${files[0]}`);
    const volatility = readNumber('--volatility', values.volatility, requirePositive);
    if (volatility === undefined) throw new CommandError('leverage needs --volatility; see zomma leverage --help');
    const side = requireOneOf('--side', values.side ?? 'long', ['long', 'short']);
    const args: LeverageArguments = {
      command: 'leverage',
      side,
      volatility,
      target: readNumber('--target', values.target, requirePositive),
      maintenance: readNumber('--maintenance', values.maintenance, share) ?? 0.01,
      shock: readNumber('--shock', values.shock, side === 'long' ? upTo1 : requirePositive),
      probability: readNumber('--probability', values.probability, share),
      days: readNumber('--days', values.days, requirePositive) ?? 30,
      initial: readNumber('--initial', values.initial, requirePositive),
      maximum: readNumber('--maximum', values.maximum, requirePositive),
      json: values.json,
    };
    if ([args.target, args.shock, args.probability, args.initial, args.maximum].every((value) => value === undefined)) {
      throw new CommandError('leverage needs a limit: --target, --shock, --probability, --initial or --maximum');
    }
    return args;
  },
  summary: 'zomma leverage --volatility V [limits]        how much leverage can be run, and what binds',
  usage: `zomma leverage --volatility V [limits]: how much leverage can be run, and what binds

  --volatility V     forecast of the asset's annual volatility, 0.6 for 60%
  --side NAME        long (default) or short
  --maintenance M    maintenance margin over notional (default 0.01)

limits, one or more
  --target V         annual volatility the account should have
  --shock X          adverse move to survive with maintenance margin left, 0.3 for 30%
  --probability P    of liquidation within the horizon, 0.01 for 1%
  --days N           that horizon (default 30)
  --initial M        the venue's initial margin over notional
  --maximum L        a limit of one's own

  --json OUT         write the limits to a JSON file

exit codes
  0  the limits were printed
  2  the command line could not be read
  3  an internal error
`,
};

function upTo1(field: string, value: unknown): number {
  return requireWithin(field, requirePositive(field, value), 0, 1);
}

function share(field: string, value: unknown): number {
  const given = requirePositive(field, value);
  if (given >= 1) throw new InputError(field, given, 'below 1');
  return given;
}
