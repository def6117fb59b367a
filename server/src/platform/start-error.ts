/**
 * The console cannot start, or go on, for a reason that its operator can mend. The message is one sentence that names the
 * variable to set; it is printed without a stack trace.
 */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** The `code` of an operating-system or database error, such as `EADDRINUSE`; null when there is none. */
export function errorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
