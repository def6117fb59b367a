import type { Device, Gateway, Hub, PowerFeed, Site } from '../fleet/fleet.js';
import type { Interval, Spans } from './interval.js';
import type { RainField } from './weather.js';

/** A conference that endpoints join; calls are placed over it. */
export interface Meeting extends Interval {
  readonly name: string;
  /** Endpoints switch on and register from here. */
  readonly preparedFromMs: number;
}

/**
 * What happens to the world from outside: weather and faults, as pure functions of time. A scenario is one set of these;
 * what follows from them (batteries that empty, delays that grow, rivers that rise) is the behaviours' business.
 */
export interface Conditions {
  readonly rain: RainField;
  /** Mains failures of a line, and of a single site. */
  readonly feedFailures: Spans<PowerFeed>;
  readonly siteMainsFailures: Spans<Site>;
  /** A hub is cut from its upstreams, or dead. */
  readonly hubCuts: Spans<Hub>;
  /** A station's own equipment fails. */
  readonly stationFaults: Spans<Device>;
  /** The access line of a link is cut. */
  readonly lineCuts: Spans<Device>;
  /** A device with a session of its own loses it (for a link: besides its line). */
  readonly sessionLosses: Spans<Device>;
  /** The session lives but nothing is reported. */
  readonly mutes: Spans<Device>;
  /** A gateway cannot reach the broker; what it collects it keeps. */
  readonly gatewayAbsences: Spans<Gateway>;
  readonly meetings: (fromMs: number, toMs: number) => readonly Meeting[];
  /** How far a device's clock is ahead, ms. */
  readonly clockOffsetMs: (device: Device) => number;
  /** Demand for mobile traffic against a normal day. */
  readonly demand: (atMs: number) => number;
}
