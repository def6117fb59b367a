import { LOCAL_OFFSET_MS } from './window-schedule.js';

/** `08:05 20/11`: a moment in local time, as an alarm's text and record tell it in both languages. */
export function momentText(ms: number): string {
  const local = new Date(ms + LOCAL_OFFSET_MS).toISOString();
  const [, month = '', day = ''] = local.slice(0, 10).split('-');
  return `${local.slice(11, 16)} ${day}/${month}`;
}
