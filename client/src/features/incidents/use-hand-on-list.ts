import { onScopeDispose, readonly, shallowRef, watch, type Ref } from 'vue';

/** A finger has no "leaves": the list stays still this long after the last touch. */
const TOUCH_HOLD_MS = 6_000;
/** Focus or a pointer that rests without any input for this long is not a hand. */
const IDLE_MS = 60_000;

/**
 * Whether somebody has a hand on an element: the mouse is over it, the keyboard focus is in it, a finger touched it a moment
 * ago, or it is scrolled away from its top. While it is true nothing may move there.
 */
export function useHandOnList(element: Ref<HTMLElement | null>): { held: Readonly<Ref<boolean>>; letGo: () => void } {
  const held = shallowRef(false);
  let over = false;
  let focused = false;
  let touchedUntilMs = 0;
  let lastInputMs = 0;
  let timer: ReturnType<typeof setTimeout> | null = null;

  function judge(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const now = performance.now();
    const idleInMs = lastInputMs + IDLE_MS - now;
    const touchEndsInMs = touchedUntilMs - now;
    const scrolled = (element.value?.scrollTop ?? 0) > 0;
    const present = (over || focused || scrolled) && idleInMs > 0;
    held.value = present || touchEndsInMs > 0;
    if (held.value) timer = setTimeout(judge, Math.max(50, present ? idleInMs : touchEndsInMs));
  }

  function input(): void {
    lastInputMs = performance.now();
    judge();
  }

  const listeners = {
    pointerenter: (event: Event) => {
      over = event instanceof PointerEvent && event.pointerType === 'mouse';
      input();
    },
    pointerleave: () => {
      over = false;
      judge();
    },
    pointermove: (event: Event) => {
      over = event instanceof PointerEvent && event.pointerType === 'mouse';
      input();
    },
    pointerdown: (event: Event) => {
      if (event instanceof PointerEvent && event.pointerType !== 'mouse') {
        touchedUntilMs = performance.now() + TOUCH_HOLD_MS;
      }
      input();
    },
    touchmove: () => {
      touchedUntilMs = performance.now() + TOUCH_HOLD_MS;
      input();
    },
    scroll: input,
    keydown: input,
    focusin: () => {
      focused = true;
      input();
    },
    focusout: (event: Event) => {
      const next = event instanceof FocusEvent ? event.relatedTarget : null;
      focused = next instanceof Node && (element.value?.contains(next) ?? false);
      judge();
    },
  };

  watch(
    element,
    (next, previous) => {
      for (const [name, listener] of Object.entries(listeners)) {
        previous?.removeEventListener(name, listener);
        next?.addEventListener(name, listener, { passive: true });
      }
    },
    { immediate: true, flush: 'post' },
  );
  onScopeDispose(() => {
    if (timer !== null) clearTimeout(timer);
    for (const [name, listener] of Object.entries(listeners)) element.value?.removeEventListener(name, listener);
  });

  /** The person asked for the new order: the next movement holds again. */
  function letGo(): void {
    touchedUntilMs = 0;
    lastInputMs = Number.NEGATIVE_INFINITY;
    judge();
  }

  return { held: readonly(held), letGo };
}
