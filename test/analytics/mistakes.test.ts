import { describe, test } from "vitest";
import { expectNoticed } from "../model/session-noticing.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { agreement } from "./life-agreement.ts";
import { mistakes } from "./mistakes.ts";
import { NaiveAnalyticsStore } from "./naive-analytics-store.ts";

describe("the comparison with the naive store notices when", () => {
  for (const [mistake, alter] of Object.entries(mistakes)) {
    test(mistake, async () => {
      const mistaken = {
        name: mistake,
        async open() {
          const clock = new ManualClock();
          return { store: alter(new NaiveAnalyticsStore(clock)), clock };
        },
      };
      await expectNoticed(agreement(mistaken, 40));
    }, 60_000);
  }
});
