import { describe } from "vitest";
import { describeAnalyticsComparisons } from "./rpc-analytics-comparisons.ts";
import { describeAnalyticsOrders } from "./rpc-analytics-orders.ts";
import { describeAnalyticsQueries } from "./rpc-analytics-queries.ts";
import { describeAnalyticsQueryRefusals } from "./rpc-analytics-query-refusals.ts";
import { describeAnalyticsQueryStreams } from "./rpc-analytics-query-streams.ts";
import { describeAnalyticsRanges } from "./rpc-analytics-ranges.ts";
import { describeAnalyticsRolledUp } from "./rpc-analytics-rolled-up.ts";
import { describeAnalyticsSeriesLists } from "./rpc-analytics-series-lists.ts";
import type { RpcUnderTest } from "./rpc-subject.ts";

/** What every transport answers of questions, on every engine. */
export function describeAnalyticsQueryContract(subject: RpcUnderTest): void {
  describe(`over ${subject.name}`, () => {
    describeAnalyticsQueries(subject);
    describeAnalyticsRanges(subject);
    describeAnalyticsComparisons(subject);
    describeAnalyticsOrders(subject);
    describeAnalyticsQueryRefusals(subject);
    describeAnalyticsQueryStreams(subject);
    describeAnalyticsRolledUp(subject);
    describeAnalyticsSeriesLists(subject);
  });
}
