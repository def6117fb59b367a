import { COMMUNES, type Commune } from '@ioc/contract';
import { describe, expect, test } from 'vitest';
import { countStates, coverageRowOf, type EndpointFacts } from './vcs-coverage.js';

const DAY_MS = 86_400_000;
const nowMs = Date.UTC(2026, 0, 20);
const commune: Commune | undefined = COMMUNES[0];
if (commune === undefined) throw new Error('there are no communes');

const seen: EndpointFacts = {
  id: 'VCS-1',
  name: 'VCS',
  lastSeenAtMs: nowMs - 60_000,
  lastCallAtMs: null,
  connectivity: 'up',
};
const row = (...endpoints: EndpointFacts[]) => coverageRowOf({ commune, endpoints, linkUp: true }, nowMs);

describe('the VCS coverage of a commune', () => {
  test('is none without an endpoint, whatever its link does', () => {
    expect(row()).toMatchObject({ state: 'none', reason: null, endpoints: [], linkUp: true });
  });

  test.each([
    ['up', { ...seen }, 'working', null],
    [
      'silent since last night, nobody says why',
      { ...seen, connectivity: 'stale', lastSeenAtMs: nowMs - DAY_MS / 2 },
      'working',
      null,
    ],
    ['said to be down', { ...seen, connectivity: 'down' }, 'dead', 'down'],
    [
      'unseen for exactly 14 days',
      { ...seen, connectivity: 'stale', lastSeenAtMs: nowMs - 14 * DAY_MS },
      'working',
      null,
    ],
    [
      'unseen for longer than 14 days',
      { ...seen, connectivity: 'stale', lastSeenAtMs: nowMs - 14 * DAY_MS - 1 },
      'dead',
      'unseen',
    ],
    [
      'down for longer than 14 days',
      { ...seen, connectivity: 'down', lastSeenAtMs: nowMs - 15 * DAY_MS },
      'dead',
      'unseen',
    ],
    ['never heard', { ...seen, connectivity: 'stale', lastSeenAtMs: null }, 'dead', 'neverSeen'],
  ] as const)('with one endpoint that is %s', (_words, endpoint, state, reason) => {
    expect(row(endpoint)).toMatchObject({ state, reason });
  });

  test('is working as soon as one of several endpoints works', () => {
    expect(row({ ...seen, lastSeenAtMs: null }, seen)).toMatchObject({ state: 'working', reason: null });
  });

  test('with several dead endpoints gives the reason of the one closest to working', () => {
    expect(row({ ...seen, lastSeenAtMs: null }, { ...seen, connectivity: 'down' })).toMatchObject({
      state: 'dead',
      reason: 'down',
    });
  });

  test('counts every commune once', () => {
    expect(countStates([row(), row(seen), row(seen), row({ ...seen, lastSeenAtMs: null })])).toEqual({
      working: 2,
      dead: 1,
      none: 1,
    });
  });
});
