import type { Impact, Severity } from '@ioc/contract';
import type { DeviceState } from '../connectivity/device-state.js';
import { linkSeverity, stationSeverity, type CommuneTally, type SiteTally } from '../connectivity/impact.js';
import type { RegisteredDevice } from '../devices/registered-device.js';

/** What the severity of the loss of a device depends on besides the device. */
export interface LossSurroundings {
  readonly state: DeviceState;
  readonly commune: CommuneTally;
  readonly communeImpact: Impact;
  /** The site it stands on; null when it stands on none. */
  readonly site: SiteTally | null;
  /** Legal alarm level at the sensor, 0–3; null when none applies. */
  readonly alarmLevel: number | null;
}

export interface JudgedLoss {
  readonly severity: Severity;
  readonly impact: Impact;
}

/**
 * How bad the loss of a device is, by what is left to people. Null: nobody has to act, and there is no alarm, as for a
 * videoconference endpoint that is switched off outside a meeting.
 */
export function judgeLossSeverity(device: RegisteredDevice, around: LossSurroundings): JudgedLoss | null {
  const { commune, communeImpact } = around;
  const cutOff = communeImpact === 'isolated' || communeImpact === 'nearlyIsolated' ? communeImpact : null;
  switch (device.deviceClass) {
    case 'bts': {
      const severity = stationSeverity(device.owner, commune, around.site);
      return { severity, impact: cutOff ?? (severity === 'warning' ? 'minor' : severity) };
    }
    case 'link': {
      const severity = linkSeverity(commune, communeImpact);
      return { severity, impact: cutOff ?? (severity === 'minor' ? 'minor' : 'major') };
    }
    case 'vcs':
      return around.state.inCall === true ? { severity: 'major', impact: 'none' } : null;
    case 'flood':
      return { severity: (around.alarmLevel ?? 0) >= 1 ? 'major' : 'warning', impact: 'none' };
  }
}
