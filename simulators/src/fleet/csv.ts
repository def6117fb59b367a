import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DEVICE_CLASSES, DEVICE_CLASS_IDS } from '@ioc/contract';
import { stringify } from 'csv-stringify/sync';
import type { Fleet } from './fleet.js';

export type FleetTable = 'organisations' | 'feeds' | 'hubs' | 'gateways' | 'sites' | 'devices';

/** Every attribute of every class once, in the order of the classes: the last columns of devices.csv. */
export const ATTRIBUTE_COLUMNS: readonly string[] = [
  ...new Set(DEVICE_CLASS_IDS.flatMap((id) => Object.keys(DEVICE_CLASSES[id].attributes.shape))),
];

/** The register's import files, UTF-8, with a heading row; empty where a row has no value. */
export function fleetCsv(fleet: Fleet): Readonly<Record<FleetTable, string>> {
  return {
    organisations: table(
      ['id', 'name', 'kind'],
      fleet.organisations.map((row) => [row.id, row.name, row.kind]),
    ),
    feeds: table(
      ['id', 'name', 'organisation'],
      fleet.feeds.map((row) => [row.id, row.name, row.organisation]),
    ),
    hubs: table(
      ['id', 'name', 'site', 'upstream1', 'upstream2'],
      fleet.hubs.map((row) => [row.id, row.name, row.site, row.upstreams[0] ?? '', row.upstreams[1] ?? '']),
    ),
    gateways: table(
      ['id', 'name', 'organisation'],
      fleet.gateways.map((row) => [row.id, row.name, row.organisation]),
    ),
    sites: table(
      ['id', 'name', 'commune', 'lat', 'lon', 'hub', 'feed', 'hardened'],
      fleet.sites.map((row) => [
        row.id,
        row.name,
        row.commune,
        row.lat,
        row.lon,
        row.hub,
        row.feed,
        String(row.hardened),
      ]),
    ),
    devices: table(
      [
        ...[
          'id',
          'class',
          'name',
          'commune',
          'owner',
          'site',
          'hub',
          'gateway',
          'lat',
          'lon',
          'hardened',
          'reporting_interval_ms',
        ],
        ...ATTRIBUTE_COLUMNS,
      ],
      fleet.devices.map((row) => [
        ...[
          row.id,
          row.deviceClass,
          row.name,
          row.commune,
          row.owner,
          row.site ?? '',
          row.hub ?? '',
          row.gateway ?? '',
        ],
        ...[row.lat, row.lon, String(row.hardened), row.reportingIntervalMs],
        ...ATTRIBUTE_COLUMNS.map((column) => String(row.attributes[column] ?? '')),
      ]),
    ),
  };
}

/** Writes `organisations.csv` … `devices.csv` into a folder, made if missing. */
export async function writeFleetCsv(fleet: Fleet, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all(
    Object.entries(fleetCsv(fleet)).map(([name, text]) => writeFile(path.join(folder, `${name}.csv`), text)),
  );
}

function table(columns: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return stringify([columns, ...rows]);
}
