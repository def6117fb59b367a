// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { effectScope, nextTick, shallowRef, type EffectScope } from 'vue';
import { useHandOnList, type Hand } from './use-hand-on-list.js';

let scope: EffectScope;
let area: HTMLElement;
let scroller: HTMLElement;
let row: HTMLElement;
let hand: Hand;

beforeEach(async () => {
  vi.useFakeTimers();
  area = document.createElement('div');
  scroller = document.createElement('div');
  row = document.createElement('button');
  scroller.append(row);
  area.append(scroller);
  document.body.append(area);
  scope = effectScope();
  scope.run(() => {
    hand = useHandOnList(shallowRef(area), shallowRef(scroller));
  });
  await nextTick();
});
afterEach(() => {
  scope.stop();
  area.remove();
  vi.useRealTimers();
});

const mouse = (type: string) => new PointerEvent(type, { pointerType: 'mouse' });

describe('a hand on the list', () => {
  it('is there while the mouse is over it, and gone when the mouse leaves', () => {
    expect(hand.held.value).toBe(false);
    area.dispatchEvent(mouse('pointerenter'));
    expect(hand.held.value).toBe(true);
    area.dispatchEvent(mouse('pointerleave'));
    expect(hand.held.value).toBe(false);
  });

  it('is still there when the mouse only leaves something inside', () => {
    area.dispatchEvent(mouse('pointerenter'));
    row.dispatchEvent(mouse('pointerleave'));
    expect(hand.held.value).toBe(true);
  });

  it('is there while the keyboard focus is in it', () => {
    row.dispatchEvent(new FocusEvent('focusin', { bubbles: true }));
    expect(hand.held.value).toBe(true);
    row.dispatchEvent(new FocusEvent('focusout', { bubbles: true, relatedTarget: document.body }));
    expect(hand.held.value).toBe(false);
  });

  it('stays for six seconds after a finger, which never says that it left', () => {
    area.dispatchEvent(new PointerEvent('pointerdown', { pointerType: 'touch' }));
    vi.advanceTimersByTime(5_500);
    expect(hand.held.value).toBe(true);
    vi.advanceTimersByTime(1_000);
    expect(hand.held.value).toBe(false);
  });

  it('is no hand any more after a minute without input, wherever the mouse was left', () => {
    area.dispatchEvent(mouse('pointerenter'));
    vi.advanceTimersByTime(59_000);
    expect(hand.held.value).toBe(true);
    vi.advanceTimersByTime(2_000);
    expect(hand.held.value).toBe(false);
  });

  it('is there while the list is scrolled away from its top', () => {
    scroller.scrollTop = 200;
    scroller.dispatchEvent(new Event('scroll'));
    expect(hand.held.value).toBe(true);
    scroller.scrollTop = 0;
    scroller.dispatchEvent(new Event('scroll'));
    expect(hand.held.value).toBe(false);
  });

  it('is kept for the moment in which focus comes back from a dialog', () => {
    hand.keep();
    expect(hand.held.value).toBe(true);
    vi.advanceTimersByTime(1_500);
    expect(hand.held.value).toBe(false);
  });
});
