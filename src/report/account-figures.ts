/**
 * Everything a page says of an account: exposure, stress, margin and the profile by underlying. A part that the account, the market or
 * the rules do not allow is a failure with its reason, and the others stand.
 */
import { InputError } from '../errors.js';
import type { Failure } from '../errors.js';
import type { Account } from '../portfolio/account.js';
import { openHorizon } from '../portfolio/horizon-value.js';
import { payoffProfile, type PayoffProfile } from '../portfolio/payoff-profile.js';
import type { Currency } from '../market/quote.js';
import { quoteCurrency } from '../portfolio/valuation.js';
import type { MarketSnapshot } from '../portfolio/snapshot.js';
import { exposureReport, type ExposureReport, type ExposureReportOptions } from './exposure-figures.js';
import { marginCurves, type MarginCurve } from './margin-curve.js';
import { marginReport, type MarginReport, type MarginRuleName } from './margin-report.js';
import { stressReport, type StressReport } from './stress-report.js';
import { withoutExcluded } from './usable-account.js';

export interface AccountInput extends Pick<ExposureReportOptions, 'rejected' | 'indexPrices' | 'unproved'> {
  account: Account;
  snapshot: MarketSnapshot;
  /** Whose margin; those of the coin of the account's options where missing, and none where there are none for it. */
  rules?: MarginRuleName | undefined;
  /** That pass before the moves of the stress; 0 where missing. */
  days?: number | undefined;
}

/**
 * `input`: a field of the account or the market is not as the part needs it. `no-derivatives`: nothing is margined. `no-rules`: none were
 * chosen, and none are usual.
 */
export type Part<Figures> = { ok: true; figures: Figures } | Failure<'input' | 'no-derivatives' | 'no-rules'>;

export interface MarginFigures extends MarginReport {
  curves: MarginCurve[];
}

export interface ProfileFigures {
  underlying: string;
  /** Of its prices. */
  quote: Currency;
  spot: number;
  /** Of the profit at the next expiry. */
  profile: PayoffProfile;
  /** Profit at the same spots, now. */
  now: number[];
}

export interface AccountFigures {
  currency: string;
  exposure: Part<ExposureReport>;
  stress: Part<StressReport>;
  margin: Part<MarginFigures>;
  /** By underlying the account holds options on. */
  profiles: { underlying: string; part: Part<ProfileFigures> }[];
}

/** Positions the market lacks data for are left out of every part and listed in it. Throws nothing but what is a defect of this library. */
export function accountFigures(input: AccountInput): AccountFigures {
  const { account, snapshot, days = 0, rejected, indexPrices, unproved } = input;
  const exposure = part(() =>
    exposureReport(account, snapshot, { missing: 'exclude', rejected, indexPrices, unproved }),
  );
  const usable = exposure.ok ? withoutExcluded(account, exposure.figures.excluded) : account;
  const optioned = usable.positions.flatMap(({ instrument: i }) => (i.kind === 'option' ? [i.underlying] : []));
  return {
    currency: account.reportingCurrency,
    exposure,
    stress: part(() => stressReport(account, snapshot, days)),
    margin: marginPart(input),
    profiles: [...new Set(optioned)].map((underlying) => ({
      underlying,
      part: part(() => profileFigures(usable, snapshot, underlying)),
    })),
  };
}

const RULES_OF_COINS: Readonly<Record<string, MarginRuleName>> = {
  BTC: 'deribit-portfolio-btc',
  ETH: 'deribit-portfolio-eth',
};

function usualRules([name, ...others]: readonly string[]): MarginRuleName | undefined {
  return name !== undefined && others.length === 0 && Object.hasOwn(RULES_OF_COINS, name)
    ? RULES_OF_COINS[name]
    : undefined;
}

function marginPart({ account, snapshot, rules }: AccountInput): Part<MarginFigures> {
  const derivatives = account.positions.flatMap(({ instrument: i }) => (i.kind === 'spot' ? [] : [i.underlying]));
  const held = new Set(derivatives.filter((name) => Object.hasOwn(snapshot.underlyings, name)));
  if (held.size === 0) {
    return { ok: false, reason: 'no-derivatives', message: 'the account holds no derivative in this market' };
  }
  const chosen = rules ?? usualRules([...held]);
  if (chosen === undefined) {
    const names = [...held].join(' and ');
    return { ok: false, reason: 'no-rules', message: `no margin rules were chosen, and none are usual for ${names}` };
  }
  return part(() => {
    const report = marginReport(account, snapshot, chosen);
    return { ...report, curves: marginCurves(account, snapshot, chosen, report) };
  });
}

function profileFigures(
  { positions, reportingCurrency: numeraire }: Account,
  snapshot: MarketSnapshot,
  underlying: string,
): ProfileFigures {
  if (!Object.hasOwn(snapshot.underlyings, underlying)) {
    throw new InputError('underlying', underlying, 'one of the snapshot');
  }
  const { spot } = snapshot.underlyings[underlying]!;
  const held = positions.filter(({ instrument }) => instrument.underlying === underlying);
  const spots = Array.from({ length: 201 }, (_, i) => spot * (0.5 + i / 200));
  return {
    underlying,
    quote: held[0] === undefined ? numeraire : quoteCurrency(held[0].instrument),
    spot,
    profile: payoffProfile(held, snapshot, { spots, numeraire }),
    now: spots.map(openHorizon(held, snapshot, numeraire, 0).profit),
  };
}

function part<Figures>(step: () => Figures): Part<Figures> {
  try {
    return { ok: true, figures: step() };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { ok: false, reason: 'input', message: error.message };
  }
}
