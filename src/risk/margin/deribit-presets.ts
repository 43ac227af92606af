/** Deribit's parameters for two coins, as its pages and its API's sample gave them; the venue changes them without notice. */
import type { DeribitPortfolioParameters } from './deribit-portfolio.js';
import type { DeribitStandardParameters } from './deribit-standard.js';

/** Of bitcoin's futures and perpetuals. Deribit support, "Linear perpetual". */
export const deribitStandardBitcoin: DeribitStandardParameters = { a: 0.02, b: 0.01, inc: 0.00005 };

/** The bitcoin sample of Deribit's API reference. */
export const deribitPortfolioBitcoin: DeribitPortfolioParameters = {
  priceRange: 0.16,
  volUp: 0.5,
  volDown: 0.25,
  shortPower: 0.3,
  longPower: 0.13,
  minVolatilityForShockUp: 0.5,
  extendedTableFactor: 1,
  extendedDampener: 100_000,
  annualisedMoveRisk: 0.075,
  minAnnualisedMove: 0.01,
  deltaTotalLiqShockThreshold: 20_000_000,
  maxDeltaShock: 0.1,
  mInc: 0.00005,
  mmFactor: 0.8,
};

/** The ether sample of Deribit's API reference. */
export const deribitPortfolioEther: DeribitPortfolioParameters = {
  ...deribitPortfolioBitcoin,
  priceRange: 0.18,
  volUp: 0.4,
  extendedDampener: 200_000,
  annualisedMoveRisk: 0.05,
  minAnnualisedMove: 0.005,
  mInc: 0.000004,
};
