import type { DeviceClassId, Metrics } from '@ioc/contract';

/**
 * Whether a reading shows that people were served at its moment. "I had power" from behind a cut trunk does not: only this
 * undoes an outage that was said or inferred.
 */
export function provesService(deviceClass: DeviceClassId, metrics: Metrics, suspect: readonly string[]): boolean {
  const value = (name: string) => (suspect.includes(name) ? undefined : metrics[name]);
  switch (deviceClass) {
    case 'bts': {
      const users = value('connectedUsers');
      return typeof users === 'number' && users > 0;
    }
    case 'link':
      return value('linkUp') === true;
    case 'vcs':
      return value('registered') === true || value('inCall') === true;
    case 'flood':
      // To measure is its service, however late the figure arrives.
      return typeof value('levelM') === 'number' || typeof value('rain10minMm') === 'number';
  }
}
