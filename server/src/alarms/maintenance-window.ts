import { COMMUNE_BY_CODE, DEVICE_CLASSES, deviceClassId, type WindowSchedule } from '@ioc/contract';
import type { Register, RegisteredDevice } from '../devices/registered-device.js';
import { runAt, type WindowRun } from './window-schedule.js';

export interface WindowSubject {
  readonly kind: 'device' | 'site' | 'commune' | 'owner' | 'class';
  readonly id: string;
}

/** Announced work, as it is kept. Times are epoch ms. */
export interface WindowRecord {
  readonly id: number;
  readonly version: number;
  readonly subject: WindowSubject;
  readonly schedule: WindowSchedule;
  readonly reason: string;
  readonly createdBy: { readonly personId: string; readonly name: string };
  readonly createdAtMs: number;
  /** It never runs again: ended by hand, or over. */
  readonly endedAtMs: number | null;
}

/** The run that contains the moment; null when it does not run then. */
export function runningAt(window: WindowRecord, nowMs: number): WindowRun | null {
  if (window.endedAtMs !== null && nowMs >= window.endedAtMs) return null;
  const run = runAt(window.schedule, nowMs);
  return run !== null && run.fromMs <= nowMs ? run : null;
}

/** Its present run, or else its next one; null when there is none any more. */
export function nextRun(window: WindowRecord, nowMs: number): WindowRun | null {
  return window.endedAtMs === null ? runAt(window.schedule, nowMs) : null;
}

/** When a run that began at a moment was, or will be, over. */
export function runEndMs(window: WindowRecord, beganAtMs: number): number {
  const untilMs = runAt(window.schedule, beganAtMs)?.untilMs ?? beganAtMs;
  return window.endedAtMs === null ? untilMs : Math.min(untilMs, Math.max(window.endedAtMs, beganAtMs));
}

export function devicesOf(subject: WindowSubject, register: Register): readonly RegisteredDevice[] {
  switch (subject.kind) {
    case 'device':
      return [register.devices.get(subject.id)].filter((device) => device !== undefined);
    case 'site':
      return register.devicesBySite.get(subject.id) ?? [];
    case 'commune':
      return register.devicesByCommune.get(subject.id) ?? [];
    case 'owner':
      return [...register.devices.values()].filter(({ owner }) => owner === subject.id);
    case 'class':
      return [...register.devices.values()].filter(({ deviceClass }) => deviceClass === subject.id);
  }
}

/** What people call it; null when there is nothing of that id. */
export function subjectName({ kind, id }: WindowSubject, register: Register): string | null {
  switch (kind) {
    case 'device':
      return register.devices.get(id)?.name ?? null;
    case 'site':
      return register.sites.get(id)?.name ?? null;
    case 'commune':
      return COMMUNE_BY_CODE.get(id)?.name ?? null;
    case 'owner':
      return register.organisations.get(id)?.name ?? null;
    case 'class': {
      const parsed = deviceClassId.safeParse(id);
      return parsed.success ? DEVICE_CLASSES[parsed.data].label.vi : null;
    }
  }
}
