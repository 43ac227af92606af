/** Prices, Greeks and implied volatilities of single options. */
export type { DisplacedOption, ForwardOption, InverseOption, OptionType, SpotOption } from './option.js';
export type { GreekName, Greeks } from './greeks.js';
export type { ImpliedVolatility } from './implied-volatility.js';
export type { Model } from './model.js';
export { american } from './american.js';
export type { Accuracy, AmericanGreeks, AmericanOption, BoundaryPoint, DividendModel } from './american.js';
export { convertDividendVolatility, europeanWithDividends } from './american/dividend-conversion.js';
export { bachelier } from './bachelier.js';
export { black76 } from './black76.js';
export { blackScholes } from './black-scholes.js';
export { digital } from './digital.js';
export type { DigitalOption } from './digital.js';
export { displaced } from './displaced.js';
export { inverse } from './inverse.js';
export type { InverseGreeks } from './inverse.js';
export { higherGreeks, mixedDerivative } from './higher-greeks.js';
export type { HigherGreeks, JetModelName, JetModels, JetVariable } from './higher-greeks.js';
export { impliedVolatilityInterval } from './implied-volatility-interval.js';
export type { ImpliedVolatilityInterval } from './implied-volatility-interval.js';
export { quantoForward } from './quanto.js';
export { units } from './units.js';
export {
  createDiscountCurve,
  createForwardCurve,
  discountFactor,
  forwardPrice,
  forwardRate,
  forwardSpotSensitivity,
  impliedDividendYield,
  logDiscountFactor,
  openCurve,
  zeroRate,
} from './curves.js';
export type {
  CashDividend,
  CurveInterpolation,
  CurveView,
  DiscountCurve,
  DiscountCurveInput,
  ForwardCurve,
  OnCurves,
  Rate,
} from './curves.js';
export { fxDelta } from './fx-delta.js';
export type { DeltaConvention, FxOption } from './fx-delta.js';
export { fxSmileStrikes, fxSmileVolatility } from './fx-smile.js';
export type { FxSmile, FxSmileQuotes, FxSmileResult } from './fx-smile.js';
export { strikeFromDelta } from './strike-from-delta.js';
export type { StrikeFromDelta } from './strike-from-delta.js';
export * from './batch/index.js';
