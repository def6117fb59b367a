/** Classes of SQLSTATE in which the statement's data is at fault: data exception, integrity constraint, program limit. */
const DATA_CLASSES = new Set(['22', '23', '54']);
const SQLSTATE = /^[0-9A-Z]{5}$/;

/**
 * Whether a commit failed because of what was to be committed: then trying again is in vain, and the message at fault has
 * to be found. Everything else is an outage: the same batch is tried again until it succeeds.
 */
export function isDataFailure(error: unknown): boolean {
  // A fault in our own code that this input brought out; an outage never throws one of these.
  if (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError) return true;
  return DATA_CLASSES.has(sqlStateClass(error) ?? '');
}

/** The class of what PostgreSQL refused a statement for, the first two characters of its SQLSTATE; null: it was not that. */
export function sqlStateClass(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  return SQLSTATE.test(error.code) ? error.code.slice(0, 2) : null;
}
