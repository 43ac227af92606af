/**
 * Compiled by `npm run typecheck`, never run: what the package exports must be assignable to the public contract.
 * Values are compared as soon as they exist; records are listed by name, both ways.
 */
import type * as contract from 'contract';
import type * as zomma from '../../src/index.js';
import type * as custom from '../../src/volatility/custom.js';
import type * as math from '../../src/math/index.js';

type Values<Module> = Omit<Module, 'InputError'>;
type Shared = keyof Values<typeof contract> & keyof Values<typeof zomma>;
declare const exported: Pick<typeof zomma, Shared>;
export const promised: Pick<typeof contract, Shared> = exported;

/**
 * What the sub-paths zomma/custom and zomma/math hold beside the everyday exports. A custom fit calls its model 'custom', a name
 * ModelName does not list: it is compared without it.
 */
type SubPaths = Omit<typeof custom, 'calibrateCustom'> & Pick<typeof math, 'leastSquares'>;
type WithoutModel<Fit> = Fit extends { ok: true } ? Omit<Fit, 'model'> : Fit;
type SharedBySubPaths = keyof typeof contract & keyof SubPaths;
declare const exportedBySubPaths: Pick<SubPaths, SharedBySubPaths>;
export const promisedBySubPaths: Pick<typeof contract, SharedBySubPaths> = exportedBySubPaths;

type Assignable<From, To> = [From] extends [To] ? true : false;
type Same<Ours, Theirs> = [Assignable<Ours, Theirs>, Assignable<Theirs, Ours>] extends [true, true] ? true : false;
type EachTrue<Checks extends true[]> = Checks;

export type Records = EachTrue<
  [
    Assignable<zomma.InputError, contract.InputError>,
    Same<zomma.Failure<'x'>, contract.Failure<'x'>>,
    Same<zomma.Rejection, contract.Rejection>,
    Same<zomma.SpotOption, contract.SpotOption>,
    Same<zomma.ForwardOption, contract.ForwardOption>,
    Same<zomma.DisplacedOption, contract.DisplacedOption>,
    Same<zomma.InverseOption, contract.InverseOption>,
    Same<zomma.Greeks, contract.Greeks>,
    Same<zomma.ImpliedVolatility, contract.ImpliedVolatility>,
    Same<zomma.RawQuote, contract.RawQuote>,
    Same<zomma.OptionChain, contract.OptionChain>,
    Same<zomma.ParseOptions, contract.ParseOptions>,
    Same<zomma.VarianceClock, contract.VarianceClock>,
    Same<zomma.SliceInput, contract.SliceInput>,
    Same<zomma.SviParameters, contract.SviParameters>,
    Same<zomma.SsviSlice, contract.SsviSlice>,
    Same<zomma.SabrParameters, contract.SabrParameters>,
    Same<zomma.Certificate, contract.Certificate>,
    Same<zomma.FitDiagnostics, contract.FitDiagnostics>,
    Same<zomma.SliceFit, contract.SliceFit>,
    Same<zomma.FitFailure, contract.FitFailure>,
    Same<zomma.ParityPair, contract.ParityPair>,
    Assignable<zomma.ImpliedForward, contract.ImpliedForward>,
    Assignable<contract.ColumnMapping, zomma.ColumnMapping>,
    Same<zomma.FxOption, contract.FxOption>,
    Same<zomma.DeltaConvention, contract.DeltaConvention>,
    Same<zomma.JumpWings, contract.JumpWings>,
    Same<zomma.NaturalSvi, contract.NaturalSvi>,
    Same<zomma.VixTerm, contract.VixTerm>,
    Same<zomma.SurfaceData, contract.SurfaceData>,
    Same<zomma.VolatilitySurface, contract.VolatilitySurface>,
    Same<zomma.SurfaceFit, contract.SurfaceFit>,
    Assignable<zomma.SsviFit, contract.SsviFit>,
    Same<zomma.SmileDynamics, contract.SmileDynamics>,
    Assignable<
      WithoutModel<ReturnType<typeof custom.calibrateCustom>>,
      WithoutModel<ReturnType<typeof contract.calibrateCustom>>
    >,
    Same<Parameters<typeof custom.calibrateCustom>[2], Parameters<typeof contract.calibrateCustom>[2]>,
  ]
>;
