import type { SituationReport } from '@ioc/contract';
import {
  changeOf,
  communesWith,
  communeWords,
  dayAndTime,
  figure,
  notableRivers,
  REPORT_WORDS,
  riverWords,
  shortMoment,
  workWords,
  type ReportLanguage,
} from './report-words.js';

/** What a chat takes in one message (Zalo). */
export const MAX_TEXT_LENGTH = 2_000;
/** Of every list so many stand, before the more important ones take what room is left; operators all do. */
const LEAST_ITEMS = 2;
const LEAST_OPERATORS = 8;
/** More of one list nobody reads in a chat. */
const MOST_ITEMS = 40;

/** A headline with its items; an empty headline is none. The figures of a headline stand, whatever is cut. */
interface Section {
  readonly headline: string;
  /** The first of them, as many as may stand. */
  readonly items: readonly string[];
  readonly total: number;
  readonly least: number;
  /** Names in one line instead of a line each. */
  readonly inline: boolean;
}

/**
 * The report as plain text for a chat: isolated communes first. What does not fit is cut by importance, in the order in which
 * it stands, and says how much was left out.
 */
export function situationText(report: SituationReport, language: ReportLanguage): string {
  const sections = sectionsOf(report, language);
  const counts = sections.map(() => 0);
  const text = () => render(report, language, sections, counts);
  const takes = (index: number): boolean => {
    counts[index] = (counts[index] ?? 0) + 1;
    if (text().length <= MAX_TEXT_LENGTH) return true;
    counts[index] -= 1;
    return false;
  };
  for (const onlyLeast of [true, false]) {
    for (const [index, { items, least }] of sections.entries()) {
      const wanted = Math.min(items.length, onlyLeast ? least : MOST_ITEMS);
      while ((counts[index] ?? 0) < wanted && takes(index));
    }
  }
  return text();
}

/** In the order of their importance. */
function sectionsOf(report: SituationReport, language: ReportLanguage): readonly Section[] {
  const words = REPORT_WORDS[language];
  const { communesRestored, hubs, links, blindGateways, work } = report;
  const isolated = communesWith(report, 'isolated');
  const nearly = communesWith(report, 'nearlyIsolated');
  const rivers = notableRivers(report);
  const communeItem = (commune: SituationReport['communes'][number]) =>
    `${commune.name} (${communeWords(commune, report, language)})`;
  const nameOf = ({ name }: { readonly name: string }) => name;
  const [stations, ...operators] = report.stations;
  const change = changeIn(links.down, links.downBefore);
  return [
    section(
      isolated.length === 0 ? words.noneIsolated : `${words.isolated.toUpperCase()}: ${isolated.length}`,
      isolated,
      communeItem,
    ),
    section(nearly.length === 0 ? '' : `${words.nearlyIsolated}: ${nearly.length}`, nearly, communeItem),
    section(communesRestored.length === 0 ? '' : words.communesRestored, communesRestored, nameOf, { inline: true }),
    section(`\n${stationText(stations, language)}`, operators, (line) => stationText(line, language), {
      least: LEAST_OPERATORS,
    }),
    section(
      `${words.hubs}: ${hubs.down.length}${words.of}${hubs.total}`,
      hubs.down,
      (hub) => `${hub.name} (${words.since} ${shortMoment(hub.since, report)})`,
    ),
    section(`${words.links}: ${links.down}${words.of}${links.total}${spaced(change)}`, [], nameOf),
    section(blindGateways.length === 0 ? '' : words.gateways, blindGateways, nameOf, { inline: true }),
    section(`${words.rivers}: ${rivers.length === 0 ? words.riversNormal : rivers.length}`, rivers, (river) =>
      riverWords(river, report, language),
    ),
    section(
      `\n${work.length === 0 ? words.noWork : `${words.work}: ${work.length}`}`,
      work,
      (line) => `${clip(line.title[language])} – ${workWords(line, report, language)}`,
    ),
  ];
}

function section<T>(
  headline: string,
  all: readonly T[],
  textOf: (item: T) => string,
  { inline = false, least = LEAST_ITEMS } = {},
): Section {
  // What people wrote may be composed otherwise; a chat counts and shows a letter with its marks as one.
  const items = all.slice(0, MOST_ITEMS).map((item) => textOf(item).normalize('NFC'));
  return { headline, items, total: all.length, least, inline };
}

/** `counts`: how many items of each section. */
function render(
  report: SituationReport,
  language: ReportLanguage,
  sections: readonly Section[],
  counts: readonly number[],
): string {
  const words = REPORT_WORDS[language];
  const compared =
    report.comparedWith === null ? words.first : `${words.comparedWith} ${shortMoment(report.comparedWith, report)}`;
  const lines = sections.flatMap(({ headline, items, total, inline }, index): readonly string[] => {
    if (headline === '') return [];
    const shown = items.slice(0, counts[index]);
    const left = total - shown.length;
    const all = left === 0 ? shown : [...shown, words.andMore(left)];
    if (inline) return [`${headline}: ${all.join(', ')}`];
    return [headline, ...all.map((item) => `• ${item}`)];
  });
  const head = [
    words.title,
    `${words.asOf} ${dayAndTime(report.at)}, ${compared}`,
    ...(report.simulated ? [`[${words.simulated}]`] : []),
    ...(report.seeing ? [] : [words.notSeeing]),
    '',
  ];
  return [...head, ...lines].join('\n');
}

function stationText(line: SituationReport['stations'][number] | undefined, language: ReportLanguage): string {
  const words = REPORT_WORDS[language];
  if (line === undefined) return `${words.stations}: 0`;
  const parts = [
    `${words.down.toLowerCase()} ${figure(line.down, language)}${words.of}${figure(line.total, language)}${spaced(changeIn(line.down, line.downBefore))}`,
    `${words.onBattery.toLowerCase()} ${figure(line.onBattery, language)}`,
    ...(line.restored === 0 ? [] : [`${words.restored.toLowerCase()} ${figure(line.restored, language)}`]),
    ...(line.blind === 0 ? [] : [`${words.blind.toLowerCase()} ${figure(line.blind, language)}`]),
  ];
  return `${line.owner === null ? words.stations : line.ownerName}: ${parts.join(', ')}`;
}

const changeIn = (now: number, before: number | null) => {
  const change = changeOf(now, before);
  return change === '' ? '' : `(${change})`;
};
const spaced = (text: string) => (text === '' ? '' : ` ${text}`);
const clip = (text: string) => (text.length > 90 ? `${text.slice(0, 89)}…` : text);
