import { alarmKey } from './alarm.js';
import { judgeLoss } from './connectivity-loss.js';
import { lossAlarm, lossKey } from './loss-alarm.js';
import { namedByMeeting } from './meeting-watch.js';
import { repairDetail } from './repaired-loss.js';
import type { Turn } from './turn.js';

/** Follows the connectivity of devices: losses that last are raised, and end when the device is back for long enough. */
export class LossWatch {
  /** Looks at the devices whose connectivity changed, and judges anew how bad the losses around them are. */
  follow(turn: Turn): void {
    const { judgement, world } = turn;
    for (const { device } of judgement.changes) this.look(turn, device.id);
    for (const { device, endedAtMs } of judgement.outagesOpened) if (endedAtMs === null) this.look(turn, device.id);
    for (const code of judgement.communes.keys()) {
      for (const { id } of world.register.devicesByCommune.get(code) ?? []) this.#rejudge(turn, id);
    }
  }

  /** Raises or ends the alarm on a device's connectivity, or says when to look again. */
  look(turn: Turn, deviceId: string): void {
    const { world, draft, book, nowMs } = turn;
    const device = world.register.devices.get(deviceId);
    if (device === undefined) return;
    const key = alarmKey(lossKey(device));
    const standing = draft.standingOf(key);
    const rule = book.ruleFor(device, 'lost');
    if (rule === null || !rule.enabled) {
      draft.clear(key);
      return;
    }
    const state = world.stateOf(deviceId);
    const delays = { raiseAfterMs: rule.raiseAfterS * 1_000, clearAfterMs: rule.clearAfterS * 1_000 };
    const step = judgeLoss(state, standing !== null, delays, nowMs);
    switch (step.kind) {
      case 'wait':
        turn.lookAgain('loss', deviceId, step.untilMs);
        break;
      case 'clear':
        draft.clear(key);
        break;
      case 'raise': {
        const judged = turn.losses.judge(device);
        if (state.outage === null || judged === null) break;
        const named = namedByMeeting(turn, device, rule, state.outage.beganAtMs);
        draft.want(lossAlarm(device, named, state.outage, judged, null));
        break;
      }
      case 'keep':
        break;
    }
  }

  /** How bad a loss is depends on what is left around it. */
  #rejudge(turn: Turn, deviceId: string): void {
    const { world, draft, book } = turn;
    const { outage } = world.stateOf(deviceId);
    if (outage === null) return;
    const device = world.register.devices.get(deviceId);
    if (device === undefined) return;
    const standing = draft.standingOf(alarmKey(lossKey(device)));
    const rule = book.ruleFor(device, 'lost');
    if (standing === null || rule === null) return;
    const judged = turn.losses.judge(device);
    if (judged === null) return;
    const outageId = standing.detail['detectedAtMs'] === outage.detectedAtMs ? standing.detail['outageId'] : null;
    const named = namedByMeeting(turn, device, rule, outage.beganAtMs);
    const wanted = lossAlarm(device, named, outage, judged, typeof outageId === 'string' ? outageId : null);
    draft.want({ ...wanted, detail: { ...wanted.detail, ...repairDetail(standing) } });
  }
}
