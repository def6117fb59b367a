import type { DeviceState } from '../connectivity/device-state.js';
import { tallyCommune, type CommuneTally, type SiteTally } from '../connectivity/impact.js';
import type { CommuneImpact } from '../connectivity/judgement.js';
import type { Register, RegisteredDevice } from '../devices/registered-device.js';
import { judgeLossSeverity, type JudgedLoss } from './loss-severity.js';

/** The state of everything as it will be once the judgement at hand is accepted. */
export interface StatesAfter {
  readonly register: Register;
  stateOf(deviceId: string): DeviceState;
  communeOf(code: string): CommuneImpact;
  alarmLevelOf(deviceId: string): number | null;
}

/** Gathers what the severity of a loss depends on; made anew for every judgement, so that each commune is counted once. */
export class AroundLosses {
  readonly #tallies = new Map<string, CommuneTally>();

  constructor(
    private readonly after: StatesAfter,
    private readonly hubSites: ReadonlySet<string>,
  ) {}

  judge(device: RegisteredDevice): JudgedLoss | null {
    return judgeLossSeverity(device, {
      state: this.after.stateOf(device.id),
      commune: this.tallyOf(device.communeCode),
      communeImpact: this.after.communeOf(device.communeCode).impact,
      site: device.siteId === null ? null : this.#siteOf(device.siteId),
      alarmLevel: this.after.alarmLevelOf(device.id),
    });
  }

  /** A hub stands on its site, or it is the last station alive in its commune: much hangs on it. */
  isLastResort(device: RegisteredDevice): boolean {
    if (device.siteId !== null && this.hubSites.has(device.siteId)) return true;
    const { stationsUp } = this.tallyOf(device.communeCode);
    return stationsUp <= 1 && this.after.stateOf(device.id).lastKnown === 'up';
  }

  tallyOf(code: string): CommuneTally {
    const known = this.#tallies.get(code);
    if (known !== undefined) return known;
    const devices = this.after.register.devicesByCommune.get(code) ?? [];
    const tally = tallyCommune(devices, ({ id }) => this.after.stateOf(id));
    this.#tallies.set(code, tally);
    return tally;
  }

  #siteOf(siteId: string): SiteTally {
    const operators = new Set<string>();
    let lost = true;
    for (const { id, deviceClass, owner } of this.after.register.devicesBySite.get(siteId) ?? []) {
      if (deviceClass !== 'bts') continue;
      operators.add(owner);
      if (this.after.stateOf(id).lastKnown !== 'down') lost = false;
    }
    return { operators: operators.size, lost, hub: this.hubSites.has(siteId) };
  }
}

/** Sites on which a transmission hub stands. */
export function hubSitesOf(register: Register): ReadonlySet<string> {
  return new Set([...register.hubs.values()].flatMap(({ siteId }) => siteId ?? []));
}
