import type { Clock } from "../clock.ts";
import type { Key, Range } from "../store/key.ts";
import type { Leavings } from "../store/layers/leavings.ts";
import type { Space } from "../store/space.ts";
import type { Store } from "../store/store.ts";

/** Configurable bounds of the administration. */
export interface AdminLimits {
  /** Tenants in all. */
  readonly tenantsMax: number;
  /** How long one export may take: so long it keeps the store from forgetting old versions. */
  readonly exportMsMax: number;
  /** How long the next part of an import may take to arrive. */
  readonly requestMsMax: number;
  /** The largest message. */
  readonly messageBytesMax: number;
}

export const defaultAdminLimits: AdminLimits = {
  tenantsMax: 1000,
  exportMsMax: 3_600_000,
  requestMsMax: 30_000,
  messageBytesMax: 4 * 1024 * 1024,
};

/** What the room knows of others without knowing them. */
export interface Surroundings {
  /** The directory of tenants: its records' values are `Numbered`. */
  readonly tenantSpace: Space<unknown>;
  /** The kinds of records that tenants hold. */
  readonly spaces: readonly Space<unknown>[];
  /** Records whose values are ranges that are out of reach, and waiting to be purged. */
  readonly purgeJobs: Range;
  /** The names of what is counted under the tenant's number, by root. */
  namesOf(store: Pick<Store, "page">, tenant: number): Promise<ReadonlyMap<Key, string>>;
}

/** What every method of the room works with. Its store was opened with `adminSpaces`. */
export interface AdminRoom extends Surroundings {
  readonly store: Store;
  readonly clock: Clock;
  readonly limits: AdminLimits;
  readonly newId: () => string;
  /** What tenants have outside of the store; absent: nothing. */
  readonly leavings?: Leavings;
  readonly tiffinVersion: string;
  /** Unix milliseconds. */
  readonly startedAt: number;
}
