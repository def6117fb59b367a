import { unheardDevice } from '../connectivity/device-state.js';
import { unheardGateway } from '../connectivity/gateway-state.js';
import type { Judgement } from '../connectivity/judgement.js';
import { buildRegister } from '../devices/register.js';
import type { RegisteredDevice } from '../devices/registered-device.js';
import { AlarmBoard } from './alarm-board.js';
import { AlarmDraft } from './alarm-draft.js';
import { AroundLosses } from './around-losses.js';
import { Baselines } from './baseline.js';
import { basinsOf } from './basins.js';
import { hubTree } from './hub-watch.js';
import { RuleBook } from './rule-book.js';
import type { Turn, Watched, WorldAfter } from './turn.js';

const book = new RuleBook();

/** What a test's turn was asked to come back to; epoch ms. */
export interface TestTurn extends Turn {
  readonly looks: readonly { readonly what: Watched; readonly id: string; readonly atMs: number }[];
}

/** A turn by the default rules, of devices that nothing else is known of than what `world` says. */
export function turnAt(
  nowMs: number,
  devices: readonly RegisteredDevice[],
  options: {
    readonly board?: AlarmBoard;
    readonly judgement?: Partial<Judgement>;
    readonly world?: Partial<WorldAfter>;
  } = {},
): TestTurn {
  const register = buildRegister({
    version: 1,
    organisations: [],
    feeds: [],
    devices,
    sites: [],
    hubs: [],
    gateways: [],
  });
  const world: WorldAfter = {
    register,
    stateOf: () => unheardDevice(0),
    gatewayOf: () => unheardGateway(0),
    communeOf: () => ({ impact: 'none', sinceMs: 0, isolatedFromMs: null }),
    alarmLevelOf: () => null,
    generatorRuns: () => false,
    rainOver: () => 0,
    registrationOf: () => null,
    ...options.world,
  };
  const looks: { what: Watched; id: string; atMs: number }[] = [];
  return {
    nowMs,
    judgement: { ...nothing(nowMs), ...options.judgement },
    world,
    losses: new AroundLosses(world, new Set()),
    hubs: hubTree(register),
    basins: basinsOf(register),
    baselines: new Baselines(),
    book,
    draft: new AlarmDraft(options.board ?? new AlarmBoard(), { suppressionOf: () => null, shelfOf: () => null }, nowMs),
    meetings: new Map(),
    graceEndsAtMs: 0,
    shelfChanges: new Map(),
    endFlood: () => undefined,
    record: () => undefined,
    lookAgain: (what, id, atMs) => {
      looks.push({ what, id, atMs });
    },
    looks,
  };
}

/** Takes over what a turn made, as after its commit. */
export function accept(board: AlarmBoard, { draft }: Turn): void {
  for (const drafted of draft.drafted()) {
    if (drafted.before === null) drafted.after = { ...drafted.after, id: board.size + 1 };
    board.take(drafted.after);
  }
}

function nothing(nowMs: number): Judgement {
  return {
    nowMs,
    revision: 0,
    empty: false,
    changes: [],
    gatewayChanges: [],
    outagesOpened: [],
    outagesClosed: [],
    liveReadings: [],
    events: [],
    liveChanged: new Set(),
    communes: new Map(),
    lateEvidence: [],
    blindSpans: [],
    devices: new Map(),
    rows: new Set(),
    gateways: new Map(),
    gatewayRows: new Set(),
    heartbeatAtMs: null,
    visibility: { seeing: true, reason: null, sinceMs: 0 },
    deadlines: { taken: [], set: new Map() },
  };
}
