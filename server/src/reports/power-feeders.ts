import type { FeederCandidate } from '@ioc/contract';
import type { JudgedSite, PowerWorld } from './judged-site.js';
import { feederShareOf } from './power-priority.js';

/** The feeders that would help the sites, most urgent first: which ones to ask the power company for. */
export function feedersOf(
  judged: readonly JudgedSite[],
  { register, factsOf }: PowerWorld,
): readonly FeederCandidate[] {
  const byFeed = new Map<string, JudgedSite[]>();
  for (const site of judged) {
    const { feedId } = site.site;
    if (feedId === null) continue;
    const known = byFeed.get(feedId);
    if (known === undefined) byFeed.set(feedId, [site]);
    else known.push(site);
  }
  const feeders = [...byFeed].map(([feedId, sites]): FeederCandidate => {
    const feed = register.feeds.get(feedId);
    const owner = feed?.owner ?? '';
    const alive = sites.filter(({ situation }) => situation.alive);
    const hubs = sites.filter(({ situation }) => situation.isHub).length;
    const lastOfCommunes = new Set(
      sites.flatMap(({ situation, site }) => (situation.lastOfCommune ? [site.communeCode] : [])),
    ).size;
    const minutes = alive.flatMap(({ situation }) => situation.minutesLeft ?? []);
    const minutesLeft = minutes.length === 0 ? (alive.length === 0 ? 0 : null) : Math.min(...minutes);
    const expected = factsOf({ kind: 'feed', id: feedId }).find(({ kind }) => kind === 'powerExpected');
    const down = sites.length - alive.length;
    const priority = sites.reduce((sum, { situation }) => sum + feederShareOf(situation), 0);
    const parts = [
      { vi: `${alive.length} vị trí chạy ắc quy`, en: `${alive.length} sites on battery`, said: alive.length > 0 },
      { vi: `${down} vị trí đã tắt`, en: `${down} sites silent`, said: down > 0 },
      { vi: `${hubs} nút truyền dẫn`, en: `${hubs} hubs`, said: hubs > 0 },
      {
        vi: `vị trí cuối của ${lastOfCommunes} xã`,
        en: `the last sites of ${lastOfCommunes} communes`,
        said: lastOfCommunes > 0,
      },
    ].filter(({ said }) => said);
    return {
      feedId,
      feedName: feed?.name ?? feedId,
      organisationName: register.organisations.get(owner)?.name ?? owner,
      sitesOnBattery: alive.length,
      sitesDown: down,
      hubs,
      lastOfCommunes,
      minutesLeft,
      powerExpectedAt: expected === undefined ? null : iso(expected.expiresAtMs),
      priority: Math.round(priority * 100) / 100,
      why: { vi: parts.map(({ vi }) => vi).join(' · '), en: parts.map(({ en }) => en).join(' · ') },
    };
  });
  return feeders.sort((a, b) => b.priority - a.priority || (a.feedId < b.feedId ? -1 : 1));
}

const iso = (ms: number) => new Date(ms).toISOString();
