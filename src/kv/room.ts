import type { Clock } from "../clock.ts";
import type { Store } from "../store/store.ts";
import type { KvLimits } from "./kv-limits.ts";
import type { Reach } from "./reach.ts";

/** What every method of the room works with. */
export interface Room {
  readonly store: Store;
  readonly limits: KvLimits;
  readonly clock: Clock;
  readonly reach: Reach;
  /** Watches that run now. */
  readonly watches: { running: number };
}
