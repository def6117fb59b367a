import {
  RIVER_STATION_BY_NAME,
  SEVERITIES,
  type LocalizedText,
  type MetricDefinition,
  type Outage,
  type ReadingHistory,
  type RiverStation,
} from '@ioc/contract';
import type { ChartBand, ChartLimit, ChartPalette, TimeChart } from '../../charts/time-chart-option.js';
import {
  ALARM_LEVEL_COLOURS,
  CLEARED_COLOUR,
  CONNECTIVITY_COLOURS,
  GROUND,
  LINE,
  SEVERITY_COLOURS,
  TEXT_SOFT,
} from '../../ui/palette.js';
import { numberText, withUnit } from './metric-view.js';

/** Lines are quiet: colour is for limits and outages. */
export const CHART_PALETTE: ChartPalette = {
  text: TEXT_SOFT,
  grid: LINE,
  line: '#a9c4dc',
  band: CLEARED_COLOUR,
  outage: CONNECTIVITY_COLOURS.down,
  ground: GROUND,
  fontFamily: "'Be Vietnam Pro', 'Noto Sans', sans-serif",
};

/** What the charts of a page share. */
export interface ChartContext {
  readonly fromMs: number;
  readonly toMs: number;
  readonly locale: 'vi' | 'en';
  readonly pick: (text: LocalizedText) => string;
  readonly t: (key: string, values?: Record<string, string | number>) => string;
  readonly outages: readonly Outage[];
  /** The hydrological station whose levels apply, if any. */
  readonly station: RiverStation | null;
}

/** The metric that the legal levels of a station belong to. */
const STAGE_METRIC = 'levelM';

function limitsOf(metric: MetricDefinition, context: ChartContext): ChartLimit[] {
  if (metric.kind !== 'number') return [];
  const limits: ChartLimit[] = [];
  for (const severity of SEVERITIES) {
    const value = metric.limit?.values[severity];
    if (value === undefined) continue;
    const text = withUnit(numberText(value, Number.isInteger(value) ? 0 : 1, context.locale), metric.unit);
    limits.push({ value, label: `${context.t(`ui.severity.${severity}`)} ${text}`, color: SEVERITY_COLOURS[severity] });
  }
  return metric.name === STAGE_METRIC && context.station !== null
    ? [...limits, ...alarmLevels(context.station, context)]
    : limits;
}

/** BĐ1–3 of a station in their legal colours; a level that is not confirmed is dotted and says so. */
export function alarmLevels(station: RiverStation, context: Pick<ChartContext, 'locale' | 't'>): ChartLimit[] {
  return ([1, 2, 3] as const).flatMap((level) => {
    const found = { 1: station.bd1, 2: station.bd2, 3: station.bd3 }[level];
    if (found === null) return [];
    const unconfirmed = found.confirmed ? '' : ` (${context.t('device.river.unconfirmed')})`;
    const name = context.t('device.river.short', { level });
    return [
      {
        value: found.levelM,
        label: `${name} ${numberText(found.levelM, 1, context.locale)} m${unconfirmed}`,
        color: ALARM_LEVEL_COLOURS[level],
        uncertain: !found.confirmed,
        always: true,
      },
    ];
  });
}

/** The station named in the attributes of a device, when its levels are known to us. */
export function stationOf(attributes: Readonly<Record<string, unknown>>): RiverStation | null {
  const name = attributes['station'];
  return typeof name === 'string' ? (RIVER_STATION_BY_NAME.get(name) ?? null) : null;
}

function bandsOf(context: ChartContext): ChartBand[] {
  return context.outages.flatMap((outage) => {
    const fromMs = Date.parse(outage.beganAt);
    const toMs = outage.endedAt === null ? context.toMs : Date.parse(outage.endedAt);
    if (toMs < context.fromMs || fromMs > context.toMs) return [];
    return [{ fromMs, toMs, label: context.t('device.outages') }];
  });
}

/** The chart of one metric, made from its definition and the history; a metric without history has an empty one. */
export function metricChart(metric: MetricDefinition, history: ReadingHistory, context: ChartContext): TimeChart {
  const found = history.series.find((series) => series.metric === metric.name);
  const series = {
    atMs: history.atMs,
    values: found?.average ?? [],
    minimum: found?.minimum ?? null,
    maximum: found?.maximum ?? null,
    suspect: found?.suspect ?? [],
    gapMs: history.gapMs,
  };
  const common = {
    title: context.pick(metric.label),
    series,
    fromMs: context.fromMs,
    toMs: context.toMs,
    limits: limitsOf(metric, context),
    bands: bandsOf(context),
    locale: context.locale === 'vi' ? 'vi-VN' : 'en-GB',
    suspectLabel: context.t('device.suspect'),
  };
  if (metric.kind === 'boolean') {
    const stateLabels = { on: context.pick(metric.values.true), off: context.pick(metric.values.false) };
    return { ...common, kind: 'state', unit: '', decimals: 0, range: { min: 0, max: 1 }, stateLabels };
  }
  const { unit, decimals, range } = metric;
  return { ...common, kind: metric.chart ?? 'line', unit, decimals, range };
}
