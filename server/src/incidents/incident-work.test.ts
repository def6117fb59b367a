import { describe, expect, it } from 'vitest';
import { isOpen, type IncidentRecord } from './incident-record.js';
import { decideWork, type IncidentWork, type WorkAction } from './incident-work.js';
import { incidentRecord } from './incident.fixture.js';

const MINUTE = 60_000;
const NOW = 1_000_000;
const SETTINGS = { acknowledgeCriticalMs: 30 * MINUTE, acknowledgeOtherMs: 240 * MINUTE };
const open = incidentRecord();
const heldByAn = incidentRecord({
  state: 'acknowledged',
  holder: { personId: 'an', name: 'An' },
  acknowledgedAtMs: 1_000,
  note: 'đang đến',
});
const resolved: IncidentRecord = { ...heldByAn, state: 'resolved', resolvedAtMs: 5_000, endedAtMs: 4_000 };
const acknowledge: WorkAction = { kind: 'acknowledge', untilMs: null, note: null };

function decide(incident: IncidentRecord, action: WorkAction, overrides: Partial<IncidentWork> = {}) {
  const person = { personId: 'binh', name: 'Bình' };
  const work = { incidentId: '1', version: 4, person, administrator: false, requestId: null, ...overrides };
  return decideWork(incident, work, action, SETTINGS, NOW);
}
const an = { person: { personId: 'an', name: 'An' } };

describe('acknowledging', () => {
  it('ends by itself: after half an hour when it is critical, after four hours when not, or when the person says', () => {
    expect(decide(open, acknowledge)).toMatchObject({
      ok: true,
      after: { state: 'acknowledged', holder: { name: 'Bình' }, acknowledgedUntilMs: NOW + 30 * MINUTE, version: 5 },
    });
    const major = incidentRecord({ severity: 'major' });
    expect(decide(major, acknowledge)).toMatchObject({ after: { acknowledgedUntilMs: NOW + 240 * MINUTE } });
    const until = { ...acknowledge, untilMs: NOW + MINUTE };
    expect(decide(open, until)).toMatchObject({ after: { acknowledgedUntilMs: NOW + MINUTE } });
    expect(decide(open, { ...acknowledge, untilMs: NOW })).toMatchObject({ reason: 'bad-field', path: 'until' });
    expect(decide(open, { ...acknowledge, untilMs: NOW + 8 * 86_400_000 })).toMatchObject({ reason: 'bad-field' });
  });

  it('tells first who has it, whatever version was seen, also to administrators', () => {
    const taken = { reason: 'already-taken', holder: { name: 'An', atMs: 1_000, note: 'đang đến' } };
    for (const version of [4, 3, null]) expect(decide(heldByAn, acknowledge, { version })).toMatchObject(taken);
    expect(decide(heldByAn, acknowledge, { administrator: true })).toMatchObject(taken);
  });

  it('tells a stale version with the right one, and a missing one as missing', () => {
    expect(decide(open, acknowledge, { version: 3 })).toEqual({ ok: false, reason: 'version-stale', version: 4 });
    expect(decide(open, acknowledge, { version: null })).toEqual({ ok: false, reason: 'version-required' });
  });

  it('is granted when only the figures changed since, as they do every second in a storm', () => {
    const grown = incidentRecord({ version: 90, workVersion: 3 });
    expect(decide(grown, acknowledge, { version: 4 })).toMatchObject({ ok: true, after: { version: 91 } });
    expect(decide(grown, acknowledge, { version: 2 })).toMatchObject({ reason: 'version-stale' });
    expect(decide(grown, acknowledge, { version: 91 })).toMatchObject({ reason: 'version-stale' });
  });

  it('of what one has already changes nothing, and of what is over is refused', () => {
    expect(decide(heldByAn, acknowledge, { ...an, version: 3 })).toMatchObject({ ok: true, change: null });
    expect(decide(resolved, acknowledge)).toMatchObject({ reason: 'conflict' });
  });
});

