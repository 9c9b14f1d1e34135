import fc from "fast-check";
import { test } from "vitest";
import { ManualClock } from "../support/manual-clock.ts";
import { propertyParameters } from "../support/property.ts";
import { describeAnalyticsContract } from "./analytics-contract.ts";
import { agreement } from "./life-agreement.ts";
import { NaiveAnalyticsStore } from "./naive-analytics-store.ts";

const naive = {
  name: "the naive store",
  async open() {
    const clock = new ManualClock();
    return { store: new NaiveAnalyticsStore(clock), clock };
  },
};

describeAnalyticsContract(naive);

test("the naive store agrees with itself, so that what is found elsewhere is no matter of the comparison", async () => {
  await fc.assert(agreement(naive, 20), propertyParameters(20));
});
