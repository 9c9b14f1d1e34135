import { describe } from "vitest";
import { describeAdding } from "./analytics-adding.ts";
import { describeAggregates } from "./analytics-aggregates.ts";
import { describeChanges } from "./analytics-changes.ts";
import { describeConcurrency } from "./analytics-concurrency.ts";
import { describeDeleting } from "./analytics-deleting.ts";
import { describeDimensions } from "./analytics-dimensions.ts";
import { describeMatching } from "./analytics-matching.ts";
import { describeNumbers } from "./analytics-numbers.ts";
import { describePeriods } from "./analytics-periods.ts";
import { describeReading } from "./analytics-reading.ts";
import { describeRequests } from "./analytics-requests.ts";
import { describeRetention } from "./analytics-retention.ts";
import { describeRollups } from "./analytics-rollups.ts";
import type { AnalyticsUnderTest } from "./analytics-subject.ts";
import { describeTenants } from "./analytics-tenants.ts";
import { describeTiedRollups } from "./analytics-tied-rollups.ts";
import { describeTimeZones } from "./analytics-time-zones.ts";
import { describeVesting } from "./analytics-vesting.ts";

/** What every engine of the analytics port keeps. */
export function describeAnalyticsContract(subject: AnalyticsUnderTest): void {
  describe(`analytics contract: ${subject.name}`, () => {
    describeAdding(subject);
    describeRequests(subject);
    describePeriods(subject);
    describeNumbers(subject);
    describeMatching(subject);
    describeVesting(subject);
    describeAggregates(subject);
    describeReading(subject);
    describeDeleting(subject);
    describeDimensions(subject);
    describeRetention(subject);
    describeRollups(subject);
    describeTiedRollups(subject);
    describeTimeZones(subject);
    describeChanges(subject);
    describeTenants(subject);
    describeConcurrency(subject);
  });
}
