import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { API_PREFIX, ENDPOINTS, type MapDevice } from '@ioc/contract';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { launchBrowser, openAs } from '../harness/browser.js';
import { startConsoleProcess } from '../harness/console-process.js';

// How smoothly the map moves with every device on it, in Chromium's software renderer: frames while a hand drags it, and the
// time that drawing 100 changed devices takes. The console runs beside it with its simulators, as it would on one machine.

const SIZES = { '1080p': { width: 1920, height: 1080 }, '4k': { width: 3840, height: 2160 } } as const;
const CLIENT = path.resolve(import.meta.dirname, '../../client/src');

interface Frames {
  readonly medianFps: number;
  readonly p95Ms: number;
  readonly scriptMsPerFrame: number;
  readonly frames: number;
}

/** `--url http://…` measures a running console; `--seconds 5` of dragging per figure. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      url: { type: 'string' },
      seconds: { type: 'string', default: '5' },
    },
  });
  const folder = await mkdtemp(path.join(tmpdir(), 'ioc-bench-map-'));
  const own = values.url === undefined ? startConsoleProcess({ IOC_DATA_DIR: path.join(folder, 'data') }) : null;
  const browser = await launchBrowser();
  try {
    const url = values.url ?? (await own?.address) ?? '';
    console.log(`${cpus().length} cores, Chromium ${browser.version()}, software renderer, ${url}`);
    for (const [name, size] of Object.entries(SIZES)) {
      const context = await openAs(browser, url, null, size);
      const page = await context.newPage();
      await page.goto('/');
      await page.waitForSelector('.province-map canvas');
      await page.waitForTimeout(4_000);
      report(`${name}, whole province, marks per commune`, await drag(page, Number(values.seconds)));
      await page.getByRole('button', { name: 'BTS', exact: true }).click();
      await page.waitForTimeout(500);
      report(`${name}, whole province, 3,700 stations`, await drag(page, Number(values.seconds)));
      await context.close();
    }
    const context = await browser.newContext({ baseURL: url, viewport: SIZES['1080p'], bypassCSP: true });
    await restyle(await context.newPage(), await bundle(folder));
  } finally {
    await browser.close();
    own?.signal('SIGTERM');
    await own?.ended;
    await rm(folder, { recursive: true, force: true });
  }
}

function report(what: string, { medianFps, p95Ms, scriptMsPerFrame, frames }: Frames): void {
  const [fps, p95, script] = [medianFps.toFixed(1), p95Ms.toFixed(1), scriptMsPerFrame.toFixed(2)];
  console.log(`${what}: median ${fps} fps, p95 ${p95} ms, script ${script} ms a frame (${frames} frames)`);
}

/** Drags the map in circles, one step a frame, and looks at the times between frames. */
async function drag(page: Page, seconds: number): Promise<Frames> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const scriptSeconds = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'ScriptDuration')?.value ?? 0;
  };
  const before = await scriptSeconds();
  const { gaps, moved } = await page.evaluate(async (forMs) => {
    const host = document.querySelector('.commune-map');
    const canvas = host?.querySelector('canvas')?.parentElement;
    if (host === null || canvas === null || canvas === undefined) throw new Error('there is no map');
    const area = host.getBoundingClientRect();
    const [centreX, centreY] = [area.left + area.width * 0.5, area.top + area.height * 0.5];
    const send = (type: string, x: number, y: number): void => {
      const at = { clientX: x, clientY: y, bubbles: true, pointerId: 1, isPrimary: true, button: 0, buttons: 1 };
      canvas.dispatchEvent(new PointerEvent(type.replace('mouse', 'pointer'), at));
      canvas.dispatchEvent(new MouseEvent(type, at));
    };
    send('mousedown', centreX, centreY);
    const overlay = document.querySelector('.province-map .overlay');
    const times: number[] = [];
    let movedFrames = 0;
    await new Promise<void>((resolve) => {
      const step = (now: number): void => {
        times.push(now);
        if ((overlay?.getAttribute('style') ?? '').includes('translate')) movedFrames += 1;
        const angle = times.length / 25;
        send('mousemove', centreX + 120 * Math.sin(angle), centreY + 70 * (1 - Math.cos(angle)));
        if (now - (times[0] ?? now) < forMs) requestAnimationFrame(step);
        else resolve();
      };
      requestAnimationFrame(step);
    });
    send('mouseup', centreX, centreY);
    return { gaps: times.slice(1).map((time, index) => time - (times[index] ?? time)), moved: movedFrames };
  }, seconds * 1_000);
  const script = (await scriptSeconds()) - before;
  if (moved === 0) throw new Error('the map did not move');
  await page.waitForTimeout(400);
  gaps.sort((a, b) => a - b);
  return {
    medianFps: 1_000 / (gaps[Math.floor(gaps.length / 2)] ?? Infinity),
    p95Ms: gaps[Math.floor(gaps.length * 0.95)] ?? Infinity,
    scriptMsPerFrame: (script * 1_000) / gaps.length,
    frames: gaps.length,
  };
}

