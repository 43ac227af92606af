export type { SabrParameters, SmileParameters, SsviSlice, SviParameters } from './smile/parameters.js';
export type { Certificate, Leg } from './arbitrage/certificate.js';
export type { FitDiagnostics, FitFailure, FitOptions, ModelName, SliceFit } from './calibration/fit.js';
