/**
 * A surface from JSON, as `toJSON` wrote it: checked field by field, its certificates verified again. JSON writes an infinite
 * variance of a parameter as null; it is read back as Infinity.
 */
import { InputError } from '../../errors.js';
import type { Failure } from '../../errors.js';
import { isUndecided, verifyCertificate } from '../arbitrage/verify.js';
import { openSurface } from './surface.js';
import type { VolatilitySurface } from './surface.js';
import type { SurfaceData, SurfaceSlice } from './surface-data.js';
import type { Certificate } from '../arbitrage/certificate.js';
import type { SmileParameters } from '../smile/parameters.js';

/**
 * Opens a surface from JSON text or the parsed value. Fails with 'schema' where the data is not a surface this version reads,
 * and with 'certificate-mismatch' where a certificate it carries does not hold for the parameters beside it; one that is
 * 'undecided' claims nothing, and only has to be for those parameters.
 */
export function surfaceFromJSON(
  json: unknown,
): { ok: true; surface: VolatilitySurface } | Failure<'schema' | 'certificate-mismatch'> {
  let data: SurfaceData;
  let surface: VolatilitySurface;
  try {
    data = withInfiniteVariances((typeof json === 'string' ? JSON.parse(json) : json) as SurfaceData);
    surface = openSurface(data);
  } catch (error) {
    if (error instanceof InputError || error instanceof SyntaxError) {
      return { ok: false, reason: 'schema', message: error.message };
    }
    throw error;
  }
  const broken = brokenCertificate(data);
  return broken === undefined
    ? { ok: true, surface }
    : { ok: false, reason: 'certificate-mismatch', message: `the certificate of ${broken} does not hold` };
}

/** The data itself where no covariance holds a null. */
function withInfiniteVariances(data: SurfaceData): SurfaceData {
  const slices: unknown = (data as { slices?: unknown } | null)?.slices;
  const isNull = (entry: unknown): boolean => entry === null;
  const hasNull = (slice: unknown): slice is SurfaceSlice => {
    const rows: unknown = (slice as { covariance?: unknown } | null)?.covariance;
    return Array.isArray(rows) && rows.some((row) => Array.isArray(row) && row.some(isNull));
  };
  if (!Array.isArray(slices) || !slices.some(hasNull)) return data;
  const finite = (row: number[]): number[] => row.map((entry) => (isNull(entry) ? Infinity : entry));
  return {
    ...data,
    slices: data.slices.map((slice) =>
      hasNull(slice) ? { ...slice, covariance: slice.covariance!.map(finite) } : slice,
    ),
  };
}

function holds(c: Certificate, kind: Certificate['kind'], p: readonly SmileParameters[]): boolean {
  return (isUndecided(c, p) || verifyCertificate(c, p)) && c.kind === kind;
}

function brokenCertificate({ slices, calendar }: SurfaceData): string | undefined {
  const slice = slices.findIndex(
    ({ butterfly, parameters }) => butterfly !== undefined && !holds(butterfly, 'butterfly', [parameters]),
  );
  if (slice >= 0) return `slice ${slice}`;
  const pair = calendar.findIndex((certificate, i) => {
    const [earlier, later] = [slices[i], slices[i + 1]];
    return (
      earlier === undefined ||
      later === undefined ||
      !holds(certificate, 'calendar', [earlier.parameters, later.parameters])
    );
  });
  return pair >= 0 ? `slices ${pair} and ${pair + 1}` : undefined;
}
