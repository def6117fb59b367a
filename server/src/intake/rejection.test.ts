import { describe, expect, test } from 'vitest';
import { testMessage } from './intake.fixture.js';
import { reject } from './outcome.js';
import { createQuarantineWriter, type QuarantineNote } from './quarantine.js';
import { createLetterWriter } from './rejection.js';
import { payloadText } from './payload-text.js';

describe('A dead letter', () => {
  test('keeps the first KiB of a payload and says how long it was', () => {
    const payload = Buffer.alloc(5_000, 'x');
    const write = createLetterWriter(() => 0);
    const letter = write(testMessage({ topic: 'a', payload, receivedAtMs: 7 }), reject('payload-not-json', 'why'));
    expect(letter).toMatchObject({
      receivedAtMs: 7,
      topic: 'a',
      reason: 'payload-not-json',
      detail: 'why',
      payloadBytes: 5_000,
    });
    expect(letter?.payload).toEqual(payload.subarray(0, 1_024));
  });

  test('of a batch keeps the reading at fault', () => {
    const write = createLetterWriter(() => 0);
    const message = testMessage({ topic: 'a', payload: Buffer.alloc(9_000, ' ') });
    const letter = write(message, reject('payload-shape'), { device: 'X' });
    expect(letter?.payload.toString()).toBe('{"device":"X"}');
    expect(letter?.payloadBytes).toBe(14);
  });

  test('can always be stored, whatever the topic holds', () => {
    const letter = createLetterWriter(() => 0)(
      testMessage({ topic: `a\u0000${'b'.repeat(60_000)}` }),
      reject('topic-shape'),
    );
    expect(letter?.topic).not.toContain('\u0000');
    expect(letter?.topic).toHaveLength(512);
  });

  test('is not written at more than 20 a second for one reason, and other reasons do not suffer from it', () => {
    let nowMs = 0;
    const write = createLetterWriter(() => nowMs);
    const flood = (count: number) =>
      Array.from({ length: count }, () => write(testMessage({ topic: 'a' }), reject('topic-shape'))).filter(
        (letter) => letter !== null,
      ).length;
    expect(flood(10_000)).toBe(200);
    expect(write(testMessage({ topic: 'a' }), reject('no-metrics'))).not.toBeNull();
    nowMs = 1_000;
    expect(flood(10_000)).toBe(20);
  });
});

describe('The quarantine', () => {
  const speaker = (id: string, receivedAtMs = 0) => ({
    id,
    communeCode: '21025',
    deviceClass: 'link' as const,
    gatewayId: null,
    receivedAtMs,
  });

  test('notes a device once in a batch, with its count and its latest moment', () => {
    const notes = new Map<string, QuarantineNote>();
    const note = createQuarantineWriter(() => 0);
    note(notes, speaker('A', 1), () => Buffer.from('first'));
    note(notes, speaker('A', 9), () => Buffer.from('second'));
    expect([...notes.values()]).toMatchObject([{ id: 'A', messages: 2, firstSeenAtMs: 1, lastSeenAtMs: 9 }]);
  });

  test('does not grow with invented ids', () => {
    let nowMs = 0;
    const notes = new Map<string, QuarantineNote>();
    const note = createQuarantineWriter(() => nowMs);
    for (let index = 0; index < 100_000; index += 1) {
      nowMs += 0.01;
      note(notes, speaker(`X${index}`), () => Buffer.from('x'));
    }
    expect(notes.size).toBeLessThanOrEqual(1_050);
  });
});

test('a kept payload is shown as text where it is UTF-8, also when it was cut within a character, else as its bytes', () => {
  const text = Buffer.from('mực nước');
  expect(payloadText(text)).toBe('mực nước');
  expect(payloadText(text.subarray(0, 3))).toBe('m');
  expect(payloadText(Buffer.from([0xff, 0x41, 0x00]))).toBe('\\xffA\\x00');
  expect(payloadText(Buffer.from([0xff, 0xfe, 0x00, 0x01, 0x80]))).toBe('\\xff\\xfe\\x00\\x01\\x80');
});
