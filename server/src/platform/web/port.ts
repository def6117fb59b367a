import { createServer } from 'node:net';
import { errorCode, StartError } from '../start-error.js';

/** A port of loopback that is free at this moment. */
export async function freePort(): Promise<number> {
  return listenOnce('127.0.0.1', 0);
}

/**
 * Looks whether a port can be listened on, before anything slow is done. 0 always can.
 *
 * @throws StartError that names the variables to set.
 */
export async function requirePort(
  host: string,
  port: number,
  hostVariable: string,
  portVariable: string,
): Promise<void> {
  await listenOnce(host, port).catch((error: unknown) => {
    throw portError(error, host, port, hostVariable, portVariable);
  });
}

/** The sentence for a port that cannot be listened on. */
export function portError(
  error: unknown,
  host: string,
  port: number,
  hostVariable: string,
  portVariable: string,
): StartError {
  switch (errorCode(error)) {
    case 'EADDRINUSE':
      return new StartError(
        `Port ${port} on ${host} is taken by another program: stop it, or set ${portVariable} to another port.`,
        { cause: error },
      );
    case 'EACCES':
      return new StartError(
        `Port ${port} on ${host} needs more rights than this user has: set ${portVariable} to one above 1023.`,
        { cause: error },
      );
    default:
      return new StartError(
        `The address ${host} cannot be listened on (${errorCode(error) ?? String(error)}): set ${hostVariable} to one of this machine.`,
        { cause: error },
      );
  }
}

async function listenOnce(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen({ host, port, exclusive: true }, () => {
      const address = probe.address();
      probe.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no address')),
      );
    });
  });
}
