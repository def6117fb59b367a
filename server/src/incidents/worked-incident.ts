import type { Incident } from '@ioc/contract';
import type { PersonRef } from './incident-record.js';
import type { WorkAction } from './incident-work.js';

/** What a person did to an incident, which is as it will be once the transaction has committed. */
export interface WorkedIncident {
  readonly incident: Incident;
  readonly action: WorkAction['kind'];
  readonly by: PersonRef;
}
