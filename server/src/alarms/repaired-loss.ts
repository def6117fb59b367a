import type { LocalizedText } from '@ioc/contract';
import type { RepairedOutage } from '../connectivity/outage-repair.js';
import { alarmKey, type AlarmDetail, type AlarmRecord } from './alarm.js';
import { lossKey } from './loss-alarm.js';
import { momentText } from './moment-text.js';
import type { Turn } from './turn.js';

/** The action by which an alarm's record tells that late data corrected it. */
export const REPAIRED = 'repaired';

/**
 * What late data makes of an alarm on a loss: it began when what is left of its outage did, or says that there was none. When
 * it was raised and cleared is what people were told, and stays. The same alarm when nothing of it is corrected.
 */
export function repairedLoss(alarm: AlarmRecord, { beganAtMs }: Pick<RepairedOutage, 'beganAtMs'>): AlarmRecord {
  const repaired = beganAtMs === null ? 'removed' : 'moved';
  const same = beganAtMs === null ? alarm.detail['repaired'] === repaired : alarm.beganAtMs === beganAtMs;
  if (same) return alarm;
  const firstBeganAtMs = alarm.detail['firstBeganAtMs'] ?? alarm.beganAtMs;
  return {
    ...alarm,
    beganAtMs: beganAtMs ?? alarm.beganAtMs,
    detail: { ...alarm.detail, repaired, firstBeganAtMs },
  };
}

/** What an alarm's detail keeps of its corrections while the rest of it is judged anew. */
export function repairDetail({ detail }: AlarmRecord): AlarmDetail {
  const { repaired = null, firstBeganAtMs = null } = detail;
  return repaired === null ? {} : { repaired, firstBeganAtMs };
}

/** What the record of a corrected alarm says. */
export function repairText(before: AlarmRecord, after: AlarmRecord): LocalizedText {
  if (after.detail['repaired'] === 'removed') {
    return {
      vi: 'Dữ liệu đến muộn cho thấy không gián đoạn',
      en: 'Late data shows that there was no outage',
    };
  }
  const [then, now] = [momentText(before.beganAtMs), momentText(after.beganAtMs)];
  return {
    vi: `Dữ liệu đến muộn cho thấy bắt đầu lúc ${now}, không phải ${then}`,
    en: `Late data shows that it began at ${now}, not at ${then}`,
  };
}

/** Corrects the alarms that stand. Returns the repairs of which none does: theirs may be over. */
export function repairStanding(turn: Turn, repairs: readonly RepairedOutage[]): readonly RepairedOutage[] {
  const { world, draft } = turn;
  return repairs.filter((repair) => {
    const device = world.register.devices.get(repair.deviceId);
    const standing = device === undefined ? null : draft.standingOf(alarmKey(lossKey(device)));
    if (standing === null || !isOf(standing, repair)) return true;
    const after = repairedLoss(standing, repair);
    if (after !== standing) draft.correct(after, { action: REPAIRED, text: repairText(standing, after) });
    return false;
  });
}

/** An alarm that this turn raised does not know the row of its outage yet: it is the one that is open. */
function isOf({ detail }: AlarmRecord, { outageId, open }: RepairedOutage): boolean {
  const known = detail['outageId'];
  return known === outageId || (open && (known === null || known === undefined));
}
