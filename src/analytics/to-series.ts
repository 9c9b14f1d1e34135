import type { JsonObject } from "@bufbuild/protobuf";
import type { Series } from "#gen/tiffin/analytics/v1/series_pb.ts";
import type { StoredSeries } from "../analytics-store/series.ts";
import { toTimestamp } from "../timestamp.ts";

/** A stored series as it is answered. */
export const toSeries = ({ end, params, ...series }: StoredSeries): Series => ({
  $typeName: "tiffin.analytics.v1.Series",
  id: BigInt(series.id),
  source: series.source,
  metric: series.metric,
  startTime: toTimestamp(series.start),
  value: series.value,
  unit: series.unit,
  fn: series.fn,
  dimensions: Object.fromEntries(series.dimensions),
  ...(end === undefined ? {} : { endTime: toTimestamp(end) }),
  ...(params === undefined ? {} : { params: params as JsonObject }),
});
