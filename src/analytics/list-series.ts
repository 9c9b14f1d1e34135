import { createHash } from "node:crypto";
import { toBinary } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import type {
  ListSeriesRequest,
  ListSeriesResponse,
} from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { type SeriesFilter, SeriesFilterSchema } from "#gen/tiffin/analytics/v1/series_pb.ts";
import { rpcCallOf } from "../call.ts";
import { key } from "../store/key.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { asMessageOrJson, bytesOfSeries } from "./answer-bytes.ts";
import { answeredPage } from "./answered-page.ts";
import { toSeriesFilter } from "./series-filter.ts";
import { toSeries } from "./to-series.ts";

export async function listSeries(
  { tenants, series, limits }: AnalyticsRoom,
  request: ListSeriesRequest,
  context: HandlerContext,
): Promise<ListSeriesResponse> {
  const call = rpcCallOf(context);
  const filter = toSeriesFilter(request.filter, "filter");
  await tenants.read(call, () => []);
  const page = await answeredPage({
    asked: request,
    query: key("analytics.ListSeries", call.tenant, digestOf(request.filter)),
    limits,
    fetch: async (after = "0", limit) => {
      const found = await series.list(call, filter, { afterId: Number(after), limit });
      return found.map(toSeries);
    },
    positionOf: ({ id }) => String(id),
    bytesOf: (one) => bytesOfSeries(one, asMessageOrJson),
  });
  return {
    $typeName: "tiffin.analytics.v1.ListSeriesResponse",
    series: page.items,
    nextPageToken: page.nextPageToken,
  };
}

/** A filter may be far longer than a token may be. */
function digestOf(filter: SeriesFilter | undefined): string {
  if (filter === undefined) return "";
  return createHash("sha256").update(toBinary(SeriesFilterSchema, filter)).digest("base64");
}
