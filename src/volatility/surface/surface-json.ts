/** A surface from JSON, as `toJSON` wrote it: checked field by field, its certificates verified again. */
import { InputError } from '../../errors.js';
import type { Failure } from '../../errors.js';
import { verifyCertificate } from '../arbitrage/verify.js';
import { openSurface } from './surface.js';
import type { VolatilitySurface } from './surface.js';
import type { SurfaceData } from './surface-data.js';

/**
 * Opens a surface from JSON text or the parsed value. Fails with 'schema' where the data is not a surface this version reads,
 * and with 'certificate-mismatch' where a certificate it carries does not hold for the parameters beside it.
 */
export function surfaceFromJSON(
  json: unknown,
): { ok: true; surface: VolatilitySurface } | Failure<'schema' | 'certificate-mismatch'> {
  let data: SurfaceData;
  let surface: VolatilitySurface;
  try {
    data = (typeof json === 'string' ? JSON.parse(json) : json) as SurfaceData;
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

function brokenCertificate({ slices, calendar }: SurfaceData): string | undefined {
  const slice = slices.findIndex(
    ({ butterfly, parameters }) => butterfly !== undefined && !verifyCertificate(butterfly, parameters),
  );
  if (slice >= 0) return `slice ${slice}`;
  const pair = calendar.findIndex((certificate, i) => {
    const [earlier, later] = [slices[i], slices[i + 1]];
    return (
      earlier === undefined ||
      later === undefined ||
      !verifyCertificate(certificate, [earlier.parameters, later.parameters])
    );
  });
  return pair >= 0 ? `slices ${pair} and ${pair + 1}` : undefined;
}
