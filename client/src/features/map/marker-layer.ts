import { DEVICE_CLASS_IDS, type DeviceClassId } from '@ioc/contract';
import { toPlane, type MapView } from '../../charts/commune-map/map-view.js';
import type { GlyphName } from '../../ui/glyphs.js';
import { CLEARED_COLOUR, OUTLINE } from '../../ui/palette.js';
import { GridIndex } from './grid-index.js';
import { openLayer } from './layer-canvas.js';
import { isAbnormal, rankOf } from './marks.js';
import type { PlacedDevices } from './placed-devices.js';
import { Sprites } from './sprites.js';

/** Free pixels around a view within which marks are drawn too: a mark may stick out of its place. */
const AIR = 48;
/** From this many changed marks on, drawing everything is cheaper than drawing around each. */
const FULL_REDRAW_FROM = 800;

export interface MarkerStyle {
  /** Only this class; null: all. */
  readonly deviceClass: DeviceClassId | null;
  /** Widths of marks, CSS pixels. */
  readonly normalSize: number;
  readonly abnormalSize: number;
}

/**
 * Every device as one sprite on a canvas of its own above the polygons. Positions come once; a change of state draws only
 * the boxes of the marks that changed; while a gesture goes on nothing is drawn, the canvas is moved by CSS.
 */
export class MarkerLayer {
  private placed: PlacedDevices | null = null;
  private grid: GridIndex | null = null;
  private glyphs: GlyphName[] = [];
  /** River alarm level by index; 0: none. */
  private levels = new Uint8Array(0);
  private sprites = new Sprites(window.devicePixelRatio);
  /** The rings of all stations, whatever their state: what lies below the other marks. */
  private readonly rings = document.createElement('canvas');
  private view: MapView | null = null;
  private style: MarkerStyle = { deviceClass: null, normalSize: 8, abnormalSize: 14 };

  constructor(private readonly canvas: HTMLCanvasElement) {}

  setDevices(placed: PlacedDevices): void {
    this.placed = placed;
    this.grid = new GridIndex(placed.x, placed.y, 3);
    this.glyphs = new Array<GlyphName>(placed.devices.length).fill('stale');
    this.levels = new Uint8Array(placed.devices.length);
  }

  /** Remembers the mark of a device; whether it looks different now. */
  setMark(index: number, glyph: GlyphName, alarmLevel: number): boolean {
    if (this.glyphs[index] === glyph && this.levels[index] === alarmLevel) return false;
    this.glyphs[index] = glyph;
    this.levels[index] = alarmLevel;
    return true;
  }

  /** Draws everything for a view. */
  draw(view: MapView, style: MarkerStyle): void {
    this.view = view;
    this.style = style;
    const context = openLayer(this.canvas, view);
    if (context === null || this.grid === null) return;
    if (this.sprites.pixelRatio !== window.devicePixelRatio) this.sprites = new Sprites(window.devicePixelRatio);
    const [minX, maxY] = toPlane(view, [-AIR, -AIR]);
    const [maxX, minY] = toPlane(view, [view.width + AIR, view.height + AIR]);
    const indexes = this.grid.within(minX, minY, maxX, maxY).filter((index) => this.isShown(index));
    this.drawRings(view, indexes);
    context.drawImage(this.rings, 0, 0, view.width, view.height);
    this.drawMarks(context, indexes);
  }

  /** Draws again the boxes of these devices' marks, with whatever else reaches into them, and nothing besides. */
  restyle(indexes: readonly number[]): void {
    const { view, grid, placed } = this;
    const context = this.canvas.getContext('2d');
    if (view === null || grid === null || placed === null || context === null) return;
    if (indexes.length > FULL_REDRAW_FROM) {
      this.draw(view, this.style);
      return;
    }
    // As large as the largest mark, because the one that was there before may have been larger.
    const half = Math.ceil(this.largest() / 2) + 1;
    const reach = this.reach() + half;
    const ratio = window.devicePixelRatio;
    for (const index of indexes) {
      if (!this.isShown(index)) continue;
      const [x, y] = this.screenOf(view, placed, index);
      if (x < -half || y < -half || x > view.width + half || y > view.height + half) continue;
      // On whole pixels, so that what is copied stays sharp.
      const left = Math.floor((x - half) * ratio) / ratio;
      const top = Math.floor((y - half) * ratio) / ratio;
      const side = Math.ceil(2 * half * ratio) / ratio;
      context.save();
      context.beginPath();
      context.rect(left, top, side, side);
      context.clip();
      context.clearRect(left, top, side, side);
      const pixels = side * ratio;
      context.drawImage(this.rings, left * ratio, top * ratio, pixels, pixels, left, top, side, side);
      const [minX, maxY] = toPlane(view, [x - reach, y - reach]);
      const [maxX, minY] = toPlane(view, [x + reach, y + reach]);
      this.drawMarks(context, this.touching(grid.within(minX, minY, maxX, maxY), x, y, half + 1));
      context.restore();
    }
  }

