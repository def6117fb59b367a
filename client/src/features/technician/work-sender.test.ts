import { describe, expect, it } from 'vitest';
import type { Incident, Problem } from '@ioc/contract';
import type { CallResult } from '../../live/api.js';
import type { IncidentDetail, QueuedWork, WorkAction } from './queued-work.js';
import { WorkSender, type WorkServer, type WorkShelf } from './work-sender.js';

const ME = 'a0000000-0000-4000-8000-000000000001';
const T0 = Date.parse('2026-11-22T10:00:00Z');
const at = (minutes: number) => new Date(T0 + minutes * 60_000).toISOString();

function incident(id: string, fields: Partial<IncidentDetail> = {}): IncidentDetail {
  return {
    id,
    version: 3,
    state: 'open',
    kind: 'single',
    title: { vi: 'Trạm 1 mất kết nối', en: 'Station 1 down' },
    severity: 'minor',
    impact: 'minor',
    place: { kind: 'device', id: 'BTS-1', name: 'Trạm 1' },
    deviceId: 'BTS-1',
    deviceName: 'Trạm 1',
    deviceClass: 'bts',
    communeCode: '21115',
    communeName: 'Xã Trà Bồng',
    communeCodes: ['21115'],
    owner: 'VIETTEL',
    basis: 'said',
    reason: null,
    counts: { alarms: 1, symptoms: 0, devices: 1, devicesDown: 1 },
    cause: null,
    proposals: 0,
    beganAt: at(-10),
    detectedAt: at(-10),
    endedAt: null,
    acknowledgedBy: null,
    acknowledgedAt: null,
    acknowledgedUntil: null,
    note: null,
    expectedAt: null,
    request: null,
    resolution: null,
    reopenings: 0,
    mergedInto: null,
    changes: [],
    openProposals: [],
    isolation: null,
    ...fields,
  };
}

const problem = (status: number, code: Problem['code'], more: Partial<Problem> = {}): CallResult<never> => ({
  ok: false,
  problem: { type: 'about:blank', title: code, status, code, ...more },
});
const NO_ANSWER = problem(0, 'unavailable');
const done = (version: number, id = '1'): CallResult<Incident> => ({
  ok: true,
  value: incident(id, { version }),
  version,
});

/** A queue in memory, and a server that answers as told, in turn. */
function world(actions: readonly (readonly [incidentId: string, action: WorkAction])[]) {
  let list: QueuedWork[] = actions.map(([incidentId, action], index) => ({
    seq: index + 1,
    requestId: `b0000000-0000-4000-8000-00000000000${index}`,
    personId: ME,
    incidentId,
    title: { vi: '', en: '' },
    action,
    version: 3,
    seenAtMs: T0,
    tappedAtMs: T0,
    attempts: 0,
    stop: null,
  }));
  const sent: string[] = [];
  const answers: CallResult<Incident>[] = [];
  const uploads: CallResult<unknown>[] = [];
  let fresh: CallResult<IncidentDetail> = NO_ANSWER;
  const shelf: WorkShelf = {
    list: () => Promise.resolve([...list]),
    update: (seq, change) => {
      const isThere = list.some((work) => work.seq === seq);
      list = list.map((work) => (work.seq === seq ? { ...work, ...change } : work));
      return Promise.resolve(isThere);
    },
    finish: ({ seq, incidentId }, made) => {
      list = list
        .filter((work) => work.seq !== seq)
        .map((work) =>
          made !== null && work.seq > seq && work.incidentId === incidentId ? { ...work, ...made } : work,
        );
      return Promise.resolve();
    },
  };
  const server: WorkServer = {
    perform: ({ incidentId, action: { kind }, version, requestId }) => {
      sent.push(`${kind} ${incidentId} v${version} ${requestId.slice(-1)}`);
      return Promise.resolve(answers.shift() ?? NO_ANSWER);
    },
    upload: ({ id }) => {
      sent.push(`upload ${id}`);
      return Promise.resolve(uploads.shift() ?? { ok: true, value: null, version: null });
    },
    fetch: () => Promise.resolve(fresh),
  };
  const sender = new WorkSender(shelf, server, {
    changed: () => Promise.resolve(),
    took: () => undefined,
    nowMs: () => T0 + 3_600_000,
    sending: () => undefined,
  });
  return {
    sent,
    answers,
    uploads,
    list: () => list,
    nowIs: (detail: IncidentDetail) => {
      fresh = { ok: true, value: detail, version: detail.version };
    },
    takeBack: (seq: number) => {
      list = list.filter((work) => work.seq !== seq);
    },
    round: () => sender.round(ME),
  };
}

const TAKE: WorkAction = { kind: 'acknowledge' };
const SAY: WorkAction = { kind: 'comment', note: 'Đã tới', photos: [] };
const somebody = { personId: 'c0000000-0000-4000-8000-000000000002', name: 'Trần Văn B' };

