import type { Register } from '../devices/registered-device.js';
import { hubSitesOf } from './around-losses.js';
import { basinsOf, type Basins } from './basins.js';
import { hubTree, type HubTree } from './hub-watch.js';

interface KnownPlaces {
  readonly register: Register;
  readonly tree: HubTree;
  readonly sites: ReadonlySet<string>;
  readonly basins: Basins;
}

/** What hangs on what, and what belongs together; made once per register. */
export class Places {
  #known: KnownPlaces | null = null;

  hubTree(register: Register): HubTree {
    return this.#of(register).tree;
  }

  /** Sites on which a hub stands. */
  hubSites(register: Register): ReadonlySet<string> {
    return this.#of(register).sites;
  }

  basins(register: Register): Basins {
    return this.#of(register).basins;
  }

  #of(register: Register): KnownPlaces {
    if (this.#known?.register !== register) {
      this.#known = { register, tree: hubTree(register), sites: hubSitesOf(register), basins: basinsOf(register) };
    }
    return this.#known;
  }
}
