/** What to do about it: how much leverage to run, when to rebalance, what to hold. */
export {
  compileConstraints,
  constraintSlacks,
  expectedShortfallOf,
  minimalRelaxations,
  scenarioShortfall,
} from './constraint-set.js';
export type { CompiledConstraints, ConstraintSet, ConstraintSlack, LinearLimit, Relaxation } from './constraint-set.js';
export { attributeChanges, attributionOf, changeCauses } from './change-attribution.js';
export type { AccountSnapshot, AttributedChange, AttributionOptions, ChangeCause } from './change-attribution.js';
export { cppiContinuousValue, cppiStep, simulateCppi, tippFloor } from './cppi.js';
export type { CppiDecision, CppiPath, CppiSimulation, CppiState } from './cppi.js';
export { diffReports } from './diff-reports.js';
export type { DiffOptions, EquityCause, LeverageChange, ReportChange, ReportDiff } from './diff-reports.js';
export { drawdownLeverage, drawdownScale } from './drawdown.js';
export type { DrawdownRung } from './drawdown.js';
export { breakEvenDrift, leverageErosion, tokenPath } from './erosion.js';
export type { Erosion, ErosionInput, TokenPath, TokenPathInput } from './erosion.js';
export { executionSchedule, realisedShortfall } from './execution-schedule.js';
export type {
  ExecutionScheduleInput,
  ExecutionSlice,
  Fill,
  RealisedShortfall,
  ShortfallInput,
} from './execution-schedule.js';
export { meanSquaredError, mincerZarnowitz, qlike } from './forecast-loss.js';
export type { MincerZarnowitz } from './forecast-loss.js';
export { allocationBand, hedgeBand, lelandVolatility, moveTrigger } from './hedge-band.js';
export type { AllocationBandInput, HedgeBandInput, LelandInput } from './hedge-band.js';
export { hedgingErrorSd } from './hedging-error.js';
export { kelly, kellyBet, kellyWeights, riskAversionFromLoss, robustScale } from './kelly.js';
export type { KellyAssetsInput, KellyInput } from './kelly.js';
export { createLeverageController } from './leverage-controller.js';
export type {
  LeverageAction,
  LeverageController,
  LeverageInputs,
  LeveragePolicy,
  LeverageReason,
  LeverageState,
  LeverageStep,
} from './leverage-controller.js';
export { leveragedIndexStep, leveragedTokenStep, rebalanceDemand, triggerReturn } from './leveraged-token.js';
export type { LeveragedTokenDecision, LeveragedTokenOptions, LeveragedTokenState } from './leveraged-token.js';
export { checkLimits } from './limits.js';
export type { DeltaTrade, Limit, LimitCheck, LimitOptions } from './limits.js';
export {
  liquidationLeverageCap,
  maxLeverage,
  tightestCap,
  valueAtRiskLeverageCap,
  venueLeverageCap,
} from './max-leverage.js';
export type { LeverageCap, LiquidationCap, ShockSurvival } from './max-leverage.js';
export { meanShortfallWithCosts, meanVarianceWithCosts } from './mean-variance.js';
export type { MeanShortfallInput, MeanVarianceInput, OptimalPortfolio, PortfolioFailure } from './mean-variance.js';
export { calibrateMultiplier, shortfallMultiplier, worstLossMultiplier } from './multiplier.js';
export type { CalibratedMultiplier, GapTail, MultiplierInput } from './multiplier.js';
export { multiplierFrontier } from './multiplier-frontier.js';
export type { MultiplierFrontierInput, MultiplierOutcome } from './multiplier-frontier.js';
export { asymptoticHalfWidth, mertonWeight, solveNoTradeRegion } from './no-trade-region.js';
export type { NoTradeRegion, NoTradeRegionInput } from './no-trade-region.js';
export { qLearnPolicy } from './q-learning.js';
export type { QLearningInput, QLearningPolicy } from './q-learning.js';
export { rebalanceDue } from './rebalance-trigger.js';
export type { RebalanceTrigger, TriggerDecision, TriggerState } from './rebalance-trigger.js';
export { shouldRebalance } from './rebalance.js';
export type { RebalanceDecision, RebalanceInput } from './rebalance.js';
export { scenarioKelly } from './scenario-kelly.js';
export type { ScenarioKellyInput } from './scenario-kelly.js';
export type { BoundedKellyResult, ScenarioKellyResult, UtilityOptimum } from './scenario-utility.js';
export { regretMatrix, sensitivity, sensitivityGrid } from './sensitivity.js';
export type { ParameterRange, SensitivityInput, SensitivityRow } from './sensitivity.js';
export {
  expectedGap,
  jumpShortfallProbability,
  localShortfallProbability,
  multiplierAtShortfall,
} from './shortfall-probability.js';
export type { GapModel } from './shortfall-probability.js';
export { trackTarget } from './target-tracking.js';
export type { TrackingInput, TrackingPolicy } from './target-tracking.js';
export { aimWeights, almgrenChrissSchedule, gpTradingRate } from './trading-rate.js';
export type { TradingRateInput } from './trading-rate.js';
export { bookVolatility, smoothedLeverage, volTargetLeverage } from './vol-target.js';
export type { SmoothedLeverageInput, VolTargetInput } from './vol-target.js';
export { blendVol, fitBlendWeights, variancePremiumScale } from './volatility-blend.js';
export type { BlendedVolatility, BlendFitInput, BlendInput } from './volatility-blend.js';
export { hedgeInteger } from './hedge/hedge-integer.js';
export type { IntegerHedge, IntegerHedgeFailure, IntegerHedgeProblem } from './hedge/hedge-integer.js';
export { hedgeLp } from './hedge/hedge-lp.js';
export type { Hedge, HedgeFailure } from './hedge/hedge-lp.js';
export { hedgeQp } from './hedge/hedge-qp.js';
export type { QuadraticHedge, QuadraticHedgeFailure, QuadraticHedgeProblem } from './hedge/hedge-qp.js';
export { minimiseMargin } from './hedge/minimise-margin.js';
export type { MarginProblem, MinimisedMargin } from './hedge/minimise-margin.js';
export { minVarianceHedge } from './hedge/minimum-variance.js';
export type { MinimumVarianceHedge, MinimumVarianceInput } from './hedge/minimum-variance.js';
export { neutralise } from './hedge/neutralise.js';
export type { Neutralised, NeutraliseInput } from './hedge/neutralise.js';
export type { HedgeProblem } from './hedge/problem.js';
export type { Relaxation as HedgeRelaxation } from './hedge/relaxation.js';
export { scenarioHedge, tailInsurance } from './hedge/scenario-hedge.js';
export type {
  InsuranceProblem,
  ScenarioHedge,
  ScenarioHedgeResult,
  ScenarioProblem,
  ShortfallProblem,
} from './hedge/scenario-hedge.js';
export { runBacktest } from './backtest/backtest.js';
export type { BacktestResult, Fill as BacktestFill } from './backtest/backtest.js';
export type { BacktestInput, BacktestState, BacktestStrategy, Bar, History } from './backtest/backtest-input.js';
export { blockBootstrap } from './backtest/bootstrap.js';
export type { BootstrapInterval, BootstrapOptions } from './backtest/bootstrap.js';
export { settingsOf, strategyByName, strategyCatalogue } from './backtest/catalogue.js';
export type { StrategyContext, StrategyDefinition, StrategySetting, StrategySettings } from './backtest/catalogue.js';
export { deflatedSharpe, deflateTrials } from './backtest/deflated-sharpe.js';
export type { DeflatedSharpe, DeflatedSharpeInput } from './backtest/deflated-sharpe.js';
export { hedgedStraddle } from './backtest/hedged-straddle.js';
export type { HedgedStraddleOptions } from './backtest/hedged-straddle.js';
export { backtestOverfitting } from './backtest/overfitting.js';
export type { Overfitting, OverfittingInput } from './backtest/overfitting.js';
export { withResampledMoves, withScaledMoves } from './backtest/other-histories.js';
export {
  performanceMetrics,
  periodReturns,
  returnShape,
  sharpeRatio,
  sharpeStandardError,
} from './backtest/performance.js';
export type { PerformanceMetrics } from './backtest/performance.js';
export { readPriceSeries } from './backtest/read-series.js';
export type { PriceSeries } from './backtest/read-series.js';
export { assetReturns, floorBreaches, trackingError } from './backtest/relative.js';
export type { FloorBreaches } from './backtest/relative.js';
export { backtestRobustness } from './backtest/robustness.js';
export type { HeatMap, ResampledRuns, Robustness, RobustnessCase, RobustnessOptions } from './backtest/robustness.js';
export {
  cppiStrategy,
  fixedWeightStrategy,
  holdStrategy,
  leveragedTokenStrategy,
  volTargetStrategy,
} from './backtest/strategies.js';
export type { CppiStrategyOptions, FixedWeightRule, VolTargetStrategyOptions } from './backtest/strategies.js';
export { studyStrategies } from './backtest/study.js';
export type { Study, StudyInput, StudyRow, StudyTerms, Trial as StudyTrial } from './backtest/study.js';
export { walkForwardStudy } from './backtest/walk-forward-study.js';
export type { WalkForwardStudy, WalkForwardStudyInput } from './backtest/walk-forward-study.js';
export { walkForward, walkForwardFolds } from './backtest/walk-forward.js';
export type { WalkForward, WalkForwardFold, WalkForwardInput, WalkForwardOptions } from './backtest/walk-forward.js';
