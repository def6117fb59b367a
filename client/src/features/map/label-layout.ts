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

export interface Taken {
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
/** What must be shown is moved further, and where nothing is free to where it hides least. */
const MUST_SHIFTS = [
  ...SHIFTS,
  [0.5, 0],
  [-0.5, 0],
  [0.5, 0.9],
  [-0.5, 0.9],
  [0.5, -0.9],
  [-0.5, -0.9],
  [0, 1.8],
  [0, -1.8],
] as const;
/** Over a mark a name can still be read; over another name neither can. */
const NAME_OVER_NAME = 6;

/**
 * Places labels without overlap, the weightiest first; a label that finds no room is left out unless it must be shown.
 * `taken` are places that are not free (marks), and it is not changed.
 */
export function placeLabels(wishes: readonly LabelWish[], taken: readonly Taken[], air: number): PlacedLabel[] {
  const names: Taken[] = [];
  const placed: PlacedLabel[] = [];
  const byWeight = [...wishes].sort(
    (a, b) => Number(b.must) - Number(a.must) || b.weight - a.weight || a.code.localeCompare(b.code),
  );
  for (const wish of byWeight) {
    const places = (wish.must ? MUST_SHIFTS : SHIFTS).map(([across, down]) => ({
      x: wish.x + across * wish.width,
      y: wish.y + down * wish.height,
    }));
    let best: { readonly x: number; readonly y: number } | null = null;
    let least = wish.must ? Number.POSITIVE_INFINITY : Number.MIN_VALUE;
    for (const place of places) {
      const box = boxAt(wish, place, air);
      const hidden = hiddenBy(box, taken) + NAME_OVER_NAME * hiddenBy(box, names);
      if (hidden >= least) continue;
      least = hidden;
      best = place;
      if (hidden === 0) break;
    }
    if (best === null) continue;
    names.push(boxAt(wish, best, air));
    placed.push({ code: wish.code, ...best });
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

/** How much of a box lies under others; square pixels. */
function hiddenBy(box: Taken, others: readonly Taken[]): number {
  let area = 0;
  for (const other of others) {
    const across = Math.min(box.right, other.right) - Math.max(box.left, other.left);
    const down = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top);
    if (across > 0 && down > 0) area += across * down;
  }
  return area;
}
