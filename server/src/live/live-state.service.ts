import { Inject, Injectable } from '@nestjs/common';
import {
  type Clock,
  type CommuneLive,
  type DeviceLive,
  type DeviceReadingLive,
  type DeviceSnapshot,
  type GatewayLive,
  type IncidentsSnapshot,
  type SystemLive,
} from '@ioc/contract';
import { AlarmsService } from '../alarms/alarms.service.js';
import { simulates, type Config } from '../config/config.js';
import { ConnectivityService } from '../connectivity/connectivity.service.js';
import { DevicesService } from '../devices/devices.service.js';
import type { Register } from '../devices/registered-device.js';
import { IncidentsService } from '../incidents/incidents.service.js';
import { IntakeService } from '../intake/intake.service.js';
import { CLOCK, CONFIG } from '../platform/platform.module.js';
import { ReadingsService } from '../readings/readings.service.js';
import { toCommuneLive } from './commune-live.js';

/** The present state as the wire carries it, gathered from the modules that own it. Keeps nothing itself. */
@Injectable()
export class LiveStateService {
  constructor(
    private readonly devices: DevicesService,
    private readonly readings: ReadingsService,
    private readonly connectivity: ConnectivityService,
    private readonly alarms: AlarmsService,
    private readonly incidents: IncidentsService,
    private readonly intake: IntakeService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  register(): Register {
    return this.devices.register();
  }

  deviceLive(id: string): DeviceLive {
    const { connectivity, lastKnown, sinceMs, onBattery } = this.connectivity.stateOf(id);
    return {
      connectivity,
      lastKnown,
      sinceMs,
      severity: this.incidents.severityOf(id),
      onBattery,
      alarmLevel: this.alarms.alarmLevelOf(id),
    };
  }

  /** Why the device is in its present state; null when it is up or nobody said. */
  reasonOf(id: string): string | null {
    return this.connectivity.stateOf(id).reason;
  }

  communeLive(code: string): CommuneLive {
    return toCommuneLive(
      code,
      this.connectivity.communeOf(code),
      this.register().devicesByCommune.get(code) ?? [],
      (id) => this.connectivity.stateOf(id),
    );
  }

  /** The newest reading; null when none has come. */
  latest(id: string): DeviceReadingLive | null {
    const reading = this.readings.latestOf(id);
    if (reading === null) return null;
    return {
      at: new Date(reading.atMs).toISOString(),
      receivedAt: new Date(reading.receivedAtMs).toISOString(),
      metrics: reading.metrics,
      suspect: [...reading.suspect],
      clockOffsetMs: reading.clockOffsetMs,
    };
  }

  system(): SystemLive {
    const { seeing, reason } = this.intake.visibility();
    const stats = this.intake.stats();
    const { open, unheldCritical } = this.incidents.counts();
    const flood = this.alarms.flood();
    const standstill = this.intake.standstill();
    return {
      serverTime: new Date(this.clock.now()).toISOString(),
      intake: seeing ? 'seeing' : 'blind',
      intakeReason: reason,
      readingsPerS: stats.readingsPerS,
      newestReadingAt: stats.newestReadingAtMs === null ? null : new Date(stats.newestReadingAtMs).toISOString(),
      commitLagMs: stats.commitLagMs,
      gateways: this.#gateways(),
      openIncidents: open,
      unheldCriticalIncidents: unheldCritical,
      shelvedAlarms: this.alarms.shelvedCount(),
      standstill: standstill && {
        consequence: standstill.consequence,
        since: new Date(standstill.sinceMs).toISOString(),
      },
      alarmFlood: {
        on: flood.on,
        since: flood.sinceMs === null ? null : new Date(flood.sinceMs).toISOString(),
        newAlarms10Min: flood.newAlarms10Min,
      },
      deadLettersLastHour: stats.deadLettersLastHour,
      quarantinedDevices: stats.quarantinedDevices,
      simulated: simulates(this.config),
    };
  }

  currentIncidents(): IncidentsSnapshot['incidents'] {
    return [...this.incidents.current()];
  }

  deviceSnapshot(id: string): DeviceSnapshot {
    return { live: this.deviceLive(id), reason: this.reasonOf(id), latest: this.latest(id) };
  }

  #gateways(): GatewayLive[] {
    const { gateways, devicesByGateway } = this.register();
    return [...gateways.values()].map(({ id, owner }) => {
      const { connectivity, sinceMs } = this.connectivity.gatewayOf(id);
      return { id, owner, connectivity, sinceMs, devices: devicesByGateway.get(id)?.length ?? 0 };
    });
  }
}
