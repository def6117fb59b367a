import { ROLE_PERMISSIONS, type Role, type SessionInfo } from '@ioc/contract';

/** Who is asking, with the key by which its end is announced; the key tells nothing about the cookie. */
export interface Session extends SessionInfo {
  readonly key: string;
}

/** Told when sessions end: signed out, revoked, expired, or their person changed. */
export interface SessionEnded {
  readonly key: string;
}

interface PersonSessionFacts {
  readonly key: string;
  readonly personId: string;
  readonly name: string;
  readonly role: Role;
  readonly mustChangePassword: boolean;
  readonly expiresAtMs: number;
}

export function personSession(facts: PersonSessionFacts): Session {
  return {
    key: facts.key,
    kind: 'person',
    personId: facts.personId,
    name: facts.name,
    role: facts.role,
    permissions: facts.mustChangePassword ? [] : [...ROLE_PERMISSIONS[facts.role]],
    demo: false,
    mustChangePassword: facts.mustChangePassword,
    expiresAt: new Date(facts.expiresAtMs).toISOString(),
  };
}

/** A wall with its token: it reads as a viewer until the token is revoked. */
export function displaySession(key: string, name: string): Session {
  return {
    key,
    kind: 'display',
    personId: null,
    name,
    role: 'viewer',
    permissions: [...ROLE_PERMISSIONS.viewer],
    demo: false,
    mustChangePassword: false,
    expiresAt: null,
  };
}

/** The demo's wall, opened from this machine without sign-in. */
export const DEMO_SESSION: Session = { ...displaySession('demo', 'Màn hình trình diễn'), demo: true };

/** How the audit trail and the register name who did something. */
export function actorOf(caller: SessionInfo): string {
  return caller.personId === null ? `${caller.name} (${caller.kind})` : `${caller.name} (${caller.personId})`;
}
