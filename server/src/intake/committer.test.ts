import { createLogger } from '../platform/logging/logger.js';
import type { Judgement } from '../connectivity/judgement.js';
import type { Observation } from '../connectivity/observation.js';
import type { Tx } from '../platform/database/database.js';
import type { IncomingMessage } from '../platform/mqtt/message-source.js';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Committer } from './committer.js';
import { isDataFailure } from './commit-failure.js';
import { ConsequenceFailure, type Consequence, type Depth } from './consequences.js';
import { testMessage } from './intake.fixture.js';
import { reject } from './outcome.js';

const silent = createLogger({ level: 'silent', human: false, secrets: [], write: () => undefined });

class RefusedData extends Error {
  readonly code = '22003';
}

/** A committer over a database that answers as `answer` says; `log` tells what happened in which order. */
function stand(
  answer: (items: readonly string[]) => Promise<void>,
  follow: (items: readonly string[], depth: Depth) => Consequence | null = () => null,
) {
  let monotonicMs = 0;
  const log: string[] = [];
  const judgement = (empty: boolean) => ({ nowMs: 0, empty }) as Judgement;
  const name = (observation: Observation) =>
    observation.kind === 'gatewayBatch' ? observation.gatewayId : observation.kind;
  const committer = new Committer({
    transaction: (work) => work({} as Tx),
    judge: () => judgement(false),
    judgeTime: () => judgement(true),
    due: () => true,
    write: async (_tx, { taken, refusals, depth }, judge) => {
      const items = taken.map(name);
      const fails = follow(items, depth);
      if (fails !== null) throw new ConsequenceFailure(fails, new RefusedData('null in an array'));
      const letters = refusals?.letters.length ?? 0;
      await answer(items);
      const how = depth === 'all' ? '' : ` ${depth}`;
      // Time passes alone in every second; that is looked at only where it is not followed as usual.
      if (items.length > 0 || refusals !== null || how !== '') {
        log.push(`commit ${items.join(',')}${letters > 0 ? ` with ${letters} rejected` : ''}${how}`);
      }
      return { readings: [], written: 0, judgement: judge(), incidentIds: [], atMs: 0 };
    },
    acknowledge: (messages) => {
      if (messages.length > 0) log.push(`acknowledge ${messages.map(({ topic }) => topic).join(',')}`);
    },
    committed: ({ judgement: { empty } }) => {
      if (!empty) log.push('announce');
    },
    refuse: (batch, index) => {
      const message = batch.takenFrom[index];
      log.push(`refuse ${message?.topic ?? '?'}`);
      const letter = {
        receivedAtMs: 0,
        topic: '',
        reason: 'refused-by-database',
        detail: null,
        payload: Buffer.alloc(0),
        payloadBytes: 0,
      } as const;
      batch.reject(reject('refused-by-database'), letter);
    },
    leftOut: (observation, { consequence }) => {
      log.push(`${consequence} left out of ${observation === null ? 'time' : name(observation)}`);
    },
    catchUp: () => log.push('catch up'),
    database: () => undefined,
    visibility: () => ({ seeing: true, reason: null, sinceMs: 0 }),
    clock: { now: () => 0, speed: 1 },
    monotonicMs: () => monotonicMs,
    logger: silent,
  });
  const pass = (ms: number) => {
    monotonicMs += ms;
    committer.time();
  };
  const take = (...topics: string[]) => {
    for (const topic of topics) {
      const message: IncomingMessage = testMessage({ topic });
      committer.open.messages.push(message);
      committer.open.take({ kind: 'gatewayBatch', gatewayId: topic, receivedAtMs: 0 }, message);
    }
    committer.wake();
  };
  return { committer, log, take, pass };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('The committer', () => {
  test('commits, then acknowledges exactly that batch, then announces', async () => {
    const { committer, log, take } = stand(() => Promise.resolve());
    take('a', 'b');
    await committer.drain(1_000);
    expect(log).toEqual(['commit a,b', 'acknowledge a,b', 'announce']);
  });

  test('what arrives during a commit is the next batch, and not acknowledged with it', async () => {
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const { committer, log, take } = stand((items) => (items.includes('a') ? held : Promise.resolve()));
    take('a');
    await vi.waitFor(() => expect(committer.committingForMs()).not.toBeNull());
    take('b', 'c');
    expect(log).toEqual([]);
    letGo();
    await committer.drain(1_000);
    expect(log).toEqual(['commit a', 'acknowledge a', 'announce', 'commit b,c', 'acknowledge b,c', 'announce']);
  });

  test('tries the same batch again after an outage', async () => {
    let failures = 2;
    const { committer, log, take } = stand((items) =>
      items.length > 0 && failures-- > 0 ? Promise.reject(new Error('connection terminated')) : Promise.resolve(),
    );
    take('a', 'b');
    await committer.drain(5_000);
    expect(log.filter((line) => line !== 'commit ')).toEqual(['commit a,b', 'acknowledge a,b', 'announce']);
  });

  test('finds the one that the database refuses, rejects it, and acknowledges all when that is written too', async () => {
    const { committer, log, take } = stand((items) =>
      items.includes('bad') ? Promise.reject(new RefusedData('out of range')) : Promise.resolve(),
    );
    take('a', 'b', 'bad', 'c');
    await committer.drain(5_000);
    expect(log.filter((line) => line !== 'announce')).toEqual([
      'commit a,b',
      'commit c',
      'refuse bad',
      'commit  with 1 rejected',
      'acknowledge a,b,bad,c',
    ]);
  });

  test('rejects nothing while the database takes nothing at all; what arrives later shows who was at fault', async () => {
    const { committer, log, take } = stand((items) =>
      items.includes('bad') ? Promise.reject(new RefusedData('out of range')) : Promise.resolve(),
    );
    take('bad');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(log).toEqual([]);
    take('good');
    await committer.drain(5_000);
    expect(log.filter((line) => line !== 'announce')).toEqual([
      'commit good',
      'refuse bad',
      'commit  with 1 rejected',
      'acknowledge bad,good',
    ]);
  });

  test('keeps every reading when what they lead to fails with one of them, and rejects none', async () => {
    const { committer, log, take } = stand(
      () => Promise.resolve(),
      (items, depth) => (items.includes('odd') && depth !== 'none' ? 'alarms' : null),
    );
    take('a', 'odd', 'b');
    await committer.drain(5_000);
    expect(log.filter((line) => line !== 'announce')).toEqual([
      'commit a',
      'alarms left out of odd',
      'commit odd none',
      'commit b',
      'acknowledge a,odd,b',
    ]);
    expect(committer.standstill).toBeNull();
  });

  test('leaves out messages alone when only they fail', async () => {
    const { committer, log, take } = stand(
      () => Promise.resolve(),
      (items, depth) => (items.includes('odd') && depth === 'all' ? 'messages' : null),
    );
    take('odd');
    await committer.drain(5_000);
    expect(log.filter((line) => line !== 'announce')).toEqual([
      'messages left out of odd',
      'commit odd untold',
      'acknowledge odd',
    ]);
  });

  test('goes on without alarms while they fail whatever arrives, says so, and catches up when they do not', async () => {
    let broken = true;
    const { committer, log, take, pass } = stand(
      () => Promise.resolve(),
      (_items, depth) => (broken && depth !== 'none' ? 'alarms' : null),
    );
    take('a', 'b', 'c');
    await vi.waitFor(() => expect(log).toContain('acknowledge a,b,c'));
    expect(committer.standstill).toEqual({ consequence: 'alarms', sinceMs: 0 });
    expect(log.filter((line) => line !== 'announce')).toEqual([
      'alarms left out of time',
      'commit a,b,c none',
      'acknowledge a,b,c',
    ]);
    log.length = 0;
    pass(1_000);
    take('d');
    await vi.waitFor(() => expect(log).toContain('acknowledge d'));
    expect(log.filter((line) => line !== 'announce')).toEqual(['commit  none', 'commit d none', 'acknowledge d']);
    // Tried again after 10 s, in vain; then it is well.
    log.length = 0;
    pass(10_000);
    await vi.waitFor(() => expect(log).toEqual(['catch up', 'commit  none']));
    expect(committer.standstill).not.toBeNull();
    broken = false;
    log.length = 0;
    pass(10_000);
    take('e');
    await committer.drain(5_000);
    expect(log.filter((line) => line !== 'announce')).toEqual(['catch up', 'commit e', 'acknowledge e']);
    expect(committer.standstill).toBeNull();
  });

  test('commits what a lost connection has delivered, before what comes after it', async () => {
    const { committer, log, take } = stand(() => Promise.resolve());
    take('a', 'b');
    committer.onConnectionLost();
    take('c');
    await committer.drain(1_000);
    expect(log.filter((line) => line.startsWith('commit'))).toEqual(['commit a,b', 'commit c']);
  });

  test('keeps what one lost connection delivered and no more, however often connections are lost', async () => {
    let answers = false;
    let attempts = 0;
    const { committer, log, take } = stand(() => {
      attempts += 1;
      return answers ? Promise.resolve() : Promise.reject(new Error('connection terminated'));
    });
    take('a');
    await vi.waitFor(() => expect(attempts).toBeGreaterThan(0));
    for (let connection = 0; connection < 100; connection += 1) {
      take(`b${connection}`);
      committer.onConnectionLost();
    }
    take('c');
    answers = true;
    await committer.drain(5_000);
    const committed = log.filter((line) => /^commit \w/.test(line));
    expect(committed.at(-1)).toBe('commit c');
    expect(committed.length).toBeLessThanOrEqual(3);
  });

  test('gives a batch up at a stop that the database does not survive', async () => {
    const { committer, log, take } = stand((items) =>
      items.length > 0 ? Promise.reject(new Error('connection terminated')) : Promise.resolve(),
    );
    take('a');
    await committer.drain(200);
    expect(log.filter((line) => line.startsWith('acknowledge'))).toEqual([]);
  });
});

test.each([
  [new RefusedData(), true],
  [Object.assign(new Error(), { code: '23503' }), true],
  [Object.assign(new Error(), { code: '54000' }), true],
  [new TypeError('undefined is not a function'), true],
  [Object.assign(new Error(), { code: '57P01' }), false],
  [Object.assign(new Error(), { code: '53100' }), false],
  [Object.assign(new Error(), { code: '40P01' }), false],
  [Object.assign(new Error(), { code: '42P01' }), false],
  [Object.assign(new Error(), { code: 'ECONNREFUSED' }), false],
  [new Error('Connection terminated unexpectedly'), false],
])('%s with its code is the data’s fault: %s', (error, isData) => {
  expect(isDataFailure(error)).toBe(isData);
});
