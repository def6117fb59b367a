import { COMMUNE_BY_CODE } from '@ioc/contract';
import { toPixels, type MapView } from '../../charts/commune-map/map-view.js';
import { project, type Point } from '../../charts/commune-map/projection.js';
import type { CommuneShape } from '../../charts/commune-map/schematic-cells.js';
import { GROUND, OUTLINE, TEXT, TEXT_SOFT } from '../../ui/palette.js';
import { placeLabels, type LabelWish, type Taken } from './label-layout.js';
import { openLayer } from './layer-canvas.js';
import type { MapModel } from './map-model.js';
import { isAbnormal, rankOf } from './marks.js';
import { Sprites } from './sprites.js';

export interface AnnotationStyle {
  /** Root font size, CSS pixels: everything grows with the wall. */
  readonly unit: number;
  /** One mark per commune for its worst member. */
  readonly clusters: boolean;
  /** Communes that get the mark of no equipment. */
  readonly without: readonly string[];
  /** River sensors at an alarm level, as badges. */
  readonly levels: readonly { readonly point: Point; readonly level: number }[];
  /** Every commune has a mark at its label point, drawn by another layer: names keep below it. */
  readonly marked?: boolean;
  /** Also fills the communes: where no ECharts lies below. */
  readonly fills: boolean;
  /** Where something else lies over the map: no name is put there. */
  readonly covered?: readonly Taken[];
}

/** Hatching, outlines, marks per commune and names: what changes with communes, not with single devices. */
export class AnnotationLayer {
  private paths = new Map<string, Path2D>();
  private hatch: { readonly size: number; readonly pattern: CanvasPattern | null } | null = null;
  private sprites = new Sprites(window.devicePixelRatio);

  constructor(private readonly canvas: HTMLCanvasElement) {}

  setShapes(shapes: readonly CommuneShape[]): void {
    this.paths = new Map(shapes.map((shape) => [shape.code, pathOf(shape)]));
  }

  draw(view: MapView, model: MapModel, style: AnnotationStyle): void {
    const context = openLayer(this.canvas, view);
    if (context === null) return;
    if (style.fills) this.drawFills(context, view, model);
    this.drawHatching(context, view, model, style.unit);
    this.drawOutlines(context, view, model, style.unit);
    const taken = this.drawMarks(context, view, model, style);
    this.drawLabels(context, view, model, style, [...taken, ...(style.covered ?? [])]);
  }

  private onPlane(context: CanvasRenderingContext2D, view: MapView, draw: () => void): void {
    context.save();
    context.translate(view.left, view.top);
    context.scale(view.scale, -view.scale);
    draw();
    context.restore();
  }

  private drawFills(context: CanvasRenderingContext2D, view: MapView, model: MapModel): void {
    this.onPlane(context, view, () => {
      context.lineWidth = 1 / view.scale;
      context.strokeStyle = GROUND;
      for (const [code, path] of this.paths) {
        context.fillStyle = model.fills.get(code) ?? GROUND;
        context.fill(path);
        context.stroke(path);
      }
    });
  }

  private drawHatching(context: CanvasRenderingContext2D, view: MapView, model: MapModel, unit: number): void {
    for (const code of model.hatched) {
      const path = this.paths.get(code);
      if (path === undefined) continue;
      context.save();
      this.clipTo(context, view, path);
      context.fillStyle = this.hatchPattern(context, unit);
      context.fillRect(0, 0, view.width, view.height);
      context.restore();
    }
  }

  private clipTo(context: CanvasRenderingContext2D, view: MapView, path: Path2D): void {
    const before = context.getTransform();
    context.translate(view.left, view.top);
    context.scale(view.scale, -view.scale);
    context.clip(path);
    context.setTransform(before);
  }

  private hatchPattern(context: CanvasRenderingContext2D, unit: number): CanvasPattern | string {
    const size = Math.round(unit * 0.5);
    const faint = 'rgb(232 237 243 / 15%)';
    if (this.hatch?.size === size) return this.hatch.pattern ?? faint;
    const tile = document.createElement('canvas');
    tile.width = size;
    tile.height = size;
    const pen = tile.getContext('2d');
    if (pen !== null) {
      pen.strokeStyle = 'rgb(232 237 243 / 34%)';
      pen.lineWidth = Math.max(1, unit * 0.09);
      pen.beginPath();
      for (const shift of [-size, 0, size]) {
        pen.moveTo(shift, size);
        pen.lineTo(shift + size, 0);
      }
      pen.stroke();
    }
    this.hatch = { size, pattern: context.createPattern(tile, 'repeat') };
    return this.hatch.pattern ?? faint;
  }

  private drawOutlines(context: CanvasRenderingContext2D, view: MapView, model: MapModel, unit: number): void {
    this.onPlane(context, view, () => {
      for (const [codes, width, dash] of [
        [model.nearlyIsolated, 0.1, 0.4],
        [model.isolated, 0.16, 0],
      ] as const) {
        context.strokeStyle = TEXT;
        context.lineWidth = (unit * width) / view.scale;
        context.setLineDash(dash === 0 ? [] : [(unit * dash) / view.scale, (unit * dash * 0.6) / view.scale]);
        for (const code of codes) {
          const path = this.paths.get(code);
          if (path !== undefined) context.stroke(path);
        }
      }
    });
  }

