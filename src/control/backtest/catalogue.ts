/**
 * The strategies by name, with the settings each takes: what a study runs, and a command line offers. Settings are numbers; a strategy
 * is made anew for every run, because some remember.
 */
import { InputError } from '../../errors.js';
import type { BacktestInput } from './backtest-input.js';
import { hedgedStraddle } from './hedged-straddle.js';
import {
  cppiStrategy,
  fixedWeightStrategy,
  holdStrategy,
  leveragedTokenStrategy,
  volTargetStrategy,
} from './strategies.js';

export interface StrategySetting {
  /** Where nothing is given. */
  usual: number;
  minimum: number;
  maximum: number;
  whole?: boolean | undefined;
  /** A cost: doubled where costs are. */
  isCost?: boolean | undefined;
  meaning: string;
}

export type StrategySettings = Readonly<Record<string, number>>;

/** What a strategy is made for. */
export interface StrategyContext {
  initialEquity: number;
  periodsPerYear: number;
}

export interface StrategyDefinition {
  name: string;
  meaning: string;
  settings: Readonly<Record<string, StrategySetting>>;
  /** Marks options by the bars' implied volatility. */
  needsVolatility: boolean;
  /** Bars it looks back on before its first trade. */
  warmUp: (settings: StrategySettings) => number;
  /** Years from a decision to the last return it earns, beside the lag. */
  holdingYears: (settings: StrategySettings) => number;
  /** The constant leverage whose returns it is held against; none where there is no such thing. */
  benchmark?: ((settings: StrategySettings) => number) | undefined;
  /** Of an equity curve; none where it promises none. */
  floor?: ((settings: StrategySettings, equity: Float64Array) => Float64Array) | undefined;
  make: (settings: StrategySettings, context: StrategyContext) => Pick<BacktestInput, 'strategy' | 'holdings'>;
}

const leverageLimit = { usual: 2, minimum: 0, maximum: 100, meaning: 'largest leverage' };
const weight = { usual: 0.5, minimum: -100, maximum: 100, meaning: 'share of equity in the asset' };
const multiplier = { usual: 4, minimum: 0, maximum: 100, meaning: 'exposure over the cushion above the floor' };
const kept = { usual: 0.8, minimum: 0, maximum: 1 };
const threshold = {
  usual: 0,
  minimum: 0,
  maximum: 10,
  meaning: 'difference worth a trade, as a part of the exposure wanted',
};

/** By name. */
export const strategyCatalogue: readonly StrategyDefinition[] = [
  {
    name: 'hold',
    meaning: 'buys once and keeps it',
    settings: { leverage: { usual: 1, minimum: -100, maximum: 100, meaning: 'of the first trade' } },
    ...plain(),
    benchmark: ({ leverage }) => leverage!,
    make: ({ leverage }) => ({ strategy: holdStrategy(leverage) }),
  },
  {
    name: 'vol-target',
    meaning: 'leverage that holds exponentially weighted volatility at a target',
    settings: {
      target: { usual: 0.4, minimum: 0, maximum: 10, meaning: 'annual volatility' },
      maximum: leverageLimit,
      lambda: { usual: 0.94, minimum: 0.01, maximum: 0.9999, meaning: "weight of a bar's variance in the next one's" },
      'warm-up': { usual: 30, minimum: 2, maximum: 10_000, whole: true, meaning: 'bars that seed the variance' },
      band: { usual: 0.1, minimum: 0, maximum: 100, meaning: 'difference of leverage worth a trade' },
    },
    ...plain(),
    warmUp: (settings) => settings['warm-up']!,
    benchmark: () => 1,
    make: (settings, { periodsPerYear }) => ({
      strategy: volTargetStrategy({
        targetVolatility: settings['target']!,
        maximumLeverage: settings['maximum']!,
        lambda: settings['lambda']!,
        warmUp: settings['warm-up']!,
        band: settings['band']!,
        periodsPerYear,
      }),
    }),
  },
  {
    name: 'cppi',
    meaning: 'a multiple of what is above a floor',
    settings: {
      floor: { ...kept, meaning: 'share of the first equity to keep' },
      multiplier,
      maximum: leverageLimit,
      threshold,
    },
    ...plain(),
    benchmark: () => 1,
    floor: ({ floor }, equity) => equity.map(() => floor! * equity[0]!),
    make: (settings) => ({
      strategy: cppiStrategy({
        floor: settings['floor']!,
        multiplier: settings['multiplier']!,
        maximumLeverage: settings['maximum']!,
        threshold: settings['threshold']!,
      }),
    }),
  },
  {
    name: 'tipp',
    meaning: 'the same above a floor that follows the highest equity',
    settings: {
      kept: { ...kept, meaning: 'share of the highest equity to keep' },
      multiplier,
      maximum: leverageLimit,
      threshold,
    },
    ...plain(),
    benchmark: () => 1,
    floor: (settings, equity) => {
      let highest = 0;
      // Of the bar before: what a bar itself added is protected from the next on.
      return equity.map((_, t) => (highest = Math.max(highest, settings['kept']! * equity[Math.max(t - 1, 0)]!)));
    },
    make: (settings) => ({
      strategy: cppiStrategy({
        floor: settings['kept']!,
        multiplier: settings['multiplier']!,
        maximumLeverage: settings['maximum']!,
        ratchet: settings['kept']!,
        threshold: settings['threshold']!,
      }),
    }),
  },
  {
    name: 'leveraged-token',
    meaning: 'constant leverage, restored at each bar or where it has drifted',
    settings: {
      leverage: { usual: 2, minimum: -100, maximum: 100, meaning: 'target; negative for an inverse token' },
      trigger: {
        usual: 1,
        minimum: 1,
        maximum: 100,
        meaning: 'leverage over its target that starts a trade; 1 at each bar',
      },
      recentre: { usual: 1, minimum: 0, maximum: 1, meaning: 'part of the way back to go' },
    },
    ...plain(),
    benchmark: ({ leverage }) => leverage!,
    make: ({ leverage, trigger, recentre }) => ({
      strategy: leveragedTokenStrategy(leverage!, { recentre, trigger: trigger === 1 ? undefined : trigger }),
    }),
  },
  {
    name: 'band',
    meaning: 'a fixed share in the asset, traded back to the edge of a band',
    settings: { weight, band: { usual: 0.05, minimum: 0, maximum: 100, meaning: 'half width, in share of equity' } },
    ...plain(),
    benchmark: (settings) => settings['weight']!,
    make: (settings) => ({
      strategy: fixedWeightStrategy(settings['weight']!, {
        kind: 'band',
        band: settings['band']!,
        destination: 'boundary',
      }),
    }),
  },
  {
    name: 'calendar',
    meaning: 'the same share, restored every so many bars',
    settings: { weight, every: { usual: 30, minimum: 1, maximum: 100_000, whole: true, meaning: 'bars' } },
    ...plain(),
    benchmark: (settings) => settings['weight']!,
    make: (settings) => ({
      strategy: fixedWeightStrategy(settings['weight']!, { kind: 'calendar', every: settings['every']! }),
    }),
  },
  straddle('short-straddle', 'straddles at the money sold and hedged with the asset', 'short', 0),
  straddle('gamma-scalp', 'straddles at the money bought and hedged with the asset', 'long', 0.1),
];

