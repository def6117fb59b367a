import { describe, expect, it } from 'vitest';
import { device } from '../connectivity/judge-world.fixture.js';
import { buildRegister } from '../devices/register.js';
import { matchesText, upstreamOf } from './device-view.js';

describe('a search', () => {
  it('does not ask for case or marks', () => {
    expect(matchesText('tra khuc', 'FLOOD-1', 'Trạm Trà Khúc')).toBe(true);
    expect(matchesText('Đăk', 'x', 'dak bla')).toBe(true);
    expect(matchesText('flood-1', 'FLOOD-1')).toBe(true);
    expect(matchesText('vệ', 'FLOOD-1', 'Trà Khúc')).toBe(false);
  });
});

describe('the way up', () => {
  const hub = (id: string, ...upstreamIds: string[]) => ({ id, name: id, siteId: null, upstreamIds });
  const register = buildRegister({
    organisations: [],
    feeds: [],
    version: 1,
    devices: [],
    sites: [],
    gateways: [],
    hubs: [hub('CORE'), hub('A', 'CORE', 'B'), hub('B', 'A'), hub('C', 'B')],
  });
  const path = (hubId: string) => upstreamOf(device('LINK-1', { hubId }), register).map(({ id }) => id);

  it('goes by the first upstream to the core, and never round in a ring', () => {
    expect(path('C')).toEqual(['C', 'B', 'A', 'CORE']);
    const ring = buildRegister({
      ...register,
      organisations: [],
      feeds: [],
      devices: [],
      sites: [],
      gateways: [],
      hubs: [hub('X', 'Y'), hub('Y', 'X')],
    });
    expect(upstreamOf(device('LINK-1', { hubId: 'X' }), ring).map(({ id }) => id)).toEqual(['X', 'Y']);
    expect(path('GONE')).toEqual([]);
  });
});
