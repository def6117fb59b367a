/**
 * Where somebody goes after signing in: the place in `next`, if it is one of ours. An address of another site, however it is
 * dressed up, leads to the start.
 */
export function placeAfterSignIn(next: unknown): string {
  if (typeof next !== 'string' || !/^\/(?![/\\])/.test(next) || next.startsWith('/sign-in')) return '/';
  return next;
}
