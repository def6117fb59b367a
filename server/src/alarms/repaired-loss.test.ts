import { describe, expect, it } from 'vitest';
import type { RepairedOutage } from '../connectivity/outage-repair.js';
import { alarmKey } from './alarm.js';
import { AlarmBoard } from './alarm-board.js';
import { aLink } from './conditions/condition.fixture.js';
import { lossKey, ofDevice } from './loss-alarm.js';
import { REPAIRED, repairedLoss, repairStanding } from './repaired-loss.js';
import { accept, turnAt } from './turn.fixture.js';

const BEGAN = Date.parse('2026-11-20T08:00:00+07:00');
const MINUTE = 60_000;
const NOW = BEGAN + 60 * MINUTE;
const repair = (fields: Partial<RepairedOutage> = {}): RepairedOutage => ({
  outageId: '7',
  deviceId: aLink.id,
  beganAtMs: BEGAN + 20 * MINUTE,
  open: true,
  ...fields,
});

/** A link whose loss stands as alarm 1, of outage 7. */
function standing(): AlarmBoard {
  const board = new AlarmBoard();
  const turn = turnAt(BEGAN + 2 * MINUTE, [aLink], { board });
  turn.draft.want({
    ...ofDevice(aLink),
    ...lossKey(aLink),
    resource: { kind: 'device', id: aLink.id, name: aLink.name },
    severity: 'major',
    probableCause: 'communicationsSubsystemFailure',
    text: { vi: 'Mất kết nối', en: 'Connectivity lost' },
    action: { vi: '', en: '' },
    estimated: false,
    beganAtMs: BEGAN,
    ruleId: 'link.lost',
    detail: { outageId: '7' },
  });
  accept(board, turn);
  return board;
}

describe('late data that repairs an outage', () => {
  it('moves the beginning of its alarm, and the record says from when to when; what people were told stays', () => {
    const board = standing();
    const turn = turnAt(NOW, [aLink], { board });
    expect(repairStanding(turn, [repair()])).toEqual([]);
    const [drafted] = [...turn.draft.drafted()];
    expect(drafted?.after).toMatchObject({
      beganAtMs: BEGAN + 20 * MINUTE,
      raisedAtMs: BEGAN + 2 * MINUTE,
      changedAtMs: BEGAN + 2 * MINUTE,
      clearedAtMs: null,
      version: 2,
      detail: { repaired: 'moved', firstBeganAtMs: BEGAN },
    });
    expect(drafted?.notes).toMatchObject([
      {
        action: REPAIRED,
        text: {
          vi: 'Dữ liệu đến muộn cho thấy bắt đầu lúc 08:20 20/11, không phải 08:00 20/11',
          en: 'Late data shows that it began at 08:20 20/11, not at 08:00 20/11',
        },
      },
    ]);
    accept(board, turn);
    expect([...board.all()]).toMatchObject([{ id: 1, beganAtMs: BEGAN + 20 * MINUTE }]);
  });

  it('that leaves nothing of the outage says so on the alarm, which is neither cleared nor erased by it', () => {
    const turn = turnAt(NOW, [aLink], { board: standing() });
    repairStanding(turn, [repair({ beganAtMs: null, open: false })]);
    const [drafted] = [...turn.draft.drafted()];
    expect(drafted?.after).toMatchObject({ beganAtMs: BEGAN, clearedAtMs: null, detail: { repaired: 'removed' } });
    expect(drafted?.notes).toMatchObject([
      { action: REPAIRED, text: { en: 'Late data shows that there was no outage' } },
    ]);
  });

  it('that only shortens the end of an outage corrects nothing of its alarm', () => {
    const turn = turnAt(NOW, [aLink], { board: standing() });
    expect(repairStanding(turn, [repair({ beganAtMs: BEGAN })])).toEqual([]);
    expect([...turn.draft.drafted()]).toEqual([]);
  });

  it('of an earlier outage is not that of the alarm which stands: it is left for those that are over', () => {
    const turn = turnAt(NOW, [aLink], { board: standing() });
    const earlier = repair({ outageId: '6', open: false });
    expect(repairStanding(turn, [earlier])).toEqual([earlier]);
    expect(turn.draft.standingOf(alarmKey(lossKey(aLink)))?.beganAtMs).toBe(BEGAN);
  });

  it('twice corrects once', () => {
    const [alarm] = [...standing().all()];
    if (alarm === undefined) throw new Error('no alarm');
    const moved = repairedLoss(alarm, repair());
    expect(repairedLoss(moved, repair())).toBe(moved);
    const removed = repairedLoss(alarm, { beganAtMs: null });
    expect(repairedLoss(removed, { beganAtMs: null })).toBe(removed);
  });

  it('again and again keeps what was told first', () => {
    const [alarm] = [...standing().all()];
    if (alarm === undefined) throw new Error('no alarm');
    const moved = repairedLoss(repairedLoss(alarm, repair()), { beganAtMs: BEGAN + 30 * MINUTE });
    expect(moved).toMatchObject({ beganAtMs: BEGAN + 30 * MINUTE, detail: { firstBeganAtMs: BEGAN } });
    expect(repairedLoss(moved, { beganAtMs: null }).detail).toMatchObject({
      repaired: 'removed',
      firstBeganAtMs: BEGAN,
    });
  });
});
