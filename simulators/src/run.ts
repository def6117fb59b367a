import type { Clock } from '@ioc/contract';
import { generateFleet } from './fleet/generate.js';
import type { Device, Fleet } from './fleet/fleet.js';
import { NO_LEDGER, openLedger } from './ledger/ledger.js';
import { keyOf, unit } from './random.js';
import type { Scenario } from './scenarios/index.js';
import type { BrokerAddress } from './transport/broker-connection.js';
import { DeviceSession, type SessionParts } from './transport/device-session.js';
import { GatewaySession } from './transport/gateway-session.js';
import { ownLine, sharedLines, type LineFactory } from './transport/line.js';
import { RogueSession } from './transport/rogue-session.js';
import { newTally, type Tally } from './transport/tally.js';
import { World } from './world/world.js';

export interface RunOptions {
  readonly scenario: Scenario;
  /** `mqtt://user:password@host:port`. */
  readonly mqttUrl: string;
  readonly clock: Clock;
  readonly seed: number;
  /** Provinces, 1 … 34. */
  readonly provinces: number;
  /** How long the scenario has been going on; null: what it says itself. */
  readonly leadMs: number | null;
  readonly target: string | null;
  /** Only these communes' devices; null: all. */
  readonly communes: ReadonlySet<string> | null;
  readonly ledgerFile: string | null;
  readonly clientPrefix: string;
}

export interface Run {
  readonly tally: Readonly<Tally>;
  readonly connected: () => number;
  /** Samples that wait to be sent, and those that were lost because memory was full. */
  readonly waiting: () => number;
  /** Stops reporting, lets what is under way be acknowledged, and disconnects without a last will. */
  stop(): Promise<void>;
}

const TICK_MS = 100;
/** Sessions begin within this time, so that no broker sees them all at once. */
const CONNECT_WITHIN_MS = 5_000;
/** Longest wait at the end for acknowledgements. */
const SETTLE_MS = 1_500;

interface Session {
  readonly connected: boolean;
  readonly waiting: number;
  readonly inFlight: number;
  step(nowMs: number): void;
  close(): Promise<void>;
}

/** Starts a fleet under a scenario against a broker; returns at once, sessions connect within seconds. */
export function startRun(options: RunOptions): Run {
  const { scenario, clock, seed } = options;
  const fleet = within(generateFleet(options.provinces), options.communes);
  const beganAtMs = clock.now() - (options.leadMs ?? scenario.leadMs);
  const world = new World(fleet, scenario.conditions({ fleet, seed, beganAtMs, target: options.target }), seed);
  const ledger = options.ledgerFile === null ? NO_LEDGER : openLedger(options.ledgerFile, clock.now());
  const tally = newTally();
  const address: BrokerAddress = { url: options.mqttUrl, clientPrefix: options.clientPrefix };
  let draws = 0;
  const spread = (): number => unit(keyOf(options.clientPrefix), 700, draws++);
  let lastSession = 0;
  // Real time, whatever the simulated clock says: a later run always has greater numbers.
  const nextSession = (): number => (lastSession = Math.max(Date.now(), lastSession + 1));
  const parts: SessionParts = { world, ledger, tally, now: () => clock.now(), nextSession };

  const own = ownLine(address, spread);
  const shared = new Map<string, LineFactory>();
  const linesOf = (device: Device): LineFactory => {
    const copy = /-P\d\d$/.exec(device.id)?.[0];
    if (copy === undefined) return own;
    const name = `load-${device.deviceClass}${copy}`;
    const known = shared.get(name) ?? sharedLines(address, name, spread);
    shared.set(name, known);
    return known;
  };

  const stations = new Map<string, Device[]>(fleet.gateways.map((gateway) => [gateway.id, []]));
  for (const device of fleet.devices) stations.get(device.gateway ?? '')?.push(device);
  const sessions: Session[] = [
    ...fleet.gateways.map((gateway) => new GatewaySession(gateway, stations.get(gateway.id) ?? [], parts, own)),
    ...fleet.devices
      .filter((device) => device.gateway === null)
      .map((device) => new DeviceSession(device, parts, linesOf(device))),
  ];
  tally.sessions = sessions.length;
  const rogue = scenario.badInput === true ? new RogueSession(fleet, ledger, tally, address, spread) : null;

  // Gateways first: until they speak, their stations are blind.
  let started = 0;
  const startedAt = performance.now();
  const tick = (): void => {
    const nowMs = clock.now();
    const due = Math.ceil(((performance.now() - startedAt) / CONNECT_WITHIN_MS) * sessions.length);
    started = Math.min(sessions.length, Math.max(started, due));
    for (let i = 0; i < started; i++) sessions[i]?.step(nowMs);
    rogue?.step(nowMs);
  };
  const timer = setInterval(tick, TICK_MS);
  let stopped: Promise<void> | null = null;

  return {
    tally,
    connected: () => sessions.reduce((count, session) => count + Number(session.connected), 0),
    waiting: () => sessions.reduce((count, session) => count + session.waiting, 0),
    stop: () => (stopped ??= stop()),
  };

  async function stop(): Promise<void> {
    clearInterval(timer);
    const until = performance.now() + SETTLE_MS;
    while (performance.now() < until && sessions.some((session) => session.inFlight > 0)) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await Promise.all([...sessions.map((session) => session.close()), rogue?.close()]);
    ledger.close();
  }
}

function within(fleet: Fleet, communes: ReadonlySet<string> | null): Fleet {
  return communes === null
    ? fleet
    : { ...fleet, devices: fleet.devices.filter((device) => communes.has(device.commune)) };
}
