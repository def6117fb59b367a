import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { deviceClassId, entityId, type DeviceClassId } from '@ioc/contract';
import { Client } from 'pg';

/** What ledgers say: per device the times tried, and which of them were acknowledged or must not be there. */
export interface LedgerContent {
  readonly devices: ReadonlyMap<
    string,
    { readonly deviceClass: DeviceClassId; readonly readings: Map<number, Standing> }
  >;
  readonly messages: number;
  /** When the first run began, epoch ms; +∞ without one. */
  readonly beganAtMs: number;
  /** Lines that could not be read: a run that was killed leaves at most one half line. */
  readonly badLines: number;
}

/** `tried`: may be stored · `acknowledged`: must be stored · `refused`: must not be stored. */
export type Standing = 'tried' | 'acknowledged' | 'refused';

export interface ReadingId {
  readonly deviceId: string;
  readonly atMs: number;
}

export interface Verdict {
  readonly tried: number;
  readonly acknowledged: number;
  readonly stored: number;
  /** Acknowledged and not stored. */
  readonly missing: Found;
  /** Stored more than once. */
  readonly double: Found;
  /** Arrived since the first run began, within its devices' times, though no run tried it. */
  readonly unexpected: Found;
  /** Stored though it had to be refused. */
  readonly refusedButStored: Found;
  readonly badLines: number;
}

/** How many there are, and the first of them by name. */
export interface Found {
  count: number;
  readonly first: ReadingId[];
}

const NAMED = 20;
const FETCH_ROWS = 20_000;
/** How far the clocks of simulators and server may differ. */
const CLOCK_TOLERANCE_MS = 1_000;

const OPEN_READINGS = (deviceClass: DeviceClassId): string => `
  declare readings no scroll cursor for
  select device.id, floor(extract(epoch from reading.at) * 1000)::float8 as at_ms,
    reading.received_at >= to_timestamp($4::float8 / 1000) as of_the_runs
  from ${deviceClass}_reading reading
  join device on device.no = reading.device_no
  where device.id = any($1) and reading.at >= to_timestamp($2::float8 / 1000) and reading.at < to_timestamp($3::float8 / 1000)
  order by reading.device_no, reading.at`;
const FETCH_READINGS = `fetch forward ${FETCH_ROWS} from readings`;

/** Reads ledger files of one or more runs. */
export async function readLedgers(files: readonly string[]): Promise<LedgerContent> {
  const devices = new Map<string, { deviceClass: DeviceClassId; readings: Map<number, Standing> }>();
  let messages = 0;
  let beganAtMs = Number.POSITIVE_INFINITY;
  let badLines = 0;
  for (const file of files) {
    let names = new Map<string, string>();
    let open = new Map<string, { readonly atMs: number; readonly numbers: readonly string[] }[]>();
    const note = (number: string, atMs: number, standing: Standing): void => {
      const readings = devices.get(names.get(number) ?? '')?.readings;
      // A reading that was tried again after its acknowledgement stays acknowledged.
      if (readings === undefined) badLines++;
      else if (standing !== 'tried' || !readings.has(atMs)) readings.set(atMs, standing);
    };
    for await (const line of createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity })) {
      const [mark, a = '', b = '', c = ''] = line.split(' ');
      switch (mark) {
        case 'L':
          names = new Map();
          open = new Map();
          beganAtMs = Math.min(beganAtMs, Number.parseInt(b, 36));
          break;
        case 'D': {
          const deviceClass = deviceClassId.safeParse(c);
          if (!entityId.safeParse(b).success || !deviceClass.success) {
            badLines++;
            break;
          }
          names.set(a, b);
          if (!devices.has(b)) devices.set(b, { deviceClass: deviceClass.data, readings: new Map() });
          break;
        }
        case 'T': {
          const atMs = Number.parseInt(b, 36);
          const numbers = c.split(',');
          if (c === '' || !Number.isFinite(atMs)) {
            badLines++;
            break;
          }
          const earlier = open.get(a);
          if (earlier === undefined) {
            messages++;
            open.set(a, [{ atMs, numbers }]);
          } else {
            earlier.push({ atMs, numbers });
          }
          for (const number of numbers) note(number, atMs, 'tried');
          break;
        }
        case 'A':
          for (const { atMs, numbers } of open.get(a) ?? [])
            for (const number of numbers) note(number, atMs, 'acknowledged');
          open.delete(a);
          break;
        case 'N':
          note(b, Number.parseInt(a, 36), 'refused');
          break;
        default:
          badLines++;
      }
    }
  }
  return { devices, messages, beganAtMs, badLines };
}

/**
 * Compares ledgers with the database: acknowledged ⊆ stored ⊆ tried, nothing twice, nothing that had to be refused. Looks at
 * the devices of the ledger, from their first to their last tried time; what arrived before the first run began is counted only
 * where a run tried it again.
 * @throws when the database cannot be reached or lacks the tables
 */
