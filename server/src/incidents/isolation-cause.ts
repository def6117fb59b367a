import type { LocalizedText } from '@ioc/contract';
import type { FactRecord } from '../facts/fact.js';
import { isolationOf } from './isolation.js';
import type { PortraitWorld } from './portrait.js';
import type { ProposedCause } from './proposed-cause.js';

/** Why it is cut off, as far as that shows, with all that is known: what the console saw, then what people said. */
export function isolationCause(code: string, world: PortraitWorld): ProposedCause {
  const found = isolationOf(code, world);
  const { stations, stationsDown, linkDownSinceMs, operatorsAlive, behindHub: behind, downOnBattery } = found;
  const nameOf = (owner: string) => world.register.organisations.get(owner)?.name ?? owner;
  const left = operatorsAlive.map(nameOf).join(', ');
  const vi = [`${stationsDown}/${stations} trạm tại ${found.communeName} mất`];
  const en = [`${stationsDown} of ${stations} stations in ${found.communeName} down`];
  if (linkDownSinceMs !== null) {
    vi.unshift(`Đường truyền mất từ ${timeOf(linkDownSinceMs)}`);
    en.unshift(`The link is down since ${timeOf(linkDownSinceMs)}`);
  }
  vi.push(left === '' ? 'không còn nhà mạng nào' : `còn ${left}`);
  en.push(left === '' ? 'no operator left' : `left: ${left}`);
  if (behind !== null) {
    const hub = world.register.hubs.get(behind.hubId)?.name ?? behind.hubId;
    vi.push(`gần như tất cả ở sau ${hub} đang mất (sự cố ${behind.incidentId})`);
    en.push(`nearly all of it hangs on ${hub}, which is down (incident ${behind.incidentId})`);
  }
  for (const fact of world.factsOf(code).slice(0, MOST_FACTS)) {
    const said = factText(fact, nameOf);
    vi.push(said.vi);
    en.push(said.en);
  }
  const onBattery = downOnBattery * 2 > stationsDown && stationsDown > 0;
  return {
    code: behind !== null ? 'hubFailure' : onBattery ? 'batteryEmpty' : 'unknown',
    evidence: { vi: vi.join('; '), en: en.join('; ') },
  };
}

/** More would not be read on a list; the incident's page has them all. */
const MOST_FACTS = 3;
const LONGEST_NOTE = 120;

const FACT_WORDS: Readonly<Record<FactRecord['kind'], LocalizedText>> = {
  generatorRunning: { vi: 'máy phát đang chạy', en: 'generator running' },
  reached: { vi: 'liên lạc được', en: 'reached' },
  powerExpected: { vi: 'dự kiến có điện', en: 'power expected' },
  roadCut: { vi: 'đường bị chia cắt', en: 'road cut' },
  officeFlooded: { vi: 'trụ sở bị ngập', en: 'office flooded' },
  roamingOn: { vi: 'đã bật chuyển vùng', en: 'roaming switched on' },
  other: { vi: 'ghi nhận', en: 'noted' },
};

const MEANS_WORDS: Readonly<Record<NonNullable<FactRecord['means']>, LocalizedText>> = {
  satellitePhone: { vi: 'qua điện thoại vệ tinh', en: 'by satellite phone' },
  radio: { vi: 'qua bộ đàm', en: 'by radio' },
  landline: { vi: 'qua điện thoại cố định', en: 'by landline' },
  messenger: { vi: 'qua tin nhắn', en: 'by messenger' },
  inPerson: { vi: 'tận nơi', en: 'in person' },
};

/** "22:10 reached by satellite phone: “water falls” (An)". */
function factText(fact: FactRecord, nameOf: (owner: string) => string): LocalizedText {
  const { kind, means, host, guests, note, author, atMs } = fact;
  const said = (language: keyof LocalizedText): string => {
    const how = means === null || means === undefined ? '' : ` ${MEANS_WORDS[means][language]}`;
    const roaming = host === null ? '' : ` ${guests.map(nameOf).join(', ')} → ${nameOf(host)}`;
    const short = note.length > LONGEST_NOTE ? `${note.slice(0, LONGEST_NOTE)}…` : note;
    const words = short === '' ? '' : `: “${short}”`;
    return `${timeOf(atMs)} ${FACT_WORDS[kind][language]}${how}${roaming}${words} (${author.name})`;
  };
  return { vi: said('vi'), en: said('en') };
}

const LOCAL_TIME = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Asia/Ho_Chi_Minh',
  hour: '2-digit',
  minute: '2-digit',
});

/** "22:10". */
function timeOf(ms: number): string {
  return LOCAL_TIME.format(ms);
}
