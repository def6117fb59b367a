import type { DeviceClassId } from '@ioc/contract';
import { GLYPHS, type GlyphName } from '../../ui/glyphs.js';
import { ALARM_LEVEL_COLOURS, OUTLINE } from '../../ui/palette.js';
import { GLYPH_COLOURS } from './marks.js';

/** A small sign inside a mark tells the class; bases, of which there are thousands, have none. Path data in a box of 24. */
const CLASS_SIGNS: Readonly<Record<DeviceClassId, string | null>> = {
  bts: null,
  link: 'M8.5 12h7',
  vcs: 'M9.5 10h5v4h-5Z',
  flood: 'M8 12.8c1.4-2 2.6-2 4 0s2.6 2 4 0',
};

/** Below this width, CSS pixels, a hollow mark has no room for an outline and is a plain ring. */
const SMALL = 11;

/** Pictures of marks, drawn once per kind and size: a marker on the map is one copy of one of them. */
export class Sprites {
  private readonly pictures = new Map<string, HTMLCanvasElement>();

  constructor(readonly pixelRatio: number) {}

  /** A device's mark, `size` CSS pixels wide; of a class, or of a cluster without one. */
  mark(glyph: GlyphName, deviceClass: DeviceClassId | null, size: number): HTMLCanvasElement {
    return this.picture(`${glyph}:${deviceClass ?? ''}:${size}`, size, (context) => {
      drawMark(context, glyph, deviceClass, size < SMALL);
    });
  }

  /** The badge of a river alarm level 1–3 in its legal colour: a square, as no telecom mark is. */
  alarmLevel(level: number, size: number): HTMLCanvasElement {
    return this.picture(`bd:${level}:${size}`, size, (context) => {
      context.beginPath();
      context.roundRect(1.5, 1.5, 21, 21, 4);
      context.fillStyle = ALARM_LEVEL_COLOURS[level] ?? ALARM_LEVEL_COLOURS[0];
      context.fill();
      context.lineWidth = 2;
      context.strokeStyle = OUTLINE;
      context.stroke();
      context.fillStyle = OUTLINE;
      context.font = '700 16px "Be Vietnam Pro", sans-serif';
      context.textAlign = 'center';
      context.textBaseline = 'middle';
      context.fillText(String(level), 12, 13);
    });
  }

  private picture(key: string, size: number, draw: (context: CanvasRenderingContext2D) => void): HTMLCanvasElement {
    const known = this.pictures.get(key);
    if (known !== undefined) return known;
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.ceil(size * this.pixelRatio));
    canvas.height = canvas.width;
    const context = canvas.getContext('2d');
    if (context !== null) {
      // A unit of air on every side keeps the outline whole.
      const unit = canvas.width / 26;
      context.setTransform(unit, 0, 0, unit, unit, unit);
      draw(context);
    }
    this.pictures.set(key, canvas);
    return canvas;
  }
}

function drawMark(
  context: CanvasRenderingContext2D,
  glyph: GlyphName,
  deviceClass: DeviceClassId | null,
  small: boolean,
): void {
  const shape = GLYPHS[glyph];
  const colour = GLYPH_COLOURS[glyph];
  const path = new Path2D(shape.path);
  context.lineJoin = 'round';
  context.lineCap = 'round';
  if (shape.hollow && small) {
    context.fillStyle = OUTLINE;
    context.fill(path);
    context.strokeStyle = colour;
    context.lineWidth = 4.5;
    context.stroke(path);
  } else if (shape.hollow) {
    context.fillStyle = 'rgb(23 29 38 / 94%)';
    context.fill(path);
    context.strokeStyle = OUTLINE;
    context.lineWidth = 5;
    context.stroke(path);
    context.strokeStyle = colour;
    context.lineWidth = 2.6;
    context.stroke(path);
  } else {
    context.strokeStyle = OUTLINE;
    context.lineWidth = 4;
    context.stroke(path);
    context.fillStyle = colour;
    context.fill(path);
  }
  if (shape.marks !== null) {
    context.strokeStyle = colour;
    context.lineWidth = 2;
    context.stroke(new Path2D(shape.marks));
    return;
  }
  const sign = deviceClass === null ? null : CLASS_SIGNS[deviceClass];
  if (sign === null || glyph === 'none') return;
  context.strokeStyle = shape.hollow ? colour : OUTLINE;
  context.lineWidth = 2.4;
  context.stroke(new Path2D(sign));
}
