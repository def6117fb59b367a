import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import { ENDPOINTS, type Permission, type Problem, type SessionInfo } from '@ioc/contract';
import { call } from './api.js';

/** Who is looking: unknown until the first answer, then a session or nobody. */
export const useSessionStore = defineStore('session', () => {
  const session = shallowRef<SessionInfo | null>(null);
  const known = shallowRef(false);
  /** A wall with a token of its own; the demo's open wall is for hands too. */
  const isDisplay = computed(() => session.value?.kind === 'display' && !session.value.demo);

  /** Asks the server who we are. Nobody is an answer; no answer leaves what was known. */
  async function load(): Promise<void> {
    const result = await call(ENDPOINTS.currentSession);
    if (result.ok) session.value = result.value;
    else if (result.problem.status === 401) session.value = null;
    else return;
    known.value = true;
  }

  function take(next: SessionInfo | null): void {
    session.value = next;
    known.value = true;
  }

  /** Signs in with a password; the problem when it was refused. */
  async function signIn(login: string, password: string): Promise<Problem | null> {
    const result = await call(ENDPOINTS.signIn, { body: { login, password } });
    if (!result.ok) return result.problem;
    take(result.value);
    return null;
  }

  /** Opens a wall with its display token; the problem when it was refused. */
  async function openDisplay(token: string): Promise<Problem | null> {
    const result = await call(ENDPOINTS.openDisplay, { body: { token } });
    if (!result.ok) return result.problem;
    take(result.value);
    return null;
  }

  async function signOut(): Promise<Problem | null> {
    const result = await call(ENDPOINTS.signOut);
    if (!result.ok && result.problem.status !== 401) return result.problem;
    take(null);
    return null;
  }

  function may(permission: Permission): boolean {
    return session.value?.permissions.includes(permission) ?? false;
  }

  return { session, known, isDisplay, load, signIn, openDisplay, signOut, may };
});
