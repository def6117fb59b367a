import { describe, expect, it } from 'vitest';
import { unheardDevice, type DeviceState } from '../connectivity/device-state.js';
import { absenceKey, AbsenceWatch } from './absence-watch.js';
import { alarmKey } from './alarm.js';
import { AlarmBoard } from './alarm-board.js';
import { deviceOf, readingOf } from './conditions/condition.fixture.js';
import { accept, turnAt } from './turn.fixture.js';

const MINUTE = 60_000;
const HEARD = Date.parse('2026-11-20T08:00:00+07:00');
const gauge = deviceOf({ id: 'HERE' });
const upstream = deviceOf({ id: 'UPSTREAM', communeCode: '21334' });
const elsewhere = deviceOf({
  id: 'ELSEWHERE',
  communeCode: '23401',
  attributes: { kind: 'riverAndRain', river: 'Pô Kô', station: '', terrain: 'hills' },
});
const devices = [gauge, upstream, elsewhere];
const spoke: DeviceState = {
  ...unheardDevice(0),
  connectivity: 'up',
  lastKnown: 'up',
  heardAtMs: HEARD,
  servedAtMs: HEARD,
};

/** The alarm on a gauge that reports every minute, silent for so long. */
function silentFor(minutes: number, world: Parameters<typeof turnAt>[2] = {}, board = new AlarmBoard()) {
  const turn = turnAt(HEARD + minutes * MINUTE, devices, {
    board,
    ...world,
    world: { stateOf: () => spoke, ...world.world },
  });
  new AbsenceWatch().look(turn, gauge.id);
  return { turn, alarm: turn.draft.standingOf(alarmKey(absenceKey(gauge))) };
}
const rain = (id: string, mm: number) => ({
  world: { rainOver: (of: string, overMs: number) => (of === id && overMs === 6 * 60 * MINUTE ? mm : 0) },
});

describe('a silent gauge', () => {
  it('warns after three intervals', () => {
    expect(silentFor(2.9).alarm).toBeNull();
    expect(silentFor(3).alarm).toMatchObject({ severity: 'warning', beganAtMs: HEARD, text: { en: 'Gauge silent' } });
  });

  it('is major after two while its river is at an alarm level', () => {
    const atLevel = { world: { alarmLevelOf: () => 1 } };
    expect(silentFor(1.9, atLevel).alarm).toBeNull();
    expect(silentFor(2, atLevel).alarm).toMatchObject({
      severity: 'major',
      text: { vi: 'Trạm đo không gửi số liệu (sông đang ở báo động 1)' },
      detail: { level: 1 },
    });
  });

  it('is major after two when another gauge of its basin told of 50 mm in 6 hours, and not for rain elsewhere', () => {
    expect(silentFor(2, rain('UPSTREAM', 49.9)).alarm).toBeNull();
    expect(silentFor(2, rain('UPSTREAM', 50)).alarm).toMatchObject({
      severity: 'major',
      text: {
        vi: 'Trạm đo không gửi số liệu (mưa 50 mm trong 6 giờ ở lưu vực)',
        en: 'Gauge silent (50 mm of rain in 6 h in the basin)',
      },
      detail: { rainMm: 50 },
    });
    expect(silentFor(2, rain('ELSEWHERE', 300)).alarm).toBeNull();
    expect(silentFor(2, rain('HERE', 80)).alarm).toMatchObject({ severity: 'major' });
  });

  it('is looked at when a flood would make it an alarm, and again when a calm day does', () => {
    const due = (minutes: number) => silentFor(minutes).turn.looks.map(({ atMs }) => (atMs - HEARD) / MINUTE);
    expect(due(1)).toEqual([2]);
    expect(due(2)).toEqual([3]);
    expect(due(3)).toEqual([4]);
  });

  it('grows worse when the rain comes while it is silent, and milder when the flood is over', () => {
    const board = new AlarmBoard();
    accept(board, silentFor(3, {}, board).turn);
    const worse = silentFor(4, rain('UPSTREAM', 60), board);
    expect(worse.alarm).toMatchObject({ severity: 'major', id: 1 });
    accept(board, worse.turn);
    expect(silentFor(5, {}, board).alarm).toMatchObject({ severity: 'warning', id: 1 });
  });

  it('is no alarm while it is known to be down, or we do not see', () => {
    const down = { world: { stateOf: (): DeviceState => ({ ...spoke, connectivity: 'down' }) } };
    expect(silentFor(30, down).alarm).toBeNull();
    const blind = { judgement: { visibility: { seeing: false, reason: 'database', sinceMs: HEARD } as const } };
    expect(silentFor(30, blind).alarm).toBeNull();
  });

  it('speaks again with its second sample', () => {
    const board = new AlarmBoard();
    accept(board, silentFor(3, {}, board).turn);
    const say = (minute: number) => {
      const atMs = HEARD + minute * MINUTE;
      const state: DeviceState = { ...spoke, heardAtMs: atMs, servedAtMs: atMs };
      const liveReadings = [readingOf(gauge, atMs, { levelM: 2 })];
      const turn = turnAt(atMs, devices, { board, judgement: { liveReadings }, world: { stateOf: () => state } });
      new AbsenceWatch().follow(turn, board.devicesWith('gaugeSilent'));
      accept(board, turn);
      return board.devicesWith('gaugeSilent').size;
    };
    expect([say(10), say(11)]).toEqual([1, 0]);
  });
});
