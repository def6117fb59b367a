import { SETTINGS } from './config.js';

export const TABLE_BEGIN = '<!-- settings: made from the code by "npm run docs:settings" -->';
export const TABLE_END = '<!-- /settings -->';

/** All settings as a Markdown table. */
export function settingsTable(): string {
  const rows = Object.values(SETTINGS).map((definition) => {
    const shownDefault = 'shownDefault' in definition ? `\`${definition.shownDefault}\`` : 'unset';
    return `| \`${definition.variable}\` | ${shownDefault} | ${definition.description.replaceAll('|', '\\|')} |`;
  });
  return ['| variable | default | what it does |', '| --- | --- | --- |', ...rows].join('\n');
}

/**
 * The document with the table between its markers replaced by the present one.
 *
 * @throws when the markers are not there, once each and in order.
 */
export function withSettingsTable(document: string): string {
  const begin = document.indexOf(TABLE_BEGIN);
  const end = document.indexOf(TABLE_END);
  if (begin < 0 || end < begin) throw new Error(`the document needs the lines ${TABLE_BEGIN} and ${TABLE_END}`);
  return `${document.slice(0, begin + TABLE_BEGIN.length)}\n\n${settingsTable()}\n\n${document.slice(end)}`;
}
