import type { AlarmRecord } from '../alarms/alarm.js';
import type { Register } from '../devices/registered-device.js';
import type { IncidentDraft } from './incident-draft.js';

/** What failed so long before its hub may be the hub's doing already: gateways report in turns. */
export const BEFORE_HUB_MS = 120_000;

/** So many hubs of one upstream, within `BEFORE_HUB_MS` of one another, are not each a matter of its own. */
const FEWEST_SIBLINGS = 3;

interface Sibling {
  readonly draft: IncidentDraft;
  readonly beganAtMs: number;
  readonly id: number;
}

/**
 * The incidents of hubs that went at about the same time as the one that was raised and share an upstream with it, its own
 * among them, oldest first; none while they are fewer than three hubs. Which of them came first does not matter.
 */
export function goneTogether(
  raised: AlarmRecord,
  open: readonly IncidentDraft[],
  { hubs }: Pick<Register, 'hubs'>,
): readonly IncidentDraft[] {
  const upstreams = hubs.get(raised.resource.id)?.upstreamIds ?? [];
  const siblings = open
    .flatMap((draft) =>
      draft.rootHubs().map(({ resource, beganAtMs, id }) => ({ draft, hub: resource.id, beganAtMs, id })),
    )
    .filter(({ hub }) => hubs.get(hub)?.upstreamIds.some((id) => upstreams.includes(id)) === true)
    .sort((a, b) => a.beganAtMs - b.beganAtMs || a.id - b.id);
  const found = new Set<IncidentDraft>();
  for (let first = 0; first + FEWEST_SIBLINGS <= siblings.length; first += 1) {
    const span = siblings.slice(first, first + FEWEST_SIBLINGS);
    if (isAround(raised.beganAtMs, span)) for (const { draft } of span) found.add(draft);
  }
  return [...found];
}

/** Whether all of them went within `BEFORE_HUB_MS`, with a moment. */
function isAround(momentMs: number, span: readonly Sibling[]): boolean {
  const fromMs = Math.min(momentMs, span[0]?.beganAtMs ?? momentMs);
  const untilMs = Math.max(momentMs, span.at(-1)?.beganAtMs ?? momentMs);
  return untilMs - fromMs <= BEFORE_HUB_MS;
}
