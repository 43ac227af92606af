/** What could happen to a book, and what it would cost to get out. */
export { accountHealth } from './account-health.js';
export type { AccountHealth, HealthStatus, HealthThresholds } from './account-health.js';
export { estimateBeta, shrinkBeta } from './beta.js';
export type { BetaEstimate } from './beta.js';
export { collateralHaircut, lendingHealth } from './collateral.js';
export type { HaircutInput, LendingCollateral, LendingHealth } from './collateral.js';
export { concentration } from './concentration.js';
export type { Concentration } from './concentration.js';
export {
  correlationFromCovariance,
  covarianceFromCorrelation,
  nearestCorrelation,
  stressCorrelation,
} from './correlation.js';
export {
  asynchronousPairs,
  downsideCovariance,
  ewmaCovariance,
  ledoitWolfCovariance,
  pairwiseCovariance,
  sampleCovariance,
} from './covariance.js';
export type {
  AsynchronousPair,
  Centre,
  EwmaCovarianceOptions,
  PairwiseCovariance,
  ShrunkCovariance,
  StressedCovariance,
} from './covariance.js';
export { deleveragePlan } from './deleverage-plan.js';
export type { DeleveragePlan, DeleverageProblem, DeleverageStep, ReduciblePosition } from './deleverage-plan.js';
export { deleveragingSpiral } from './deleveraging-spiral.js';
export type { Spiral, SpiralInput } from './deleveraging-spiral.js';
export { diversificationRatio, effectiveNumberOfBets, factorFit } from './diversification.js';
export type { FactorFit } from './diversification.js';
export { comboFee, deliveryFee, liquidationFee, tradeFee } from './fees.js';
export type { FeeSchedule, FeeTier, FeeTrade } from './fees.js';
export { ewmaHalfLife, ewmaVol, ewmaWindow, fitEwmaLambda, lambdaFromHalfLife } from './forecast/ewma.js';
export type { EwmaFit, EwmaOptions } from './forecast/ewma.js';
export { fitGarch } from './forecast/garch.js';
export type { GarchFailure, GarchFit, GarchOptions, GarchParameterName } from './forecast/garch.js';
export { garchTerm } from './forecast/garch-term.js';
export type { GarchTerm } from './forecast/garch-term.js';
export { garchPersistence, garchVariances } from './forecast/garch-variance.js';
export type { GarchParameters } from './forecast/garch-variance.js';
export {
  garmanKlassVariance,
  parkinsonVariance,
  rogersSatchellVariance,
  yangZhangVariance,
} from './forecast/range-estimators.js';
export type { OhlcBar } from './forecast/range-estimators.js';
export {
  annualisedVolatility,
  bipowerVariation,
  jumpShare,
  logReturns,
  realisedVariance,
} from './forecast/realised.js';
export { fundingCarryPerDay, fundingPayment, inverseFundingPayment, perpetualFundingRate } from './funding.js';
export type { FundingInput } from './funding.js';
export { tradeCost } from './impact.js';
export type { ImpactModel, ImpactState, TradeCost } from './impact.js';
export { liquidationCascade } from './liquidation-cascade.js';
export type { Cascade, CascadeInput, LeveragedAccount } from './liquidation-cascade.js';
export { futureLiquidationPrice, liquidationPrices } from './liquidation-prices.js';
export type { FutureLiquidation, LiquidationOptions, LiquidationPrices } from './liquidation-prices.js';
export { liquidationVaRFactor, liquidityAdjustedExposure, spreadAddOn, timeToLiquidate } from './liquidation.js';
export type { LiquidationPosition, SpreadHistory } from './liquidation.js';
export { costOfDelta, deltaCostCurve, deltaCoverage, deltaLiquidity } from './liquidity.js';
export type { DeltaCostCurve, DeltaCoverage, DeltaLiquidity, HedgeBook, LiquidityStress } from './liquidity.js';
export { marginCallProbability } from './margin-call.js';
export type { MarginCallInput, MarginCallProbability } from './margin-call.js';
export { simulateMarginCall } from './margin-call-simulation.js';
export type { MarginCallSimulation, SimulatedMarginCall } from './margin-call-simulation.js';
export { deriveParameters, derivePortfolioMargin, deriveVolatilityFactors } from './margin/derive.js';
export type { DerivePortfolioParameters, StaticDiscount } from './margin/derive.js';
export { deribitPortfolioMargin } from './margin/deribit-portfolio.js';
export type { DeribitPortfolioParameters } from './margin/deribit-portfolio.js';
export { deribitStandardMargin } from './margin/deribit-standard.js';
export type { DeribitStandardParameters } from './margin/deribit-standard.js';
export type { MarginEngine, MarginResult, MarginRules, Requirement } from './margin/margin.js';
export { calibrateMargin, marginCoverage } from './margin/margin-calibration.js';
export type {
  BookCoverage,
  MarginCalibration,
  MarginCoverage,
  MarginHistory,
  MarginRange,
  TestBook,
} from './margin/margin-calibration.js';
export { marginEfficiency } from './margin/margin-efficiency.js';
export type { MarginEfficiency, MarginEfficiencyOptions } from './margin/margin-efficiency.js';
export { regTMargin } from './margin/reg-t.js';
export type { RegTOption } from './margin/reg-t.js';
export { regTStrategyMargin } from './margin/reg-t-strategies.js';
export type { RegTBook, RegTLeg, RegTPairing, RegTStrategies } from './margin/reg-t-strategies.js';
export type { DeriveSkew, SkewCap } from './margin/derive-skew.js';
export { paradexRules, scanMargin } from './margin/scan.js';
export type { ScanCell, ScanRules } from './margin/scan.js';
export { spanMargin, spanRequirement } from './margin/span.js';
export type { SpanCharges, SpanPosition, SpanRequirement } from './margin/span.js';
export { timsMargin } from './margin/tims.js';
export type { TimsClass, TimsGroup, TimsParameters } from './margin/tims.js';
export type { BookLevel, OrderBook, TradeSide } from './order-book.js';
export { reverseStress } from './reverse-stress.js';
export type { ReverseStress } from './reverse-stress.js';
export { cornishFisherVaR } from './value-at-risk/cornish-fisher.js';
export {
  acerbiSzekelyTest,
  breachInterval,
  christoffersenTest,
  kupiecTest,
  trafficLight,
} from './value-at-risk/coverage-tests.js';
export type { TestResult } from './value-at-risk/coverage-tests.js';
export { calibrateCoverage } from './value-at-risk/coverage-calibration.js';
export type {
  Coverage,
  CoverageCalibration,
  CoverageHistory,
  CoverageOptions,
} from './value-at-risk/coverage-calibration.js';
export { deltaGammaExactVaR } from './value-at-risk/delta-gamma-exact.js';
export type { RiskIncrement } from './value-at-risk/increments.js';
export { eulerAllocation, exposureIncrements, parametricVaR } from './value-at-risk/parametric.js';
export type { LinearBook } from './value-at-risk/parametric.js';
export type { QuadraticBook } from './value-at-risk/quadratic-book.js';
export type { RiskFlag, RiskMeasure, RiskOptions } from './value-at-risk/risk-measure.js';
export { ageWeights, sampleTail, shortfallContributions } from './value-at-risk/sample-tail.js';
export type { SampleTail } from './value-at-risk/sample-tail.js';
export { factorShifts } from './factor-returns.js';
export type { FactorReturns, ShiftsOf } from './factor-returns.js';
export { fitParetoTail, paretoQuantile } from './generalised-pareto.js';
export type { ParetoFit, ParetoTail } from './generalised-pareto.js';
export { ladderToRuin } from './ladder-to-ruin.js';
export type { LadderOptions, RuinLevels, Rung } from './ladder-to-ruin.js';
export {
  accountHoldings,
  pnlVectors,
  portfolioPnl,
  portfolioValue,
  positionHoldings,
  positionPnl,
} from './pnl-vectors.js';
export type { Holdings, PnlOptions, PnlVectors } from './pnl-vectors.js';
export { crashLiquidity, daysOfTheta, stressedMarginCall } from './scenario-cover.js';
export type { CollateralCells, CrashScenario } from './scenario-cover.js';
export { gridMarkets, gridShifts, runScenarios, scenarioGrid } from './scenario.js';
export type {
  GridSpec,
  MarginRule,
  Scenario,
  ScenarioMargin,
  ScenarioOptions,
  ScenarioResult,
  ScenarioTensor,
} from './scenario.js';
export { shiftMarket } from './shift-market.js';
export type { Shift, ShiftFactor } from './shift-market.js';
export { calibrateSpotShock, calibrateVolatilityShock, overlappingMoves, stressCoverage } from './shock-calibration.js';
export type { SpotShock, SpotShockOptions } from './shock-calibration.js';
export { depegTemplate, historicalStress, stressTemplates } from './stress.js';
export type { HistoricalStress, StressTemplate } from './stress.js';
export { taylorGrid } from './taylor-grid.js';
export type { TaylorGrid } from './taylor-grid.js';
export { sampleFactors } from './value-at-risk/factor-samples.js';
export type { FactorDistribution, FactorModel, SampleOptions } from './value-at-risk/factor-samples.js';
export { historicalVaR } from './value-at-risk/historical.js';
export type { HistoricalOptions, HistoricalRisk } from './value-at-risk/historical.js';
export { localQuadratic } from './value-at-risk/local-quadratic.js';
export type { LocalOptions } from './value-at-risk/local-quadratic.js';
export { monteCarloVaR, simulatedTail } from './value-at-risk/monte-carlo.js';
export type { MonteCarloOptions, MonteCarloRisk, SimulatedTail } from './value-at-risk/monte-carlo.js';
export type { PositionContributions } from './value-at-risk/sampled-pnl.js';
export { worstCase, worstOnBox, worstOnEllipsoid } from './worst-case.js';
export type { BoxAxis, BoxWorst, EllipsoidWorst, ProfitsAt, WorstCaseBox } from './worst-case.js';
export { deribitPortfolioBitcoin, deribitPortfolioEther, deribitStandardBitcoin } from './margin/deribit-presets.js';
