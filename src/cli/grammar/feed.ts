/** The options that say how files of quotes are read and fitted, shared by the commands that calibrate. */
import { requireFinite, requireOneOf } from '../../check.js';
import type { DeAmericaniseOptions } from '../../market/de-americanise.js';
import type { Instant } from '../../market/quote.js';
import { CommandError } from '../command-error.js';
import { readInstant, readNumber, type OptionName, type OptionValues } from './options.js';

export const venues = ['deribit', 'cboe', 'csv'] as const;
export type VenueName = (typeof venues)[number];

export const models = ['svi', 'essvi', 'sabr'] as const;
export type ModelOption = (typeof models)[number];
export const arbitrageOptions = ['certify', 'report'] as const;
export type ArbitrageOption = (typeof arbitrageOptions)[number];

export interface FeedArguments {
  /** Recognised from the file where missing. */
  venue?: VenueName | undefined;
  /** A named column layout of a CSV feed; recognised from the header where missing. */
  layout?: string | undefined;
  asOf?: Instant | undefined;
  underlying?: string | undefined;
  model: ModelOption;
  /** Whether the surface has to be proved free of arbitrage, or is left as it fits best. */
  arbitrage: ArbitrageOption;
  /** American quotes are made European with what is known beside them; refused where missing. */
  american?: Pick<DeAmericaniseOptions, 'rate'> | undefined;
}

export const feedOptions: readonly OptionName[] = [
  'venue',
  'layout',
  'as-of',
  'underlying',
  'model',
  'arbitrage',
  'american',
  'rate',
];

export function readFeed(values: OptionValues): FeedArguments {
  const model = requireOneOf('--model', values.model ?? 'svi', models);
  const feed: FeedArguments = {
    layout: values.layout,
    underlying: values.underlying,
    model,
    arbitrage: readArbitrage(values.arbitrage, model),
  };
  if (values.venue !== undefined) feed.venue = requireOneOf('--venue', values.venue, venues);
  if (values['as-of'] !== undefined) feed.asOf = readInstant('--as-of', values['as-of']);
  const rate = readNumber('--rate', values.rate, requireFinite);
  if (values.american === true) feed.american = { rate };
  else if (rate !== undefined)
    throw new CommandError('--rate is what early exercise is priced with: it needs --american');
  return feed;
}

/** SABR's expansion has arbitrage in its wings whatever the parameters: it can only be reported on. */
function readArbitrage(given: string | undefined, model: ModelOption): ArbitrageOption {
  const arbitrage = requireOneOf('--arbitrage', given ?? (model === 'sabr' ? 'report' : 'certify'), arbitrageOptions);
  if (model === 'sabr' && arbitrage === 'certify') {
    throw new CommandError('--arbitrage certify: a SABR surface can only be reported on, with --arbitrage report');
  }
  return arbitrage;
}

/** Of a chain that is European. */
export const chainUsage = `  --venue NAME       ${venues.join(', ')}; recognised from the file where missing
  --layout NAME      column layout of a CSV feed; recognised from its header where missing
  --as-of INSTANT    when the quotes were taken, like 2026-01-13T12:00:00Z; needed where the file
                     does not say
  --underlying NAME  which underlying or root of a file that holds several: BTC, SPX, SPXW ...
  --model NAME       ${models.join(', ')} (default svi)
  --arbitrage NAME   certify (default): only a surface proved free of arbitrage; report: the best
                     fits, with what is wrong with them (the default, and all there is, for sabr)`;

export const feedUsage = `${chainUsage}
  --american         takes early exercise out of American quotes, with the carry that calls and puts
                     of one strike tell by expiry; prints the premiums and their model risk
  --rate R           the interest rate for it, continuously compounded, like 0.041; 2.5% give or
                     take 2.5% where missing`;
