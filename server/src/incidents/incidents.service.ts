import { Injectable } from '@nestjs/common';
import type { Incident } from '@ioc/contract';
import type { Judgement } from '../connectivity/judgement.js';
import type { Tx } from '../platform/database/database.js';
import type { IncidentWork, IncidentWorkResult } from './incident-work.js';

/** What technicians work: for now one incident per outage. */
@Injectable()
export class IncidentsService {
  /** Loads the current incidents. */
  start(): Promise<void> {
    return Promise.reject(new Error('not built yet'));
  }

  /**
   * Opens, resolves and re-judges incidents (and alarms) after a judgement, in the batch's transaction. Returns the ids of
   * the incidents that change; they are current once the judgement is accepted.
   */
  follow(tx: Tx, judgement: Judgement, nowMs: number): Promise<readonly string[]> {
    return Promise.reject(new Error(`not built yet: ${typeof tx} ${judgement.nowMs} ${nowMs}`));
  }

  acknowledge(work: IncidentWork): Promise<IncidentWorkResult> {
    return Promise.reject(new Error(`not built yet: ${work.incidentId}`));
  }

  release(work: IncidentWork): Promise<IncidentWorkResult> {
    return Promise.reject(new Error(`not built yet: ${work.incidentId}`));
  }

  /** All that are not resolved, and those resolved within the last 10 minutes. */
  current(): readonly Incident[] {
    throw new Error('not built yet');
  }

  /** Called after every committed change of incidents. Returns what takes the listener away. */
  onChanged(owner: string, listener: (changed: readonly Incident[]) => void): () => void {
    throw new Error(`not built yet: ${owner} ${typeof listener}`);
  }
}
