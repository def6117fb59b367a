import { DEVICE_CLASS_IDS, type DeviceClassId } from '@ioc/contract';
import { toPlane, type MapView } from '../../charts/commune-map/map-view.js';
import type { GlyphName } from '../../ui/glyphs.js';
import { GridIndex } from './grid-index.js';
import { openLayer } from './layer-canvas.js';
import { isAbnormal, rankOf } from './marks.js';
import type { PlacedDevices } from './placed-devices.js';
import { Sprites } from './sprites.js';

/** Side of a square of screen that is drawn again when something in it changed, CSS pixels. */
const TILE = 48;
/** Beyond this share of the screen's tiles everything is drawn again. */
const FULL_REDRAW_SHARE = 0.35;

export interface MarkerStyle {
  /** Only this class; null: all. */
  readonly deviceClass: DeviceClassId | null;
  /** Widths of marks, CSS pixels. */
  readonly normalSize: number;
  readonly abnormalSize: number;
}

/**
 * Every device as one sprite on a canvas of its own above the polygons. Positions come once; a change of state draws only
 * the squares of screen around what changed; while a gesture goes on nothing is drawn, the canvas is moved by CSS.
 */
export class MarkerLayer {
  private placed: PlacedDevices | null = null;
  private grid: GridIndex | null = null;
  private glyphs: GlyphName[] = [];
  /** River alarm level by index; 0: none. */
  private levels = new Uint8Array(0);
  private sprites = new Sprites(window.devicePixelRatio);
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
    this.sprites = new Sprites(window.devicePixelRatio);
    const [minX, maxY] = toPlane(view, [-TILE, -TILE]);
    const [maxX, minY] = toPlane(view, [view.width + TILE, view.height + TILE]);
    this.drawMarks(context, this.grid.within(minX, minY, maxX, maxY));
  }

  /** Draws again what the marks of these devices cover, and nothing else. */
  restyle(indexes: Iterable<number>): void {
    const { view, grid } = this;
    const context = this.canvas.getContext('2d');
    if (view === null || grid === null || context === null) return;
    const tiles = this.tilesOf(view, indexes);
    const allTiles = Math.ceil(view.width / TILE) * Math.ceil(view.height / TILE);
    if (tiles.size > allTiles * FULL_REDRAW_SHARE) {
      this.draw(view, this.style);
      return;
    }
    for (const [column, row] of tiles.values()) {
      const [left, top] = [column * TILE, row * TILE];
      context.save();
      context.beginPath();
      context.rect(left, top, TILE, TILE);
      context.clip();
      context.clearRect(left, top, TILE, TILE);
      const reach = this.reach();
      const [minX, maxY] = toPlane(view, [left - reach, top - reach]);
      const [maxX, minY] = toPlane(view, [left + TILE + reach, top + TILE + reach]);
      this.drawMarks(context, grid.within(minX, minY, maxX, maxY));
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

  private drawMarks(context: CanvasRenderingContext2D, indexes: readonly number[]): void {
    const { view, placed } = this;
    if (view === null || placed === null) return;
    const shown = indexes.filter((index) => this.isShown(index));
    // Worse marks lie above better ones, the same way in a whole picture and in a square of it.
    shown.sort((a, b) => this.order(a) - this.order(b) || a - b);
    for (const index of shown) {
      const size = this.sizeOf(index);
      const level = this.levels[index] ?? 0;
      const glyph = this.glyphs[index] ?? 'stale';
      const deviceClass = DEVICE_CLASS_IDS[placed.classIndex[index] ?? 0] ?? null;
      const sprite = level > 0 ? this.sprites.alarmLevel(level, size) : this.sprites.mark(glyph, deviceClass, size);
      const [x, y] = this.screenOf(view, placed, index);
      context.drawImage(sprite, x - size / 2, y - size / 2, size, size);
    }
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

  /** How far a mark may stick out from the place of its device: half of the largest, and its site's spread. */
  private reach(): number {
    return this.style.abnormalSize * 0.6 + this.style.normalSize * 1.3;
  }

  private tilesOf(view: MapView, indexes: Iterable<number>): Map<number, readonly [number, number]> {
    const tiles = new Map<number, readonly [number, number]>();
    const { placed } = this;
    if (placed === null) return tiles;
    const half = this.style.abnormalSize * 0.6 + 1;
    for (const index of indexes) {
      if (!this.isShown(index)) continue;
      const [x, y] = this.screenOf(view, placed, index);
      if (x < -half || y < -half || x > view.width + half || y > view.height + half) continue;
      for (let column = Math.floor((x - half) / TILE); column <= Math.floor((x + half) / TILE); column += 1) {
        for (let row = Math.floor((y - half) / TILE); row <= Math.floor((y + half) / TILE); row += 1) {
          tiles.set(column * 10_000 + row, [column, row]);
        }
      }
    }
    return tiles;
  }
}
