import { ChangeFeed } from "./analytics/change-feed.ts";
import { RetentionSweeper } from "./analytics/retention-sweeper.ts";
import type { AnalyticsStore } from "./analytics-store/analytics-store.ts";
import type { Clock } from "./clock.ts";
import { Leavings } from "./store/layers/leavings.ts";
import type { Store } from "./store/store.ts";

export interface AnalyticsOptions {
  readonly store: Store;
  readonly series: AnalyticsStore;
  readonly clock: Clock;
  readonly report: (problem: string, cause: unknown) => void;
}

/** What stands between the tenants in the one store and their series in the other; to be closed before both. */
export interface Analytics {
  readonly changes: ChangeFeed;
  /** For the rooms that make and delete tenants. */
  readonly leavings: Leavings;
  close(): Promise<void>;
}

/** Finishes what a crash left, and has retention applied from now on. */
export async function openAnalytics({
  store,
  series,
  clock,
  report,
}: AnalyticsOptions): Promise<Analytics> {
  const changes = new ChangeFeed(series, clock);
  const leavings = new Leavings(store, async (name) => {
    // The tenant has gone already, whether its series can be deleted now or not.
    changes.forget(name);
    await series.deleteTenant(name);
  });
  await leavings.finishAll(report);
  const sweeper = new RetentionSweeper({ series, clock, report });
  sweeper.start();
  const close = async (): Promise<void> => {
    changes.close();
    await sweeper.stop();
  };
  return { changes, leavings, close };
}
