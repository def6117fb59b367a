import type { Incident } from '@ioc/contract';

/**
 * What a person may have to be told of an incident. `worsened`: its severity, impact or kind became worse than anybody was
 * told · `reopened`: what raised it came back, or its acknowledgement ran out and nobody has it any more.
 */
export type NotableKind = 'opened' | 'worsened' | 'resolved' | 'reopened';

export interface NotableIncident {
  readonly incident: Incident;
  readonly kind: NotableKind;
}

/** What a judgement, or the passing of time, made of the incidents: as they are once its transaction has committed. */
export interface IncidentsOutcome {
  /** Every incident that changed. */
  readonly ids: readonly string[];
  readonly notable: readonly NotableIncident[];
}

export const NO_INCIDENTS: IncidentsOutcome = { ids: [], notable: [] };
