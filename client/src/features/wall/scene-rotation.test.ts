import { describe, expect, it } from 'vitest';
import { NO_WAITS, nextScene, SCENES, stayMs, type Scene } from './scene-rotation.js';

function turns(count: number, urgent: ReadonlySet<Scene>): Scene[] {
  const shown: Scene[] = ['map'];
  let waits = NO_WAITS;
  for (let turn = 1; turn < count; turn += 1) {
    const next = nextScene(shown[shown.length - 1] ?? 'map', waits, urgent);
    shown.push(next.scene);
    waits = next.waits;
  }
  return shown;
}

describe('rotation of scenes', () => {
  it('shows each scene equally often while all is well', () => {
    const shown = turns(40, new Set());
    for (const scene of SCENES) expect(shown.filter((each) => each === scene)).toHaveLength(10);
  });

  it('brings an urgent scene up every other turn, and still shows all the others', () => {
    const shown = turns(40, new Set<Scene>(['rivers']));
    expect(shown.filter((each) => each === 'rivers').length).toBeGreaterThanOrEqual(18);
    for (const scene of SCENES) expect(shown).toContain(scene);
  });

  it('never shows a scene twice in a row', () => {
    const shown = turns(60, new Set<Scene>(['map', 'incidents']));
    expect(shown.some((scene, index) => scene === shown[index - 1])).toBe(false);
  });

  it('lets an urgent scene stay longer', () => {
    expect(stayMs('map', new Set(['map']))).toBeGreaterThan(stayMs('map', new Set()));
  });
});
