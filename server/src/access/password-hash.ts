import { hash, verify } from '@node-rs/argon2';

/** OWASP Password Storage Cheat Sheet: argon2id (the library's algorithm unless told), 19 MiB, 2 passes, 1 lane. About 25 ms. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Most hashes that run or wait: each takes 19 MiB and a thread of the pool that files and DNS need too. */
const MAX_IN_FLIGHT = 32;
let inFlight = 0;

/** argon2id as a PHC string. */
export function hashPassword(password: string): Promise<string> {
  return hash(password, PARAMETERS);
}

export type PasswordVerdict = 'right' | 'wrong' | 'busy';

/** Whether the password is the hash's; `busy` when too many are being checked already. A hash that is none is `wrong`. */
export async function verifyPassword(passwordHash: string, password: string): Promise<PasswordVerdict> {
  if (inFlight >= MAX_IN_FLIGHT) return 'busy';
  inFlight += 1;
  try {
    return (await verify(passwordHash, password)) ? 'right' : 'wrong';
  } finally {
    inFlight -= 1;
  }
}
