import { describe } from "vitest";
import type { Limits, Store } from "../../src/store/store.ts";
import type { ManualClock } from "../support/manual-clock.ts";
import { describeDeadlines } from "./store-deadlines.ts";
import { describeExpiry } from "./store-expiry.ts";
import { describeLimits } from "./store-limits.ts";
import { describePurging } from "./store-purging.ts";
import { describeReasons } from "./store-reasons.ts";
import { describeRequests } from "./store-requests.ts";
import { describeUpdates } from "./store-updates.ts";
import { describeWatches } from "./store-watches.ts";

export interface OpenedStore {
  readonly store: Store;
  readonly clock: ManualClock;
}

export interface StoreUnderTest {
  readonly name: string;
  /** A fresh, empty store with `testSpaces`, its background work started, on a clock of its own. */
  open(limits?: Partial<Limits>): Promise<OpenedStore>;
}

/** What every store keeps, whatever its engine and decorators. */
export function describeStoreContract(subject: StoreUnderTest): void {
  describe(`store contract: ${subject.name}`, () => {
    describeUpdates(subject);
    describeExpiry(subject);
    describeWatches(subject);
    describePurging(subject);
    describeRequests(subject);
    describeLimits(subject);
    describeDeadlines(subject);
    describeReasons(subject);
  });
}
