import type { Connectivity, Impact, Severity } from '@ioc/contract';

/** The colours of tokens.css for canvases, which cannot read CSS variables cheaply. */
export const GROUND = '#1e2530';
export const OUTLINE = '#11161d';
export const TEXT = '#e8edf3';
export const TEXT_SOFT = '#b8c4d1';
export const TEXT_MUTED = '#9aa8b7';
export const LINE = '#3b4858';

/** Telecom severity: rose for "act", cool for "know". */
export const SEVERITY_COLOURS: Readonly<Record<Severity, string>> = {
  critical: '#ff4f9a',
  major: '#f7a8ca',
  minor: '#b0a4f5',
  warning: '#93abc4',
};
export const CLEARED_COLOUR = '#8496a9';

export const CONNECTIVITY_COLOURS: Readonly<Record<Connectivity, string>> = {
  up: '#8ea3b8',
  down: '#ff4f9a',
  stale: '#b9bcc0',
  blind: '#b9bcc0',
};

/** Fill of a commune by its worst impact. `minor` has none: single failures are dots. */
export const IMPACT_COLOURS: Readonly<Record<Impact, string>> = {
  none: '#364455',
  minor: '#364455',
  major: '#6a5573',
  critical: '#8f4470',
  nearlyIsolated: '#ad3a75',
  isolated: '#cf3a82',
};

/** River alarm levels 0–3 (0: below BĐ1). Flood layer only. */
export const ALARM_LEVEL_COLOURS = ['#7aa7c7', '#fff3a6', '#ff8c1a', '#ec3b33'] as const;

/** The five legal disaster-risk levels, 1–5 (Decision 18/2021/QĐ-TTg, Art. 4). Flood layer only. */
export const RISK_LEVEL_COLOURS = ['#b5e3fb', '#fff3a6', '#ff8c1a', '#ec3b33', '#a45be0'] as const;
