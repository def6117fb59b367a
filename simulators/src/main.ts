#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { scaledClock } from '@ioc/contract';
import { z } from 'zod';
import { writeFleetCsv } from './fleet/csv.js';
import { MAX_PROVINCES, generateFleet } from './fleet/generate.js';
import { describe, holds, readLedgers, verify } from './ledger/verify.js';
import { startRun } from './run.js';
import { SCENARIOS } from './scenarios/index.js';

const USAGE = `Usage:
  fleet --out DIR [--fleet N]       write the demo fleet as the register's CSV files (N provinces, 1 … ${MAX_PROVINCES})
  scenarios                         list the scenarios
  run --mqtt URL [options]          report to a broker as the whole fleet would
      --scenario NAME   what happens (calm)            --seed N        other faults, other noise (1)
      --speed X         simulated seconds per second   --fleet N       provinces, for load (1)
      --duration T      stop after T of real time      --lead T        how long the scenario has been going on
      --target ID       what fibre-cut, power-cut, flapping and backfill strike
      --communes A,B    only these communes' devices   --ledger FILE   note what was tried and acknowledged
      --client-prefix P client ids begin with it (sim-)
  verify --ledger FILE --database URL   compare ledgers with what is stored; exit code 1 when a promise was broken
Durations: 90s, 10m, 2h. Without --mqtt the broker is IOC_MQTT_URL, where other users do not see its password. IOC_CLOCK_SPEED and IOC_CLOCK_EPOCH set the clock when --speed does not.
`;

const duration = z.string().transform((text, context) => {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(text.trim());
  if (match === null) {
    context.addIssue({ code: 'custom', message: 'must be a duration such as 90s, 10m or 2h' });
    return z.NEVER;
  }
  const unit = match[2] === 'h' ? 3_600_000 : match[2] === 'm' ? 60_000 : 1_000;
  return Number(match[1]) * unit;
});
const provinces = z.coerce.number().int().min(1).max(MAX_PROVINCES);

const fleetOptions = z.object({ out: z.string().min(1), fleet: provinces.default(1) });
const verifyOptions = z.object({ ledger: z.array(z.string().min(1)).min(1), database: z.string().min(1) });
const runOptions = z.object({
  mqtt: z.url({ protocol: /^(mqtts?|wss?)$/, error: 'must be an address such as mqtt://localhost:1883' }),
  scenario: z
    .string()
    .default('calm')
    .transform((name, context) => {
      const scenario = SCENARIOS.get(name);
      if (scenario !== undefined) return scenario;
      context.addIssue({ code: 'custom', message: `must be one of ${[...SCENARIOS.keys()].join(', ')}` });
      return z.NEVER;
    }),
  seed: z.coerce.number().int().default(1),
  speed: z.coerce.number().min(0.1).max(600).optional(),
  fleet: provinces.default(1),
  duration: duration.optional(),
  lead: duration.optional(),
  target: z.string().optional(),
  communes: z.string().optional(),
  ledger: z.array(z.string()).max(1).optional(),
  'client-prefix': z.string().max(16).default('sim-'),
});
const clockEnvironment = z.object({
  IOC_CLOCK_SPEED: z.coerce.number().min(0.1).max(600).default(1),
  IOC_CLOCK_EPOCH: z.coerce.number().int().optional(),
});

const STATUS_EVERY_MS = 60_000;

async function main(): Promise<number> {
  const given = readArguments();
  if (given === null) return 2;
  const { command, values } = given;
  switch (command) {
    case 'fleet':
      return await withOptions(fleetOptions, values, async ({ out, fleet: count }) => {
        const fleet = generateFleet(count);
        await writeFleetCsv(fleet, out);
        print(`${fleet.sites.length} sites and ${fleet.devices.length} devices written to ${out}`);
        return 0;
      });
    case 'scenarios':
      for (const { name, summary } of SCENARIOS.values()) print(`${name.padEnd(12)}${summary}`);
      return 0;
    case 'run':
      return await withOptions(runOptions, { mqtt: process.env['IOC_MQTT_URL'], ...values }, run);
    case 'verify':
      return await withOptions(verifyOptions, values, async ({ ledger, database }) => {
        const verdict = await verify(await readLedgers(ledger), database);
        print(describe(verdict));
        return holds(verdict) ? 0 : 1;
      });
    default:
      process.stderr.write(USAGE);
      return 2;
  }
}

async function run(options: z.output<typeof runOptions>): Promise<number> {
  const environment = clockEnvironment.parse(process.env);
  const speed = options.speed ?? environment.IOC_CLOCK_SPEED;
  const clock = scaledClock(environment.IOC_CLOCK_EPOCH ?? Date.now(), speed, Date.now);
  const running = startRun({
    scenario: options.scenario,
    mqttUrl: options.mqtt,
    clock,
    seed: options.seed,
    provinces: options.fleet,
    leadMs: options.lead ?? null,
    target: options.target ?? null,
    communes: options.communes === undefined ? null : new Set(options.communes.split(',')),
    ledgerFile: options.ledger?.[0] ?? null,
    clientPrefix: options['client-prefix'],
  });
  const { tally } = running;
  const status = (): void => {
    const refused = tally.refusedSent > 0 ? `, ${tally.refusedSent} bad messages` : '';
    print(
      `${options.scenario.name}: ${running.connected()} of ${tally.sessions} sessions, ${tally.readingsAcknowledged} of ` +
        `${tally.readingsTried} readings acknowledged in ${tally.messages} messages, ${running.waiting()} waiting${refused}`,
    );
  };
  print(
    `${options.scenario.name}: ${tally.sessions} sessions to ${withoutPassword(options.mqtt)}, seed ${options.seed}, speed ${speed}`,
  );
  const timer = setInterval(status, STATUS_EVERY_MS);
  await ended(options.duration ?? null);
  clearInterval(timer);
  await running.stop();
  status();
  return 0;
}

/** Ctrl-C, a service manager, the parent's end or the given duration. */
function ended(afterMs: number | null): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = afterMs === null ? undefined : setTimeout(end, afterMs);
    process.once('SIGINT', end);
    process.once('SIGTERM', end);
    // Spawned with an IPC channel: whoever started the run must not leave it behind, however it ends itself.
    if (process.channel !== undefined) process.once('disconnect', end);
  });
}

function readArguments(): { readonly command: string; readonly values: Record<string, unknown> } | null {
  const text = { type: 'string' } as const;
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        ...{ out: text, mqtt: text, scenario: text, seed: text, speed: text, fleet: text, duration: text, lead: text },
        ...{ target: text, communes: text, database: text, 'client-prefix': text },
        ledger: { type: 'string', multiple: true },
      },
    });
    return { command: positionals[0] ?? '', values };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return null;
  }
}

async function withOptions<S extends z.ZodType>(
  schema: S,
  values: Record<string, unknown>,
  act: (options: z.output<S>) => Promise<number>,
): Promise<number> {
  const options = schema.safeParse(values);
  if (options.success) return await act(options.data);
  for (const issue of options.error.issues) process.stderr.write(`--${String(issue.path[0])}: ${issue.message}\n`);
  process.stderr.write(`\n${USAGE}`);
  return 2;
}

function withoutPassword(url: string): string {
  const shown = new URL(url);
  shown.password = '';
  return shown.href;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
