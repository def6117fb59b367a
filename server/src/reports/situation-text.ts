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

/** What a chat takes in one message. */
export const MAX_TEXT_LENGTH = 2_000;
/** Items of a list, from all that one reads in a chat to none; the longest that fits is sent. */
const ITEM_COUNTS = [12, 9, 7, 5, 4, 3, 2, 1, 0];

/** The report as plain text for a chat; lists are cut, with how many are missing, until it fits. */
export function situationText(report: SituationReport, language: ReportLanguage): string {
  let text = '';
  for (const items of ITEM_COUNTS) {
    text = render(report, language, items);
    if (text.length <= MAX_TEXT_LENGTH) return text;
  }
  return `${text.slice(0, MAX_TEXT_LENGTH - 1)}…`;
}

function render(report: SituationReport, language: ReportLanguage, items: number): string {
  const words = REPORT_WORDS[language];
  const compared =
    report.comparedWith === null ? words.first : `${words.comparedWith} ${shortMoment(report.comparedWith, report)}`;
  const isolated = communesWith(report, 'isolated');
  const nearly = communesWith(report, 'nearlyIsolated');
  const rivers = notableRivers(report);
  const listOf = <T>(all: readonly T[], textOf: (item: T) => string): string[] => [
    ...all.slice(0, items).map((item) => `• ${textOf(item)}`),
    ...(all.length > items ? [`• ${words.andMore(all.length - items)}`] : []),
  ];
  return [
    words.title,
    `${words.asOf} ${dayAndTime(report.at)}, ${compared}`,
    ...(report.simulated ? [`[${words.simulated}]`] : []),
    ...(report.seeing ? [] : [words.notSeeing]),
    '',
    ...report.stations.map((line) => stationText(line, language)),
    '',
    ...(isolated.length + nearly.length === 0 ? [words.noneIsolated] : []),
    ...(isolated.length === 0 ? [] : [`${words.isolated}: ${isolated.length}`]),
    ...listOf(isolated, (commune) => `${commune.name} (${communeWords(commune, report, language)})`),
    ...(nearly.length === 0 ? [] : [`${words.nearlyIsolated}: ${nearly.length}`]),
    ...listOf(nearly, (commune) => `${commune.name} (${communeWords(commune, report, language)})`),
    ...(report.communesRestored.length === 0
      ? []
      : [
          `${words.communesRestored}: ${cut(
            report.communesRestored.map(({ name }) => name),
            items,
            words.andMore,
          )}`,
        ]),
    `${words.hubs}: ${report.hubs.down.length}${words.of}${report.hubs.total}`,
    ...listOf(report.hubs.down, (hub) => `${hub.name} (${words.since} ${shortMoment(hub.since, report)})`),
    `${words.links}: ${report.links.down}${words.of}${report.links.total} ${changeIn(report.links.down, report.links.downBefore)}`.trim(),
    ...(report.blindGateways.length === 0
      ? []
      : [
          `${words.gateways}: ${cut(
            report.blindGateways.map(({ name }) => name),
            items,
            words.andMore,
          )}`,
        ]),
    rivers.length === 0 ? `${words.rivers}: ${words.riversNormal}` : `${words.rivers}:`,
    ...listOf(rivers, (river) => riverWords(river, report, language)),
    '',
    report.work.length === 0 ? words.noWork : `${words.work}: ${report.work.length}`,
    ...listOf(report.work, (work) => `${clip(work.title[language])} – ${workWords(work, report, language)}`),
  ].join('\n');
}

function stationText(line: SituationReport['stations'][number], language: ReportLanguage): string {
  const words = REPORT_WORDS[language];
  const parts = [
    `${words.down.toLowerCase()} ${figure(line.down, language)}${words.of}${figure(line.total, language)}${spaced(changeIn(line.down, line.downBefore))}`,
    `${words.onBattery.toLowerCase()} ${figure(line.onBattery, language)}`,
    ...(line.restored === 0 ? [] : [`${words.restored.toLowerCase()} ${figure(line.restored, language)}`]),
    ...(line.blind === 0 ? [] : [`${words.blind.toLowerCase()} ${figure(line.blind, language)}`]),
  ];
  return `${line.owner === null ? words.stations : `• ${line.ownerName}`}: ${parts.join(', ')}`;
}

const changeIn = (now: number, before: number | null) => {
  const change = changeOf(now, before);
  return change === '' ? '' : `(${change})`;
};
const spaced = (text: string) => (text === '' ? '' : ` ${text}`);
const clip = (text: string) => (text.length > 90 ? `${text.slice(0, 89)}…` : text);
const cut = (names: readonly string[], items: number, more: (count: number) => string) =>
  [...names.slice(0, items), ...(names.length > items ? [more(names.length - items)] : [])].join(', ');
