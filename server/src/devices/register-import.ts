import { DEVICE_CLASSES, DEVICE_CLASS_IDS, type ImportCounts, type LocalizedText } from '@ioc/contract';
import { CellReader } from './cell-reader.js';
import { readCsv, type CsvColumns, type CsvRow, type CsvTable } from './csv-table.js';
import { ATTRIBUTE_NAMES, attributesFromCells, type Attributes } from './device-attributes.js';
import { hubsOnCycles } from './hub-cycle.js';
import type { RegisterRows } from './register.js';
import type { RegisteredDevice, RegisteredGateway, RegisteredHub, RegisteredSite } from './registered-device.js';

/** The CSV files of an import, as text; an absent one changes nothing of its kind. */
export interface RegisterFiles {
  readonly organisations?: string | undefined;
  readonly feeds?: string | undefined;
  readonly hubs?: string | undefined;
  readonly gateways?: string | undefined;
  readonly sites?: string | undefined;
  readonly devices?: string | undefined;
}

/** A bad or doubtful row; `line` counts from 1, the header being line 1. */
export interface RegisterIssue {
  readonly file: keyof RegisterFiles;
  readonly line: number;
  readonly column: string;
  readonly reason: LocalizedText;
  /** The first 200 characters of the cell. */
  readonly value: string;
}

export interface ImportedOrganisation {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
}
export interface ImportedFeed {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
}
export type ImportedDevice = Omit<RegisteredDevice, 'no' | 'version'> & { readonly attributes: Attributes };

/** What an import writes, by id. */
export interface ImportedRows {
  readonly organisations: readonly ImportedOrganisation[];
  readonly feeds: readonly ImportedFeed[];
  readonly hubs: readonly RegisteredHub[];
  readonly gateways: readonly RegisteredGateway[];
  readonly sites: readonly RegisteredSite[];
  readonly devices: readonly ImportedDevice[];
}

export type CheckedImport =
  | {
      readonly ok: true;
      readonly rows: ImportedRows;
      readonly counts: ImportCounts;
      readonly warnings: readonly RegisterIssue[];
    }
  | { readonly ok: false; readonly issues: readonly RegisterIssue[]; readonly total: number };

/** How many bad rows, and doubtful ones, are told one by one. */
export const MAX_ISSUES = 200;

