import { describe, expect, it } from 'vitest';
import { Looking } from './looking.js';

const an = { personId: 'p1', name: 'An' };
const binh = { personId: 'p2', name: 'Bình' };

describe('who looks at an incident', () => {
  it('is named once, with however many connections', () => {
    const looking = new Looking();
    expect(looking.look('a', an, '7')).toBe(true);
    expect(looking.look('b', an, '7')).toBe(true);
    expect(looking.look('c', binh, '7')).toBe(true);
    expect(looking.names()).toEqual({ '7': ['An', 'Bình'] });
  });

  it('looks at one at a time, and at none once they closed it or are gone', () => {
    const looking = new Looking();
    looking.look('a', an, '7');
    looking.look('a', an, '8');
    expect(looking.names()).toEqual({ '8': ['An'] });
    expect(looking.look('a', an, '8')).toBe(false);
    expect(looking.look('a', an, null)).toBe(true);
    expect(looking.names()).toEqual({});
    looking.look('b', binh, '9');
    expect(looking.leave('b')).toBe(true);
    expect(looking.leave('b')).toBe(false);
    expect(looking.names()).toEqual({});
  });
});
