import { expect, test } from 'vitest';
import { Stall } from './stall.js';

const KEEP_ALIVE = 30_000;

test('a client that ends while its message is withheld for half its keep-alive or longer ended because of us', () => {
  const stall = new Stall();
  stall.withhold(1_000);
  expect(stall.explainsEnd(15_999, KEEP_ALIVE)).toBe(false);
  expect(stall.explainsEnd(16_000, KEEP_ALIVE)).toBe(true);
});

test('its end is found when it is read again: that is still within the stall that just ended', () => {
  const stall = new Stall();
  stall.withhold(0);
  stall.leaveUnread(30_000);
  stall.release(45_000);
  expect(stall.isOn).toBe(true);
  stall.read(45_001);
  expect(stall.explainsEnd(45_002, KEEP_ALIVE)).toBe(true);
  expect(stall.explainsEnd(75_001, KEEP_ALIVE)).toBe(false);
});

test('short waits, which every commit causes, explain nothing', () => {
  const stall = new Stall();
  for (let at = 0; at < 60_000; at += 10) {
    stall.withhold(at);
    stall.release(at + 9);
  }
  expect(stall.explainsEnd(60_001, KEEP_ALIVE)).toBe(false);
});

test('a client without a keep-alive never gives up because of us', () => {
  const stall = new Stall();
  stall.withhold(0);
  expect(stall.explainsEnd(1_000_000, 0)).toBe(false);
});
