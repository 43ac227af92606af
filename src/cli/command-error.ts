/** A command that cannot be carried out as written: an unknown option, a file that cannot be read. One line, exit code 2. */
export class CommandError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CommandError';
  }
}

/** The system's short name for what went wrong with a file: 'ENOENT', 'EACCES' ... */
export function systemReason(error: unknown): string {
  if (!(error instanceof Error && 'code' in error)) return String(error);
  const known: Record<string, string> = {
    ENOENT: 'no such file or folder',
    EACCES: 'permission denied',
    EISDIR: 'it is a folder',
    EROFS: 'the file system is read-only',
  };
  const code = String(error.code);
  return known[code] ?? code;
}
