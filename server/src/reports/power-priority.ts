import type { LocalizedText } from '@ioc/contract';

/*
 * Where to send the generator first: urgency × consequence × whether one can come.
 *
 * urgency      HALF / (minutes + OFFSET), between 0.5 and 8: 8 when empty, 4 at 30 min, 2 at 90, 1 at 210 min.
 * consequence  what goes silent with the site: see POWER_WEIGHTS.
 * reach        a cut road leaves a quarter: it stays on the list, because roads are opened and boats found.
 * power soon   the power company promises power before the battery ends: three tenths.
 *
 * The weights are judgement, to be argued about: an ordinary site of one station is 1, the last of a commune is worth twenty.
 */
export const POWER_WEIGHTS = {
  /** For each station that the site carries. */
  station: 1,
  /** A transmission hub stands there, and for each station behind it that would go with it, up to a most. */
  hub: 10,
  stationBehind: 0.2,
  mostStationsBehind: 40,
  /** Nobody else serves the commune. */
  lastOfCommune: 20,
  /** For each operator that has no other station alive there. */
  lastOfOperator: 4,
  /** For each 10,000 inhabitants that the site serves: all when it is the last, else its share of the stations alive. */
  population10k: 3,
  unreachable: 0.25,
  powerSoon: 0.3,
} as const;

const URGENCY = { half: 240, offsetMin: 30, least: 0.5, most: 8 } as const;
/** When nothing tells how long the battery lasts: half of the design autonomy. */
const UNKNOWN_MINUTES = 120;

/** What of a site its priority is made from. */
export interface PowerSituation {
  /** Null: nothing tells. 0: empty. */
  readonly minutesLeft: number | null;
  /** Until when a generator there has fuel, minutes from now; null: none runs. */
  readonly generatorMinutes: number | null;
  /** When the power company expects power, minutes from now; null: nobody said. */
  readonly powerInMinutes: number | null;
  readonly stations: number;
  /** Stations alive in the whole commune, this site's with them. */
  readonly communeStationsAlive: number;
  readonly isHub: boolean;
  readonly stationsBehind: number;
  /** The last alive of its commune or operators, or the one that would bring them back. */
  readonly lastOfCommune: boolean;
  readonly lastOfOperator: readonly string[];
  /** Whether any station of it still serves. */
  readonly alive: boolean;
  readonly population: number | null;
  readonly reachable: boolean | null;
}

/** Minutes until the site is silent: a generator's fuel first, then what the battery holds. */
export function minutesUntilSilent({ minutesLeft, generatorMinutes }: PowerSituation): number | null {
  if (generatorMinutes === null) return minutesLeft;
  return generatorMinutes + (minutesLeft ?? 0);
}

export function urgencyOf(minutes: number | null): number {
  const urgency = URGENCY.half / ((minutes ?? UNKNOWN_MINUTES) + URGENCY.offsetMin);
  return Math.min(Math.max(urgency, URGENCY.least), URGENCY.most);
}

export function consequenceOf(site: PowerSituation): number {
  const { station, hub, stationBehind, mostStationsBehind, lastOfCommune, lastOfOperator, population10k } =
    POWER_WEIGHTS;
  const share = site.lastOfCommune ? 1 : site.stations / Math.max(site.communeStationsAlive, site.stations, 1);
  return (
    station * site.stations +
    (site.isHub ? hub + stationBehind * Math.min(site.stationsBehind, mostStationsBehind) : 0) +
    (site.lastOfCommune ? lastOfCommune : 0) +
    lastOfOperator * site.lastOfOperator.length +
    population10k * ((site.population ?? 0) / 10_000) * share
  );
}

/** Larger is more urgent; two decimals. */
export function priorityOf(site: PowerSituation): number {
  const minutes = minutesUntilSilent(site);
  const reach = site.reachable === false ? POWER_WEIGHTS.unreachable : 1;
  return rounded(urgencyOf(minutes) * consequenceOf(site) * reach * soonFactor(site, minutes));
}

/** As the power company sees it: its line can be mended where no generator gets through. */
export function feederShareOf(site: PowerSituation): number {
  const minutes = minutesUntilSilent(site);
  return urgencyOf(minutes) * consequenceOf(site) * soonFactor(site, minutes);
}

function soonFactor({ powerInMinutes }: PowerSituation, minutes: number | null): number {
  return powerInMinutes !== null && powerInMinutes <= (minutes ?? UNKNOWN_MINUTES) ? POWER_WEIGHTS.powerSoon : 1;
}

/** Why it stands where it stands, the heaviest reason first. */
export function whyOf(site: PowerSituation, names: (ownerId: string) => string): LocalizedText {
  const vi: string[] = [];
  const en: string[] = [];
  const say = (inVietnamese: string, inEnglish: string) => {
    vi.push(inVietnamese);
    en.push(inEnglish);
  };
  if (site.lastOfCommune && site.alive) say('vị trí cuối cùng còn sóng của xã', 'the last of its commune alive');
  if (site.lastOfCommune && !site.alive) {
    say('xã không còn sóng, nơi này đưa sóng trở lại', 'its commune is silent, it would bring it back');
  }
  if (site.isHub) {
    say(`nút truyền dẫn, ${site.stationsBehind} trạm phía sau`, `a hub, ${site.stationsBehind} stations behind it`);
  }
  if (site.lastOfOperator.length > 0 && !site.lastOfCommune) {
    const owners = site.lastOfOperator.map(names).join(', ');
    if (site.alive) say(`trạm cuối của ${owners}`, `the last of ${owners}`);
    else say(`đưa ${owners} trở lại`, `it would bring ${owners} back`);
  }
  if (site.minutesLeft === 0) say('đã hết ắc quy', 'battery empty');
  else if (site.minutesLeft === null) say('chưa rõ ắc quy còn bao lâu', 'battery time unknown');
  else say(`ắc quy còn khoảng ${spanVi(site.minutesLeft)}`, `about ${spanEn(site.minutesLeft)} of battery`);
  if (site.generatorMinutes !== null) {
    say(`máy phát còn ${spanVi(site.generatorMinutes)}`, `generator for ${spanEn(site.generatorMinutes)}`);
  }
  if (site.population !== null) {
    say(`${FIGURE_VI.format(site.population)} dân`, `${FIGURE_EN.format(site.population)} people`);
  }
  if (site.powerInMinutes !== null && site.powerInMinutes > 0) {
    say(`hẹn có điện sau ${spanVi(site.powerInMinutes)}`, `power promised in ${spanEn(site.powerInMinutes)}`);
  }
  if (site.reachable === false) say('đường bị cắt', 'road cut');
  return { vi: capitalised(vi.join(' · ')), en: capitalised(en.join(' · ')) };
}

// Made once: making one takes longer than all else of a site.
const FIGURE_VI = new Intl.NumberFormat('vi-VN');
const FIGURE_EN = new Intl.NumberFormat('en-GB');

function spanVi(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes} phút` : `${hours} giờ ${String(minutes % 60).padStart(2, '0')}`;
}
function spanEn(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes} min` : `${hours} h ${String(minutes % 60).padStart(2, '0')}`;
}
const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
const rounded = (value: number) => Math.round(value * 100) / 100;
