import { incidentsDelta, incidentsSnapshot, type Incident } from '@ioc/contract';
import { subscribe, type LiveSocket } from './console.js';

/** The list of incidents as a screen keeps it. */
export class IncidentList {
  readonly incidents = new Map<string, Incident>();

  constructor(readonly socket: LiveSocket) {
    socket.on('delta', ({ room, delta }) => {
      if (room !== 'incidents') return;
      const { changed, removed } = incidentsDelta.parse(delta);
      for (const id of removed) this.incidents.delete(id);
      for (const incident of changed) this.incidents.set(incident.id, incident);
    });
  }

  async begin(): Promise<this> {
    const { incidents } = incidentsSnapshot.parse((await subscribe(this.socket, 'incidents')).snapshot);
    for (const incident of incidents) this.incidents.set(incident.id, incident);
    return this;
  }

  open(): readonly Incident[] {
    return [...this.incidents.values()].filter(({ state }) => state !== 'resolved' && state !== 'closed');
  }
}
