import { cpus } from 'node:os';
import { DEVICE_CLASSES, type Metrics } from '@ioc/contract';
import { AlarmBoard } from '@ioc/server/alarms/alarm-board';
import { AlarmDraft } from '@ioc/server/alarms/alarm-draft';
import { AroundLosses } from '@ioc/server/alarms/around-losses';
import { Baselines } from '@ioc/server/alarms/baseline';
import { basinsOf } from '@ioc/server/alarms/basins';
import { readingRule } from '@ioc/server/alarms/conditions/reading-rules';
import { hubTree } from '@ioc/server/alarms/hub-watch';
import { ReadingWatch } from '@ioc/server/alarms/reading-watch';
import { RuleBook } from '@ioc/server/alarms/rule-book';
import type { Turn, WorldAfter } from '@ioc/server/alarms/turn';
import { unheardDevice } from '@ioc/server/connectivity/device-state';
import { unheardGateway } from '@ioc/server/connectivity/gateway-state';
import type { Judgement } from '@ioc/server/connectivity/judgement';
import type { RegisteredDevice } from '@ioc/server/devices/registered-device';
import { buildRegister } from '@ioc/server/devices/register';
import type { Reading } from '@ioc/server/readings/reading';
import { generateFleet } from '@ioc/simulators';

/*
 * How many rules are judged per second on one core: every device of the province speaks, its readings go through every rule
 * that is in force for it, and what changes is taken over as after a commit. Calm: nothing is past a limit. Storm: a third of
 * the stations on battery and emptying, one cabinet in ten hot, rivers rising. Nothing is written: that is measured with the
 * intake. Seconds are those of the processor, of all threads together, so that a busy machine does not count.
 */

const ROUNDS = 15;
const WARM_UP_ROUNDS = 5;
const PASSES_PER_ROUND = 20;
const BATCH = 1_000;
const T0 = Date.parse('2026-11-20T08:00:00+07:00');
const FIGURE = 200_000;

type Weather = 'calm' | 'storm';

const register = registerOfFleet();
const devices = [...register.devices.values()];
const book = new RuleBook();
const rulesOf = new Map(
  devices.map((device) => [device.id, book.rulesFor(device).filter((rule) => readingRule(rule) !== null).length]),
);
const rulesPerPass = [...rulesOf.values()].reduce((sum, count) => sum + count, 0);
const world: WorldAfter = {
  register,
  stateOf: () => unheardDevice(T0),
  gatewayOf: () => unheardGateway(T0),
  communeOf: () => ({ impact: 'none', sinceMs: T0, isolatedFromMs: null }),
  alarmLevelOf: () => null,
  generatorRuns: () => false,
  rainOver: () => 0,
  registrationOf: () => null,
};
const hubs = hubTree(register);
const basins = basinsOf(register);
const baselines = new Baselines();

export async function run(): Promise<void> {
  console.log(
    `${devices.length} devices, ${rulesPerPass} rules on readings, node ${process.version}, ${cpus()[0]?.model ?? ''}`,
  );
  for (const weather of ['calm', 'storm'] as const) {
    const watch = new ReadingWatch();
    const board = new AlarmBoard();
    let pass = 0;
    const rates: number[] = [];
    let readings = 0;
    let heapBytes = 0;
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
      const batches: Reading[][] = [];
      for (let more = 0; more < PASSES_PER_ROUND; more += 1) batches.push(...batchesOf(weather, (pass += 1)));
      globalThis.gc?.();
      const heapBefore = process.memoryUsage().heapUsed;
      const before = process.cpuUsage();
      for (const batch of batches) judge(watch, board, batch);
      const { user, system } = process.cpuUsage(before);
      const seconds = (user + system) / 1e6;
      if (round < WARM_UP_ROUNDS) continue;
      heapBytes = Math.max(0, process.memoryUsage().heapUsed - heapBefore);
      readings = batches.reduce((sum, batch) => sum + batch.length, 0);
      rates.push((PASSES_PER_ROUND * rulesPerPass) / seconds);
    }
    rates.sort((a, b) => a - b);
    const [min = 0] = rates;
    const median = rates[Math.floor(rates.length / 2)] ?? 0;
    const max = rates.at(-1) ?? 0;
    const nsPerReading = ((rulesPerPass / devices.length) * 1e9) / median;
    console.log(
      `${weather}: rules judged per second min/median/max ${[min, median, max].map(thousands).join(' / ')}` +
        ` · ${Math.round(nsPerReading)} ns a reading · ${(heapBytes / readings).toFixed(1)} bytes a reading on the heap` +
        ` · ${board.size} alarms stand · figure ${thousands(FIGURE)}: ${min >= FIGURE ? 'reached' : 'NOT REACHED'}`,
    );
    if (min < FIGURE) process.exitCode = 1;
  }
  return Promise.resolve();
}

