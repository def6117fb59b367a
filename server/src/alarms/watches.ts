import { AbsenceWatch } from './absence-watch.js';
import { alarmKey, type AlarmRecord } from './alarm.js';
import type { AlarmBoard } from './alarm-board.js';
import { EventWatch } from './event-watch.js';
import type { Changes } from './flap.js';
import { FlapWatch } from './flap-watch.js';
import { LossWatch } from './loss-watch.js';
import { MeetingWatch } from './meeting-watch.js';
import { suppressionOf, type MutingFacts } from './muting.js';
import { PlaceWatch } from './place-watch.js';
import { ReadingWatch, type TracksAfter } from './reading-watch.js';
import type { Turn, Watched } from './turn.js';

/** Everything that alarms are judged from, in the order in which one depends on the other. */
export class Watches {
  readonly readings = new ReadingWatch();
  readonly flaps = new FlapWatch();
  readonly #losses = new LossWatch();
  readonly #places = new PlaceWatch();
  readonly #events = new EventWatch();
  readonly #absence = new AbsenceWatch();
  readonly #meetings = new MeetingWatch();

  /** `tracksAre` is told where to find what readings make of what rules remember. */
  follow(turn: Turn, board: AlarmBoard, tracksAre: (tracks: TracksAfter) => void): ReadonlyMap<string, Changes> {
    const changes = this.flaps.follow(turn, board.devicesWith('flapping'));
    this.readings.follow(turn, tracksAre);
    this.#events.follow(turn, (id) => board.ofDevice(id).filter(({ type }) => type === 'deviceEvent').length);
    this.#absence.follow(turn, board.devicesWith('gaugeSilent'));
    this.#places.follow(turn);
    this.#losses.follow(turn);
    this.#meetings.follow(turn);
    return changes;
  }

  /** Looks at what is due by the passing of time. */
  look(turn: Turn, what: Watched, id: string): void {
    switch (what) {
      case 'loss':
        return this.#losses.look(turn, id);
      case 'flap':
        return this.flaps.look(turn, id);
      case 'absence':
        return this.#absence.look(turn, id);
      case 'gateway':
        return this.#places.lookAtGateway(turn, id);
      case 'hub':
        return this.#places.lookAtHub(turn, id);
      case 'commune':
        return this.#places.lookAtCommune(turn, id);
      case 'meeting':
        return this.#meetings.look(turn, id);
      case 'shelf':
      case 'windows':
      case 'flood':
      case 'capacity':
      case 'baselines':
        return;
    }
  }

  /** Judges everything again, as after a start or when rules changed: what no rule watches any more ends. */
  sweep(turn: Turn, standing: Iterable<AlarmRecord>): void {
    const { world, book, draft } = turn;
    const { register } = world;
    for (const device of register.devices.values()) {
      this.#losses.look(turn, device.id);
      if (book.ruleFor(device, 'silent') !== null) this.#absence.look(turn, device.id);
    }
    for (const id of register.gateways.keys()) this.#places.lookAtGateway(turn, id);
    for (const id of register.hubs.keys()) this.#places.lookAtHub(turn, id);
    for (const code of register.devicesByCommune.keys()) this.#places.lookAtCommune(turn, code);
    this.#meetings.sweep(turn);
    for (const alarm of standing) {
      if (alarm.deviceId === null) continue;
      const device = register.devices.get(alarm.deviceId);
      const key = alarmKey(alarm);
      if (device === undefined) draft.clear(key);
      else if (alarm.type === 'flapping') this.flaps.look(turn, device.id);
      else if (alarm.type === 'deviceEvent') {
        if (book.ruleFor(device, 'event')?.enabled !== true) draft.clear(key);
      } else if (alarm.type === 'meetingNotReady') {
        if (!turn.meetings.has(Number(alarm.qualifier))) draft.clear(key);
      } else if (!WATCHED_OTHERWISE.has(alarm.type) && !this.readings.watches(device, key, book)) draft.clear(key);
    }
  }

  /** When a window, a flap or a level ended, what it muted is told from now on if it still stands. */
  judgeMuting(turn: Turn, standing: Iterable<AlarmRecord>, facts: Omit<MutingFacts, 'standingOf'>): void {
    const { draft } = turn;
    for (const before of standing) {
      const alarm = draft.standingOf(alarmKey(before));
      if (alarm?.suppression !== 'maintenance' && alarm?.suppression !== 'flapping') continue;
      const suppression = suppressionOf(alarm, { ...facts, standingOf: (key) => draft.standingOf(key) });
      if (suppression !== alarm.suppression) draft.suppress(alarm, suppression, `${alarm.suppression}Ended`);
    }
  }
}

/** Types of alarms of devices that are not judged from single readings. */
const WATCHED_OTHERWISE: ReadonlySet<AlarmRecord['type']> = new Set<AlarmRecord['type']>([
  'connectivityLost',
  'gaugeSilent',
  'linkCapacity',
]);
