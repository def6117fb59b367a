import {
  SEVERITIES,
  type DeviceClassId,
  type IncidentKind,
  type NotificationRuleBody,
  type Severity,
} from '@ioc/contract';
import { isWithinHours } from './local-hours.js';

/** What rules look at in an incident. */
export interface RuleSubject {
  readonly kind: IncidentKind;
  readonly severity: Severity;
  /** Every commune it touches; empty: none that is known, as of a gateway. */
  readonly communeCodes: readonly string[];
  readonly owner: string | null;
  /** When it is about one device. */
  readonly deviceClass: DeviceClassId | null;
}

/** Why a rule does not apply, in the order in which it is looked at. */
export const MISMATCHES = ['other-kind', 'other-area', 'below-severity', 'outside-hours'] as const;
export type Mismatch = (typeof MISMATCHES)[number];

type Filters = Pick<
  NotificationRuleBody,
  'communeCodes' | 'owners' | 'deviceClasses' | 'kinds' | 'minimumSeverity' | 'hours'
>;

/** Whether a rule applies to an incident at a moment; null: it does, else the first thing that does not fit. */
export function mismatchOf(rule: Filters, subject: RuleSubject, atMs: number): Mismatch | null {
  if (!fits(rule.kinds, [subject.kind])) return 'other-kind';
  if (!fits(rule.deviceClasses, classesOf(subject))) return 'other-kind';
  if (!fits(rule.owners, subject.owner === null ? [] : [subject.owner])) return 'other-kind';
  if (!fits(rule.communeCodes, subject.communeCodes)) return 'other-area';
  if (SEVERITIES.indexOf(subject.severity) > SEVERITIES.indexOf(rule.minimumSeverity)) return 'below-severity';
  if (rule.hours !== null && !isWithinHours(rule.hours, atMs)) return 'outside-hours';
  return null;
}

/** An empty list means any. */
function fits<T>(wanted: readonly T[], given: readonly T[]): boolean {
  return wanted.length === 0 || given.some((value) => wanted.includes(value));
}

/** What kinds of device an incident that is about many concerns. */
const CLASSES: Readonly<Record<IncidentKind, readonly DeviceClassId[]>> = {
  communeIsolated: ['bts', 'link'],
  communeNearlyIsolated: ['bts', 'link'],
  gatewaySilent: ['bts', 'link', 'vcs', 'flood'],
  hubDown: ['bts', 'link'],
  powerFailure: ['bts'],
  operatorsDown: ['bts'],
  siteDown: ['bts'],
  flood: ['flood'],
  meeting: ['vcs'],
  single: [],
};

function classesOf({ kind, deviceClass }: RuleSubject): readonly DeviceClassId[] {
  return deviceClass === null ? CLASSES[kind] : [deviceClass];
}
