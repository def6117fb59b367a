import { onScopeDispose, readonly, shallowRef, watch, type Ref } from 'vue';

/** A finger has no "leaves": the list stays still this long after the last touch. */
const TOUCH_HOLD_MS = 6_000;
/** Focus that comes back from a dialog needs no longer than this. */
const RETURN_MS = 1_000;
/** Focus or a pointer that rests without any input for this long is not a hand. */
const IDLE_MS = 60_000;

export interface Hand {
  readonly held: Readonly<Ref<boolean>>;
  /** The hand comes back in a moment, such as when a dialog closes and focus is on its way. */
  keep(): void;
}

/**
 * Whether somebody has a hand on an area: the mouse is over it, the keyboard focus is in it, a finger touched it a moment
 * ago, or its list is scrolled away from the top. While it is true nothing may move there.
 */
export function useHandOnList(element: Ref<HTMLElement | null>, scroller: Ref<HTMLElement | null>): Hand {
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
    const scrolled = (scroller.value?.scrollTop ?? 0) > 0;
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
    pointerleave: (event: Event) => {
      // Leaving something inside is not leaving.
      if (event.target !== element.value) return;
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
        previous?.removeEventListener(name, listener, { capture: true });
        next?.addEventListener(name, listener, { passive: true, capture: true });
      }
    },
    { immediate: true, flush: 'post' },
  );
  onScopeDispose(() => {
    if (timer !== null) clearTimeout(timer);
    for (const [name, listener] of Object.entries(listeners))
      element.value?.removeEventListener(name, listener, { capture: true });
  });

  function keep(): void {
    touchedUntilMs = Math.max(touchedUntilMs, performance.now() + RETURN_MS);
    input();
  }

  return { held: readonly(held), keep };
}
