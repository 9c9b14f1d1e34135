import fc from "fast-check";
import { afterAll, beforeAll, test } from "vitest";
import { PgliteAnalyticsStore } from "../../src/analytics-store/pglite/pglite-analytics-store.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { propertyParameters } from "../support/property.ts";
import { describeAnalyticsContract } from "./analytics-contract.ts";
import { agreement } from "./life-agreement.ts";

const clock = new ManualClock();
const store = new PgliteAnalyticsStore({ clock, report: () => {} });
// One for all: it takes seconds to begin.
beforeAll(() => store.init(), 60_000);
afterAll(() => store.close());

const subject = { name: "PGlite", open: async () => ({ store, clock }) };

describeAnalyticsContract(subject);

test("PGlite answers as the naive store does", async () => {
  await fc.assert(agreement(subject, 24), propertyParameters(15));
}, 120_000);
