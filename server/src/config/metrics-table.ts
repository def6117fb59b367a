import { DEVICE_CLASSES, DEVICE_CLASS_IDS, SEVERITIES, type MetricDefinition } from '@ioc/contract';
import type { DocumentTable } from './document-table.js';

/** The metrics of every class, for the description of the wire. */
export const METRICS_TABLE: DocumentTable = {
  document: 'docs/WIRE.md',
  begin: '<!-- metrics: made from the code by "npm run docs:tables" -->',
  end: '<!-- /metrics -->',
  content: () =>
    DEVICE_CLASS_IDS.map((id) => {
      const { label, metrics } = DEVICE_CLASSES[id];
      const rows = metrics.map(
        (metric) =>
          `| \`${metric.name}\` | ${metric.label.en} | ${unitOf(metric)} | ${rangeOf(metric)} | ${limitsOf(metric)} |`,
      );
      return [
        `#### \`${id}\`: ${label.en}`,
        '',
        '| metric | what | unit | plausible | default limits |',
        '| --- | --- | --- | --- | --- |',
        ...rows,
      ].join('\n');
    }).join('\n\n'),
};

function unitOf(metric: MetricDefinition): string {
  return metric.kind === 'boolean' ? 'true, false' : metric.unit;
}

function rangeOf(metric: MetricDefinition): string {
  return metric.kind === 'boolean' ? '' : `${metric.range.min} … ${metric.range.max}`;
}

function limitsOf(metric: MetricDefinition): string {
  if (metric.kind === 'boolean' || metric.limit === undefined) return '';
  const { above, values, basis } = metric.limit;
  const parts = SEVERITIES.toReversed().flatMap((severity) => {
    const value = values[severity];
    return value === undefined ? [] : [`${severity} ${above ? '>' : '<'} ${value}`];
  });
  return `${parts.join(', ')} (${basis})`;
}
