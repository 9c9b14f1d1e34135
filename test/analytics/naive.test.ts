import { ManualClock } from "../support/manual-clock.ts";
import { describeAnalyticsContract } from "./analytics-contract.ts";
import { NaiveAnalyticsStore } from "./naive-analytics-store.ts";

describeAnalyticsContract({
  name: "the naive store",
  async open() {
    const clock = new ManualClock();
    return { store: new NaiveAnalyticsStore(clock), clock };
  },
});
