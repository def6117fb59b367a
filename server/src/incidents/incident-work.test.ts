import { describe, expect, it } from 'vitest';
import { checkAcknowledge, checkRelease, type HeldIncident, type IncidentWork } from './incident-work.js';

const open: HeldIncident = {
  version: 4,
  state: 'open',
  acknowledged_by: null,
  acknowledged_by_name: null,
  acknowledged_ms: null,
  note: null,
};
const heldByAn: HeldIncident = {
  ...open,
  state: 'acknowledged',
  acknowledged_by: 'an',
  acknowledged_by_name: 'An',
  acknowledged_ms: 1_000,
  note: 'đang đến',
};
const resolved: HeldIncident = { ...heldByAn, state: 'resolved' };
const work = (overrides: Partial<IncidentWork> = {}): IncidentWork => ({
  incidentId: '1',
  version: 4,
  personId: 'binh',
  personName: 'Bình',
  administrator: false,
  note: null,
  ...overrides,
});

describe('acknowledging', () => {
  it('is granted on an open incident of the version that was seen', () => {
    expect(checkAcknowledge(open, work())).toBeNull();
  });

  it('tells first who has it, whatever version was seen', () => {
    const taken = { reason: 'already-taken', holder: { name: 'An', atMs: 1_000, note: 'đang đến' } };
    for (const version of [4, 3, null]) expect(checkAcknowledge(heldByAn, work({ version }))).toMatchObject(taken);
  });

  it('tells a stale version with the right one, and a missing one as missing', () => {
    expect(checkAcknowledge(open, work({ version: 3 }))).toEqual({ ok: false, reason: 'version-stale', version: 4 });
    expect(checkAcknowledge(open, work({ version: null }))).toEqual({ ok: false, reason: 'version-required' });
  });

  it('of what one has already is no error, and of what is over is one', () => {
    expect(checkAcknowledge(heldByAn, work({ personId: 'an', version: 3 }))).toBeNull();
    expect(checkAcknowledge(resolved, work())).toMatchObject({ reason: 'resolved' });
  });
});

describe('releasing', () => {
  it('is for the holder and for administrators', () => {
    expect(checkRelease(heldByAn, work({ personId: 'an' }))).toBeNull();
    expect(checkRelease(heldByAn, work({ administrator: true }))).toBeNull();
    expect(checkRelease(heldByAn, work())).toMatchObject({ reason: 'already-taken' });
  });

  it('needs somebody who has it, an incident that is not over, and the version', () => {
    expect(checkRelease(open, work())).toMatchObject({ reason: 'not-held' });
    expect(checkRelease(resolved, work({ personId: 'an' }))).toMatchObject({ reason: 'resolved' });
    expect(checkRelease(heldByAn, work({ personId: 'an', version: 1 }))).toMatchObject({ reason: 'version-stale' });
  });
});
