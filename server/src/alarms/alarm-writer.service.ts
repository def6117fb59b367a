import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import type { RepairedOutage } from '../connectivity/outage-repair.js';
import { alarmKey } from './alarm.js';
import { NO_ID } from './alarm-draft.js';
import { AlarmsRepository } from './alarms.repository.js';
import type { TracksAfter } from './reading-watch.js';
import { REPAIRED, repairedLoss, repairText } from './repaired-loss.js';
import type { Turn } from './turn.js';

/** Puts into rows what a turn made, in its transaction. May be called again for a retried commit. */
@Injectable()
export class AlarmWriter {
  constructor(private readonly repository: AlarmsRepository) {}

  /** Writes what a turn makes of alarms and of what rules remember; gives what is raised its id. */
  async write(tx: Tx, { draft, nowMs, shelfChanges }: Turn, tracks: TracksAfter): Promise<void> {
    const drafted = [...draft.drafted()];
    const raised = drafted.filter(({ before }) => before === null);
    const losses = raised.filter(({ after }) => after.type === 'connectivityLost');
    const outages = await this.repository.openOutages(
      tx,
      losses.flatMap(({ after }) => after.deviceId ?? []),
    );
    for (const loss of losses) {
      const outageId = outages.get(loss.after.deviceId ?? '') ?? null;
      loss.after = { ...loss.after, detail: { ...loss.after.detail, outageId } };
    }
    const rows = await this.repository.raise(
      tx,
      raised.map(({ after }) => after),
    );
    const ids = new Map(
      rows.map(({ id, resource_kind, resource_id, alarm_type, qualifier }) => [
        alarmKey({ resource: { kind: resource_kind, id: resource_id }, type: alarm_type, qualifier }),
        id,
      ]),
    );
    for (const alarm of raised) alarm.after = { ...alarm.after, id: ids.get(alarmKey(alarm.after)) ?? NO_ID };
    await this.repository.change(
      tx,
      drafted.flatMap(({ before, after }) => (before === null ? [] : [after])),
    );
    await this.repository.note(
      tx,
      drafted.flatMap(({ after, notes }) => notes.map((note) => ({ ...note, alarmId: after.id }))),
      nowMs,
    );
    const remembered = [...tracks].flatMap(([deviceId, drafted]) =>
      Array.from(drafted, ([ruleKey, track]) => ({ deviceId, ruleKey, track })),
    );
    await this.repository.writeTracks(
      tx,
      remembered.flatMap(({ deviceId, ruleKey, track: state }) =>
        state === null ? [] : [{ device_id: deviceId, rule_key: ruleKey, state }],
      ),
    );
    await this.repository.dropTracks(
      tx,
      remembered.flatMap(({ deviceId, ruleKey, track: state }) =>
        state === null ? [{ device_id: deviceId, rule_key: ruleKey }] : [],
      ),
    );
    await this.repository.writeShelves(tx, [...shelfChanges.values()]);
  }

  /** Corrects alarms that are over, as late data repaired their outages. Nobody is told: their record says so. */
  async repairOver(tx: Tx, repairs: readonly RepairedOutage[], nowMs: number): Promise<void> {
    const byOutage = new Map(repairs.map((repair) => [repair.outageId, repair]));
    const corrected = (await this.repository.lossesOver(tx, repairs)).flatMap((before) => {
      const repair = byOutage.get(String(before.detail['outageId']));
      const after = repair === undefined ? before : repairedLoss(before, repair);
      return after === before ? [] : [{ before, after: { ...after, version: before.version + 1 } }];
    });
    await this.repository.change(
      tx,
      corrected.map(({ after }) => after),
    );
    const notes = corrected.map(({ before, after }) => ({
      alarmId: after.id,
      action: REPAIRED,
      severity: null,
      text: repairText(before, after),
      person: null,
    }));
    await this.repository.note(tx, notes, nowMs);
  }
}
