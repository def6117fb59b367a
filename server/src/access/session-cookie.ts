/** The cookie that carries a session: HttpOnly and SameSite=Strict always; Secure and host-bound behind HTTPS. */
export interface SessionCookie {
  readonly name: string;
  readonly secure: boolean;
}

export function sessionCookie(publicOrigin: string | undefined): SessionCookie {
  const secure = publicOrigin !== undefined && new URL(publicOrigin).protocol === 'https:';
  return { name: secure ? '__Host-ioc_session' : 'ioc_session', secure };
}

/** 256 random bits as base64url. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** The session token of a `Cookie` header; null when it has none, or something that never was one. */
export function readSessionToken(cookie: SessionCookie, header: string | undefined): string | null {
  if (header === undefined) return null;
  for (const part of header.split(';')) {
    const separator = part.indexOf('=');
    if (separator < 0 || part.slice(0, separator).trim() !== cookie.name) continue;
    const value = part.slice(separator + 1).trim();
    if (TOKEN.test(value)) return value;
  }
  return null;
}

/** `Set-Cookie` for a session. `maxAgeS` null: until the browser closes. */
export function formatSessionCookie(cookie: SessionCookie, token: string, maxAgeS: number | null): string {
  const age = maxAgeS === null ? '' : `; Max-Age=${maxAgeS}`;
  return `${cookie.name}=${token}; Path=/; HttpOnly; SameSite=Strict${cookie.secure ? '; Secure' : ''}${age}`;
}

/** `Set-Cookie` that takes the session away. */
export function clearSessionCookie(cookie: SessionCookie): string {
  return formatSessionCookie(cookie, '', 0);
}
