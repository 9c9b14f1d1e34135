import { describe } from "vitest";
import { describeAnalyticsAdding } from "./rpc-analytics-adding.ts";
import { describeAnalyticsDeleting } from "./rpc-analytics-deleting.ts";
import { describeAnalyticsDimensions } from "./rpc-analytics-dimensions.ts";
import { describeAnalyticsImporting } from "./rpc-analytics-importing.ts";
import { describeAnalyticsJsonRoom } from "./rpc-analytics-json-room.ts";
import { describeAnalyticsNames } from "./rpc-analytics-names.ts";
import { describeAnalyticsRefusals } from "./rpc-analytics-refusals.ts";
import { describeAnalyticsRetention } from "./rpc-analytics-retention.ts";
import { describeAnalyticsTenants } from "./rpc-analytics-tenants.ts";
import { describeAnalyticsWatchedQueries } from "./rpc-analytics-watched-queries.ts";
import { describeAnalyticsWatches } from "./rpc-analytics-watches.ts";
import type { RpcUnderTest } from "./rpc-subject.ts";

/** What every transport answers of series, on every engine. */
export function describeAnalyticsRpcContract(subject: RpcUnderTest): void {
  describe(`over ${subject.name}`, () => {
    describeAnalyticsAdding(subject);
    describeAnalyticsRefusals(subject);
    describeAnalyticsImporting(subject);
    describeAnalyticsDeleting(subject);
    describeAnalyticsDimensions(subject);
    describeAnalyticsNames(subject);
    describeAnalyticsRetention(subject);
    describeAnalyticsTenants(subject);
    describeAnalyticsWatches(subject);
    describeAnalyticsWatchedQueries(subject);
    describeAnalyticsJsonRoom(subject);
  });
}
