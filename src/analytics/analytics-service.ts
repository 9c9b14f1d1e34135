import type { ServiceImpl } from "@connectrpc/connect";
import type { AnalyticsService } from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { TiffinError } from "../errors.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";

/** The analytics room: each method of the contract, and the file that keeps its promise. */
export function createAnalyticsService(_room: AnalyticsRoom): ServiceImpl<typeof AnalyticsService> {
  return {
    addSeries: missing,
    importSeries: missing,
    query: missing,
    streamQuery: missing,
    listSeries: missing,
    streamSeries: missing,
    clearBySource: missing,
    deleteSeries: missing,
    listDimensions: missing,
    updateDimension: missing,
    clearEmptyDimensions: missing,
    listMetrics: missing,
    listUnits: missing,
    listSources: missing,
    setRetention: missing,
    getRetention: missing,
    watch: missing,
    watchQuery: missing,
  };
}

function missing(): never {
  throw new TiffinError("internal", "not served yet");
}