/** One turn, taken over as after its commit. */
function judge(watch: ReadingWatch, board: AlarmBoard, liveReadings: readonly Reading[]): void {
  const nowMs = liveReadings[0]?.receivedAtMs ?? T0;
  const draft = new AlarmDraft(board, { suppressionOf: () => null, shelfOf: () => null }, nowMs);
  let tracks: Parameters<ReadingWatch['accept']>[0] = new Map();
  const turn: Turn = {
    nowMs,
    judgement: judgementOf(liveReadings, nowMs),
    world,
    losses: new AroundLosses(world, new Set()),
    hubs,
    basins,
    baselines,
    book,
    draft,
    meetings: new Map(),
    graceEndsAtMs: 0,
    shelfChanges: new Map(),
    endFlood: () => undefined,
    record: () => undefined,
    lookAgain: () => undefined,
  };
  watch.follow(turn, (after) => {
    tracks = after;
  });
  watch.accept(tracks);
  for (const drafted of draft.drafted()) {
    if (drafted.before === null) drafted.after = { ...drafted.after, id: (nextId += 1) };
    board.take(drafted.after);
  }
}
let nextId = 0;

function judgementOf(liveReadings: readonly Reading[], nowMs: number): Judgement {
  return {
    nowMs,
    revision: 0,
    empty: false,
    changes: [],
    gatewayChanges: [],
    outagesOpened: [],
    outagesClosed: [],
    liveReadings,
    events: [],
    liveChanged: new Set(),
    communes: new Map(),
    lateEvidence: [],
    blindSpans: [],
    devices: new Map(),
    rows: new Set(),
    gateways: new Map(),
    gatewayRows: new Set(),
    heartbeatAtMs: null,
    visibility: { seeing: true, reason: null, sinceMs: T0 },
    deadlines: { taken: [], set: new Map() },
  };
}

function batchesOf(weather: Weather, pass: number): Reading[][] {
  const batches: Reading[][] = [];
  for (let first = 0; first < devices.length; first += BATCH) {
    batches.push(
      devices.slice(first, first + BATCH).map((device, index) => readingOf(device, first + index, weather, pass)),
    );
  }
  return batches;
}

/** Every metric of its class, in the middle of its range or as the weather has it. */
function readingOf(device: RegisteredDevice, index: number, weather: Weather, pass: number): Reading {
  const atMs = T0 + pass * 10_000;
  const metrics: Record<string, number | boolean> = {};
  for (const metric of DEVICE_CLASSES[device.deviceClass].metrics) {
    metrics[metric.name] = metric.kind === 'boolean' ? (metric.normal ?? false) : (CALM[metric.name] ?? 0);
  }
  Object.assign(metrics, weather === 'storm' ? stormy(device, index, pass) : {});
  const seen: Metrics = metrics;
  return {
    device,
    atMs,
    receivedAtMs: atMs,
    effectiveAtMs: atMs,
    seq: null,
    live: true,
    clockOffsetMs: null,
    metrics: seen,
    suspect: [],
  };
}

const CALM: Readonly<Record<string, number>> = {
  dcVoltageV: 54,
  batteryPercent: 100,
  cabinetTemperatureC: 31,
  prbUsagePercent: 35,
  dlThroughputMbps: 20,
  vswr: 1.2,
  rttMs: 12,
  lossPercent: 0,
  jitterMs: 2,
  loadPercent: 30,
  levelM: 1,
  signalDbm: -80,
};

function stormy({ deviceClass }: RegisteredDevice, index: number, pass: number): Metrics {
  if (deviceClass === 'flood') return { levelM: 1 + pass * 0.01, rain12hMm: 60 };
  if (deviceClass !== 'bts') return {};
  const onBattery = index % 3 === 0;
  return {
    mainsOn: !onBattery,
    batteryPercent: onBattery ? Math.max(5, 100 - pass * 0.2) : 100,
    dcVoltageV: onBattery ? 49 - pass * 0.01 : 54,
    cabinetTemperatureC: index % 10 === 0 ? 47 + (pass % 3) : 31,
  };
}

function registerOfFleet() {
  const fleet = generateFleet();
  const registered = fleet.devices.map((device, index): RegisteredDevice => {
    return {
      no: index + 1,
      id: device.id,
      deviceClass: device.deviceClass,
      name: device.name,
      communeCode: device.commune,
      owner: device.owner,
      siteId: device.site,
      hubId: device.hub,
      gatewayId: device.gateway,
      lat: device.lat,
      lon: device.lon,
      hardened: device.hardened,
      reportingIntervalMs: device.reportingIntervalMs,
      attributes: { ...device.attributes },
      version: 1,
    };
  });
  return buildRegister({
    version: 1,
    organisations: [],
    feeds: [],
    devices: registered,
    sites: fleet.sites.map(({ id, name, commune, lat, lon, hub, feed, hardened }) => {
      return { id, name, communeCode: commune, lat, lon, hubId: hub, feedId: feed, hardened };
    }),
    hubs: fleet.hubs.map(({ id, name, site, upstreams }) => ({ id, name, siteId: site, upstreamIds: upstreams })),
    gateways: [],
  });
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en');
}
