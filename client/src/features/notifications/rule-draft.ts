import { channelKind, deviceClassId, incidentKind, role, severity, type NotificationRule } from '@ioc/contract';
import type { RuleBody } from './api.js';

/** A rule while it is edited: what is chosen as text, as fields give it. */
export interface RuleDraft {
  readonly name: string;
  readonly enabled: boolean;
  readonly roles: readonly string[];
  readonly personIds: readonly string[];
  readonly channels: readonly string[];
  readonly webhookIds: readonly string[];
  readonly communeCodes: readonly string[];
  readonly owners: readonly string[];
  readonly deviceClasses: readonly string[];
  readonly kinds: readonly string[];
  readonly minimumSeverity: string;
  readonly always: boolean;
  readonly from: string;
  readonly until: string;
  readonly days: readonly string[];
  readonly afterMinutes: string;
}

export function draftOf(rule: NotificationRule | null): RuleDraft {
  return {
    name: rule?.name ?? '',
    enabled: rule?.enabled ?? true,
    roles: rule?.roles ?? [],
    personIds: rule?.personIds ?? [],
    channels: rule?.channels ?? ['email', 'webPush'],
    webhookIds: rule?.webhookIds ?? [],
    communeCodes: rule?.communeCodes ?? [],
    owners: rule?.owners ?? [],
    deviceClasses: rule?.deviceClasses ?? [],
    kinds: rule?.kinds ?? [],
    minimumSeverity: rule?.minimumSeverity ?? 'critical',
    always: (rule?.hours ?? null) === null,
    from: rule?.hours?.from ?? '18:00',
    until: rule?.hours?.until ?? '06:00',
    days: (rule?.hours?.days ?? [1, 2, 3, 4, 5, 6, 7]).map(String),
    afterMinutes: String(rule?.afterMinutes ?? 0),
  };
}

/** The fields of which several can be chosen. */
export type ListField = {
  [K in keyof RuleDraft]: RuleDraft[K] extends readonly string[] ? K : never;
}[keyof RuleDraft];

export function withChosen(draft: RuleDraft, field: ListField, chosen: readonly string[]): RuleDraft {
  return { ...draft, [field]: chosen };
}

export type RuleFault = 'name' | 'nobody' | 'channels' | 'webhooks' | 'from' | 'until' | 'days' | 'minutes';

const TIME_OF_DAY = /^([01]\d|2[0-3]):[0-5]\d$/;

/** What is still missing or wrong, before the server is asked. */
export function faultsOf(draft: RuleDraft): readonly RuleFault[] {
  const tellsPeople = draft.roles.length > 0 || draft.personIds.length > 0;
  const personal = draft.channels.some((channel) => channel !== 'webhook');
  const minutes = Number(draft.afterMinutes);
  const found: Readonly<Record<RuleFault, boolean>> = {
    name: draft.name.trim() === '',
    nobody: !tellsPeople && draft.webhookIds.length === 0,
    channels: draft.channels.length === 0 || (tellsPeople && !personal),
    webhooks: draft.channels.includes('webhook') !== draft.webhookIds.length > 0,
    from: !draft.always && !TIME_OF_DAY.test(draft.from),
    until: !draft.always && !TIME_OF_DAY.test(draft.until),
    days: !draft.always && draft.days.length === 0,
    minutes: !/^\d{1,4}$/.test(draft.afterMinutes) || minutes > 1_440,
  };
  const order: readonly RuleFault[] = ['name', 'nobody', 'channels', 'webhooks', 'from', 'until', 'days', 'minutes'];
  return order.filter((fault) => found[fault]);
}

export function bodyOf(draft: RuleDraft): RuleBody {
  const { always, from, until } = draft;
  return {
    name: draft.name.trim(),
    enabled: draft.enabled,
    roles: role.array().parse(draft.roles),
    personIds: [...draft.personIds],
    channels: channelKind.array().parse(draft.channels),
    webhookIds: [...draft.webhookIds],
    communeCodes: [...draft.communeCodes],
    owners: [...draft.owners],
    deviceClasses: deviceClassId.array().parse(draft.deviceClasses),
    kinds: incidentKind.array().parse(draft.kinds),
    minimumSeverity: severity.parse(draft.minimumSeverity),
    hours: always ? null : { from, until, days: draft.days.map(Number).sort((a, b) => a - b) },
    afterMinutes: Number(draft.afterMinutes),
  };
}
