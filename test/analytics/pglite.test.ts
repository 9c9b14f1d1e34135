import { afterAll } from "vitest";
import { PgliteAnalyticsStore } from "../../src/analytics-store/pglite/pglite-analytics-store.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { describeAnalyticsContract } from "./analytics-contract.ts";

const clock = new ManualClock();
const store = new PgliteAnalyticsStore({ clock, report: () => {} });
afterAll(() => store.close());

describeAnalyticsContract({
  name: "PGlite",
  async open() {
    await store.init();
    return { store, clock };
  },
});
