import type { Incident } from '@ioc/contract';

/** Somebody takes an incident or gives it back. */
export interface IncidentWork {
  readonly incidentId: string;
  /** The version they saw; null when they did not say. */
  readonly version: number | null;
  readonly personId: string;
  readonly personName: string;
  /** They may give back what somebody else holds. */
  readonly administrator: boolean;
  readonly note: string | null;
}

/** Checked in this order: not found, somebody else has it, already over, version missing, version stale. */
export type IncidentWorkResult =
  | { readonly ok: true; readonly incident: Incident }
  | { readonly ok: false; readonly reason: 'not-found' | 'version-required' }
  | {
      readonly ok: false;
      readonly reason: 'already-taken';
      readonly holder: { readonly name: string; readonly atMs: number; readonly note: string | null };
    }
  | {
      readonly ok: false;
      readonly reason: 'resolved' | 'not-held' | 'not-the-holder' | 'version-stale';
      readonly version: number;
    };