function plain(): Pick<StrategyDefinition, 'needsVolatility' | 'warmUp' | 'holdingYears'> {
  return { needsVolatility: false, warmUp: () => 0, holdingYears: () => 0 };
}

function straddle(name: string, meaning: string, side: 'long' | 'short', band: number): StrategyDefinition {
  return {
    name,
    meaning,
    settings: {
      days: { usual: 30, minimum: 0.01, maximum: 3650, meaning: 'from a sale to its expiry' },
      notional: { usual: 1, minimum: 0, maximum: 100, meaning: 'of the straddles, over the first equity' },
      'half-spread': { usual: 0.01, minimum: 0, maximum: 1, isCost: true, meaning: 'of the straddle, in volatility' },
      'delta-band': { usual: band, minimum: 0, maximum: 2, meaning: 'difference of delta per straddle worth a trade' },
    },
    needsVolatility: true,
    warmUp: () => 0,
    holdingYears: ({ days }) => days! / 365,
    make: (settings, { initialEquity }) =>
      hedgedStraddle({
        side,
        notional: settings['notional']! * initialEquity,
        cycleDays: settings['days']!,
        halfSpread: settings['half-spread']!,
        band: settings['delta-band']!,
      }),
  };
}

/** Throws InputError for a name the catalogue does not have. */
export function strategyByName(name: string): StrategyDefinition {
  const found = strategyCatalogue.find((definition) => definition.name === name);
  if (found !== undefined) return found;
  throw new InputError('strategy', name, `one of ${strategyCatalogue.map((known) => known.name).join(', ')}`);
}

/** The settings given and the usual ones for the rest. Throws InputError for a setting the strategy does not take, or one out of range. */
export function settingsOf({ name, settings }: StrategyDefinition, given: StrategySettings = {}): StrategySettings {
  for (const [key, value] of Object.entries(given)) {
    const setting = Object.hasOwn(settings, key) ? settings[key] : undefined;
    if (setting === undefined) {
      throw new InputError(`settings.${name}`, key, `one of ${Object.keys(settings).join(', ')}`);
    }
    const { minimum, maximum, whole = false } = setting;
    if (!(value >= minimum && value <= maximum) || (whole && !Number.isInteger(value))) {
      throw new InputError(
        `settings.${name}.${key}`,
        value,
        `${whole ? 'a whole number ' : ''}from ${minimum} to ${maximum}`,
      );
    }
  }
  return Object.fromEntries(Object.entries(settings).map(([key, { usual }]) => [key, given[key] ?? usual]));
}
