import { MemoryAnalyticsStore } from "../../src/analytics-store/memory/memory-analytics-store.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { describeAnalyticsContract } from "./analytics-contract.ts";

describeAnalyticsContract({
  name: "the memory engine",
  async open() {
    const clock = new ManualClock();
    const store = new MemoryAnalyticsStore({ clock, bytesMax: 2 ** 30, report: () => {} });
    await store.init();
    return { store, clock };
  },
});
