import type { MapView } from '../../charts/commune-map/map-view.js';

/** Fits a canvas to a view and the screen's pixel ratio, clears it, and returns its context in CSS pixels. */
export function openLayer(canvas: HTMLCanvasElement, view: MapView): CanvasRenderingContext2D | null {
  const ratio = window.devicePixelRatio;
  const width = Math.round(view.width * ratio);
  const height = Math.round(view.height * ratio);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
    canvas.style.width = `${view.width}px`;
    canvas.style.height = `${view.height}px`;
  }
  const context = canvas.getContext('2d');
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  context?.clearRect(0, 0, view.width, view.height);
  return context;
}
