import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import type { DeviceState } from './device-state.js';
import type { GatewayState } from './gateway-state.js';
import type { CommuneImpact, Judgement } from './judgement.js';
import type { Observation } from './observation.js';
import type { Visibility } from './visibility.js';

/** Whether we hear each device, and since when; outages. */
@Injectable()
export class ConnectivityService {
  /** Loads the last known state; silence is not judged until the grace has passed. */
  start(): Promise<void> {
    return Promise.reject(new Error('not built yet'));
  }

  /** What the observations make of the state. Changes nothing. */
  judge(observations: readonly Observation[], nowMs: number, visibility?: Visibility): Judgement {
    throw new Error(`not built yet: ${observations.length} ${nowMs} ${visibility?.seeing}`);
  }

  /** What the passing of time makes of the state. Changes nothing. Call it also while not seeing. */
  judgeTime(nowMs: number, visibility: Visibility): Judgement {
    throw new Error(`not built yet: ${nowMs} ${visibility.seeing}`);
  }

  /** Writes what a judgement changes, inside the batch's transaction. May be called again for a retried commit. */
  write(tx: Tx, judgement: Judgement): Promise<void> {
    return Promise.reject(new Error(`not built yet: ${judgement.nowMs} ${typeof tx}`));
  }

  /** Makes a judgement current, after its commit. */
  accept(judgement: Judgement): void {
    throw new Error(`not built yet: ${judgement.nowMs}`);
  }

  stateOf(deviceId: string): DeviceState {
    throw new Error(`not built yet: ${deviceId}`);
  }

  gatewayOf(gatewayId: string): GatewayState {
    throw new Error(`not built yet: ${gatewayId}`);
  }

  communeOf(code: string): CommuneImpact {
    throw new Error(`not built yet: ${code}`);
  }

  /** Called inside `accept`, when the state is current. Returns what takes the listener away. */
  onAccepted(owner: string, listener: (judgement: Judgement) => void): () => void {
    throw new Error(`not built yet: ${owner} ${typeof listener}`);
  }
}
