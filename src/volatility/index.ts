/** Smiles, surfaces, their calibration to quotes and their proofs. */
export type { SabrParameters, SmileParameters, SsviSlice, SviParameters } from './smile/parameters.js';
export { smileDelta } from './smile/dynamics.js';
export type { SmileDynamics, SmileSlopes } from './smile/dynamics.js';
export { sabr } from './smile/sabr.js';
export type { SabrForm } from './smile/sabr.js';
export { ssvi } from './smile/ssvi.js';
export { ssviSlices } from './smile/ssvi-family.js';
export type { HestonLike, PowerLaw, SsviCurve, SsviFamily } from './smile/ssvi-family.js';
export { svi } from './smile/svi.js';
export type { JumpWings, NaturalSvi, SviFromJumpWings } from './smile/svi.js';
export type { TotalVariance } from './smile/total-variance.js';

export type { Certificate, Leg } from './arbitrage/certificate.js';
export { certifyButterfly } from './arbitrage/butterfly.js';
export { certifyBetween } from './arbitrage/between.js';
export type { InterpolationRule } from './arbitrage/between.js';
export { certifyCalendar } from './arbitrage/calendar.js';
export type { CalendarOptions } from './arbitrage/calendar.js';
export { quoteArbitrage, tradePayoff } from './arbitrage/quote-arbitrage.js';
export type { ArbitrageFamily, NormalisedQuotes, QuoteTrade, TradeLeg } from './arbitrage/quote-arbitrage.js';
export { quickScan } from './arbitrage/quick-scan.js';
export type { QuickScan } from './arbitrage/quick-scan.js';
export { repairQuotes } from './arbitrage/repair.js';
export type { QuoteRepair } from './arbitrage/repair.js';
export { verifyCertificate } from './arbitrage/verify.js';

export { surfaceAnalytics } from './surface/analytics.js';
export type { DeltaWings, Estimate, SurfaceAnalytics } from './surface/analytics.js';
export { estimateEventVariances } from './surface/event-variance.js';
export type { EventVarianceOptions, EventVariances, ExpiryVariance } from './surface/event-variance.js';
export { flatSurface } from './surface/flat-surface.js';
export { openSabrCube } from './surface/sabr-cube.js';
export type { SabrCube, SabrCubeData, SabrCubeNode, SabrCubeViewOptions } from './surface/sabr-cube.js';
export { gammaSwapStrike } from './surface/gamma-swap.js';
export { certifyInterpolation } from './surface/interpolation-certificates.js';
export { smilePoint } from './surface/smile-point.js';
export type { SmilePoint } from './surface/smile-point.js';
export { surfaceFromJSON } from './surface/surface-json.js';
export { openSurface } from './surface/surface.js';
export type { VolatilitySurface } from './surface/surface.js';
export type { SurfaceData, SurfaceSlice } from './surface/surface-data.js';
export { replicateVarianceSwap } from './surface/variance-swap-replication.js';
export { vixIndex } from './surface/vix-index.js';
export type { VixTerm, VixTermVariance } from './surface/vix-index.js';

export { calibrateEssvi } from './calibration/essvi.js';
export type { EssviFit } from './calibration/essvi.js';
export type { FitDiagnostics, FitFailure, FitObjective, FitOptions, ModelName, SliceFit } from './calibration/fit.js';
export { fitThinSlice, modelFor } from './calibration/model-choice.js';
export type { ModelChoice, Neighbours } from './calibration/model-choice.js';
export { parameterSensitivities, quoteSensitivities, surfaceSensitivities } from './calibration/quote-sensitivities.js';
export type {
  ParameterSensitivities,
  QuoteSensitivities,
  SensitivityFailure,
  SliceSensitivities,
} from './calibration/quote-sensitivities.js';
export { calibrateSabr } from './calibration/sabr.js';
export type { SabrFitOptions } from './calibration/sabr.js';
export { calibrateSabrCube } from './calibration/sabr-cube.js';
export type { SabrCubeFit, SabrCubeOptions, SwaptionQuotes } from './calibration/sabr-cube.js';
export { calibrateSsvi } from './calibration/ssvi.js';
export type { SsviFit, SsviFitOptions, SsviSliceFit } from './calibration/ssvi.js';
export { calibrateSurface } from './calibration/surface-fit.js';
export type { SurfaceFit, SurfaceFitOptions } from './calibration/surface-fit.js';
export { calibrateSvi } from './calibration/svi.js';
export { updateSurface } from './calibration/update-surface.js';
export type { PreviousFit, SurfaceUpdateFit, SurfaceUpdateOptions } from './calibration/update-surface.js';
