import type { HandlerContext } from "@connectrpc/connect";
import {
  type DeleteSeriesRequest,
  DeleteSeriesRequestSchema,
  type DeleteSeriesResponse,
} from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import type { SeriesFilter as SeriesFilterMessage } from "#gen/tiffin/analytics/v1/series_pb.ts";
import { invalidField } from "../errors.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { toIdentifiedRequest } from "./identified-request.ts";
import { toSeriesFilter } from "./series-filter.ts";
import { writeIdentified } from "./write-identified.ts";

export async function deleteSeries(
  room: AnalyticsRoom,
  request: DeleteSeriesRequest,
  context: HandlerContext,
): Promise<DeleteSeriesResponse> {
  if (request.filter === undefined || saysNothing(request.filter)) {
    throw invalidField("filter", "says nothing: that would delete every series");
  }
  const deletion = {
    filter: toSeriesFilter(request.filter, "filter"),
    request: toIdentifiedRequest(DeleteSeriesRequestSchema, request),
  };
  const deleted = await writeIdentified(room, context, (call) =>
    room.series.delete(call, deletion),
  );
  return {
    $typeName: "tiffin.analytics.v1.DeleteSeriesResponse",
    series: BigInt(deleted.series),
    revision: BigInt(deleted.revision),
  };
}

/** A selection without patterns asks nothing either. */
const saysNothing = (filter: SeriesFilterMessage): boolean =>
  [filter.ids, filter.sources, filter.metrics, filter.units].every(({ length }) => length === 0) &&
  filter.select.every(({ paths, exclude }) => paths.length === 0 && exclude.length === 0) &&
  filter.startTime === undefined &&
  filter.endTime === undefined;
