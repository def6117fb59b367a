/** A label that wants a place: its anchor, its size in pixels, and how much it matters. */
export interface LabelWish {
  readonly code: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Higher is placed first. */
  readonly weight: number;
  /** Must be shown, even over others: an isolated commune. */
  readonly must: boolean;
}

export interface PlacedLabel {
  readonly code: string;
  /** Middle of the label. */
  readonly x: number;
  readonly y: number;
}

interface Taken {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Places tried from the anchor outwards, in widths and heights of the label. */
const SHIFTS = [
  [0, 0],
  [0, -0.9],
  [0, 0.9],
] as const;
/** What must be shown is moved further before it is laid over another. */
const MUST_SHIFTS = [...SHIFTS, [0.5, 0], [-0.5, 0], [0.5, 0.9], [-0.5, 0.9], [0, 1.8], [0, -1.8]] as const;

/**
 * Places labels without overlap, the weightiest first; a label that finds no room is left out unless it must be shown.
 * `taken` are places that are not free (marks), and it is not changed.
 */
export function placeLabels(wishes: readonly LabelWish[], taken: readonly Taken[], air: number): PlacedLabel[] {
  const occupied = [...taken];
  const placed: PlacedLabel[] = [];
  const byWeight = [...wishes].sort(
    (a, b) => Number(b.must) - Number(a.must) || b.weight - a.weight || a.code.localeCompare(b.code),
  );
  for (const wish of byWeight) {
    const places = (wish.must ? MUST_SHIFTS : SHIFTS).map(([across, down]) => ({
      x: wish.x + across * wish.width,
      y: wish.y + down * wish.height,
    }));
    const free = places.find((place) => !occupied.some((other) => overlaps(boxAt(wish, place, air), other)));
    if (free === undefined && !wish.must) continue;
    const place = free ?? { x: wish.x, y: wish.y };
    occupied.push(boxAt(wish, place, air));
    placed.push({ code: wish.code, ...place });
  }
  return placed;
}

function boxAt(wish: LabelWish, { x, y }: { readonly x: number; readonly y: number }, air: number): Taken {
  return {
    left: x - wish.width / 2 - air,
    right: x + wish.width / 2 + air,
    top: y - wish.height / 2 - air,
    bottom: y + wish.height / 2 + air,
  };
}

function overlaps(a: Taken, b: Taken): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
