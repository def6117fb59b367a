import { expect, test } from 'vitest';
import { hubsLostWith } from './hub-reach.js';

const hub = (id: string, ...upstreamIds: string[]) => ({ id, name: id, siteId: null, upstreamIds });

test('with a hub are lost those that have no other way, and not those with a second upstream', () => {
  const hubs = [hub('CORE'), hub('A', 'CORE'), hub('B', 'A'), hub('C', 'A', 'CORE'), hub('D', 'B', 'A'), hub('E', 'D')];
  expect([...hubsLostWith('A', hubs)].sort()).toEqual(['A', 'B', 'D', 'E']);
  expect([...hubsLostWith('B', hubs)]).toEqual(['B']);
});
