import type { GatewayState } from '../connectivity/gateway-state.js';
import type { Judgement } from '../connectivity/judgement.js';
import type { MeetingRecord } from '../meetings/meeting.js';
import type { AlarmDraft } from './alarm-draft.js';
import type { AroundLosses, StatesAfter } from './around-losses.js';
import type { Baselines } from './baseline.js';
import type { Basins } from './basins.js';
import type { Registration } from './conditions/meeting.js';
import type { HubTree } from './hub-watch.js';
import type { RuleBook } from './rule-book.js';
import type { ShelfChange } from './shelf-change.js';

/** The state of everything as it will be once the judgement is accepted, with what alarms read of it beyond losses. */
export interface WorldAfter extends StatesAfter {
  gatewayOf(gatewayId: string): GatewayState;
  /** A generator is known to run there, until its fuel ends. */
  generatorRuns(siteId: string): boolean;
  /** Gauges: the rain that it told of within so long before now, mm. */
  rainOver(deviceId: string, overMs: number): number;
  /** Endpoints: whether it said that it is registered, and since when; null: it has not said anything. */
  registrationOf(deviceId: string): Registration | null;
}

/** What a person did about an alarm. */
export interface Deed {
  readonly action: 'alarm:shelved' | 'alarm:unshelved' | 'alarm-flood:ended';
  readonly by: { readonly personId: string; readonly name: string };
  readonly subject: string;
  readonly detail: Readonly<Record<string, string>>;
}

/** What one judgement makes of the alarms, in the making. Nothing outside the turn changes before its commit. */
export interface Turn {
  readonly nowMs: number;
  readonly judgement: Judgement;
  readonly world: WorldAfter;
  readonly losses: AroundLosses;
  readonly hubs: HubTree;
  readonly basins: Basins;
  readonly baselines: Baselines;
  readonly book: RuleBook;
  readonly draft: AlarmDraft;
  /** Those that run or come, by id. */
  readonly meetings: ReadonlyMap<number, MeetingRecord>;
  /** Until then what was not heard since the start may only not have spoken yet; epoch ms. */
  readonly graceEndsAtMs: number;
  /** Keys put aside, or taken up again, in this turn. */
  readonly shelfChanges: Map<string, ShelfChange>;
  /** Somebody says that the flood is over. */
  endFlood(): void;
  /** Leaves a trace of what a person did, in the turn's transaction. */
  record(deed: Deed): void;
  /** Comes back to it at that moment, when the passing of time alone may change something. */
  lookAgain(what: Watched, id: string, atMs: number): void;
}

/** What the passing of time is watched for. */
export const WATCHED = [
  'loss',
  'flap',
  'absence',
  'gateway',
  'hub',
  'commune',
  'shelf',
  'windows',
  'flood',
  'capacity',
  'baselines',
  'meeting',
] as const;
export type Watched = (typeof WATCHED)[number];

export function watchKey(what: Watched, id: string): string {
  return `${what} ${id}`;
}

export function readWatchKey(key: string): { readonly what: Watched; readonly id: string } | null {
  const space = key.indexOf(' ');
  const what = WATCHED.find((candidate) => candidate === key.slice(0, space));
  return what === undefined ? null : { what, id: key.slice(space + 1) };
}
