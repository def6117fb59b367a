import { shallowRef, type Ref, type ShallowRef } from 'vue';
import type { MapTarget } from './map-target.js';

const HOVER_INTERVAL_MS = 50;
/** How far beside a mark a pointer still means it, CSS pixels: a click is made with less care. */
const HOVER_SLACK = 3;
const CLICK_SLACK = 8;
/** A press that moved further was a drag. */
const DRAG_PX = 6;

export interface MapPointer {
  /** What the pointer is over, or what was picked. */
  readonly hovered: ShallowRef<MapTarget | null>;
  readonly picked: ShallowRef<MapTarget | null>;
  readonly onHover: (event: PointerEvent) => void;
  readonly onPress: (event: PointerEvent) => void;
  /** A click that was no drag picks; a click beside everything lets go. */
  readonly onClick: (event: MouseEvent) => void;
  /** What lies under a pointer, at most `slack` pixels beside it. */
  readonly targetAt: (event: MouseEvent, slack: number) => MapTarget | null;
}

/** What a mouse or a finger points at on the map. `find` looks a place of the frame up; nothing is hovered during a gesture. */
export function useMapPointer(
  frame: Readonly<Ref<HTMLElement | null>>,
  find: (x: number, y: number, slack: number) => Pick<MapTarget, 'of' | 'id'> | null,
  isMoving: () => boolean,
): MapPointer {
  const hovered = shallowRef<MapTarget | null>(null);
  const picked = shallowRef<MapTarget | null>(null);
  let lastHoverMs = 0;
  let pressedAt: { readonly x: number; readonly y: number } | null = null;

  function targetAt(event: MouseEvent, slack: number): MapTarget | null {
    if (frame.value === null) return null;
    const area = frame.value.getBoundingClientRect();
    const [x, y] = [event.clientX - area.left, event.clientY - area.top];
    const found = find(x, y, slack);
    return found === null ? null : { ...found, x, y, right: x > area.width * 0.55, low: y > area.height * 0.55 };
  }

  return {
    hovered,
    picked,
    targetAt,
    onHover(event) {
      if (event.pointerType === 'touch' || isMoving() || event.timeStamp - lastHoverMs < HOVER_INTERVAL_MS) return;
      lastHoverMs = event.timeStamp;
      hovered.value = targetAt(event, HOVER_SLACK);
    },
    onPress(event) {
      pressedAt = { x: event.clientX, y: event.clientY };
    },
    onClick(event) {
      const moved = pressedAt === null ? 0 : Math.hypot(event.clientX - pressedAt.x, event.clientY - pressedAt.y);
      if (moved <= DRAG_PX) picked.value = targetAt(event, CLICK_SLACK);
    },
  };
}
