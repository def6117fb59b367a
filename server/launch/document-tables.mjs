import { readFileSync, writeFileSync } from 'node:fs';
import { withTable } from '../dist/config/document-table.js';
import { METRICS_TABLE } from '../dist/config/metrics-table.js';
import { SETTINGS_TABLE } from '../dist/config/settings-table.js';

for (const table of [SETTINGS_TABLE, METRICS_TABLE]) {
  const document = new URL(`../../${table.document}`, import.meta.url);
  writeFileSync(document, withTable(readFileSync(document, 'utf8'), table));
}