export async function verify(ledger: LedgerContent, databaseUrl: string): Promise<Verdict> {
  const verdict: Verdict = {
    tried: 0,
    acknowledged: 0,
    stored: 0,
    missing: { count: 0, first: [] },
    double: { count: 0, first: [] },
    unexpected: { count: 0, first: [] },
    refusedButStored: { count: 0, first: [] },
    badLines: ledger.badLines,
  };
  const totals = { tried: 0, acknowledged: 0, stored: 0 };
  const seen = new Map<string, Set<number>>();
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    for (const [deviceClass, ids] of byClass(ledger)) {
      const span = spanOf(ledger, ids);
      if (span === null) continue;
      await client.query('begin transaction isolation level repeatable read read only');
      await client.query(OPEN_READINGS(deviceClass), [
        ids,
        span.fromMs,
        span.toMs + 1,
        ledger.beganAtMs - CLOCK_TOLERANCE_MS,
      ]);
      for (;;) {
        const { rows } = await client.query<{ id: string; at_ms: number; of_the_runs: boolean }>(FETCH_READINGS);
        for (const { id, at_ms: atMs, of_the_runs: ofTheRuns } of rows) {
          const known = ledger.devices.get(id);
          if (known === undefined) continue;
          const standing = known.readings.get(atMs);
          // What an earlier run left is none of this ledger's business.
          if (standing === undefined && !ofTheRuns) continue;
          totals.stored++;
          const times = seen.get(id) ?? new Set<number>();
          seen.set(id, times);
          if (times.has(atMs)) add(verdict.double, id, atMs);
          times.add(atMs);
          if (standing === undefined) add(verdict.unexpected, id, atMs);
          if (standing === 'refused') add(verdict.refusedButStored, id, atMs);
        }
        if (rows.length < FETCH_ROWS) break;
      }
      await client.query('commit');
    }
  } finally {
    await client.end();
  }
  for (const [id, { readings }] of ledger.devices) {
    for (const [atMs, standing] of readings) {
      if (standing === 'refused') continue;
      totals.tried++;
      if (standing !== 'acknowledged') continue;
      totals.acknowledged++;
      if (seen.get(id)?.has(atMs) !== true) add(verdict.missing, id, atMs);
    }
  }
  return { ...verdict, ...totals };
}

/** Whether every promise was kept. */
export function holds({ missing, double, unexpected, refusedButStored }: Verdict): boolean {
  return missing.count + double.count + unexpected.count + refusedButStored.count === 0;
}

/** The verdict in lines for a person. */
export function describe(verdict: Verdict): string {
  const lines = [`tried ${verdict.tried}  acknowledged ${verdict.acknowledged}  stored ${verdict.stored}`];
  const groups: readonly (readonly [string, Found])[] = [
    ['missing (acknowledged, not stored)', verdict.missing],
    ['double (stored more than once)', verdict.double],
    ['unexpected (stored, never tried)', verdict.unexpected],
    ['refused but stored', verdict.refusedButStored],
  ];
  for (const [label, found] of groups) {
    lines.push(`${label}: ${found.count}`);
    for (const { deviceId, atMs } of found.first) lines.push(`  ${deviceId} ${new Date(atMs).toISOString()}`);
    if (found.count > found.first.length) lines.push(`  … and ${found.count - found.first.length} more`);
  }
  if (verdict.badLines > 0) lines.push(`ledger lines that could not be read: ${verdict.badLines}`);
  return lines.join('\n');
}

function add(found: Found, deviceId: string, atMs: number): void {
  found.count++;
  if (found.first.length < NAMED) found.first.push({ deviceId, atMs });
}

function byClass(ledger: LedgerContent): ReadonlyMap<DeviceClassId, readonly string[]> {
  const ids = new Map<DeviceClassId, string[]>();
  for (const [id, { deviceClass }] of ledger.devices) {
    const list = ids.get(deviceClass);
    if (list === undefined) ids.set(deviceClass, [id]);
    else list.push(id);
  }
  return ids;
}

/** From the first to the last time tried; times that must be refused lie in 1970 and 2099 and would span everything. */
function spanOf(
  ledger: LedgerContent,
  ids: readonly string[],
): { readonly fromMs: number; readonly toMs: number } | null {
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = Number.NEGATIVE_INFINITY;
  for (const id of ids) {
    for (const [atMs, standing] of ledger.devices.get(id)?.readings ?? []) {
      if (standing === 'refused') continue;
      fromMs = Math.min(fromMs, atMs);
      toMs = Math.max(toMs, atMs);
    }
  }
  return Number.isFinite(fromMs) ? { fromMs, toMs } : null;
}
