import type { EChartsCoreOption } from './echarts.js';
import { axisSpan, drawnSeries, type DrawnSeries, type TimeSeries } from './time-series.js';

/** Quảng Ngãi is at UTC+7 all year; the axis is drawn in UTC, shifted, so that midnight is midnight there on every machine. */
const SHIFT_MS = 7 * 3_600_000;

/** A value that somebody set, drawn as a line with its label. */
export interface ChartLimit {
  readonly value: number;
  readonly label: string;
  readonly color: string;
  /** Dotted instead of dashed: what has not been confirmed. */
  readonly uncertain?: boolean;
  /** Shown however far it is from what was measured. */
  readonly always?: boolean;
}

/** A time in which the device was down; `toMs` is the chart's end while it lasts. */
export interface ChartBand {
  readonly fromMs: number;
  readonly toMs: number;
  readonly label: string;
}

export interface TimeChart {
  /** `state` is a boolean as 1 and 0: a step between the two words of `stateLabels`. */
  readonly kind: 'line' | 'bar' | 'state';
  readonly title: string;
  readonly series: TimeSeries;
  readonly fromMs: number;
  readonly toMs: number;
  readonly unit: string;
  readonly decimals: number;
  /** What is physically possible. */
  readonly range: { readonly min: number; readonly max: number };
  readonly limits: readonly ChartLimit[];
  readonly bands: readonly ChartBand[];
  readonly stateLabels?: { readonly on: string; readonly off: string };
  /** BCP 47, for numbers and times. */
  readonly locale: string;
  /** What a hollow point is called. */
  readonly suspectLabel: string;
}

/** Colours as CSS wants them; a chart does not read the theme by itself. */
export interface ChartPalette {
  readonly text: string;
  readonly grid: string;
  readonly line: string;
  readonly band: string;
  readonly outage: string;
  readonly ground: string;
  readonly fontFamily: string;
}

const shifted = (points: DrawnSeries['line']) => points.map(([atMs, value]) => [atMs + SHIFT_MS, value]);

/** Limits that fall outside what the axis shows; to be told in words. */
export function limitsOutOfView(chart: TimeChart): readonly ChartLimit[] {
  const { extent } = drawnSeries(chart.series);
  const span = axisSpan(extent, chart.limits, chart.range, chart.decimals);
  return chart.limits.filter(({ value }) => value < span.min || value > span.max);
}