const ORGANISATION_KINDS = ['operator', 'network', 'power', 'commune', 'province'] as const;
const COLUMNS: Readonly<Record<keyof RegisterFiles, CsvColumns>> = {
  organisations: { required: ['id', 'name', 'kind'], optional: [] },
  feeds: { required: ['id', 'name', 'organisation'], optional: [] },
  hubs: { required: ['id', 'name', 'site', 'upstream1', 'upstream2'], optional: [] },
  gateways: { required: ['id', 'name', 'organisation'], optional: [] },
  sites: { required: ['id', 'name', 'commune', 'lat', 'lon', 'hub', 'feed', 'hardened'], optional: [] },
  devices: {
    required: [
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
    optional: ATTRIBUTE_NAMES,
  },
};
const KINDS = {
  organisation: { vi: 'đơn vị', en: 'organisation' },
  feed: { vi: 'lộ điện', en: 'power feed' },
  hub: { vi: 'nút truyền dẫn', en: 'hub' },
  gateway: { vi: 'cổng kết nối', en: 'gateway' },
  site: { vi: 'vị trí', en: 'site' },
} as const;
const NAME_LENGTH = 120;
const SHORTEST_INTERVAL_MS = 1_000;
const LONGEST_INTERVAL_MS = 86_400_000;

/** Checks the files against each other and against what is registered. Changes nothing. */
export function checkImport(files: RegisterFiles, present: RegisterRows): CheckedImport {
  return new ImportCheck(files, present).run();
}

/** One check: collects issues and warnings while the files are read in the order of their references. */
class ImportCheck {
  readonly #issues: RegisterIssue[] = [];
  readonly #warnings: RegisterIssue[] = [];
  readonly #tables = new Map<keyof RegisterFiles, CsvTable | null>();
  #total = 0;

  constructor(
    private readonly files: RegisterFiles,
    private readonly present: RegisterRows,
  ) {}

  run(): CheckedImport {
    // A row may name what another file brings, before or after it; a bad row there is told once, not by all who name it.
    const organisationIds = this.#idsAfter(
      'organisations',
      this.present.organisations.map(({ id }) => id),
    );
    const feedIds = this.#idsAfter('feeds', idsOf(this.present.feeds));
    const hubIds = this.#idsAfter('hubs', idsOf(this.present.hubs));
    const gatewayIds = this.#idsAfter('gateways', idsOf(this.present.gateways));
    const siteIds = this.#idsAfter('sites', idsOf(this.present.sites));
    const organisations = this.#read('organisations', (cells) => ({
      id: cells.id('id'),
      name: cells.text('name', NAME_LENGTH),
      kind: cells.oneOf('kind', ORGANISATION_KINDS),
    }));
    const feeds = this.#read('feeds', (cells) => ({
      id: cells.id('id'),
      name: cells.text('name', NAME_LENGTH),
      owner: cells.reference('organisation', organisationIds, KINDS.organisation),
    }));
    const gateways = this.#read('gateways', (cells) => ({
      id: cells.id('id'),
      name: cells.text('name', NAME_LENGTH),
      owner: cells.reference('organisation', organisationIds, KINDS.organisation),
    }));
    const hubs = this.#read('hubs', (cells) => ({
      id: cells.id('id'),
      name: cells.text('name', NAME_LENGTH),
      siteId: cells.optionalReference('site', siteIds, KINDS.site),
      upstreamIds: readUpstreams(cells, hubIds),
    }));
    this.#refuseHubCycles(hubs);
    const sites = this.#read('sites', (cells) => ({
      id: cells.id('id'),
      name: cells.text('name', NAME_LENGTH),
      communeCode: cells.communeCode('commune'),
      lat: cells.coordinate('lat'),
      lon: cells.coordinate('lon'),
      hubId: cells.optionalReference('hub', hubIds, KINDS.hub),
      feedId: cells.optionalReference('feed', feedIds, KINDS.feed),
      hardened: cells.flag('hardened'),
    }));
    const devices = this.#readDevices({
      organisationIds,
      hubIds,
      gatewayIds,
      sites: new Map([...this.present.sites, ...sites].map((site) => [site.id, site])),
      siteIds,
    });
    if (this.#total > 0) return { ok: false, issues: this.#issues, total: this.#total };
    const rows = { organisations, feeds, hubs, gateways, sites, devices };
    const counts = {
      organisations: organisations.length,
      feeds: feeds.length,
      hubs: hubs.length,
      gateways: gateways.length,
      sites: sites.length,
      devices: devices.length,
    };
    return { ok: true, rows, counts, warnings: this.#warnings };
  }

  #readDevices(known: {
    readonly organisationIds: ReadonlySet<string>;
    readonly hubIds: ReadonlySet<string>;
    readonly gatewayIds: ReadonlySet<string>;
    readonly siteIds: ReadonlySet<string>;
    readonly sites: ReadonlyMap<string, RegisteredSite>;
  }): readonly ImportedDevice[] {
    const registered = new Map(this.present.devices.map((device) => [device.id, device]));
    return this.#read('devices', (cells) => {
      const id = cells.id('id');
      const deviceClass = cells.oneOf('class', DEVICE_CLASS_IDS);
      const definition = deviceClass === null ? null : DEVICE_CLASSES[deviceClass];
      const before = id === null ? undefined : registered.get(id);
      if (deviceClass !== null && before !== undefined && before.deviceClass !== deviceClass) {
        // Its readings lie in its class's table under its number.
        cells.bad('class', {
          vi: `Thiết bị này đã đăng ký với loại ${before.deviceClass}; loại không đổi được`,
          en: `This device is registered as ${before.deviceClass}; a class cannot change`,
        });
      }
      const throughGateway = definition?.reportsThrough === 'gateway';
      const siteId = throughGateway
        ? cells.reference('site', known.siteIds, KINDS.site)
        : cells.optionalReference('site', known.siteIds, KINDS.site);
      const communeCode = cells.communeCode('commune');
      this.#warnOfForeignSite(cells.row, communeCode, siteId === null ? undefined : known.sites.get(siteId));
      return {
        id,
        deviceClass,
        name: cells.text('name', NAME_LENGTH),
        communeCode,
        owner: cells.reference('owner', known.organisationIds, KINDS.organisation),
        siteId,
        hubId: cells.optionalReference('hub', known.hubIds, KINDS.hub),
        gatewayId: throughGateway
          ? cells.reference('gateway', known.gatewayIds, KINDS.gateway)
          : cells.optionalReference('gateway', known.gatewayIds, KINDS.gateway),
        lat: cells.coordinate('lat'),
        lon: cells.coordinate('lon'),
        hardened: cells.flag('hardened'),
        reportingIntervalMs: cells.wholeOr(
          'reporting_interval_ms',
          SHORTEST_INTERVAL_MS,
          LONGEST_INTERVAL_MS,
          definition?.defaultReportingIntervalMs ?? SHORTEST_INTERVAL_MS,
        ),
        attributes: deviceClass === null ? {} : readAttributes(cells, deviceClass),
      };
    });
  }

  /** Reads one file; a row in which any cell is bad is reported and left out. */
  #read<T extends object>(file: keyof RegisterFiles, readRow: (cells: CellReader) => T): readonly Complete<T>[] {
    const table = this.#table(file);
    if (table === null) return [];
    for (const { line, column, reason, value } of table.problems) this.#report({ file, line, column, reason, value });
    const lineOfId = new Map<string, number>();
    const rows: Complete<T>[] = [];
    for (const row of table.rows) {
      const cells = new CellReader(row, table.decimalComma, (column, reason, value) => {
        this.#report({ file, line: row.line, column, reason, value });
      });
      const id = cells.cell('id');
      const earlier = lineOfId.get(id);
      if (earlier === undefined) lineOfId.set(id, row.line);
      else if (id !== '')
        cells.bad('id', { vi: `Mã đã có ở dòng ${earlier}`, en: `The id is there already, in line ${earlier}` });
      const result = readRow(cells);
      if (cells.ok && isComplete(result)) rows.push(result);
    }
    return rows;
  }

  /** Null when the file is not part of the import. */
  #table(file: keyof RegisterFiles): CsvTable | null {
    const known = this.#tables.get(file);
    if (known !== undefined) return known;
    const text = this.files[file];
    const table = text === undefined ? null : readCsv(text, COLUMNS[file]);
    this.#tables.set(file, table);
    return table;
  }

  #idsAfter(file: keyof RegisterFiles, present: readonly string[]): ReadonlySet<string> {
    const table = this.#table(file);
    return new Set([...present, ...(table?.rows ?? []).map(({ cells }) => cells.get('id') ?? '')]);
  }

  #refuseHubCycles(hubs: readonly RegisteredHub[]): void {
    const upstreams = new Map([...this.present.hubs, ...hubs].map(({ id, upstreamIds }) => [id, upstreamIds]));
    const cyclic = hubsOnCycles(upstreams);
    if (cyclic.size === 0) return;
    for (const row of this.#table('hubs')?.rows ?? []) {
      if (!cyclic.has(row.cells.get('id') ?? '')) continue;
      const reason = {
        vi: 'Nút truyền dẫn phụ thuộc vòng tròn vào chính nó',
        en: 'The hub hangs on itself in a circle',
      };
      this.#report({
        file: 'hubs',
        line: row.line,
        column: 'upstream1',
        reason,
        value: row.cells.get('upstream1') ?? '',
      });
    }
  }

  #warnOfForeignSite(row: CsvRow, communeCode: string | null, site: RegisteredSite | undefined): void {
    if (site === undefined || communeCode === null || site.communeCode === communeCode) return;
    if (this.#warnings.length >= MAX_ISSUES) return;
    const reason = {
      vi: `Vị trí ${site.id} thuộc xã khác (${site.communeCode})`,
      en: `Its site ${site.id} is in another commune (${site.communeCode})`,
    };
    this.#warnings.push({ file: 'devices', line: row.line, column: 'commune', reason, value: communeCode });
  }

  #report(issue: RegisterIssue): void {
    this.#total += 1;
    if (this.#issues.length < MAX_ISSUES) this.#issues.push(issue);
  }
}

