import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import {
  incidentsDelta,
  incidentsSnapshot,
  type Incident,
  type IncidentsDelta,
  type IncidentsSnapshot,
} from '@ioc/contract';
import { Publisher } from './publisher.js';
import type { RoomHandler, RoomShape } from './room-feed.js';

export const INCIDENTS_SHAPE: RoomShape<IncidentsSnapshot, IncidentsDelta> = {
  snapshot: incidentsSnapshot,
  delta: incidentsDelta,
};

/** Current incidents by id: all that are not closed, and those resolved within the last ten minutes. */
export const useIncidentsStore = defineStore('incidents', () => {
  const byId = new Map<string, Incident>();
  /** A copy by id, published at most ten times a second. */
  const incidents = shallowRef<ReadonlyMap<string, Incident>>(new Map());
  /** Whether the first snapshot has come: before it an empty list says nothing. */
  const loaded = shallowRef(false);
  /** Names of those who look at an incident now, by its id. */
  const looking = shallowRef<Readonly<Record<string, readonly string[]>>>({});
  const publisher = new Publisher(() => {
    incidents.value = new Map(byId);
  });

  const handler: RoomHandler<IncidentsSnapshot, IncidentsDelta> = {
    snapshot(value) {
      byId.clear();
      for (const incident of value.incidents) byId.set(incident.id, incident);
      looking.value = value.looking;
      loaded.value = true;
      publisher.flush();
    },
    delta(value) {
      for (const incident of value.changed) byId.set(incident.id, incident);
      for (const id of value.removed) byId.delete(id);
      if (value.looking !== undefined) looking.value = value.looking;
      publisher.changed();
    },
  };

  /**
   * Takes the answer of a call before the room tells it; never puts an older version over a newer one, nor what ended long ago
   * among the current ones.
   */
  function take(incident: Incident): void {
    const known = byId.get(incident.id);
    if (known === undefined && (incident.state === 'resolved' || incident.state === 'closed')) return;
    if (known !== undefined && known.version > incident.version) return;
    byId.set(incident.id, incident);
    publisher.flush();
  }

  return { handler, incidents, looking, loaded, take };
});
