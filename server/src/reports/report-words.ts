import type { Fact, Impact, SituationReport } from '@ioc/contract';

export type ReportLanguage = 'vi' | 'en';

/** The words of the situation report on paper and in a chat; the screen has its own. */
export interface ReportWords {
  readonly title: string;
  readonly province: string;
  readonly asOf: string;
  readonly comparedWith: string;
  readonly first: string;
  readonly simulated: string;
  readonly notSeeing: string;
  readonly stations: string;
  readonly operator: string;
  readonly total: string;
  readonly down: string;
  readonly change: string;
  readonly onBattery: string;
  readonly restored: string;
  readonly blind: string;
  readonly all: string;
  readonly hubs: string;
  readonly noneDown: string;
  readonly isolated: string;
  readonly nearlyIsolated: string;
  readonly noneIsolated: string;
  readonly communesRestored: string;
  readonly alive: string;
  readonly nobody: string;
  readonly isNew: string;
  readonly since: string;
  readonly links: string;
  readonly rivers: string;
  readonly riversNormal: string;
  readonly alarmLevel: string;
  readonly belowLevels: string;
  /** Of a gauge some of whose levels are not confirmed: it may be above one of these. */
  readonly belowConfirmed: string;
  readonly perHour: string;
  readonly nextLevel: string;
  readonly work: string;
  readonly noWork: string;
  readonly unheld: string;
  readonly expected: string;
  readonly gateways: string;
  readonly of: string;
  readonly andMore: (count: number) => string;
  readonly estimates: string;
  readonly page: (page: number, of: number) => string;
}

export const REPORT_WORDS: Readonly<Record<ReportLanguage, ReportWords>> = {
  vi: {
    title: 'BÁO CÁO TÌNH HÌNH VIỄN THÔNG',
    province: 'Tỉnh Quảng Ngãi · Trung tâm điều hành thông minh',
    asOf: 'Tính đến',
    comparedWith: 'so với báo cáo lúc',
    first: 'báo cáo đầu tiên',
    simulated: 'SỐ LIỆU MÔ PHỎNG',
    notSeeing: 'HỆ THỐNG KHÔNG NHẬN ĐƯỢC SỐ LIỆU: các con số dưới đây là trạng thái biết sau cùng',
    stations: 'Trạm BTS',
    operator: 'Nhà mạng',
    total: 'Tổng',
    down: 'Mất kết nối',
    change: 'Tăng/giảm',
    onBattery: 'Chạy ắc quy',
    restored: 'Khôi phục',
    blind: 'Mất tầm nhìn',
    all: 'Tất cả',
    hubs: 'Nút truyền dẫn mất',
    noneDown: 'không có',
    isolated: 'Xã bị cô lập',
    nearlyIsolated: 'Xã gần cô lập',
    noneIsolated: 'Không có xã nào bị cô lập',
    communesRestored: 'Đã hết cô lập',
    alive: 'còn sóng:',
    nobody: 'không mạng nào còn sóng',
    isNew: 'MỚI',
    since: 'từ',
    links: 'Đường truyền TSLCD mất',
    rivers: 'Sông',
    riversNormal: 'Không trạm nào đến báo động 1',
    alarmLevel: 'BĐ',
    belowLevels: 'dưới BĐ1',
    belowConfirmed: 'chưa đến mức đã xác nhận',
    perHour: 'm/giờ',
    nextLevel: 'mức kế tiếp khoảng ',
    work: 'Ai đang xử lý việc gì',
    noWork: 'Không có sự cố đang mở',
    unheld: 'CHƯA CÓ NGƯỜI NHẬN',
    expected: 'dự kiến',
    gateways: 'Mất số liệu từ',
    of: '/',
    andMore: (count) => `… và ${count} mục nữa`,
    estimates: 'Giờ đạt mức báo động kế tiếp là ước tính của hệ thống, không phải bản tin của Đài KTTV.',
    page: (page, of) => `Trang ${page}/${of}`,
  },
  en: {
    title: 'TELECOM SITUATION REPORT',
    province: 'Quảng Ngãi province · Intelligent Operations Center',
    asOf: 'As of',
    comparedWith: 'against the report of',
    first: 'the first report',
    simulated: 'SIMULATED DATA',
    notSeeing: 'OUR OWN INTAKE IS BROKEN: the figures below are the last known states',
    stations: 'Base stations',
    operator: 'Operator',
    total: 'Total',
    down: 'Down',
    change: 'Change',
    onBattery: 'On battery',
    restored: 'Restored',
    blind: 'Out of sight',
    all: 'All',
    hubs: 'Hubs down',
    noneDown: 'none',
    isolated: 'Isolated communes',
    nearlyIsolated: 'Nearly isolated communes',
    noneIsolated: 'No commune is isolated',
    communesRestored: 'No longer isolated',
    alive: 'alive:',
    nobody: 'no operator alive',
    isNew: 'NEW',
    since: 'since',
    links: 'TSLCD links down',
    rivers: 'Rivers',
    riversNormal: 'No gauge has reached alarm level 1',
    alarmLevel: 'AL',
    belowLevels: 'below AL1',
    belowConfirmed: 'no confirmed level reached',
    perHour: 'm/h',
    nextLevel: 'next level about ',
    work: 'Who works on what',
    noWork: 'No incident is open',
    unheld: 'NOBODY HAS IT',
    expected: 'expected',
    gateways: 'No data from',
    of: '/',
    andMore: (count) => `… and ${count} more`,
    estimates: 'When the next alarm level is reached is an estimate of ours, no bulletin.',
    page: (page, of) => `Page ${page} of ${of}`,
  },
};

