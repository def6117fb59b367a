import { SETTINGS } from './config.js';
import type { DocumentTable } from './document-table.js';

/** All settings, for the README. */
export const SETTINGS_TABLE: DocumentTable = {
  document: 'README.md',
  begin: '<!-- settings: made from the code by "npm run docs:tables" -->',
  end: '<!-- /settings -->',
  content: () => {
    const rows = Object.values(SETTINGS).map((definition) => {
      const shownDefault = 'shownDefault' in definition ? `\`${definition.shownDefault}\`` : 'unset';
      return `| \`${definition.variable}\` | ${shownDefault} | ${definition.description.replaceAll('|', '\\|')} |`;
    });
    return ['| variable | default | what it does |', '| --- | --- | --- |', ...rows].join('\n');
  },
};
