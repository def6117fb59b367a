import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  ALARM_LEVEL_COLOURS,
  CLEARED_COLOUR,
  CONNECTIVITY_COLOURS,
  GROUND,
  IMPACT_COLOURS,
  RISK_LEVEL_COLOURS,
  SEVERITY_COLOURS,
  TEXT,
  TEXT_MUTED,
  TEXT_SOFT,
} from './palette.js';

const tokens = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');

type Triple = readonly [number, number, number];

function linear(hex: string): Triple {
  const channel = (start: number): number => {
    const value = Number.parseInt(hex.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

/** WCAG 2.2 contrast ratio. */
function contrast(a: string, b: string): number {
  const luminance = (hex: string): number => {
    const [red, green, blue] = linear(hex);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** Distance in Oklab, × 100: about 2 can just be told apart, 9 are two colours at a glance. */
function distance(a: string, b: string): number {
  const oklab = (hex: string): Triple => {
    const [red, green, blue] = linear(hex);
    const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
    const middle = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
    const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
    return [
      0.2104542553 * long + 0.793617785 * middle - 0.0040720468 * short,
      1.9779984951 * long - 2.428592205 * middle + 0.4505937099 * short,
      0.0259040371 * long + 0.7827717662 * middle - 0.808675766 * short,
    ];
  };
  const [first, second] = [oklab(a), oklab(b)];
  return 100 * Math.hypot(first[0] - second[0], first[1] - second[1], first[2] - second[2]);
}

const telecom = [...Object.values(SEVERITY_COLOURS), ...Object.values(CONNECTIVITY_COLOURS), CLEARED_COLOUR];
const flood = [...new Set([...ALARM_LEVEL_COLOURS.slice(1), ...RISK_LEVEL_COLOURS])];

describe('colours', () => {
  it('of telecom severity and of the flood law never meet', () => {
    const near = telecom.flatMap((one) =>
      flood.filter((other) => distance(one, other) < 10).map((other) => `${one} ${other}`),
    );
    expect(near).toEqual([]);
  });

  it('of the four severities differ at a glance', () => {
    const all = Object.values(SEVERITY_COLOURS);
    for (const one of all) for (const other of all) if (one !== other) expect(distance(one, other)).toBeGreaterThan(9);
  });

  it('of text stand out 4.5 : 1 from the ground, and those of marks 3 : 1', () => {
    for (const colour of [TEXT, TEXT_SOFT, TEXT_MUTED]) expect(contrast(colour, GROUND)).toBeGreaterThan(4.5);
    for (const colour of [...telecom, ...ALARM_LEVEL_COLOURS]) expect(contrast(colour, GROUND)).toBeGreaterThan(3);
  });

  it('of worse impacts are lighter, so that they can be told apart in greyscale', () => {
    const { none, major, critical, nearlyIsolated, isolated } = IMPACT_COLOURS;
    const ramp = [none, major, critical, nearlyIsolated, isolated].map((colour) => contrast(colour, GROUND));
    expect(ramp).toEqual([...ramp].sort((a, b) => a - b));
    expect(new Set(ramp).size).toBe(5);
  });

  it('are the same on canvases as in the style sheet', () => {
    const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const named: Record<string, string> = {
      '--ground': GROUND,
      '--text': TEXT,
      '--text-soft': TEXT_SOFT,
      '--text-muted': TEXT_MUTED,
    };
    for (const [name, colour] of Object.entries(SEVERITY_COLOURS)) named[`--severity-${name}`] = colour;
    for (const [name, colour] of Object.entries(CONNECTIVITY_COLOURS)) named[`--connectivity-${name}`] = colour;
    for (const [name, colour] of Object.entries(IMPACT_COLOURS)) named[`--impact-${kebab(name)}`] = colour;
    ALARM_LEVEL_COLOURS.forEach(
      (colour, level) => (named[level === 0 ? '--flood-below' : `--flood-level-${level}`] = colour),
    );
    RISK_LEVEL_COLOURS.forEach((colour, index) => (named[`--flood-risk-${index + 1}`] = colour));
    for (const [name, colour] of Object.entries(named)) expect(tokens, name).toContain(`${name}: ${colour};`);
  });
});
