import { ENDPOINTS, type BodyOf } from '@ioc/contract';
import { call } from '../../live/api.js';

/** Shortest password that the server takes. */
export const PASSWORD_LENGTH = 12;

export function changePassword(current: string, next: string) {
  return call(ENDPOINTS.changePassword, { body: { current, next } });
}

export function fetchPeople(signal: AbortSignal) {
  return call(ENDPOINTS.listPeople, { signal });
}

export function createPerson(person: BodyOf<typeof ENDPOINTS.createPerson>) {
  return call(ENDPOINTS.createPerson, { body: person });
}

export function changePerson(id: string, change: BodyOf<typeof ENDPOINTS.changePerson>) {
  return call(ENDPOINTS.changePerson, { params: { id }, body: change });
}

export function fetchDisplayTokens(signal: AbortSignal) {
  return call(ENDPOINTS.listDisplayTokens, { signal });
}

/** The answer carries the token itself: it is never told again. */
export function createDisplayToken(name: string) {
  return call(ENDPOINTS.createDisplayToken, { body: { name } });
}

export function revokeDisplayToken(id: string) {
  return call(ENDPOINTS.revokeDisplayToken, { params: { id } });
}