describe('what was tapped without a connection', () => {
  it('is sent in order, each against the version that the one before it made', async () => {
    const { answers, sent, list, round } = world([
      ['1', TAKE],
      ['1', SAY],
    ]);
    answers.push(done(4), done(5));
    expect(await round()).toBe('sent');
    expect(sent).toEqual(['acknowledge 1 v3 0', 'comment 1 v4 1']);
    expect(list()).toEqual([]);
  });

  it('stays, under the same request, when no answer comes; nothing later passes it', async () => {
    const { answers, sent, list, round } = world([
      ['1', TAKE],
      ['1', SAY],
      ['2', TAKE],
    ]);
    expect(await round()).toBe('waiting');
    expect(sent).toEqual(['acknowledge 1 v3 0']);
    answers.push(done(4), done(5), done(4, '2'));
    expect(await round()).toBe('sent');
    expect(sent.slice(1)).toEqual(['acknowledge 1 v3 0', 'comment 1 v4 1', 'acknowledge 2 v3 2']);
    expect(list()).toEqual([]);
  });

  it('shows who was first and holds back only what follows on the same incident', async () => {
    const { answers, sent, list, round } = world([
      ['1', TAKE],
      ['1', SAY],
      ['2', TAKE],
    ]);
    const holder = { name: somebody.name, at: at(5), note: 'Đang tới' };
    answers.push(problem(409, 'already-taken', { holder }), done(4, '2'));
    expect(await round()).toBe('sent');
    expect(sent).toEqual(['acknowledge 1 v3 0', 'acknowledge 2 v3 2']);
    expect(list().map(({ seq, stop }) => [seq, stop])).toEqual([
      [1, { reason: 'taken', first: holder }],
      [2, null],
    ]);
    expect(await round()).toBe('sent');
    expect(sent).toHaveLength(2);
  });

  it('never passes over what a person did unseen, and does not mind what the system did', async () => {
    const unseen = world([['1', TAKE]]);
    unseen.answers.push(problem(412, 'precondition-failed'));
    const change = { id: '9', at: at(20), personName: somebody.name, note: 'Đừng đi', text: null, attachments: [] };
    unseen.nowIs(incident('1', { version: 8, changes: [{ ...change, action: 'estimated' }] }));
    await unseen.round();
    expect(unseen.list()[0]?.stop).toEqual({
      reason: 'changed',
      first: { name: somebody.name, at: at(20), note: 'Đừng đi' },
      version: 8,
    });

    const grown = world([['1', TAKE]]);
    grown.answers.push(problem(412, 'precondition-failed'), done(9));
    grown.nowIs(incident('1', { version: 8, changes: [{ ...change, personName: null, action: 'alarmAdded' }] }));
    expect(await grown.round()).toBe('sent');
    expect(grown.sent).toEqual(['acknowledge 1 v3 0', 'acknowledge 1 v8 0']);
  });

  it('is said to be too late when the incident is over, with who ended it', async () => {
    const { answers, nowIs, list, round } = world([['1', TAKE]]);
    answers.push(problem(409, 'conflict'));
    const end = { id: '9', at: at(20), personName: somebody.name, note: 'Đã thay', text: null, attachments: [] };
    nowIs(incident('1', { state: 'resolved', changes: [{ ...end, action: 'resolved' }] }));
    await round();
    expect(list()[0]?.stop).toEqual({ reason: 'over', first: { name: somebody.name, at: at(20), note: 'Đã thay' } });
  });

  it('needs no giving back of what was never held', async () => {
    const { answers, list, round } = world([['1', { kind: 'release' }]]);
    answers.push(problem(409, 'conflict'));
    expect(await round()).toBe('sent');
    expect(list()).toEqual([]);
  });

  it('waits for its owner to sign in', async () => {
    const { answers, list, round } = world([['1', TAKE]]);
    answers.push(problem(401, 'not-signed-in'));
    expect(await round()).toBe('signIn');
    expect(list()[0]?.stop).toBeNull();
  });

  it('is not sent when it was taken back in the last moment', async () => {
    const { sent, takeBack, round } = world([['1', TAKE]]);
    const going = round();
    takeBack(1);
    expect(await going).toBe('sent');
    expect(sent).toEqual([]);
  });

  it('sends each photo once, before the comment that names them, over as many attempts as it takes', async () => {
    const content = new Blob(['x']);
    const photo = (digit: number) => ({ id: `d0000000-0000-4000-8000-00000000000${digit}`, content, uploaded: false });
    const { answers, uploads, sent, round } = world([['1', { ...SAY, photos: [photo(1), photo(2)] }]]);
    uploads.push({ ok: true, value: null, version: null }, NO_ANSWER);
    expect(await round()).toBe('waiting');
    answers.push(done(4));
    expect(await round()).toBe('sent');
    expect(sent.map((line) => line.replace(/d0.*0/, ''))).toEqual([
      'upload 1',
      'upload 2',
      'upload 2',
      'comment 1 v3 0',
    ]);
  });

  it('waits for a person when the server refuses it for good', async () => {
    const { answers, list, round } = world([['1', SAY]]);
    answers.push(problem(400, 'bad-request'));
    await round();
    expect(list()[0]?.stop).toMatchObject({ reason: 'refused', problem: { code: 'bad-request' } });
  });
});
