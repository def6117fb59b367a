import { closeSync, openSync, writeSync } from 'node:fs';

/**
 * What a run tried to publish and what was acknowledged: an append-only text file. A line is in the file before the message is
 * sent, or after its PUBACK came, so that the file is right wherever the run is killed. Several runs may share a file.
 *
 * `L 1 <run>` begins a run, `<run>` in base 36 · `D <n> <device> <class>` numbers a device ·
 * `T <m> <at> <n>,<n>…` message m tries readings of devices n at one time · `A <m>` message m was acknowledged ·
 * `N <at> <n>` a reading that must never be stored. Numbers in base 36, times in epoch ms; numbers are those of the run.
 */
export interface LedgerReading {
  readonly deviceId: string;
  readonly deviceClass: string;
  readonly atMs: number;
}

export interface Ledger {
  /** Notes a message before it is sent; returns its number. */
  tried(readings: readonly LedgerReading[]): number;
  /** Notes its PUBACK. */
  acknowledged(message: number): void;
  /** Notes a reading that is sent although it must be refused. */
  refused(reading: LedgerReading): void;
  close(): void;
}

export const NO_LEDGER: Ledger = {
  tried: () => 0,
  acknowledged: () => undefined,
  refused: () => undefined,
  close: () => undefined,
};

export function openLedger(file: string, startedAtMs: number): Ledger {
  const descriptor = openSync(file, 'a', 0o644);
  const numbers = new Map<string, string>();
  let messages = 0;
  const write = (text: string): void => {
    writeSync(descriptor, text);
  };
  write(`L 1 ${startedAtMs.toString(36)}\n`);
  let fresh = '';
  const numberOf = ({ deviceId, deviceClass }: LedgerReading): string => {
    let number = numbers.get(deviceId);
    if (number === undefined) {
      number = numbers.size.toString(36);
      numbers.set(deviceId, number);
      fresh += `D ${number} ${deviceId} ${deviceClass}\n`;
    }
    return number;
  };
  return {
    tried(readings) {
      const message = ++messages;
      const byTime = new Map<number, string[]>();
      for (const reading of readings) {
        const number = numberOf(reading);
        const list = byTime.get(reading.atMs);
        if (list === undefined) byTime.set(reading.atMs, [number]);
        else list.push(number);
      }
      let lines = fresh;
      fresh = '';
      for (const [atMs, list] of byTime) lines += `T ${message.toString(36)} ${atMs.toString(36)} ${list.join(',')}\n`;
      write(lines);
      return message;
    },
    acknowledged(message) {
      write(`A ${message.toString(36)}\n`);
    },
    refused(reading) {
      const number = numberOf(reading);
      write(`${fresh}N ${reading.atMs.toString(36)} ${number}\n`);
      fresh = '';
    },
    close() {
      closeSync(descriptor);
    },
  };
}
