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

/** Tried from the anchor outwards, in heights of the label. */
const SHIFTS = [0, -0.9, 0.9] as const;

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
    const candidates = SHIFTS.map((shift) => boxAt(wish, wish.y + shift * wish.height, air));
    const free = candidates.findIndex((box) => !occupied.some((other) => overlaps(box, other)));
    if (free === -1 && !wish.must) continue;
    const chosen = Math.max(0, free);
    const box = candidates[chosen];
    if (box !== undefined) occupied.push(box);
    placed.push({ code: wish.code, x: wish.x, y: wish.y + (SHIFTS[chosen] ?? 0) * wish.height });
  }
  return placed;
}

function boxAt(wish: LabelWish, y: number, air: number): Taken {
  return {
    left: wish.x - wish.width / 2 - air,
    right: wish.x + wish.width / 2 + air,
    top: y - wish.height / 2 - air,
    bottom: y + wish.height / 2 + air,
  };
}

function overlaps(a: Taken, b: Taken): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
