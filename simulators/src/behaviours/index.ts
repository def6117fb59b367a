import type { DeviceClassId } from '@ioc/contract';
import type { Behaviour } from './behaviour.js';
import { btsBehaviour } from './bts.js';
import { floodBehaviour } from './flood.js';
import { linkBehaviour } from './link.js';
import { vcsBehaviour } from './vcs.js';

/** One behaviour per class: a new class does not build until it has one. */
export const BEHAVIOURS: Readonly<Record<DeviceClassId, Behaviour>> = {
  bts: btsBehaviour,
  link: linkBehaviour,
  vcs: vcsBehaviour,
  flood: floodBehaviour,
};

export type { Behaviour, Presence } from './behaviour.js';
