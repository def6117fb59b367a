import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { RoomFeed } from './room-feed.js';

const shape = { snapshot: z.object({ total: z.number() }), delta: z.object({ add: z.number() }) };

const whole = { first: true, last: true };

function open() {
  const seen: string[] = [];
  const feed = new RoomFeed('overview', shape, {
    snapshot: ({ total }, { first, last }) =>
      seen.push(`${first ? '' : 'further '}${last ? '' : 'unfinished '}snapshot ${total}`),
    delta: ({ add }) => seen.push(`delta ${add}`),
    refused: (code) => seen.push(`refused ${code}`),
  });
  return { feed, seen };
}

describe('a room', () => {
  it('applies deltas in sequence after its snapshot', () => {
    const { feed, seen } = open();
    expect(feed.takeSnapshot(7, { total: 1 }, whole)).toBe('ok');
    expect(feed.takeDelta(8, { add: 2 })).toBe('ok');
    expect(feed.takeDelta(9, { add: 3 })).toBe('ok');
    expect(seen).toEqual(['snapshot 1', 'delta 2', 'delta 3']);
  });

  it('applies nothing before its snapshot, and nothing twice', () => {
    const { feed, seen } = open();
    expect(feed.takeDelta(3, { add: 1 })).toBe('ignored');
    feed.takeSnapshot(5, { total: 0 }, whole);
    expect(feed.takeDelta(5, { add: 1 })).toBe('ignored');
    expect(feed.takeDelta(4, { add: 1 })).toBe('ignored');
    expect(seen).toEqual(['snapshot 0']);
  });

  it('asks for a fresh snapshot at a gap, and ignores everything until it is there', () => {
    const { feed, seen } = open();
    feed.takeSnapshot(1, { total: 0 }, whole);
    expect(feed.takeDelta(3, { add: 1 })).toBe('gap');
    expect(feed.takeDelta(4, { add: 1 })).toBe('ignored');
    feed.takeSnapshot(9, { total: 5 }, whole);
    expect(feed.takeDelta(10, { add: 1 })).toBe('ok');
    expect(seen).toEqual(['snapshot 0', 'snapshot 5', 'delta 1']);
  });

  it('does not believe a message of another shape', () => {
    const { feed, seen } = open();
    expect(feed.takeSnapshot(1, { total: 'many' }, whole)).toBe('mismatch');
    feed.takeSnapshot(1, { total: 0 }, whole);
    expect(feed.takeDelta(2, { add: null })).toBe('mismatch');
    expect(feed.takeDelta(3, { add: 1 })).toBe('ignored');
    expect(seen).toEqual(['snapshot 0']);
  });

  it('takes a snapshot in parts, and the deltas between them', () => {
    const { feed, seen } = open();
    expect(feed.takeSnapshot(3, { total: 1 }, { first: true, last: false })).toBe('ok');
    expect(feed.takeDelta(4, { add: 5 })).toBe('ok');
    expect(feed.takeSnapshot(4, { total: 2 }, { first: false, last: true })).toBe('ok');
    expect(feed.takeDelta(5, { add: 6 })).toBe('ok');
    expect(seen).toEqual(['unfinished snapshot 1', 'delta 5', 'further snapshot 2', 'delta 6']);
  });

  it('does not take a further part that missed a delta, nor one after a gap', () => {
    const { feed, seen } = open();
    feed.takeSnapshot(3, { total: 1 }, { first: true, last: false });
    expect(feed.takeSnapshot(5, { total: 2 }, { first: false, last: true })).toBe('gap');
    expect(feed.takeSnapshot(5, { total: 2 }, { first: false, last: true })).toBe('ignored');
    expect(feed.takeDelta(6, { add: 1 })).toBe('ignored');
    expect(feed.takeSnapshot(6, { total: 3 }, whole)).toBe('ok');
    expect(seen).toEqual(['unfinished snapshot 1', 'snapshot 3']);
  });

  it('forgets its sequence on a new connection', () => {
    const { feed, seen } = open();
    feed.takeSnapshot(1, { total: 0 }, whole);
    feed.reset();
    expect(feed.takeDelta(2, { add: 1 })).toBe('ignored');
    expect(seen).toEqual(['snapshot 0']);
  });
});
