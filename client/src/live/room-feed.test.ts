import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { RoomFeed } from './room-feed.js';

const shape = { snapshot: z.object({ total: z.number() }), delta: z.object({ add: z.number() }) };

function open() {
  const seen: string[] = [];
  const feed = new RoomFeed('overview', shape, {
    snapshot: ({ total }) => seen.push(`snapshot ${total}`),
    delta: ({ add }) => seen.push(`delta ${add}`),
    refused: (code) => seen.push(`refused ${code}`),
  });
  return { feed, seen };
}

describe('a room', () => {
  it('applies deltas in sequence after its snapshot', () => {
    const { feed, seen } = open();
    expect(feed.takeSnapshot(7, { total: 1 })).toBe('ok');
    expect(feed.takeDelta(8, { add: 2 })).toBe('ok');
    expect(feed.takeDelta(9, { add: 3 })).toBe('ok');
    expect(seen).toEqual(['snapshot 1', 'delta 2', 'delta 3']);
  });

  it('applies nothing before its snapshot, and nothing twice', () => {
    const { feed, seen } = open();
    expect(feed.takeDelta(3, { add: 1 })).toBe('ignored');
    feed.takeSnapshot(5, { total: 0 });
    expect(feed.takeDelta(5, { add: 1 })).toBe('ignored');
    expect(feed.takeDelta(4, { add: 1 })).toBe('ignored');
    expect(seen).toEqual(['snapshot 0']);
  });

  it('asks for a fresh snapshot at a gap, and ignores everything until it is there', () => {
    const { feed, seen } = open();
    feed.takeSnapshot(1, { total: 0 });
    expect(feed.takeDelta(3, { add: 1 })).toBe('gap');
    expect(feed.takeDelta(4, { add: 1 })).toBe('ignored');
    feed.takeSnapshot(9, { total: 5 });
    expect(feed.takeDelta(10, { add: 1 })).toBe('ok');
    expect(seen).toEqual(['snapshot 0', 'snapshot 5', 'delta 1']);
  });

  it('does not believe a message of another shape', () => {
    const { feed, seen } = open();
    expect(feed.takeSnapshot(1, { total: 'many' })).toBe('mismatch');
    feed.takeSnapshot(1, { total: 0 });
    expect(feed.takeDelta(2, { add: null })).toBe('mismatch');
    expect(feed.takeDelta(3, { add: 1 })).toBe('ignored');
    expect(seen).toEqual(['snapshot 0']);
  });

  it('forgets its sequence on a new connection', () => {
    const { feed, seen } = open();
    feed.takeSnapshot(1, { total: 0 });
    feed.reset();
    expect(feed.takeDelta(2, { add: 1 })).toBe('ignored');
    expect(seen).toEqual(['snapshot 0']);
  });
});