function readUpstreams(cells: CellReader, hubIds: ReadonlySet<string>): readonly string[] {
  const first = cells.optionalReference('upstream1', hubIds, KINDS.hub);
  const second = cells.optionalReference('upstream2', hubIds, KINDS.hub);
  const id = cells.cell('id');
  for (const column of ['upstream1', 'upstream2']) {
    if (id !== '' && cells.cell(column) === id)
      cells.bad(column, { vi: 'Nút không thể nối lên chính nó', en: 'A hub cannot hang on itself' });
  }
  if (second !== null && first === null && cells.cell('upstream1') === '') {
    cells.bad('upstream1', {
      vi: 'Có đường thứ hai thì phải có đường thứ nhất',
      en: 'There is a second upstream but no first',
    });
  }
  if (first !== null && first === second)
    cells.bad('upstream2', { vi: 'Hai đường lên trùng nhau', en: 'Both upstreams are the same' });
  return [first, second].filter((upstream) => upstream !== null);
}

function readAttributes(cells: CellReader, deviceClass: RegisteredDevice['deviceClass']): Attributes {
  const result = attributesFromCells(deviceClass, (name) => cells.cell(name));
  if (result.ok) return result.attributes;
  for (const { name, reason } of result.issues) cells.bad(name, reason);
  return {};
}

/** Fields that a row may leave empty. */
type Optional = 'siteId' | 'hubId' | 'feedId' | 'gatewayId';
type Complete<T> = { readonly [K in keyof T]: K extends Optional ? T[K] : Exclude<T[K], null> };
const OPTIONAL: ReadonlySet<string> = new Set<Optional>(['siteId', 'hubId', 'feedId', 'gatewayId']);

function isComplete<T extends object>(row: T): row is T & Complete<T> {
  return Object.entries(row).every(([name, value]) => value !== null || OPTIONAL.has(name));
}

function idsOf(items: readonly { readonly id: string }[]): readonly string[] {
  return items.map(({ id }) => id);
}