const FACT_WORDS: Readonly<Record<ReportLanguage, Readonly<Record<Fact['kind'], string>>>> = {
  vi: {
    generatorRunning: 'máy phát chạy đến',
    reached: 'đã liên lạc được lúc',
    powerExpected: 'hẹn có điện',
    roadCut: 'đường bị cắt',
    officeFlooded: 'trụ sở ngập',
    roamingOn: 'đã bật chuyển vùng',
    other: 'ghi nhận',
  },
  en: {
    generatorRunning: 'generator until',
    reached: 'reached at',
    powerExpected: 'power expected',
    roadCut: 'road cut',
    officeFlooded: 'office flooded',
    roamingOn: 'roaming on',
    other: 'noted',
  },
};

/** A fact in a few words, such as "đã liên lạc được lúc 22:10". */
export function factWords(fact: Fact, language: ReportLanguage): string {
  const words = FACT_WORDS[language][fact.kind];
  switch (fact.kind) {
    case 'generatorRunning':
    case 'powerExpected':
      return `${words} ${clockTime(fact.expiresAt)}`;
    case 'reached':
      return `${words} ${clockTime(fact.at)}`;
    case 'roamingOn':
      return `${words} (${(fact.guests ?? []).join(', ')} → ${fact.host ?? ''})`.replace(
        '→',
        language === 'vi' ? 'qua' : 'on',
      );
    case 'other':
      return fact.note.length > 60 ? `${fact.note.slice(0, 59)}…` : fact.note;
    case 'roadCut':
    case 'officeFlooded':
      return words;
  }
}

const ZONE = { timeZone: 'Asia/Ho_Chi_Minh', hourCycle: 'h23' } as const;
const TIME = new Intl.DateTimeFormat('en-GB', { ...ZONE, hour: '2-digit', minute: '2-digit' });
const DATE = new Intl.DateTimeFormat('en-GB', { ...ZONE, day: '2-digit', month: '2-digit', year: 'numeric' });

/** `22:10`, in the province's time, the same in both languages. */
export const clockTime = (moment: string) => TIME.format(new Date(moment));
const dateOf = (moment: string) => DATE.format(new Date(moment));
/** `22:10 17/11/2026`, in the province's time. */
export const dayAndTime = (moment: string) => `${clockTime(moment)} ${dateOf(moment)}`;

/** `22:10` on the report's own day, `22:10 16/11` on another. */
export function shortMoment(moment: string, report: Pick<SituationReport, 'at'>): string {
  const date = dateOf(moment);
  return date === dateOf(report.at) ? clockTime(moment) : `${clockTime(moment)} ${date.slice(0, 5)}`;
}

/** `+12`, `−3`, `±0`; empty when there is nothing to compare with. */
export function changeOf(now: number, before: number | null): string {
  if (before === null) return '';
  const change = now - before;
  return change > 0 ? `+${change}` : change < 0 ? `−${-change}` : '±0';
}

/** Figures as the language writes them. */
export const figure = (value: number, language: ReportLanguage, decimals: 0 | 2 = 0) =>
  FIGURES[language][decimals].format(value);
const figures = (locale: string) => ({
  0: new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }),
  2: new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
});
const FIGURES = { vi: figures('vi-VN'), en: figures('en-GB') };

type Commune = SituationReport['communes'][number];
export const communesWith = (report: SituationReport, impact: Impact): readonly Commune[] =>
  report.communes.filter((commune) => commune.impact === impact);

/** What is said of an isolated or nearly isolated commune behind its name. */
export function communeWords(commune: Commune, report: SituationReport, language: ReportLanguage): string {
  const words = REPORT_WORDS[language];
  const { impact, operatorsAlive } = commune;
  // That nobody is alive is what isolated means.
  const alive = operatorsAlive.length === 0 ? words.nobody : `${words.alive} ${operatorsAlive.join(', ')}`;
  return [
    ...(commune.isNew ? [words.isNew] : []),
    `${words.since} ${shortMoment(commune.since, report)}`,
    ...(impact === 'isolated' && operatorsAlive.length === 0 ? [] : [alive]),
    ...commune.facts.map((fact) => factWords(fact, language)),
  ].join('; ');
}

type River = SituationReport['rivers'][number];
/** Rivers worth a line: at an alarm level, or about to reach one. */
export const notableRivers = (report: SituationReport): readonly River[] =>
  report.rivers.filter(({ alarmLevel, nextLevelAt }) => (alarmLevel ?? 0) > 0 || nextLevelAt !== null);

export function riverWords(river: River, report: SituationReport, language: ReportLanguage): string {
  const words = REPORT_WORDS[language];
  const level =
    river.alarmLevel === null || river.alarmLevel === 0
      ? river.confirmed
        ? words.belowLevels
        : words.belowConfirmed
      : `${words.alarmLevel}${river.alarmLevel}`;
  const rise = river.risePerHourM;
  return [
    `${river.station} ${river.levelM === null ? '–' : `${figure(river.levelM, language, 2)} m`} (${level})`,
    ...(rise === null ? [] : [`${rise >= 0 ? '+' : '−'}${figure(Math.abs(rise), language, 2)} ${words.perHour}`]),
    ...(river.nextLevelAt === null ? [] : [`${words.nextLevel}${shortMoment(river.nextLevelAt, report)}`]),
  ].join(', ');
}

type Work = SituationReport['work'][number];
export function workWords(work: Work, report: SituationReport, language: ReportLanguage): string {
  const words = REPORT_WORDS[language];
  return [
    work.holder ?? words.unheld,
    ...(work.organisation === null
      ? []
      : [work.ticket === null ? work.organisation : `${work.organisation} ${work.ticket}`]),
    ...(work.expectedAt === null ? [] : [`${words.expected} ${shortMoment(work.expectedAt, report)}`]),
  ].join(' · ');
}