/** The map's own marker layer as one script, with a global name. */
async function bundle(folder: string): Promise<string> {
  const entry = path.join(folder, 'entry.ts');
  const modules = ['features/map/marker-layer.ts', 'features/map/placed-devices.ts', 'charts/commune-map/map-view.ts'];
  await writeFile(entry, modules.map((file) => `export * from '${path.join(CLIENT, file)}';\n`).join(''));
  await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['@ioc/source', 'module', 'browser', 'production'] },
    build: {
      lib: { entry, formats: ['iife'], name: 'mapParts', fileName: () => 'map.js' },
      outDir: path.join(folder, 'out'),
    },
  });
  return await readFile(path.join(folder, 'out/map.js'), 'utf8');
}

interface MapParts {
  readonly MarkerLayer: new (canvas: HTMLCanvasElement) => {
    setDevices(placed: unknown): void;
    setMark(index: number, glyph: string, level: number): boolean;
    draw(view: unknown, style: unknown): void;
    restyle(indexes: readonly number[]): void;
  };
  readonly placeDevices: (devices: readonly MapDevice[], shapes: readonly unknown[], keepInside: boolean) => unknown;
  readonly fit: (box: unknown, width: number, height: number, margin: number) => unknown;
}
declare global {
  interface Window {
    /** What the bundled script leaves. */
    readonly mapParts: MapParts;
  }
}

async function restyle(page: Page, script: string): Promise<void> {
  await page.goto('/');
  const answer = await page.request.get(`${API_PREFIX}${ENDPOINTS.mapDevices.path}`);
  const { items } = ENDPOINTS.mapDevices.response.parse(await answer.json());
  await page.addScriptTag({ content: script });
  const taken = await page.evaluate(async (devices) => {
    const { MarkerLayer, placeDevices, fit } = window.mapParts;
    const canvas = document.createElement('canvas');
    document.body.replaceChildren(canvas);
    const layer = new MarkerLayer(canvas);
    layer.setDevices(placeDevices(devices, [], false));
    devices.forEach((_, index) => layer.setMark(index, index % 200 === 0 ? 'minor' : 'cleared', 0));
    const view = fit({ minX: -105, minY: -85, maxX: 97, maxY: 80 }, 1300, 660, 10);
    layer.draw(view, { deviceClass: null, normalSize: 6, abnormalSize: 13 });
    const times: number[] = [];
    for (let round = 0; round < 300; round += 1) {
      // A hundred go down, and the same hundred come back in the next round.
      const start = Math.floor(round / 2) * 101;
      const changed = Array.from({ length: 100 }, (_, index) => (index * 37 + start) % devices.length);
      const began = performance.now();
      for (const index of changed) layer.setMark(index, round % 2 === 0 ? 'major' : 'cleared', 0);
      layer.restyle(changed);
      times.push(performance.now() - began);
      await new Promise(requestAnimationFrame);
    }
    return times.sort((a, b) => a - b);
  }, items);
  const at = (share: number): string => (taken[Math.floor(taken.length * share)] ?? Infinity).toFixed(2);
  console.log(`restyle 100 of ${items.length} devices, 1080p: median ${at(0.5)} ms, p95 ${at(0.95)} ms`);
}
