import type { SessionInfo } from '@ioc/contract';

/** What guard and interceptor have found out about a request, for the parameter decorators. */
export interface RequestState {
  session?: SessionInfo;
  input?: unknown;
}

const states = new WeakMap<object, RequestState>();

/** The state of a request, made at its first asking; gone with the request. */
export function requestState(request: object): RequestState {
  let state = states.get(request);
  if (state === undefined) {
    state = {};
    states.set(request, state);
  }
  return state;
}
