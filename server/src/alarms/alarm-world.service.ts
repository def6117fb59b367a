import { Injectable } from '@nestjs/common';
import { ConnectivityService } from '../connectivity/connectivity.service.js';
import type { Judgement } from '../connectivity/judgement.js';
import type { Register, RegisteredDevice } from '../devices/registered-device.js';
import { FactsService } from '../facts/facts.service.js';
import { registrationOf } from './conditions/meeting.js';
import { rainOver } from './conditions/rain-memory.js';
import { alarmLevelOf, stationOf } from './conditions/river-level.js';
import type { Track } from './conditions/track.js';
import type { WorldAfter } from './turn.js';

/** What a rule of a device remembers, under the rule's key. */
type Remembered = (device: RegisteredDevice, ruleKey: string) => Track | null;

/** What alarms read of everything else: connectivity, what people know, and what rules remember of a device's readings. */
@Injectable()
export class AlarmWorld {
  constructor(
    private readonly connectivity: ConnectivityService,
    private readonly facts: FactsService,
  ) {}

  /** Everything as it will be once the judgement is accepted; as it is, without one. */
  after(judgement: Judgement | null, register: Register, nowMs: number, trackOf: Remembered): WorldAfter {
    const remembered = (id: string, ruleKey: string): Track | null => {
      const device = register.devices.get(id);
      return device === undefined ? null : trackOf(device, ruleKey);
    };
    return {
      register,
      stateOf: (id) => judgement?.devices.get(id) ?? this.connectivity.stateOf(id),
      communeOf: (code) => judgement?.communes.get(code) ?? this.connectivity.communeOf(code),
      gatewayOf: (id) => judgement?.gateways.get(id) ?? this.connectivity.gatewayOf(id),
      generatorRuns: (id) => this.facts.current({ kind: 'site', id }).some(({ kind }) => kind === 'generatorRunning'),
      rainOver: (id, overMs) => rainOver(remembered(id, 'silent')?.samples ?? [], overMs, nowMs),
      registrationOf: (id) => registrationOf(remembered(id, 'meeting')),
      alarmLevelOf: (id) => {
        const device = register.devices.get(id);
        return device === undefined || stationOf(device) === null ? null : alarmLevelOf(trackOf(device, 'level'));
      },
    };
  }
}
