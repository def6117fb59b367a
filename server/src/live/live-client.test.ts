import { describe, expect, it } from 'vitest';
import { LiveClient, MAX_WAITING_BYTES, MAX_WAITING_QUESTIONS } from './live-client.js';

describe('a client', () => {
  it('that drains takes any amount, one message after the other', () => {
    const client = new LiveClient({ drained: () => true });
    for (let message = 0; message < 100; message += 1) expect(client.mayTake(MAX_WAITING_BYTES)).toBe(true);
  });

  it('that does not drain takes no more than the bound, and takes again once it drains', () => {
    let drained = false;
    const client = new LiveClient({ drained: () => drained });
    expect(client.mayTake(MAX_WAITING_BYTES - 10)).toBe(true);
    expect(client.mayTake(10)).toBe(true);
    expect(client.mayTake(1)).toBe(false);
    drained = true;
    expect(client.mayTake(MAX_WAITING_BYTES)).toBe(true);
  });

  it('gets a single message that is larger than the bound when nothing else waits', () => {
    const client = new LiveClient({ drained: () => false });
    expect(client.mayTake(20 * MAX_WAITING_BYTES)).toBe(true);
    expect(client.mayTake(1)).toBe(false);
  });

  it('has no more questions waiting than the bound, and may ask again when one had its turn', () => {
    const client = new LiveClient({ drained: () => true });
    for (let question = 0; question < MAX_WAITING_QUESTIONS; question += 1) expect(client.mayAsk()).toBe(true);
    expect(client.mayAsk()).toBe(false);
    client.asked();
    expect(client.mayAsk()).toBe(true);
    expect(client.mayAsk()).toBe(false);
  });
});
