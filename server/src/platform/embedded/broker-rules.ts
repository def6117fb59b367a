import { createHash, timingSafeEqual } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** Whether a host name or address is this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** Compares without telling by its duration how much was right. */
export function samePassword(given: Buffer | undefined, wanted: string): boolean {
  const digest = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest();
  return timingSafeEqual(digest(given ?? ''), digest(wanted));
}

/**
 * Devices may subscribe to their own topics and to nothing else: the place of the id holds the client's own.
 * `ioc/v1/{province}/{commune}/{class}/{device}/…` or `ioc/v1/{province}/gateways/{gateway}/…`.
 */
export function mayReceive(clientId: string, filter: string): boolean {
  const levels = filter.split('/');
  if (levels[0] !== 'ioc' || levels[1] !== 'v1' || clientId.includes('+') || clientId.includes('#')) return false;
  const idAt = levels[3] === 'gateways' ? 4 : 5;
  return levels.length > idAt && !levels.slice(0, idAt).includes('#') && levels[idAt] === clientId;
}
