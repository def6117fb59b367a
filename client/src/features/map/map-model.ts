import { COMMUNES, type CommuneLive, type DeviceLive, type MapDevice } from '@ioc/contract';
import type { GlyphName } from '../../ui/glyphs.js';
import { communeFill, markOf, worstGlyph } from './marks.js';

/** More of a commune's devices than this share unseen: the whole commune is hatched. */
const UNSEEN_SHARE = 0.5;

/** What an update changed, so that only that is drawn again. */
export interface MapChange {
  readonly fills: boolean;
  /** Hatching, outlines, clusters, labels or river levels. */
  readonly annotations: boolean;
  /** Devices whose mark may have changed; null: all. */
  readonly devices: ReadonlySet<string> | null;
}

/** What the map shows of the province, derived from the live model. Plain Maps: nothing here is reactive. */
export class MapModel {
  /** Fill by commune code; a new Map whenever one changed. */
  fills: ReadonlyMap<string, string> = new Map(COMMUNES.map((commune) => [commune.code, communeFill('none')]));
  /** Worst member by commune code. */
  readonly clusters = new Map<string, GlyphName>();
  /** Communes most of whose devices we cannot see or have not heard. */
  readonly hatched = new Set<string>();
  readonly isolated = new Set<string>();
  readonly nearlyIsolated = new Set<string>();
  /** River sensors at BĐ1 or above: level by device id. */
  readonly alarmLevels = new Map<string, number>();
  private members = new Map<string, readonly MapDevice[]>();
  private communeOf = new Map<string, string>();

  setDevices(devices: Iterable<MapDevice>): void {
    const members = new Map<string, MapDevice[]>();
    this.communeOf = new Map();
    for (const device of devices) {
      this.communeOf.set(device.id, device.communeCode);
      const list = members.get(device.communeCode);
      if (list === undefined) members.set(device.communeCode, [device]);
      else list.push(device);
    }
    this.members = members;
  }

  /** Communes that have no device of a class at all: they get the mark of no equipment. */
  without(deviceClass: MapDevice['deviceClass']): string[] {
    if (this.members.size === 0) return [];
    return COMMUNES.filter(
      ({ code }) => !(this.members.get(code) ?? []).some((device) => device.deviceClass === deviceClass),
    ).map(({ code }) => code);
  }

  update(
    devices: ReadonlyMap<string, DeviceLive>,
    communes: ReadonlyMap<string, CommuneLive>,
    changed: ReadonlySet<string> | null,
  ): MapChange {
    const touched =
      changed === null
        ? new Set(this.members.keys())
        : new Set([...changed].flatMap((id) => this.communeOf.get(id) ?? []));
    let annotations = false;
    for (const code of touched) {
      const worst = worstGlyph((this.members.get(code) ?? []).map((device) => markOf(devices.get(device.id))));
      if (worst !== null && this.clusters.get(code) !== worst) {
        this.clusters.set(code, worst);
        annotations = true;
      }
    }
    if (this.updateLevels(devices, changed)) annotations = true;
    const fills = this.updateCommunes(communes);
    return { fills: fills.fills, annotations: annotations || fills.marks, devices: changed };
  }

  private updateLevels(devices: ReadonlyMap<string, DeviceLive>, changed: ReadonlySet<string> | null): boolean {
    let different = false;
    for (const id of changed ?? devices.keys()) {
      const level = devices.get(id)?.alarmLevel ?? 0;
      if ((this.alarmLevels.get(id) ?? 0) === level) continue;
      if (level === 0) this.alarmLevels.delete(id);
      else this.alarmLevels.set(id, level);
      different = true;
    }
    return different;
  }

  private updateCommunes(communes: ReadonlyMap<string, CommuneLive>): { fills: boolean; marks: boolean } {
    let fills: Map<string, string> | null = null;
    let marks = false;
    for (const { code } of COMMUNES) {
      const live = communes.get(code);
      const fill = communeFill(live?.impact ?? 'none');
      if (this.fills.get(code) !== fill) {
        fills ??= new Map(this.fills);
        fills.set(code, fill);
      }
      marks = hold(this.isolated, code, live?.impact === 'isolated') || marks;
      marks = hold(this.nearlyIsolated, code, live?.impact === 'nearlyIsolated') || marks;
      marks = hold(this.hatched, code, live !== undefined && isUnseen(live)) || marks;
    }
    if (fills !== null) this.fills = fills;
    return { fills: fills !== null, marks: marks || fills !== null };
  }
}

/** Makes a set hold a code or not; whether it changed. */
function hold(set: Set<string>, code: string, wanted: boolean): boolean {
  if (set.has(code) === wanted) return false;
  if (wanted) set.add(code);
  else set.delete(code);
  return true;
}

function isUnseen(commune: CommuneLive): boolean {
  let total = 0;
  let unseen = 0;
  for (const counts of Object.values(commune.counts)) {
    total += counts.total;
    // A blind device keeps its last state in the other counts, and that may be stale.
    unseen += Math.min(counts.total, counts.stale + counts.blind);
  }
  return total > 0 && unseen > total * UNSEEN_SHARE;
}
