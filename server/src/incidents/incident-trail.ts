import type { IncidentChange, LocalizedText } from '@ioc/contract';
import type { FinishedIncident } from './finished-incident.js';

/** What is kept of a change, for ever. */
export interface NewChange {
  readonly incidentId: number;
  /** Null: the system. */
  readonly personId: string | null;
  readonly action: IncidentChange['action'];
  readonly note: string | null;
  readonly text: LocalizedText | null;
}

/** What the system notes of it, as the trail keeps it. */
export function systemChangesOf({ record, changes }: FinishedIncident): readonly NewChange[] {
  return changes.map(({ action, text }) => ({ incidentId: record.id, personId: null, action, note: null, text }));
}
