/**
 * Randomness without state: every draw is a pure function of a key, a stream and a slot, so that any moment of any device
 * can be computed on its own and two runs with one seed agree on every value.
 */

/** A well-mixed 32-bit key of a text (FNV-1a, then the finalizer of MurmurHash3). */
export function keyOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return finalize(hash);
}

/** A new key from two; the order matters. */
export function mix(a: number, b: number): number {
  return finalize(Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35));
}

/** Uniform in [0, 1). `stream` names the purpose, `slot` the repetition (a day, a step, an index). */
export function unit(key: number, stream: number, slot = 0): number {
  return mix(mix(key, stream), slot | 0) / 0x1_0000_0000;
}

/** Uniform in [from, to). */
export function between(from: number, to: number, key: number, stream: number, slot = 0): number {
  return from + (to - from) * unit(key, stream, slot);
}

/** About normal with mean 0 and deviation 1, cut off at ±3.46 (sum of four uniforms): enough for measurement noise. */
export function bell(key: number, stream: number, slot = 0): number {
  const a = unit(key, stream, slot) + unit(key, stream + 0x10001, slot);
  const b = unit(key, stream + 0x20003, slot) + unit(key, stream + 0x30007, slot);
  return (a + b - 2) * 1.732;
}

/** Smooth noise in [-1, 1] that wanders within about `periodMs`. */
export function wander(key: number, stream: number, atMs: number, periodMs: number): number {
  const position = atMs / periodMs;
  const slot = Math.floor(position);
  const part = position - slot;
  const ease = part * part * (3 - 2 * part);
  const from = unit(key, stream, slot);
  return (from + (unit(key, stream, slot + 1) - from) * ease) * 2 - 1;
}

function finalize(value: number): number {
  let h = value;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return h >>> 0;
}
