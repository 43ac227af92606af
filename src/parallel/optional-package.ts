/** Packages that only some callers need: optional peers, loaded where they are used. */
import { InputError } from '../errors.js';

/** The module; throws InputError that names the package where it is not installed. `purpose` says what needs it. */
export async function optionalPackage<Module>(
  name: string,
  purpose: string,
  load: () => Promise<Module>,
): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') {
      throw new InputError(name, undefined, `installed: ${purpose} (npm install ${name})`);
    }
    throw error;
  }
}