  /** Draws the marks; returns the places that they take. */
  private drawMarks(context: CanvasRenderingContext2D, view: MapView, model: MapModel, style: AnnotationStyle) {
    if (this.sprites.pixelRatio !== window.devicePixelRatio) this.sprites = new Sprites(window.devicePixelRatio);
    const { sprites } = this;
    const taken: Taken[] = [];
    const put = (sprite: HTMLCanvasElement, [x, y]: Point, size: number): void => {
      const [left, top] = [x - size / 2, y - size / 2];
      context.drawImage(sprite, left, top, size, size);
      taken.push({ left, top, right: left + size, bottom: top + size });
    };
    const size = Math.round(style.unit * 0.95);
    for (const code of style.without) put(sprites.mark('none', null, size), this.markPlace(view, code, size), size);
    if (style.clusters) {
      const marks = [...model.clusters].filter(([code, glyph]) => isAbnormal(glyph) && this.paths.has(code));
      marks.sort(([, a], [, b]) => rankOf(a) - rankOf(b));
      for (const [code, glyph] of marks) {
        // A single failure is a dot; worse marks are a step larger.
        const own = rankOf(glyph) >= rankOf('major') ? Math.round(size * 1.2) : Math.round(size * 0.85);
        put(sprites.mark(glyph, null, own), this.markPlace(view, code, size), own);
      }
    }
    for (const { point, level } of style.levels) {
      const badge = Math.round(style.unit * 1.15);
      const [x, y] = toPixels(view, point);
      put(sprites.alarmLevel(level, badge), [x + badge * 0.85, y - badge * 0.2], badge);
    }
    return taken;
  }

  /** A commune's mark stands just above its label point, its name below. */
  private markPlace(view: MapView, code: string, size: number): Point {
    const [x, y] = this.anchor(view, code);
    return [x, y - size * 0.62];
  }

  private anchor(view: MapView, code: string): Point {
    const commune = COMMUNE_BY_CODE.get(code);
    return commune === undefined ? [-999, -999] : toPixels(view, project(commune.lon, commune.lat));
  }

  private drawLabels(
    context: CanvasRenderingContext2D,
    view: MapView,
    model: MapModel,
    style: AnnotationStyle,
    taken: readonly Taken[],
  ): void {
    const lines = new Map<string, readonly string[]>();
    const wishes: LabelWish[] = [];
    const lineHeight = style.unit * 0.8;
    for (const code of this.paths.keys()) {
      const commune = COMMUNE_BY_CODE.get(code);
      if (commune === undefined) continue;
      const [x, y] = this.anchor(view, code);
      if (x < 0 || y < 0 || x > view.width || y > view.height) continue;
      const marked =
        style.without.includes(code) || (style.clusters && isAbnormal(model.clusters.get(code) ?? 'cleared'));
      const own = inLines(commune.shortName);
      lines.set(code, own);
      context.font = labelFont(style.unit, isLoud(model, code));
      const width = Math.max(...own.map((line) => context.measureText(line).width));
      const height = own.length * lineHeight;
      // A name that would be cut at the edge is none.
      if (x < width / 2 || x > view.width - width / 2) continue;
      wishes.push({
        code,
        x,
        y: marked ? y + height / 2 + style.unit * 0.1 : y,
        width,
        height,
        weight: rankOf(model.clusters.get(code) ?? 'none') * 10_000 + commune.areaKm2,
        must: model.isolated.has(code),
      });
    }
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.lineJoin = 'round';
    for (const { code, x, y } of placeLabels(wishes, taken, style.unit * 0.08)) {
      const own = lines.get(code) ?? [];
      const loud = isLoud(model, code);
      context.font = labelFont(style.unit, loud);
      context.strokeStyle = OUTLINE;
      context.lineWidth = style.unit * 0.18;
      context.fillStyle = loud ? TEXT : TEXT_SOFT;
      own.forEach((line, index) => {
        const lineY = y + (index - (own.length - 1) / 2) * lineHeight;
        context.strokeText(line, x, lineY);
        context.fillText(line, x, lineY);
      });
    }
  }
}

function isLoud(model: MapModel, code: string): boolean {
  return model.isolated.has(code) || model.nearlyIsolated.has(code);
}

function labelFont(unit: number, loud: boolean): string {
  return `${loud ? 700 : 500} ${(unit * (loud ? 0.8 : 0.7)).toFixed(1)}px "Be Vietnam Pro", "Noto Sans", sans-serif`;
}

/** A name of three words or more takes two lines: "Đặng / Thùy Trâm". */
function inLines(name: string): readonly string[] {
  const words = name.split(' ');
  if (words.length < 3) return [name];
  const middle = words.length - 2;
  return [words.slice(0, middle).join(' '), words.slice(middle).join(' ')];
}

function pathOf(shape: CommuneShape): Path2D {
  const path = new Path2D();
  for (const rings of shape.polygons) {
    for (const ring of rings) {
      ring.forEach(([x, y], index) => (index === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
      path.closePath();
    }
  }
  return path;
}
