/** Scenes of a wall that has fewer screens than things to show. */
export const SCENES = ['map', 'incidents', 'rivers', 'coverage'] as const;
export type Scene = (typeof SCENES)[number];

/** How long a scene stays; one with something critical longer. */
export const SCENE_MS = 20_000;
export const URGENT_SCENE_MS = 35_000;

/** An urgent scene waits as if its turn came this many times as fast. */
const URGENCY = 3;

/** Turns that each scene has waited since it was shown. */
export type Waits = Readonly<Record<Scene, number>>;
export const NO_WAITS: Waits = { map: 0, incidents: 0, rivers: 0, coverage: 0 };

/**
 * The scene after `current`: the one that waited longest, where an urgent one waits three times as fast. Never the same scene
 * twice in a row, and every scene has its turn.
 */
export function nextScene(current: Scene, waits: Waits, urgent: ReadonlySet<Scene>): { scene: Scene; waits: Waits } {
  const score = (scene: Scene): number => (waits[scene] + 1) * (urgent.has(scene) ? URGENCY : 1);
  // In their order, beginning after the current one, so that equals take turns.
  const after = SCENES.indexOf(current) + 1;
  const others = [...SCENES.slice(after), ...SCENES.slice(0, after - 1)];
  const scene = others.reduce((best, candidate) => {
    const difference = score(candidate) - score(best);
    return difference > 0 || (difference === 0 && urgent.has(candidate) && !urgent.has(best)) ? candidate : best;
  });
  const next = { ...NO_WAITS };
  for (const other of SCENES) next[other] = other === scene ? 0 : waits[other] + 1;
  return { scene, waits: next };
}

export function stayMs(scene: Scene, urgent: ReadonlySet<Scene>): number {
  return urgent.has(scene) ? URGENT_SCENE_MS : SCENE_MS;
}