  /** The device whose mark is nearest to a place of the screen, within reach of a finger; -1: none. */
  hit(px: number, py: number, slack: number): number {
    const { view, grid, placed } = this;
    if (view === null || grid === null || placed === null) return -1;
    const reach = this.reach() + slack;
    const [minX, maxY] = toPlane(view, [px - reach, py - reach]);
    const [maxX, minY] = toPlane(view, [px + reach, py + reach]);
    let best = -1;
    let bestScore = Infinity;
    for (const index of grid.within(minX, minY, maxX, maxY)) {
      if (!this.isShown(index)) continue;
      const [x, y] = this.screenOf(view, placed, index);
      const distance = Math.hypot(x - px, y - py);
      if (distance > this.sizeOf(index) / 2 + slack) continue;
      // Of two that are equally near the worse one is meant.
      const score = distance - rankOf(this.glyphs[index] ?? 'cleared') * 1.5;
      if (score < bestScore) [best, bestScore] = [index, score];
    }
    return best;
  }

  /** Of these devices, those whose marks reach into a box around a place, and that are more than a ring. */
  private touching(indexes: readonly number[], x: number, y: number, half: number): number[] {
    const { view, placed } = this;
    if (view === null || placed === null) return [];
    return indexes.filter((index) => {
      if (this.isRing(index) || !this.isShown(index)) return false;
      const [otherX, otherY] = this.screenOf(view, placed, index);
      const reach = half + this.sizeOf(index) / 2;
      return Math.abs(otherX - x) < reach && Math.abs(otherY - y) < reach;
    });
  }

  /** Draws the marks that are more than a ring; worse ones above better ones, in a whole picture as in a box of it. */
  private drawMarks(context: CanvasRenderingContext2D, indexes: readonly number[]): void {
    const { view, placed } = this;
    if (view === null || placed === null) return;
    const marks = indexes.filter((index) => !this.isRing(index));
    marks.sort((a, b) => this.order(a) - this.order(b) || a - b);
    for (const index of marks) {
      const size = this.sizeOf(index);
      const level = this.levels[index] ?? 0;
      const glyph = this.glyphs[index] ?? 'stale';
      const deviceClass = DEVICE_CLASS_IDS[placed.classIndex[index] ?? 0] ?? null;
      const sprite = level > 0 ? this.sprites.alarmLevel(level, size) : this.sprites.mark(glyph, deviceClass, size);
      const [x, y] = this.screenOf(view, placed, index);
      context.drawImage(sprite, x - size / 2, y - size / 2, size, size);
    }
  }

  /**
   * Stations that are up are by far the most marks: a ring for every station as one path on a canvas of its own, drawn once
   * for a view and copied from there. Measured in the software renderer: a sprite costs 2–4 µs, and around one mark in town
   * there are fifty.
   */
  private drawRings(view: MapView, indexes: readonly number[]): void {
    const context = openLayer(this.rings, view);
    const { placed } = this;
    if (context === null || placed === null) return;
    const stations = indexes.filter((index) => placed.classIndex[index] === 0);
    const trace = (radius: number): void => {
      context.beginPath();
      for (const index of stations) {
        const [x, y] = this.screenOf(view, placed, index);
        context.moveTo(x + radius, y);
        context.arc(x, y, radius, 0, 2 * Math.PI);
      }
    };
    trace(this.style.normalSize * 0.48);
    context.fillStyle = OUTLINE;
    context.fill();
    trace(this.style.normalSize * 0.3);
    context.strokeStyle = CLEARED_COLOUR;
    context.lineWidth = this.style.normalSize * 0.18;
    context.stroke();
  }

  private isRing(index: number): boolean {
    return this.placed?.classIndex[index] === 0 && this.glyphs[index] === 'cleared' && this.levels[index] === 0;
  }

  private order(index: number): number {
    return (this.levels[index] ?? 0) > 0 ? 20 : rankOf(this.glyphs[index] ?? 'stale');
  }

  private isShown(index: number): boolean {
    if (this.style.deviceClass === null) return true;
    return DEVICE_CLASS_IDS[this.placed?.classIndex[index] ?? 0] === this.style.deviceClass;
  }

  private sizeOf(index: number): number {
    const { normalSize, abnormalSize } = this.style;
    if ((this.levels[index] ?? 0) > 0) return abnormalSize * 1.15;
    if (isAbnormal(this.glyphs[index] ?? 'stale')) return abnormalSize;
    // Of links, endpoints and sensors there are few; they may be seen.
    return (this.placed?.classIndex[index] ?? 0) === 0 ? normalSize : normalSize * 1.5;
  }

  private screenOf(view: MapView, placed: PlacedDevices, index: number): readonly [number, number] {
    const spread = this.style.normalSize;
    return [
      (placed.x[index] ?? 0) * view.scale + view.left + (placed.offsetX[index] ?? 0) * spread,
      view.top - (placed.y[index] ?? 0) * view.scale + (placed.offsetY[index] ?? 0) * spread,
    ];
  }

  private largest(): number {
    return Math.max(this.style.normalSize * 1.5, this.style.abnormalSize * 1.15);
  }

  /** How far a mark may stick out from the place of its device: half of the largest, and its site's spread. */
  private reach(): number {
    return this.largest() / 2 + this.style.normalSize * 1.3;
  }
}
