import { Injectable } from '@nestjs/common';
import { CONNECTIVITIES, type Connectivity } from '@ioc/contract';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { ConnectivityService } from '../connectivity/connectivity.service.js';
import { DevicesService } from '../devices/devices.service.js';
import { IntakeService } from '../intake/intake.service.js';

const BATCH_SIZES = [1, 10, 50, 100, 250, 500, 1_000, 2_000, 4_000];
const LAG_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000, 30_000];

/** What Prometheus reads. Gauges are asked for at the scrape; nothing is counted per message here. */
@Injectable()
export class MetricsService {
  readonly #registry = new Registry();
  #connectedSockets: () => number = () => 0;
  #stopListening: () => void = () => undefined;

  constructor(
    private readonly intake: IntakeService,
    private readonly devices: DevicesService,
    private readonly connectivity: ConnectivityService,
  ) {
    this.#defineIntake();
    this.#defineDevices();
  }

  /** Begins to observe batches and the process. `connectedSockets`: how many Socket.IO clients there are. */
  start(connectedSockets: () => number): void {
    this.#connectedSockets = connectedSockets;
    collectDefaultMetrics({ register: this.#registry });
    const registers = [this.#registry];
    const batch = new Histogram({
      name: 'ioc_batch_readings',
      help: 'Readings of a committed batch',
      buckets: BATCH_SIZES,
      registers,
    });
    const lag = new Histogram({
      name: 'ioc_commit_lag_ms',
      help: 'From the arrival of the oldest message of a batch to its commit, ms',
      buckets: LAG_MS,
      registers,
    });
    const written = new Counter({ name: 'ioc_readings_written_total', help: 'Readings that were new', registers });
    this.#stopListening = this.intake.announcements.on('committed', 'health', (committed) => {
      if (committed.readings.length === 0) return;
      batch.observe(committed.readings.length);
      lag.observe(this.intake.stats().commitLagMs);
      written.inc(committed.written);
    });
  }

  stop(): void {
    this.#stopListening();
    this.#registry.clear();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #defineIntake(): void {
    const registers = [this.#registry];
    const { intake } = this;
    new Gauge({
      name: 'ioc_intake_results_total',
      help: 'Messages and readings by what became of them',
      labelNames: ['result', 'reason'],
      registers,
      collect() {
        for (const { result, reason, count } of intake.stats().results) this.set({ result, reason }, count);
      },
    });
    const gauge = (name: string, help: string, value: () => number) => {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(value());
        },
      });
    };
    gauge('ioc_intake_messages_total', 'Messages taken from the broker', () => intake.stats().messages);
    gauge('ioc_intake_duplicates_total', 'Readings that were there already', () => intake.stats().duplicates);
    gauge(
      'ioc_intake_unknown_metrics_total',
      'Metrics that their class does not have',
      () => intake.stats().unknownMetrics,
    );
    gauge(
      'ioc_intake_left_out_total',
      'Observations committed without what they lead to, because that failed',
      () => intake.stats().leftOut,
    );
    gauge('ioc_alarms_judged', '1 while alarms are judged', () =>
      Number(intake.standstill()?.consequence !== 'alarms'),
    );
    gauge(
      'ioc_intake_readings_per_second',
      'Committed readings, mean of the last 10 s',
      () => intake.stats().readingsPerS,
    );
    gauge('ioc_intake_unacknowledged', 'Messages that wait for their commit', () => intake.stats().unacknowledged);
    gauge('ioc_intake_seeing', '1 while the intake can be believed', () => Number(intake.visibility().seeing));
    gauge(
      'ioc_quarantined_devices',
      'Devices that spoke without being registered',
      () => intake.stats().quarantinedDevices,
    );
    gauge('ioc_connected_sockets', 'Socket.IO clients', () => this.#connectedSockets());
  }

  #defineDevices(): void {
    const { devices, connectivity } = this;
    new Gauge({
      name: 'ioc_devices',
      help: 'Registered devices by class and connectivity',
      labelNames: ['class', 'connectivity'],
      registers: [this.#registry],
      collect() {
        this.reset();
        const counts = new Map<string, Record<Connectivity, number>>();
        for (const device of devices.register().devices.values()) {
          const ofClass = counts.get(device.deviceClass) ?? { up: 0, down: 0, stale: 0, blind: 0 };
          ofClass[connectivity.stateOf(device.id).connectivity] += 1;
          counts.set(device.deviceClass, ofClass);
        }
        for (const [deviceClass, ofClass] of counts) {
          for (const state of CONNECTIVITIES) this.set({ class: deviceClass, connectivity: state }, ofClass[state]);
        }
      },
    });
  }
}
