import type { ServiceImpl } from "@connectrpc/connect";
import type { AnalyticsService } from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { TenantReach } from "../store/layers/tenant-reach.ts";
import type { Store } from "../store/store.ts";
import { addSeries } from "./add-series.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { Calendar } from "./calendar.ts";
import { clearBySource } from "./clear-by-source.ts";
import { clearEmptyDimensions } from "./clear-empty-dimensions.ts";
import { deleteSeries } from "./delete-series.ts";
import { getRetention } from "./get-retention.ts";
import { importSeries } from "./import-series.ts";
import { listDimensions } from "./list-dimensions.ts";
import { listMetrics, listSources, listUnits } from "./list-names.ts";
import { listSeries } from "./list-series.ts";
import { query } from "./query.ts";
import { setRetention } from "./set-retention.ts";
import { sharedBounds } from "./shared-bounds.ts";
import { streamQuery } from "./stream-query.ts";
import { streamSeries } from "./stream-series.ts";
import { Turns } from "./turns.ts";
import { updateDimension } from "./update-dimension.ts";
import { watch } from "./watch.ts";
import { watchQuery } from "./watch-query.ts";

export interface AnalyticsServiceOptions
  extends Pick<AnalyticsRoom, "series" | "limits" | "clock" | "changes" | "leave" | "log"> {
  /** Where the tenants are. */
  readonly store: Store;
}

/** The analytics room: each method of the contract, and the file that keeps its promise. */
export function createAnalyticsService({
  store,
  ...options
}: AnalyticsServiceOptions): ServiceImpl<typeof AnalyticsService> {
  const room: AnalyticsRoom = {
    ...options,
    tenants: new TenantReach(store),
    calendar: new Calendar(),
    bounds: sharedBounds(options.limits),
    turns: new Turns(),
    watches: { running: 0 },
  };
  return {
    addSeries: (request, context) => addSeries(room, request, context),
    importSeries: (requests, context) => importSeries(room, requests, context),
    query: (request, context) => query(room, request, context),
    streamQuery: (request, context) => streamQuery(room, request, context),
    listSeries: (request, context) => listSeries(room, request, context),
    streamSeries: (request, context) => streamSeries(room, request, context),
    clearBySource: (request, context) => clearBySource(room, request, context),
    deleteSeries: (request, context) => deleteSeries(room, request, context),
    listDimensions: (request, context) => listDimensions(room, request, context),
    updateDimension: (request, context) => updateDimension(room, request, context),
    clearEmptyDimensions: (_request, context) => clearEmptyDimensions(room, context),
    listMetrics: (request, context) => listMetrics(room, request, context),
    listUnits: (request, context) => listUnits(room, request, context),
    listSources: (request, context) => listSources(room, request, context),
    setRetention: (request, context) => setRetention(room, request, context),
    getRetention: (_request, context) => getRetention(room, context),
    watch: (request, context) => watch(room, request, context),
    watchQuery: (request, context) => watchQuery(room, request, context),
  };
}
