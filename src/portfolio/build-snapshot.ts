/** A {@link MarketSnapshot} from calibrated surfaces: one market an underlying, the fits kept for exposures down to the quotes. */
import { requireArray, requireFinite, requireObject, requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import type { Instant } from '../market/quote.js';
import type { SliceFit } from '../volatility/calibration/fit.js';
import type { SurfaceData } from '../volatility/surface/surface-data.js';
import { underlyingOf } from './instrument-name.js';
import { openMarket } from './market-view.js';
import type { FxRate, MarketSnapshot, UnderlyingMarket } from './snapshot.js';

/** One underlying's surface: what `calibrateSurface` gave, or a surface alone. */
export interface MarketSource {
  surface: { data: SurfaceData } | SurfaceData;
  fits?: SliceFit[] | undefined;
  /** The key of the market; the surface's underlying where missing, without the currency or root of its chain ('BTC_USDC', 'SPXW'). */
  underlying?: string | undefined;
  /** The surface's where missing. */
  spot?: number | undefined;
  futures?: Record<string, number> | undefined;
  fundingRatePerDay?: number | undefined;
}

export interface SnapshotOptions {
  /** The surfaces' latest where missing. */
  asOf?: Instant | undefined;
  fx?: FxRate[] | undefined;
  allowTriangularGap?: boolean | undefined;
}

/**
 * The snapshot of calibrated surfaces. Throws InputError where two are of one underlying, one has no spot, `asOf` is before a surface,
 * and for fields that a snapshot may not have.
 */
export function snapshotOf(sources: readonly MarketSource[], o: SnapshotOptions = {}): MarketSnapshot {
  requireArray('sources', sources);
  const underlyings: Record<string, UnderlyingMarket> = {};
  const fits: Record<string, SliceFit[]> = {};
  let latest = -Infinity;
  sources.forEach((source, i) => {
    const at = `sources[${i}]`;
    const surface = dataOf(requireObject(`${at}.surface`, source.surface) as MarketSource['surface']);
    const name = source.underlying ?? underlyingOf(surface.underlying);
    if (Object.hasOwn(underlyings, name)) {
      throw new InputError(`${at}.underlying`, name, 'another underlying than the sources before it');
    }
    const { futures, fundingRatePerDay } = source;
    underlyings[name] = {
      spot: requirePositive(`${at}.spot`, source.spot ?? surface.spot),
      surface,
      ...(futures === undefined ? {} : { futures }),
      ...(fundingRatePerDay === undefined ? {} : { fundingRatePerDay }),
    };
    if (source.fits !== undefined) fits[name] = source.fits;
    latest = Math.max(latest, surface.asOf);
  });
  const asOf = requireFinite('asOf', o.asOf ?? latest);
  if (asOf < latest) throw new InputError('asOf', asOf, `at or after the surfaces, the latest at ${latest}`);
  const snapshot: MarketSnapshot = {
    asOf,
    underlyings,
    fx: o.fx ?? [],
    ...(o.allowTriangularGap === undefined ? {} : { allowTriangularGap: o.allowTriangularGap }),
    ...(Object.keys(fits).length === 0 ? {} : { fits }),
  };
  openMarket(snapshot);
  return snapshot;
}

function dataOf(surface: MarketSource['surface']): SurfaceData {
  return 'data' in surface ? surface.data : surface;
}
