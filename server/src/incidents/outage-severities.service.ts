import { Injectable } from '@nestjs/common';
import { AlarmsService } from '../alarms/alarms.service.js';
import { ConnectivityService } from '../connectivity/connectivity.service.js';
import { tallyCommune, type CommuneTally, type SiteTally } from '../connectivity/impact.js';
import type { Judgement } from '../connectivity/judgement.js';
import { DevicesService } from '../devices/devices.service.js';
import type { Register, RegisteredDevice } from '../devices/registered-device.js';
import { judgeOutage, type JudgedOutage } from './outage-severity.js';

/** Gathers what the severity of an outage depends on, as it will be once a judgement is accepted. */
@Injectable()
export class OutageSeverities {
  readonly #tallies = new WeakMap<Judgement, Map<string, CommuneTally>>();
  readonly #hubSites = new WeakMap<Register, ReadonlySet<string>>();

  constructor(
    private readonly connectivity: ConnectivityService,
    private readonly alarms: AlarmsService,
    private readonly devices: DevicesService,
  ) {}

  judge(device: RegisteredDevice, judgement: Judgement): JudgedOutage | null {
    const { communeCode } = device;
    return judgeOutage(device, {
      state: this.#stateOf(device, judgement),
      commune: this.#tallyOf(communeCode, judgement),
      communeImpact: (judgement.communes.get(communeCode) ?? this.connectivity.communeOf(communeCode)).impact,
      site: device.siteId === null ? null : this.#siteOf(device.siteId, judgement),
      alarmLevel: this.alarms.alarmLevelOf(device.id, judgement),
    });
  }

  #stateOf(device: RegisteredDevice, judgement: Judgement) {
    return judgement.devices.get(device.id) ?? this.connectivity.stateOf(device.id);
  }

  #tallyOf(code: string, judgement: Judgement): CommuneTally {
    const tallies = this.#tallies.get(judgement) ?? new Map<string, CommuneTally>();
    this.#tallies.set(judgement, tallies);
    const known = tallies.get(code);
    if (known !== undefined) return known;
    const devices = this.devices.register().devicesByCommune.get(code) ?? [];
    const tally = tallyCommune(devices, (device) => this.#stateOf(device, judgement));
    tallies.set(code, tally);
    return tally;
  }

  #siteOf(siteId: string, judgement: Judgement): SiteTally {
    const register = this.devices.register();
    const stations = (register.devicesBySite.get(siteId) ?? []).filter(({ deviceClass }) => deviceClass === 'bts');
    let hubSites = this.#hubSites.get(register);
    if (hubSites === undefined) {
      hubSites = new Set([...register.hubs.values()].flatMap((hub) => hub.siteId ?? []));
      this.#hubSites.set(register, hubSites);
    }
    return {
      operators: new Set(stations.map(({ owner }) => owner)).size,
      lost: stations.every((station) => this.#stateOf(station, judgement).lastKnown === 'down'),
      hub: hubSites.has(siteId),
    };
  }
}
