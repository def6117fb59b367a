import { Injectable } from '@nestjs/common';
import type { RegisteredDevice } from '../devices/registered-device.js';
import type { Tx } from '../platform/database/database.js';
import { ConnectivityRepository, type BlindSpanRow, type OutageAroundRow } from './connectivity.repository.js';
import { MISSED_INTERVALS, type OpenOutage } from './device-state.js';
import type { Judgement, LateEvidence } from './judgement.js';
import { repairOutage, type Repair, type RepairedOutage } from './outage-repair.js';
import { storedRepairNote } from './repair-note.js';

/** What the repairs of a judgement come to. */
export interface Repairs {
  readonly repaired: readonly RepairedOutage[];
  /** Open outages whose beginning moved, by device. */
  readonly moved: ReadonlyMap<string, OpenOutage>;
}

/** Repairs outages from late readings, in the batch's transaction; every repair leaves a note, and nobody is notified. */
@Injectable()
export class OutageRepairs {
  constructor(private readonly repository: ConnectivityRepository) {}

  async repair(tx: Tx, judgement: Judgement): Promise<Repairs> {
    const repaired: RepairedOutage[] = [];
    const moved = new Map<string, OpenOutage>();
    const { lateEvidence, nowMs } = judgement;
    if (lateEvidence.length === 0) return { repaired, moved };
    const byDevice = new Map<string, LateEvidence[]>();
    let fromMs = Number.POSITIVE_INFINITY;
    let toMs = Number.NEGATIVE_INFINITY;
    for (const evidence of lateEvidence) {
      const known = byDevice.get(evidence.device.id);
      if (known === undefined) byDevice.set(evidence.device.id, [evidence]);
      else known.push(evidence);
      fromMs = Math.min(fromMs, evidence.atMs);
      toMs = Math.max(toMs, evidence.atMs);
    }
    const outages = await this.repository.outagesAround(tx, [...byDevice.keys()], fromMs, toMs);
    if (outages.length === 0) return { repaired, moved };
    const spans = await this.repository.blindSpansAround(tx, fromMs, toMs);
    for (const outage of outages) {
      const evidence = byDevice.get(outage.device_id) ?? [];
      const device = evidence[0]?.device;
      if (device === undefined) continue;
      const repair = repairOf(outage, evidence, spans, device);
      if (repair === null) continue;
      repaired.push(await this.#apply(tx, outage, repair, device, nowMs));
      const open = repair.pieces.at(-1);
      if (open?.endedAtMs === null) {
        const { reason, detected_ms: detectedAtMs } = outage;
        moved.set(device.id, { beganAtMs: open.beganAtMs, basis: open.basis, reason, detectedAtMs });
      }
    }
    return { repaired, moved };
  }

  /** Notes the outages that the reading which ended them showed never to have been, and says which. */
  async noteDisproved(
    tx: Tx,
    judgement: Judgement,
    closed: readonly { readonly id: number; readonly device_id: string }[],
  ): Promise<readonly RepairedOutage[]> {
    const disproved: RepairedOutage[] = [];
    const ids = new Map(closed.map(({ id, device_id }) => [device_id, id]));
    for (const { device, beganAtMs, endedAtMs } of judgement.outagesClosed) {
      const id = ids.get(device.id);
      if (endedAtMs > beganAtMs || id === undefined) continue;
      const readingAtMs = judgement.devices.get(device.id)?.sinceMs ?? judgement.nowMs;
      await this.repository.noteRepair(tx, id, {
        repairedAtMs: judgement.nowMs,
        readingAtMs,
        note: storedRepairNote('removed'),
      });
      disproved.push({ outageId: String(id), deviceId: device.id, beganAtMs: null, open: false });
    }
    return disproved;
  }

  async #apply(
    tx: Tx,
    outage: OutageAroundRow,
    repair: Repair,
    device: RegisteredDevice,
    nowMs: number,
  ): Promise<RepairedOutage> {
    // An open outage stays the row that its incident points at; of an ended one the first piece does.
    const keptIndex = outage.ended_ms === null ? repair.pieces.length - 1 : 0;
    const kept = repair.pieces[keptIndex] ?? {
      // Nothing is left: the row stays, without length, for the note and the incident that hang on it.
      beganAtMs: outage.began_ms,
      endedAtMs: outage.began_ms,
      basis: outage.basis,
    };
    await this.repository.repairOutage(tx, outage.id, kept);
    const others = repair.pieces.filter((_, index) => index !== keptIndex);
    if (others.length > 0) {
      await this.repository.openOutages(
        tx,
        others.map((piece) => ({ device, ...piece, reason: outage.reason, detectedAtMs: outage.detected_ms })),
      );
    }
    const note = storedRepairNote(repair.kind);
    await this.repository.noteRepair(tx, outage.id, { repairedAtMs: nowMs, readingAtMs: repair.readingAtMs, note });
    return {
      outageId: String(outage.id),
      deviceId: device.id,
      beganAtMs: repair.kind === 'removed' ? null : kept.beganAtMs,
      open: outage.ended_ms === null,
    };
  }
}

function repairOf(
  outage: OutageAroundRow,
  evidence: readonly LateEvidence[],
  spans: readonly BlindSpanRow[],
  device: RegisteredDevice,
): Repair | null {
  return repairOutage(
    { beganAtMs: outage.began_ms, endedAtMs: outage.ended_ms, basis: outage.basis },
    evidence,
    spans
      .filter(({ gateway_id }) => gateway_id === null || gateway_id === device.gatewayId)
      .map(({ began_ms, ended_ms }) => ({ beganAtMs: began_ms, endedAtMs: ended_ms })),
    MISSED_INTERVALS * device.reportingIntervalMs,
  );
}
