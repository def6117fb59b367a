import type { IsolationEvidence } from '@ioc/contract';
import type { Register } from '../devices/registered-device.js';
import { toFact, type FactRecord } from '../facts/fact.js';
import type { Isolation } from './isolation.js';

/**
 * What is seen of a commune, and what people said of it and of its sites, as the wire carries it.
 * @param facts all that counts now, newest first
 */
export function toIsolationEvidence(
  isolation: Isolation,
  facts: readonly FactRecord[],
  { sites }: Pick<Register, 'sites'>,
): IsolationEvidence {
  const { communeCode, linkDownSinceMs, behindHub } = isolation;
  const isHere = ({ subject: { kind, id } }: FactRecord): boolean => {
    if (kind === 'commune') return id === communeCode;
    return kind === 'site' && sites.get(id)?.communeCode === communeCode;
  };
  return {
    communeCode,
    communeName: isolation.communeName,
    links: isolation.links,
    linksDown: isolation.linksDown,
    linkDownSince: linkDownSinceMs === null ? null : new Date(linkDownSinceMs).toISOString(),
    stations: isolation.stations,
    stationsDown: isolation.stationsDown,
    operatorsAlive: [...isolation.operatorsAlive],
    operatorsDown: [...isolation.operatorsDown],
    behindHub: behindHub && { hubId: behindHub.hubId, incidentId: String(behindHub.incidentId) },
    facts: facts.filter(isHere).map(toFact),
  };
}
