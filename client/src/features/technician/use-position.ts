import { onScopeDispose, shallowRef, type ShallowRef } from 'vue';
import { distanceM, type Point } from './geography.js';

/** `off`: not asked for · `asking` · `here` · `refused`: the person said no · `unknown`: the phone cannot tell. */
export type PositionState = 'off' | 'asking' | 'here' | 'refused' | 'unknown';

export interface Position {
  readonly point: Readonly<ShallowRef<Point | null>>;
  readonly state: Readonly<ShallowRef<PositionState>>;
  /** Asks the phone, which asks the person; follows them from then on. */
  ask(): void;
}

/** A list by distance is not sorted anew for less than this. */
const NOTABLE_MOVE_M = 200;
const REMEMBERED = 'ioc.technician.position';

/** Where the phone is. It never leaves this page. */
export function usePosition(): Position {
  const point = shallowRef<Point | null>(null);
  const state = shallowRef<PositionState>('off');
  let watching: number | null = null;

  function ask(): void {
    // Absent where the page came over plain HTTP.
    if (!('geolocation' in navigator)) {
      state.value = 'unknown';
      return;
    }
    if (watching !== null) navigator.geolocation.clearWatch(watching);
    if (point.value === null) state.value = 'asking';
    watching = navigator.geolocation.watchPosition(
      ({ coords }) => {
        const next = { lat: coords.latitude, lon: coords.longitude };
        state.value = 'here';
        localStorage.setItem(REMEMBERED, '1');
        if (point.value === null || distanceM(point.value, next) >= NOTABLE_MOVE_M) point.value = next;
      },
      ({ code, PERMISSION_DENIED }) => {
        state.value = code === PERMISSION_DENIED ? 'refused' : 'unknown';
        if (code === PERMISSION_DENIED) localStorage.removeItem(REMEMBERED);
      },
      { maximumAge: 60_000, timeout: 20_000 },
    );
  }

  // Whoever allowed it once is not asked to tap again.
  if (localStorage.getItem(REMEMBERED) !== null) ask();
  onScopeDispose(() => {
    if (watching !== null) navigator.geolocation.clearWatch(watching);
  });
  return { point, state, ask };
}
