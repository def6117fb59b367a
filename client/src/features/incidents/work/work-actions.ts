import { DEVICE_CLASSES, type DeviceClassId, type Incident, type LocalizedText } from '@ioc/contract';

/** What a person can do with an incident from its details; taking and giving back have a dialog of their own. */
export const WORK_ACTIONS = [
  'start',
  'comment',
  'estimate',
  'cause',
  'request',
  'assign',
  'resolve',
  'close',
  'reopen',
  'merge',
] as const;
export type WorkAction = (typeof WORK_ACTIONS)[number];

/** The key that starts an action while the details are open. */
export const WORK_KEYS: Readonly<Record<WorkAction, string>> = {
  start: 's',
  comment: 'c',
  estimate: 'e',
  cause: 'u',
  request: 'q',
  assign: 'g',
  resolve: 'r',
  close: 'x',
  reopen: 'o',
  merge: 'm',
};

/** Keys beside those of `WORK_KEYS`: taking, giving back, splitting off what is selected. */
export const HOLD_KEYS = { acknowledge: 'a', release: 't', split: 'p' } as const;

/** Keys that decide the first grouping that is proposed, while the details are open. */
export const PROPOSAL_KEYS = { accept: 'y', reject: 'd' } as const;

/** Resolved or closed: nobody has to act. */
export function isOver({ state }: Pick<Incident, 'state'>): boolean {
  return state === 'resolved' || state === 'closed';
}

/**
 * What may be done now, in the order of the work. Commenting, naming a cause and keeping the organisation's answers are open
 * to everybody who works incidents: only taking one in hand belongs to its holder.
 */
export function workActionsOf(
  incident: Pick<Incident, 'state' | 'acknowledgedBy' | 'mergedInto'>,
  personId: string | null,
  isAdministrator: boolean,
): readonly WorkAction[] {
  if (personId === null || incident.mergedInto !== null) return [];
  if (incident.state === 'closed') return ['reopen', 'comment'];
  if (incident.state === 'resolved') return ['close', 'reopen', 'cause', 'comment'];
  const holder = incident.acknowledgedBy?.personId ?? null;
  const inHand = holder === null || holder === personId || isAdministrator;
  const actions: WorkAction[] = [];
  if (inHand && incident.state !== 'inProgress') actions.push('start');
  actions.push('comment');
  if (inHand) actions.push('estimate');
  actions.push('request', 'cause');
  if (inHand) actions.push('resolve', 'assign', 'merge');
  return actions;
}

/** What stands below an incident's title: the class of its one device, or its place. */
export function subjectOf(incident: {
  readonly deviceClass: DeviceClassId | null;
  readonly place: { readonly name: string };
}): LocalizedText {
  if (incident.deviceClass !== null) return DEVICE_CLASSES[incident.deviceClass].label;
  return { vi: incident.place.name, en: incident.place.name };
}
