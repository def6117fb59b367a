import type { OutageBasis, SessionState } from '@ioc/contract';
import type { Reading } from '../readings/reading.js';
import type { LoadedState } from './connectivity-model.js';
import { unheardDevice, type DeviceState, type KnownConnectivity, type OpenOutage } from './device-state.js';
import { unheardGateway, type GatewayState } from './gateway-state.js';

// Rows as the tables keep them; moments are epoch ms.

export interface DeviceStateRow {
  readonly device_id: string;
  readonly connectivity: DeviceState['connectivity'];
  readonly last_known: KnownConnectivity;
  readonly since_ms: number;
  readonly reason: string | null;
  readonly session: number | null;
  readonly session_state: SessionState | null;
  readonly clock_offset_ms: number | null;
}

export interface GatewayStateRow {
  readonly gateway_id: string;
  readonly connectivity: GatewayState['connectivity'];
  readonly since_ms: number;
  readonly reason: string | null;
  readonly session: number | null;
  readonly session_state: SessionState | null;
}

export interface OpenOutageRow {
  readonly device_id: string;
  readonly basis: OutageBasis;
  readonly reason: string | null;
  readonly began_ms: number;
  readonly detected_ms: number;
}

/** What the tables kept, before it is put together. */
export interface KeptRows {
  readonly devices: readonly DeviceStateRow[];
  readonly gateways: readonly GatewayStateRow[];
  readonly openOutages: readonly OpenOutageRow[];
  readonly recentOutages: readonly { readonly device_id: string; readonly ended_ms: number | null }[];
  readonly heartbeatAtMs: number | null;
}

/**
 * Puts the last known state together from what was kept and from the newest readings. Nothing has happened after now: a clock
 * that ran ahead and was set right since would otherwise make all that comes look late until it is there again.
 */
export function loadState(rows: KeptRows, latestOf: (deviceId: string) => Reading | null, nowMs: number): LoadedState {
  const outages = new Map<string, OpenOutage>(
    rows.openOutages.map(({ device_id, basis, reason, began_ms, detected_ms }) => [
      device_id,
      { basis, reason, beganAtMs: Math.min(began_ms, nowMs), detectedAtMs: Math.min(detected_ms, nowMs) },
    ]),
  );
  const lastEnds = new Map(
    rows.recentOutages.map(({ device_id, ended_ms }) => [device_id, ended_ms && Math.min(ended_ms, nowMs)]),
  );
  const devices = rows.devices.map((row): readonly [string, DeviceState] => {
    const outage = outages.get(row.device_id) ?? null;
    const latest = latestOf(row.device_id);
    const metrics = latest?.metrics ?? {};
    const deviceClass = latest?.device.deviceClass;
    const servedAtMs = latest === null ? null : Math.min(latest.effectiveAtMs, nowMs);
    // An outage and a row are written together; should they ever differ, the outage is what people were told.
    const lastKnown = outage !== null ? 'down' : row.last_known === 'down' ? 'stale' : row.last_known;
    const mainsOn = deviceClass === 'bts' ? metrics['mainsOn'] : undefined;
    const lineUp = deviceClass === 'link' ? metrics['linkUp'] : undefined;
    const inCall = deviceClass === 'vcs' ? metrics['inCall'] : undefined;
    return [
      row.device_id,
      {
        ...unheardDevice(Math.min(row.since_ms, nowMs)),
        connectivity: row.connectivity === 'blind' ? 'blind' : lastKnown,
        lastKnown,
        reason: row.reason,
        session: row.session,
        sessionState: row.session_state,
        lineUp: typeof lineUp === 'boolean' ? lineUp : null,
        clockOffsetMs: row.clock_offset_ms,
        servedAtMs: servedAtMs ?? (lastKnown === 'up' ? Math.min(row.since_ms, nowMs) : null),
        judgedAtMs: Math.max(servedAtMs ?? 0, outage?.basis === 'said' ? outage.beganAtMs : 0) || null,
        onBattery: typeof mainsOn === 'boolean' ? !mainsOn : null,
        inCall: typeof inCall === 'boolean' ? inCall : null,
        outage,
        lastOutageEndedAtMs: lastEnds.get(row.device_id) ?? null,
      },
    ];
  });
  const gateways = rows.gateways.map((row): readonly [string, GatewayState] => [
    row.gateway_id,
    {
      ...unheardGateway(Math.min(row.since_ms, nowMs)),
      connectivity: row.connectivity,
      reason: row.reason,
      session: row.session,
      sessionState: row.session_state,
    },
  ]);
  return {
    devices: new Map(devices),
    gateways: new Map(gateways),
    recentlyDown: new Set(rows.recentOutages.map(({ device_id }) => device_id)),
    heartbeatAtMs: rows.heartbeatAtMs && Math.min(rows.heartbeatAtMs, nowMs),
  };
}
