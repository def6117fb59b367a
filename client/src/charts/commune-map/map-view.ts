import type { Box } from './geometry.js';
import type { Point } from './projection.js';

/** From kilometres of the plane to CSS pixels of the map: `px = x · scale + left`, `py = top − y · scale`. */
export interface MapView {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
  /** Size of the map, CSS pixels. */
  readonly width: number;
  readonly height: number;
}

export function toPixels(view: MapView, [x, y]: Point): Point {
  return [x * view.scale + view.left, view.top - y * view.scale];
}

export function toPlane(view: MapView, [px, py]: Point): Point {
  return [(px - view.left) / view.scale, (view.top - py) / view.scale];
}

/** The view that shows a box whole and centred, with a margin in pixels. */
export function fit(box: Box, width: number, height: number, margin: number): MapView {
  const scale = Math.max(
    0.01,
    Math.min((width - 2 * margin) / (box.maxX - box.minX), (height - 2 * margin) / (box.maxY - box.minY)),
  );
  return {
    scale,
    left: width / 2 - ((box.minX + box.maxX) / 2) * scale,
    top: height / 2 + ((box.minY + box.maxY) / 2) * scale,
    width,
    height,
  };
}

/** The CSS transform (origin 0 0) that makes what was drawn for one view lie where another view would draw it. */
export function transformBetween(drawn: MapView, wanted: MapView): string {
  const ratio = wanted.scale / drawn.scale;
  const x = wanted.left - drawn.left * ratio;
  const y = wanted.top - drawn.top * ratio;
  return `translate(${x}px, ${y}px) scale(${ratio})`;
}
