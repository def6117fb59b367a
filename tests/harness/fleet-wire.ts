import { MAX_BATCH_READINGS, deviceTopic, gatewayTopic, type Clock, type SessionState } from '@ioc/contract';
import type { Fleet } from '@ioc/simulators';
import type { Publisher } from './publisher.js';

type FleetDevice = Fleet['devices'][number];

/** What devices of a fleet say of themselves, over the way on which they would say it. */
export class FleetWire {
  #session = 0;

  constructor(
    private readonly wire: Publisher,
    private readonly clock: Clock,
  ) {}

  /** Stations, by the batches of their gateways. */
  async stations(of: readonly FleetDevice[], state: SessionState, perBatch = MAX_BATCH_READINGS): Promise<void> {
    for (const gateway of new Set(of.map((station) => station.gateway))) {
      const its = of.filter((station) => station.gateway === gateway);
      for (let from = 0; from < its.length; from += perBatch) {
        const ts = this.clock.now();
        const readings = its.slice(from, from + perBatch).map(({ id }) => ({ device: id, ts, state }));
        await this.wire.publish(gatewayTopic(gateway ?? '', 'batch'), { ts, readings });
      }
    }
  }

  /** Links, each with a status of its own; one that is online sends a reading, too. */
  async links(of: readonly FleetDevice[], state: SessionState): Promise<void> {
    this.#session += 1;
    const session = this.#session;
    for (const { id, commune } of of) {
      const ts = this.clock.now();
      await this.wire.publish(deviceTopic(commune, 'link', id, 'status'), { ts, session, state });
      if (state === 'online') {
        const metrics = { linkUp: true, rttMs: 10 };
        await this.wire.publish(deviceTopic(commune, 'link', id, 'telemetry'), { ts, metrics });
      }
    }
  }
}
