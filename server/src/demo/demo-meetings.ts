import { COMMUNES, type MeetingBody } from '@ioc/contract';

const OFFSET_MS = 7 * 3_600_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How many communes the smaller of the two meetings has. */
const SOME_COMMUNES = 12;

/** Two meetings of the next workday in local time: with every commune at 08:00, with some at 14:00. */
export function demoMeetings(nowMs: number): readonly MeetingBody[] {
  let day = Math.floor((nowMs + OFFSET_MS) / DAY_MS) + 1;
  while (!isWorkday(day)) day += 1;
  const at = (hour: number): string => new Date(day * DAY_MS - OFFSET_MS + hour * HOUR_MS).toISOString();
  const codes = COMMUNES.slice(0, SOME_COMMUNES).map(({ code }) => code);
  return [
    { title: 'Họp giao ban', startsAt: at(8), endsAt: at(9.5), participants: { kind: 'all' } },
    { title: 'Họp chuyển đổi số', startsAt: at(14), endsAt: at(15), participants: { kind: 'communes', codes } },
  ];
}

/** Monday to Friday; 1 January 1970, day 0, was a Thursday. */
function isWorkday(day: number): boolean {
  return (day + 3) % 7 < 5;
}
