import { describe, expect, it } from 'vitest';
import { isWithinHours, localTime } from './local-hours.js';

const at = (text: string) => Date.parse(`${text}+07:00`);
const everyDay = [1, 2, 3, 4, 5, 6, 7];

describe('the hours of a rule', () => {
  it('are local, begin with their first minute and end before their last', () => {
    const office = { from: '07:30', until: '17:00', days: [1, 2, 3, 4, 5] };
    expect(isWithinHours(office, at('2026-01-12T07:29:59'))).toBe(false);
    expect(isWithinHours(office, at('2026-01-12T07:30:00'))).toBe(true);
    expect(isWithinHours(office, at('2026-01-12T16:59:59'))).toBe(true);
    expect(isWithinHours(office, at('2026-01-12T17:00:00'))).toBe(false);
    expect(isWithinHours(office, at('2026-01-11T12:00:00')), 'a Sunday').toBe(false);
  });

  it('over midnight belong to the day on which they begin', () => {
    const fridayNight = { from: '22:00', until: '06:00', days: [5] };
    expect(isWithinHours(fridayNight, at('2026-01-16T23:00:00')), 'Friday evening').toBe(true);
    expect(isWithinHours(fridayNight, at('2026-01-17T05:59:00')), 'Saturday morning').toBe(true);
    expect(isWithinHours(fridayNight, at('2026-01-16T05:00:00')), 'Friday morning').toBe(false);
    expect(isWithinHours(fridayNight, at('2026-01-17T22:30:00')), 'Saturday evening').toBe(false);
  });

  it('from a time until the same time are the whole day', () => {
    const monday = { from: '08:00', until: '08:00', days: [1] };
    expect(isWithinHours(monday, at('2026-01-12T00:00:00'))).toBe(true);
    expect(isWithinHours(monday, at('2026-01-12T23:59:00'))).toBe(true);
    expect(isWithinHours(monday, at('2026-01-13T07:00:00'))).toBe(false);
    expect(isWithinHours({ ...monday, days: everyDay }, at('2026-01-13T07:00:00'))).toBe(true);
  });

  it('are told as people read them', () => {
    expect(localTime(at('2026-01-12T07:05:00'))).toBe('07:05 12/01/2026');
  });
});
