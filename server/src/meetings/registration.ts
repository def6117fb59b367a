import type { EndpointReadiness, Metrics } from '@ioc/contract';
import type { DeviceState } from '../connectivity/device-state.js';

/** Whether a reading says that the endpoint is registered; null: it does not say. Who is in a call is registered somehow. */
export function saysRegistered(metrics: Metrics): boolean | null {
  if (metrics['inCall'] === true) return true;
  const registered = metrics['registered'];
  return typeof registered === 'boolean' ? registered : null;
}

/** How ready an endpoint is. What is out of our sight is neither registered nor not. */
export function readinessOf(
  { connectivity }: Pick<DeviceState, 'connectivity'>,
  registered: boolean | null,
): EndpointReadiness {
  if (connectivity === 'blind') return 'unknown';
  if (connectivity !== 'up') return 'lost';
  return registered === true ? 'registered' : 'notRegistered';
}
