import { alarmKey, type AlarmKey } from './alarm.js';
import { ofDevice } from './loss-alarm.js';
import { HUB_EVENT } from './place-watch.js';
import type { Turn } from './turn.js';

/** A device may have so many events stand at once; a broken one must not fill the list. */
const MOST_EVENTS = 20;

/** Raises and ends the alarms on what devices report of themselves. */
export class EventWatch {
  follow(turn: Turn, eventsStanding: (deviceId: string) => number): void {
    const { judgement, draft, book } = turn;
    for (const { device, atMs, type, state, severity, text } of judgement.events) {
      if (type === HUB_EVENT) continue;
      const key: AlarmKey = { resource: { kind: 'device', id: device.id }, type: 'deviceEvent', qualifier: type };
      if (state === 'cleared') {
        draft.clear(key);
        continue;
      }
      const rule = book.ruleFor(device, 'event');
      if (rule === null || !rule.enabled || rule.condition.kind !== 'event') continue;
      if (rule.condition.eventType !== '*' && rule.condition.eventType !== type) continue;
      if (draft.standingOf(alarmKey(key)) === null && eventsStanding(device.id) >= MOST_EVENTS) continue;
      const said = text === null || text === '' ? type : `${type}: ${text}`;
      draft.want({
        ...ofDevice(device),
        type: 'deviceEvent',
        qualifier: type,
        severity: severity ?? rule.condition.severity,
        probableCause: rule.probableCause,
        text: { vi: `${rule.text.vi} (${said})`, en: `${rule.text.en} (${said})` },
        action: rule.action,
        estimated: false,
        beganAtMs: atMs,
        ruleId: rule.id,
        detail: {},
      });
    }
  }
}
