import { expect, test } from 'vitest';
import { steadyNow } from './steady-now.js';

const HOUR = 3_600_000;

function stand() {
  const state = { wallMs: 1_000_000_000, monotonicMs: 5_000.25 };
  const told: number[] = [];
  const now = steadyNow({
    wallMs: () => state.wallMs,
    monotonicMs: () => state.monotonicMs,
    onSetBack: (byMs) => void told.push(byMs),
  });
  const pass = (ms: number) => {
    state.wallMs += Math.round(ms);
    state.monotonicMs += ms;
  };
  return { state, told, now, pass };
}

test('a clock that goes back an hour is not followed: time goes on, and it is told once', () => {
  const { state, told, now, pass } = stand();
  const before = now();
  state.wallMs -= HOUR;
  pass(500);
  expect(now()).toBe(before + 500);
  pass(1_500);
  expect(now()).toBe(before + 2_000);
  expect(told).toEqual([HOUR]);
});

test('time does not run slower or faster while it is not followed, however often it is asked', () => {
  const { state, now, pass } = stand();
  const before = now();
  state.wallMs -= HOUR;
  for (let call = 0; call < 10_000; call += 1) {
    pass(0.7);
    now();
  }
  expect(now()).toBe(before + 7_000);
});

test('it is followed again when it has caught up, and that is told', () => {
  const { state, told, now, pass } = stand();
  const before = now();
  state.wallMs -= HOUR;
  pass(1_000);
  now();
  state.wallMs += HOUR;
  pass(1_000);
  expect(now()).toBe(before + 2_000);
  expect(told).toEqual([HOUR, 0]);
});

test('it is followed forward, as after a suspension, and a small step back only holds it', () => {
  const { state, told, now, pass } = stand();
  const before = now();
  state.wallMs += HOUR;
  expect(now()).toBe(before + HOUR);
  state.wallMs -= 300;
  pass(100);
  expect(now()).toBe(before + HOUR);
  pass(400);
  expect(now()).toBe(before + HOUR + 200);
  expect(told).toEqual([]);
});
