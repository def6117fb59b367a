import { Inject, Injectable } from '@nestjs/common';
import type { Clock, FeederCandidate, GeneratorCandidate } from '@ioc/contract';
import type { AlarmRecord } from '../alarms/alarm.js';
import { AlarmsService } from '../alarms/alarms.service.js';
import { ConnectivityService } from '../connectivity/connectivity.service.js';
import { DevicesService } from '../devices/devices.service.js';
import type { RegisteredDevice } from '../devices/registered-device.js';
import { FactsService } from '../facts/facts.service.js';
import { CLOCK } from '../platform/platform.module.js';
import { ReadingsService, type ReadingThen } from '../readings/readings.service.js';
import { minutesOfBattery, type BatterySample } from './battery-forecast.js';
import type { StationPower } from './judged-site.js';
import { powerPriorities } from './power-sites.js';

/** How far back the charge is compared; long enough for whole percents, short enough for one load. */
const SLOPE_MS = 30 * 60_000;
/** What was said longer ago than this says nothing of then. */
const FRESH_MS = 15 * 60_000;

/** What of a reading tells how long a battery lasts. */
const BATTERY_METRICS = ['mainsOn', 'batteryPercent', 'dcVoltageV'];

export interface PowerPriorities {
  readonly atMs: number;
  /** Of which `sites` are the most urgent. */
  readonly total: number;
  readonly sites: readonly GeneratorCandidate[];
  readonly feeders: readonly FeederCandidate[];
}

/** Where to send the generator first, and which feeders to ask for first. */
@Injectable()
export class PowerService {
  constructor(
    private readonly devices: DevicesService,
    private readonly facts: FactsService,
    private readonly readings: ReadingsService,
    private readonly connectivity: ConnectivityService,
    private readonly alarms: AlarmsService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async priorities(): Promise<PowerPriorities> {
    const nowMs = this.clock.now();
    const before = await this.readings.readingsThen('bts', nowMs - SLOPE_MS, FRESH_MS, BATTERY_METRICS);
    const mains = this.#mainsAlarms();
    const known = new Map<string, StationPower>();
    const powerOf = (station: RegisteredDevice): StationPower => {
      const remembered = known.get(station.id);
      if (remembered !== undefined) return remembered;
      const power = this.#powerOf(station, mains.get(station.id), before.get(station.id));
      known.set(station.id, power);
      return power;
    };
    const register = this.devices.register();
    return { atMs: nowMs, ...powerPriorities({ register, powerOf, factsOf: (s) => this.facts.current(s), nowMs }) };
  }

  #powerOf(station: RegisteredDevice, alarm: AlarmRecord | undefined, before: ReadingThen | undefined): StationPower {
    const { lastKnown, onBattery, reason } = this.connectivity.stateOf(station.id);
    const latest = this.readings.latestOf(station.id);
    // What a station said last before it went silent: that it was on its battery. Its gateway may have said why.
    const wasOnBattery = onBattery === true || latest?.metrics['mainsOn'] === false;
    const alive = lastKnown === 'up';
    const emptied = lastKnown === 'down' && (reason === 'battery-empty' || (wasOnBattery && isNearlyEmpty(latest)));
    const told = alarm?.detail['minutesLeft'];
    return {
      alive,
      onBattery: wasOnBattery,
      emptied,
      minutesLeft: !alive
        ? 0
        : typeof told === 'number'
          ? Math.max(0, Math.round(told))
          : forecast(station, latest, before),
      onBatterySinceMs: alarm?.beganAtMs ?? null,
    };
  }

  #mainsAlarms(): ReadonlyMap<string, AlarmRecord> {
    const alarms = new Map<string, AlarmRecord>();
    for (const alarm of this.alarms.current()) {
      if (alarm.type === 'mainsAbsent' && alarm.deviceId !== null) alarms.set(alarm.deviceId, alarm);
    }
    return alarms;
  }
}

/** At this charge a station that falls silent was switched off by its battery, and not by something else. */
const NEARLY_EMPTY_PERCENT = 5;
function isNearlyEmpty(latest: Pick<ReadingThen, 'metrics'> | null): boolean {
  const percent = latest?.metrics['batteryPercent'];
  return typeof percent === 'number' && percent <= NEARLY_EMPTY_PERCENT;
}

function forecast(
  station: RegisteredDevice,
  latest: ReadingThen | null,
  before: ReadingThen | undefined,
): number | null {
  if (latest === null) return null;
  const battery = station.attributes['battery'];
  const sameDischarge = before?.metrics['mainsOn'] === false ? sampleOf(before) : null;
  return minutesOfBattery(
    sampleOf(latest),
    sameDischarge,
    battery === 'leadAcid' || battery === 'lithium' ? battery : null,
  );
}

function sampleOf({ atMs, metrics, suspect }: ReadingThen): BatterySample {
  const numberOf = (name: string) => {
    const value = metrics[name];
    return typeof value === 'number' && !suspect.includes(name) ? value : null;
  };
  return { atMs, percent: numberOf('batteryPercent'), voltageV: numberOf('dcVoltageV') };
}
