import type { Register } from '../devices/registered-device.js';
import { hubSitesOf } from './around-losses.js';
import { hubTree, type HubTree } from './hub-watch.js';

interface KnownPlaces {
  readonly register: Register;
  readonly tree: HubTree;
  readonly sites: ReadonlySet<string>;
}

/** What hangs on what, made once per register. */
export class Places {
  #known: KnownPlaces | null = null;

  hubTree(register: Register): HubTree {
    return this.#of(register).tree;
  }

  /** Sites on which a hub stands. */
  hubSites(register: Register): ReadonlySet<string> {
    return this.#of(register).sites;
  }

  #of(register: Register): KnownPlaces {
    if (this.#known?.register !== register) {
      this.#known = { register, tree: hubTree(register), sites: hubSitesOf(register) };
    }
    return this.#known;
  }
}
