import { z } from 'zod';
import { instant, PERMISSIONS, role } from '../vocabulary.js';
import { endpoint } from './endpoint.js';

/** Who is asking. A `display` is a wall: it reads and cannot write. */
export const sessionInfo = z.object({
  kind: z.enum(['person', 'display']),
  personId: z.string().nullable(),
  name: z.string(),
  role,
  permissions: z.array(z.enum(PERMISSIONS)),
  /** True when the demo opened it without sign-in, from loopback. */
  demo: z.boolean(),
  /** True after the first start's one-time password or one set by an administrator: every screen asks for a new one first; until then `permissions` is empty. */
  mustChangePassword: z.boolean(),
  expiresAt: instant.nullable(),
});
export type SessionInfo = z.infer<typeof sessionInfo>;

const password = z.string().min(12).max(200);
const login = z.string().regex(/^[a-z0-9._-]{2,40}$/);

export const person = z.object({
  id: z.string(),
  login,
  name: z.string(),
  role,
  disabled: z.boolean(),
  createdAt: instant,
  lastSignInAt: instant.nullable(),
});
export type Person = z.infer<typeof person>;

export const displayToken = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: instant,
  createdBy: z.string(),
  lastSeenAt: instant.nullable(),
});
export type DisplayToken = z.infer<typeof displayToken>;

const byId = z.strictObject({ id: z.uuid() });

export const accessEndpoints = {
  signIn: endpoint({
    method: 'POST',
    path: '/session',
    tag: 'access',
    summary: 'Sign in; sets an HttpOnly, SameSite cookie',
    access: 'public',
    body: z.strictObject({
      login: z.string().min(1).max(40),
      password: z.string().min(1).max(200),
    }),
    response: sessionInfo,
  }),
  openDisplay: endpoint({
    method: 'POST',
    path: '/session/display',
    tag: 'access',
    summary: 'Open a wall with its display token',
    access: 'public',
    body: z.strictObject({ token: z.string().min(20).max(200) }),
    response: sessionInfo,
  }),
  currentSession: endpoint({
    method: 'GET',
    path: '/session',
    tag: 'access',
    summary: 'Who I am; 401 when nobody',
    access: 'session',
    response: sessionInfo,
  }),
  signOut: endpoint({
    method: 'DELETE',
    path: '/session',
    tag: 'access',
    summary: 'Sign out',
    access: 'session',
    status: 204,
  }),
  changePassword: endpoint({
    method: 'PUT',
    path: '/session/password',
    tag: 'access',
    summary: 'Change my password; ends my other sessions',
    access: 'session',
    body: z.strictObject({
      current: z.string().min(1).max(200),
      next: password,
    }),
    status: 204,
  }),
  listPeople: endpoint({
    method: 'GET',
    path: '/people',
    tag: 'access',
    summary: 'All people',
    access: 'people:write',
    response: z.object({ items: z.array(person) }),
  }),
  createPerson: endpoint({
    method: 'POST',
    path: '/people',
    tag: 'access',
    summary: 'Add a person',
    access: 'people:write',
    body: z.strictObject({
      login,
      name: z.string().min(1).max(120),
      role,
      password,
    }),
    response: person,
    status: 201,
  }),
  changePerson: endpoint({
    method: 'PATCH',
    path: '/people/{id}',
    tag: 'access',
    summary: 'Change name, role or password, or disable; ends their sessions',
    access: 'people:write',
    params: byId,
    body: z.strictObject({
      name: z.string().min(1).max(120).optional(),
      role: role.optional(),
      disabled: z.boolean().optional(),
      password: password.optional(),
    }),
    response: person,
  }),
  listDisplayTokens: endpoint({
    method: 'GET',
    path: '/display-tokens',
    tag: 'access',
    summary: 'Walls that may open without sign-in',
    access: 'people:write',
    response: z.object({ items: z.array(displayToken) }),
  }),
  createDisplayToken: endpoint({
    method: 'POST',
    path: '/display-tokens',
    tag: 'access',
    summary: 'Make a display token; it is shown once',
    access: 'people:write',
    body: z.strictObject({ name: z.string().min(1).max(80) }),
    response: displayToken.extend({ token: z.string() }),
    status: 201,
  }),
  revokeDisplayToken: endpoint({
    method: 'DELETE',
    path: '/display-tokens/{id}',
    tag: 'access',
    summary: 'Revoke a display token; its walls close at once',
    access: 'people:write',
    params: byId,
    status: 204,
  }),
};