/** The option of one chart of one metric over time; texts and lines grow with `remPx`, as everything on the screen does. */
export function timeChartOption(chart: TimeChart, palette: ChartPalette, remPx: number): EChartsCoreOption {
  const fontSize = Math.round(0.75 * remPx);
  const hair = remPx / 16;
  const drawn = drawnSeries(chart.series);
  const span =
    chart.kind === 'state'
      ? { min: -0.15, max: 1.15 }
      : chart.kind === 'bar'
        ? axisSpan({ min: 0, max: drawn.extent?.max ?? 0 }, chart.limits, chart.range, chart.decimals)
        : axisSpan(drawn.extent, chart.limits, chart.range, chart.decimals);
  const days = (chart.toMs - chart.fromMs) / 86_400_000;
  const number = new Intl.NumberFormat(chart.locale, {
    minimumFractionDigits: chart.decimals,
    maximumFractionDigits: chart.decimals,
  });
  const axisNumber = new Intl.NumberFormat(chart.locale, { maximumFractionDigits: Math.max(chart.decimals, 1) });
  const time = new Intl.DateTimeFormat(chart.locale, {
    timeZone: 'UTC',
    day: '2-digit',
    month: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const day = new Intl.DateTimeFormat(chart.locale, { timeZone: 'UTC', day: '2-digit', month: '2-digit' });
  const hour = new Intl.DateTimeFormat(chart.locale, {
    timeZone: 'UTC',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const axisTime = (value: number) =>
    (days > 3 || value % 86_400_000 === 0 ? day : hour).format(value).replace('-', '/');
  const stateText = (value: number) => {
    const labels = chart.stateLabels;
    if (labels === undefined) return '';
    if (value === 1) return labels.on;
    if (value === 0) return labels.off;
    return `${labels.on}: ${new Intl.NumberFormat(chart.locale, { style: 'percent' }).format(value)}`;
  };
  const valueText = (value: number) =>
    chart.kind === 'state' ? stateText(value) : `${number.format(value)}${chart.unit === '' ? '' : ` ${chart.unit}`}`;

  return {
    animation: false,
    useUTC: true,
    textStyle: { fontFamily: palette.fontFamily, color: palette.text, fontSize },
    grid: { left: 8, right: 12, top: 10, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    tooltip: {
      trigger: 'axis',
      confine: true,
      transitionDuration: 0,
      backgroundColor: palette.ground,
      borderColor: palette.grid,
      textStyle: { color: palette.text, fontFamily: palette.fontFamily, fontSize },
      axisPointer: { type: 'line', lineStyle: { color: palette.text, width: 1, type: 'solid' } },
      formatter: (parameters: unknown) => tooltipText(parameters, time, valueText, chart.suspectLabel),
    },
    xAxis: {
      type: 'time',
      min: chart.fromMs + SHIFT_MS,
      max: chart.toMs + SHIFT_MS,
      axisLine: { lineStyle: { color: palette.grid } },
      axisTick: { show: false },
      axisLabel: { color: palette.text, fontSize, hideOverlap: true, formatter: axisTime },
      splitLine: { show: true, lineStyle: { color: palette.grid, opacity: 0.5 } },
    },
    yAxis: {
      type: 'value',
      min: span.min,
      max: span.max,
      splitNumber: 3,
      ...(chart.kind === 'state' ? { interval: 1, min: 0, max: 1, boundaryGap: ['15%', '15%'] } : {}),
      axisLabel: {
        color: palette.text,
        fontSize,
        // The ends of the axis are where the values end: odd numbers, unless it shows two states.
        showMinLabel: chart.kind === 'state',
        showMaxLabel: chart.kind === 'state',
        formatter: (value: number) => (chart.kind === 'state' ? stateText(value) : axisNumber.format(value)),
      },
      splitLine: { lineStyle: { color: palette.grid, opacity: 0.5 } },
    },
    series: [
      ...(drawn.band === null || chart.kind !== 'line'
        ? []
        : [
            {
              id: 'least',
              type: 'line',
              stack: 'band',
              stackStrategy: 'all',
              data: shifted(drawn.band.lower),
              lineStyle: { opacity: 0 },
              showSymbol: false,
              silent: true,
              tooltip: { show: false },
            },
            {
              id: 'greatest',
              type: 'line',
              stack: 'band',
              stackStrategy: 'all',
              data: shifted(drawn.band.height),
              lineStyle: { opacity: 0 },
              areaStyle: { color: palette.band, opacity: 0.35 },
              showSymbol: false,
              silent: true,
              tooltip: { show: false },
            },
          ]),
      {
        id: 'value',
        name: chart.title,
        type: chart.kind === 'bar' ? 'bar' : 'line',
        data: shifted(drawn.line),
        connectNulls: false,
        showSymbol: false,
        symbol: 'circle',
        symbolSize: 5 * hair,
        ...(chart.kind === 'state' ? { step: 'end' } : {}),
        ...(chart.kind === 'bar' ? { barMaxWidth: 5 * hair, barMinWidth: 1 } : {}),
        lineStyle: { color: palette.line, width: 1.75 * hair },
        itemStyle: { color: palette.line },
        emphasis: { disabled: true },
        markLine: {
          silent: true,
          symbol: 'none',
          animation: false,
          data: chart.limits
            .filter(({ value }) => value >= span.min && value <= span.max)
            .map(({ value, label, color, uncertain }) => ({
              yAxis: value,
              lineStyle: { color, width: 1.25 * hair, type: uncertain === true ? 'dotted' : 'dashed' },
              label: {
                formatter: label,
                position: 'insideStartTop',
                color,
                fontSize,
                fontFamily: palette.fontFamily,
                textBorderColor: palette.ground,
                textBorderWidth: 3,
              },
            })),
        },
        markArea: {
          silent: true,
          itemStyle: { color: palette.outage, opacity: 0.22 },
          label: { show: false },
          data: chart.bands.map(({ fromMs, toMs }) => [
            { xAxis: Math.max(fromMs, chart.fromMs) + SHIFT_MS },
            { xAxis: Math.min(toMs, chart.toMs) + SHIFT_MS },
          ]),
        },
      },
      {
        id: 'lone',
        type: 'scatter',
        data: chart.kind === 'bar' ? [] : shifted(drawn.lone),
        symbol: 'circle',
        symbolSize: 4 * hair,
        itemStyle: { color: palette.line },
        silent: true,
        emphasis: { disabled: true },
        tooltip: { show: false },
      },
      {
        id: 'suspect',
        name: chart.suspectLabel,
        type: 'scatter',
        data: shifted(drawn.hollow),
        symbol: 'circle',
        symbolSize: 8 * hair,
        itemStyle: { color: 'transparent', borderColor: palette.line, borderWidth: 1.75 * hair },
        emphasis: { disabled: true },
      },
    ],
  };
}

interface HoveredPoint {
  readonly seriesId: string;
  readonly at: number;
  readonly value: number;
}

/** What ECharts hands to a tooltip, as far as we need it; anything else is not ours. */
function hoveredPoint(parameter: unknown): HoveredPoint | null {
  if (typeof parameter !== 'object' || parameter === null) return null;
  if (!('seriesId' in parameter) || typeof parameter.seriesId !== 'string') return null;
  if (!('value' in parameter) || !Array.isArray(parameter.value)) return null;
  const [at, value]: unknown[] = parameter.value;
  return typeof at === 'number' && typeof value === 'number' ? { seriesId: parameter.seriesId, at, value } : null;
}

/** Plain text in HTML: labels come from us, numbers from Intl; nothing of a payload gets here. */
function tooltipText(
  parameters: unknown,
  time: Intl.DateTimeFormat,
  valueText: (value: number) => string,
  suspectLabel: string,
): string {
  const points = (Array.isArray(parameters) ? parameters : [parameters])
    .map(hoveredPoint)
    .filter((point) => point !== null && (point.seriesId === 'value' || point.seriesId === 'suspect'));
  const first = points[0];
  if (first === undefined || first === null) return '';
  const lines = points.map((point) =>
    point === null
      ? ''
      : point.seriesId === 'suspect'
        ? `○ ${valueText(point.value)} (${suspectLabel})`
        : valueText(point.value),
  );
  return [time.format(first.at).replace('-', '/'), ...lines].join('<br>');
}