describe('the way of an incident', () => {
  it('goes from open over acknowledged and in progress to resolved and closed, and back when it was not mended', () => {
    let incident: IncidentRecord = open;
    const go = (action: WorkAction): IncidentRecord => {
      const decision = decide(incident, action, { ...an, version: incident.version });
      if (!decision.ok) throw new Error(decision.reason);
      return (incident = decision.after);
    };
    expect(go(acknowledge).state).toBe('acknowledged');
    expect(go({ kind: 'start', note: null })).toMatchObject({ state: 'inProgress', acknowledgedUntilMs: null });
    expect(go({ kind: 'resolve', code: 'fibreCut', resolution: 'nối lại' })).toMatchObject({
      state: 'resolved',
      resolvedAtMs: NOW,
      endedAtMs: NOW,
      cause: { code: 'fibreCut', namedBy: { name: 'An' } },
      resolution: 'nối lại',
    });
    expect(go({ kind: 'reopen', note: 'lại mất' })).toMatchObject({
      state: 'acknowledged',
      holder: { name: 'An' },
      reopenings: 1,
    });
    go({ kind: 'resolve', code: 'fibreCut', resolution: 'nối lại' });
    expect(go({ kind: 'close', note: null })).toMatchObject({ state: 'closed', closedAtMs: NOW });
  });

  it('starts for whoever starts it, when nobody has it', () => {
    expect(decide(open, { kind: 'start', note: null })).toMatchObject({
      after: { holder: { name: 'Bình' }, state: 'inProgress' },
    });
    expect(decide(heldByAn, { kind: 'start', note: null })).toMatchObject({ reason: 'already-taken' });
  });

  it('cannot be closed before it is resolved, nor reopened before it is over', () => {
    expect(decide(open, { kind: 'close', note: null })).toMatchObject({ reason: 'conflict' });
    expect(decide(open, { kind: 'reopen', note: 'x' })).toMatchObject({ reason: 'conflict' });
  });

  it('ends when it is merged: only comments are taken', () => {
    const merged = incidentRecord({ state: 'closed', mergedInto: 9 });
    for (const action of [
      acknowledge,
      { kind: 'reopen', note: 'x' } as const,
      { kind: 'close', note: null } as const,
    ]) {
      expect(decide(merged, action)).toMatchObject({
        reason: 'conflict',
        detail: { en: 'The incident was merged into incident 9' },
      });
    }
    expect(decide(merged, { kind: 'comment', note: 'x' })).toMatchObject({ ok: true });
  });
});

describe('what somebody else holds', () => {
  const others: readonly WorkAction[] = [
    { kind: 'release', note: null },
    { kind: 'assign', to: { personId: 'chi', name: 'Chi' }, note: null },
    { kind: 'estimate', expectedAtMs: null, note: null },
    { kind: 'nameCause', code: 'fibreCut', note: null },
    { kind: 'resolve', code: 'fibreCut', resolution: 'x' },
  ];

  it('is theirs for everything but a comment; an administrator may', () => {
    for (const action of others) {
      expect(decide(heldByAn, action)).toMatchObject({ reason: 'already-taken' });
      expect(decide(heldByAn, action, { administrator: true })).toMatchObject({ ok: true });
      expect(decide(heldByAn, action, an)).toMatchObject({ ok: true });
    }
    expect(decide(heldByAn, { kind: 'comment', note: 'thấy rồi' })).toMatchObject({
      ok: true,
      after: { version: 5, workVersion: 4 },
      change: { action: 'commented', note: 'thấy rồi' },
    });
  });

  it('is handed to whom it is assigned, who has not begun', () => {
    const inProgress: IncidentRecord = { ...heldByAn, state: 'inProgress' };
    expect(decide(inProgress, { kind: 'assign', to: { personId: 'chi', name: 'Chi' }, note: null }, an)).toMatchObject({
      after: {
        state: 'acknowledged',
        holder: { name: 'Chi' },
        acknowledgedAtMs: NOW,
        acknowledgedUntilMs: NOW + 30 * MINUTE,
      },
    });
  });

  it('is given back whole', () => {
    const freed = decide(heldByAn, { kind: 'release', note: null }, an);
    expect(freed).toMatchObject({ after: { state: 'open', holder: null, acknowledgedAtMs: null, note: null } });
    expect(freed.ok && isOpen(freed.after)).toBe(true);
    expect(decide(open, { kind: 'release', note: null })).toMatchObject({ reason: 'conflict' });
  });
});
